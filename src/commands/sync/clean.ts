/**
 * `agentos sync clean`: take everything of ours out of a home, give the user's bytes back, and deploy afresh.
 *
 * Only what the record of the last push names, and nobody edited since, is removed. `--no-deploy` stops there.
 *
 * @module
 */

import { AppError } from "../../base/errors.ts";
import type { CommandRun } from "../../cli/command.ts";
import { applyPlan, withLock } from "../../sync/apply.ts";
import { plan } from "../../sync/plan.ts";
import type { ClientReport } from "../../sync/report.ts";
import { askInstalledVersion } from "./ask_version.ts";
import {
  type ChoiceFlags,
  emptyTarget,
  type OpenHome,
  openHomes,
  stateFolderOf,
  type SyncFlags,
} from "./open_home.ts";
import { printReports, pushHome, throwIfSkipped } from "./push.ts";
import { throwIfRefused } from "./refusal.ts";

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
  const planned = await openHomes(flags, context, askInstalledVersion);
  const before = planned.map((home) => planClean(home, flags));
  if (flags.dryRun === true || (flags.json !== true && flags.yes !== true)) {
    await printReports("clean", before, flags, context, true);
  }
  if (flags.dryRun === true) return 0;
  if (flags.yes !== true) confirm();

  const stateFolder = stateFolderOf(context);
  const reports = await withLock(stateFolder, () => {}, async () => {
    const cleaned: ClientReport[] = [];
    for (const home of await openHomes(flags, context, askInstalledVersion)) {
      const report = planClean(home, flags);
      if (report.plan !== undefined) {
        const at = new Date().toISOString();
        const { client, place, source, choices } = home;
        throwIfSkipped(applyPlan(report.plan, home.applied, {
          client: client.id,
          home: place.home,
          repo: source.repo,
          agentos: context.version,
          clientVersion: place.clientVersion,
          choices,
          at,
        }, { stateFolder, command: "clean", at, observe: () => {} }));
      }
      cleaned.push(report);
    }
    return cleaned;
  });
  await printReports("clean", reports, flags, context, false);
  if (flags.deploy !== false) {
    const deployed = await withLock(stateFolder, () => {}, async () => {
      const again: ClientReport[] = [];
      for (const home of await openHomes(flags, context, askInstalledVersion)) {
        again.push(await pushHome(home, flags, context, false));
      }
      return again;
    });
    await printReports("push", deployed, flags, context, false);
    throwIfRefused("clean", deployed);
  }
  throwIfRefused("clean", reports);
  return 0;
};

function planClean(home: OpenHome, flags: Flags): ClientReport {
  const { client, title, place, actual, applied } = home;
  return {
    client: client.id,
    title,
    home: place.home,
    problems: [],
    plan: plan({
      target: emptyTarget(home),
      actual,
      applied,
      take: undefined,
      merge: undefined,
      only: flags.only,
    }),
  };
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
