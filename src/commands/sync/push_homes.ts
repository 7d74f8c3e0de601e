/**
 * Bringing every home in step with the repo: what `agentos sync push` does when there may be something to do.
 *
 * @module
 */

import type { CommandContext } from "../../cli/command.ts";
import type { ClientReport } from "../../sync/report.ts";
import { carryOut, withState } from "./carry_out.ts";
import { openInquiry } from "./inquire.ts";
import { openHomes } from "./open_home.ts";
import { planHome, printReports } from "./plan_home.ts";
import type { Flags } from "./push.ts";
import { throwIfRefused } from "./refusal.ts";
import { remember } from "./remember.ts";

/** Pushes, prints what was done, and answers the exit code. */
export async function pushHomes(flags: Flags, context: CommandContext): Promise<0> {
  const { only, take, merge = false, dryRun: isDryRun = false, quiet = false, json = false } = flags;
  const inquiry = openInquiry(context);
  const firstUses: string[] = [];
  const push = async (): Promise<readonly ClientReport[]> => {
    const reports: ClientReport[] = [];
    for (const home of await openHomes(flags, context, inquiry)) {
      const report = await planHome(home, { only, take, merge });
      if (home.applied === undefined) firstUses.push(...home.client.firstUse(home.place));
      reports.push(
        isDryRun ? report : carryOut(home, report, { command: "push", quiet: quiet || json }, context),
      );
    }
    return reports;
  };
  const reports = isDryRun ? await push() : await withState(context, true, push);
  await printReports("push", reports, flags, context, isDryRun);
  throwIfRefused("push", reports);
  const isSpoken = !isDryRun && !quiet && !json && only === undefined;
  if (isSpoken && firstUses.length > 0) {
    const { openService } = await import("../service/open_service.ts");
    const isInstalled = openService(context).present !== undefined;
    const steps = isInstalled
      ? firstUses
      : ["agentos service install   (or, in a terminal of its own: agentos serve)", ...firstUses];
    context.output.talk(["agentos: next:", ...steps.map((step) => `  ${step}`)].join("\n"));
  }
  if (!isDryRun) await remember(context, inquiry);
  return 0;
}
