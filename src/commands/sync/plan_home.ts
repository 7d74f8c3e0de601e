/**
 * What every command that plans shares: the plan of one home as a report, and printing reports.
 *
 * @module
 */

import type { CommandContext } from "../../cli/command.ts";
import type { EntryKind, Plan, Take, Target } from "../../sync/model.ts";
import { plan } from "../../sync/plan.ts";
import { collectRemarks } from "../../sync/remarks.ts";
import { type ClientReport, renderJson, renderText, type SyncCommand } from "../../sync/report.ts";
import type { OpenHome } from "./open_home.ts";
import { renderDiffs } from "./render_diffs.ts";

/** What a plan is made for. */
export interface PlanOptions {
  readonly only: readonly EntryKind[] | undefined;
  readonly take: Take;
  readonly merge: boolean;
}

/** Plans one home for what the repo wants. */
export async function planHome(
  home: OpenHome,
  { only, take, merge }: PlanOptions,
): Promise<ClientReport> {
  const { target } = home;
  if (target.kind === "problems") {
    return { ...reportBase(home), plan: undefined, problems: target.problems, remarks: [] };
  }
  const join = merge ? (await import("../../sync/merge.ts")).mergeTexts : undefined;
  return reportOf(home, planFor(home, target.target, { only, take, merge: join }), false);
}

/** Plans one home for nothing of ours. */
export function planRemoval(home: OpenHome, only: readonly EntryKind[] | undefined): ClientReport {
  const nothing = { client: home.client.id, home: home.place.home, entries: [] };
  const decided = planFor(home, nothing, { only, take: undefined, merge: undefined });
  return { ...reportBase(home), plan: decided, problems: [], remarks: [] };
}

function planFor(
  { actual, applied }: OpenHome,
  target: Target,
  choice: Pick<Parameters<typeof plan>[0], "only" | "take" | "merge">,
): Plan {
  return plan({ target, actual, applied, ...choice });
}

function reportBase({ client, title, place }: OpenHome): Pick<ClientReport, "client" | "title" | "home"> {
  return { client: client.id, title, home: place.home };
}

/** One home's report. */
export function reportOf(home: OpenHome, decided: Plan, isDone: boolean): ClientReport {
  const remarks = collectRemarks(home.client, home.place, home.actual, decided, isDone);
  return { ...reportBase(home), plan: decided, problems: [], remarks };
}

/** Prints a report as text or JSON, with diffs when they were asked for. */
export async function printReports(
  command: SyncCommand,
  reports: readonly ClientReport[],
  flags: { readonly json?: boolean; readonly quiet?: boolean; readonly diff?: boolean },
  context: CommandContext,
  isDryRun: boolean,
): Promise<void> {
  if (flags.json === true) {
    context.output.answer(JSON.stringify(renderJson(command, reports), null, 2));
    return;
  }
  if (flags.quiet !== true) {
    context.output.answer(renderText(command, reports, { isDryRun, userHome: context.home }));
  }
  if (flags.diff !== true) return;
  for (const text of await renderDiffs(reports)) context.output.answer(text);
}
