/**
 * `agentos sync push`: make each client's home what the repo wants, and cost its user nothing.
 *
 * What is safe is done without asking; what would cost an edit is refused, with the two ways to resolve it. Exit 0 when
 * everything is in sync afterwards, 2 when something was refused.
 *
 * @module
 */

import type { CommandRun } from "../../cli/command.ts";
import type { ClientReport } from "../../sync/report.ts";
import { carryOut, withState } from "./carry_out.ts";
import { INQUIRY } from "./inquire.ts";
import { type ChoiceFlags, openHomes, type SyncFlags } from "./open_home.ts";
import { planHome, printReports } from "./plan_home.ts";
import { throwIfRefused } from "./refusal.ts";

/** The flags of `sync push`. */
export interface Flags extends SyncFlags, ChoiceFlags {
  readonly dryRun?: boolean;
  readonly diff?: boolean;
  readonly merge?: boolean;
  readonly take?: "repo" | "home";
  readonly takeover?: boolean;
}

/** Runs the command. */
export const run: CommandRun<Flags> = async (flags, context) => {
  const { only, take, merge = false, dryRun: isDryRun = false, quiet = false, json = false } = flags;
  const push = async (): Promise<readonly ClientReport[]> => {
    const reports: ClientReport[] = [];
    for (const home of await openHomes(flags, context, INQUIRY)) {
      const report = await planHome(home, { only, take, merge });
      reports.push(
        isDryRun ? report : carryOut(home, report, { command: "push", quiet: quiet || json }, context),
      );
    }
    return reports;
  };
  const reports = isDryRun ? await push() : await withState(context, push);
  await printReports("push", reports, flags, context, isDryRun);
  throwIfRefused("push", reports);
  return 0;
};
