/**
 * `agentos sync push`: make each client's home what the repo wants, and cost its user nothing.
 *
 * What is safe is done without asking; what would cost an edit is refused, with the two ways to resolve it. Exit 0 when
 * everything is in sync afterwards, 2 when something was refused.
 *
 * @module
 */

import { AppError } from "../../base/errors.ts";
import type { CommandContext, CommandRun } from "../../cli/command.ts";
import { applyPlan, type RunReport, withLock } from "../../sync/apply.ts";
import type { Take } from "../../sync/model.ts";
import { plan } from "../../sync/plan.ts";
import { type ClientReport, renderJson, renderText } from "../../sync/report.ts";
import { askInstalledVersion } from "./ask_version.ts";
import { type ChoiceFlags, type OpenHome, openHomes, stateFolderOf, type SyncFlags } from "./open_home.ts";
import { throwIfRefused } from "./refusal.ts";
import { renderDiffs } from "./render_diffs.ts";

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
  const isDryRun = flags.dryRun === true;
  const push = async (recovered: RunReport | undefined): Promise<readonly ClientReport[]> => {
    if (recovered !== undefined) context.output.talk("agentos: finished the run that was interrupted before");
    const homes = await openHomes(flags, context, askInstalledVersion);
    const reports: ClientReport[] = [];
    for (const home of homes) reports.push(await pushHome(home, flags, context, isDryRun));
    return reports;
  };
  const reports = isDryRun ? await push(undefined) : await withLock(stateFolderOf(context), () => {}, push);
  await printReports("push", reports, flags, context, isDryRun);
  throwIfRefused("push", reports);
  return 0;
};

/** Plans one home and, unless it is a dry run, carries the plan out. */
export async function pushHome(
  home: OpenHome,
  flags: { readonly take?: Take; readonly merge?: boolean; readonly only?: SyncFlags["only"] },
  context: CommandContext,
  isDryRun: boolean,
): Promise<ClientReport> {
  const { client, title, place, target, actual, applied, source, choices } = home;
  const base = { client: client.id, title, home: place.home };
  if (target.kind === "problems") return { ...base, plan: undefined, problems: target.problems };
  const merge = flags.merge === true ? (await import("../../sync/merge.ts")).mergeTexts : undefined;
  const decided = plan({ target: target.target, actual, applied, take: flags.take, merge, only: flags.only });
  if (!isDryRun) {
    const at = new Date().toISOString();
    const report = applyPlan(
      decided,
      applied,
      {
        client: client.id,
        home: place.home,
        repo: source.repo,
        agentos: context.version,
        clientVersion: place.clientVersion,
        choices,
        at,
      },
      { stateFolder: place.stateFolder, command: "push", at, observe: () => {} },
    );
    throwIfSkipped(report);
  }
  return { ...base, plan: decided, problems: [] };
}

/** @throws {AppError} sync.changed naming the files that another program rewrote during the run */
export function throwIfSkipped({ skipped }: RunReport): void {
  if (skipped.length === 0) return;
  throw new AppError(
    "sync.changed",
    `Left alone, because another program wrote it meanwhile: ${skipped.join(", ")}`,
  );
}

/** Prints a report as text or JSON, with diffs when they were asked for. */
export async function printReports(
  command: "push" | "clean",
  reports: readonly ClientReport[],
  flags: { readonly json?: boolean; readonly quiet?: boolean; readonly diff?: boolean },
  context: CommandContext,
  isDryRun: boolean,
): Promise<void> {
  if (flags.json === true) {
    context.output.answer(JSON.stringify(renderJson(command, reports), null, 2));
    return;
  }
  if (flags.quiet !== true) context.output.answer(renderText(command, reports, isDryRun));
  if (flags.diff === true) { for (const text of await renderDiffs(reports)) context.output.answer(text); }
}
