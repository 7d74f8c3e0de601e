/**
 * `agentos sync clean`: take everything of ours out of a home, give the user's bytes back, and deploy afresh.
 *
 * Only what the record of the last push names, and nobody edited since, is removed. `--no-deploy` stops there.
 *
 * @module
 */

import { AppError } from "../../base/errors.ts";
import type { CommandRun } from "../../cli/command.ts";
import type { Choices } from "../../sync/model.ts";
import type { ClientReport } from "../../sync/report.ts";
import { carryOut, withState } from "./carry_out.ts";
import { openInquiry } from "./inquire.ts";
import { type ChoiceFlags, type OpenHome, openHomes, type SyncFlags } from "./open_home.ts";
import { planHome, planRemoval, printReports } from "./plan_home.ts";
import { throwIfRefused } from "./refusal.ts";
import { forget, remember } from "./remember.ts";

/** The flags of `sync clean`. */
export interface Flags extends SyncFlags, ChoiceFlags {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly diff?: boolean;
  readonly deploy?: boolean;
  readonly takeover?: boolean;
}

/** Runs the command. */
export const run: CommandRun<Flags> = async (flags, context) => {
  const { only, yes = false, dryRun = false, json = false } = flags;
  const quiet = flags.quiet === true || json;
  const inquiry = openInquiry(context);
  if (dryRun || !yes) {
    const planned = (await openHomes(flags, context, inquiry)).map((home) => planRemoval(home, only));
    if (dryRun || !json) await printReports("clean", planned, { ...flags, quiet: false }, context, true);
    if (dryRun) return 0;
    confirm();
  }
  const [removed, deployed] = await withState(context, flags.deploy !== false, async () => {
    const removed: ClientReport[] = [];
    const homes = await openHomes(flags, context, inquiry);
    for (const home of homes) {
      removed.push(carryOut(home, planRemoval(home, only), { command: "clean", quiet }, context));
    }
    const deployed: ClientReport[] = [];
    if (flags.deploy === false) return [removed, deployed];
    for (const home of await openHomes({ ...flags, choices: choicesOf(homes) }, context, inquiry)) {
      const report = await planHome(home, { only, take: undefined, merge: false });
      deployed.push(carryOut(home, report, { command: "push", quiet }, context));
    }
    return [removed, deployed];
  });
  if (flags.deploy === false) forget(context);
  else await remember(context, inquiry);
  if (json) await printReports("clean", deployed.length === 0 ? removed : deployed, flags, context, false);
  else {
    await printReports("clean", removed, flags, context, false);
    if (deployed.length > 0) await printReports("push", deployed, flags, context, false);
  }
  throwIfRefused("clean", removed);
  throwIfRefused("push", deployed);
  return 0;
};

/** The record goes with what is removed; what the user chose at the last push holds for the new deployment. */
function choicesOf(homes: readonly OpenHome[]): ReadonlyMap<string, Choices> {
  return new Map(homes.map(({ client, choices }) => [client.id, choices]));
}

/** @throws {AppError} cli.usage when nobody can be asked; cli.interrupted after a no */
function confirm(): void {
  if (!Deno.stdin.isTerminal()) {
    throw new AppError("cli.usage", "Cannot ask whether to go on: there is no terminal", {
      hint: "Add --yes, or look first with --dry-run.",
    });
  }
  if (!globalThis.confirm("Remove what is listed?")) {
    throw new AppError("cli.interrupted", "Nothing was removed");
  }
}
