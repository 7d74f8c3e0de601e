/**
 * How a sync command ends that could not do everything it was asked.
 *
 * @module
 */

import { AppError } from "../../base/errors.ts";
import type { EntryState } from "../../sync/model.ts";
import { type ClientReport, placeOf } from "../../sync/report.ts";

/** States that end by choosing whose version stays. */
const CLASHES: readonly EntryState[] = ["edited", "conflict", "foreign", "orphan-edited", "overridden"];

/**
 * Ends a command whose plan could not be carried out whole: one sentence, with the first place. The report has them all.
 *
 * @throws {AppError} sync.source for mistakes in the repo, sync.refused for files that would have cost an edit
 */
export function throwIfRefused(command: string, reports: readonly ClientReport[]): void {
  const [problem, ...problems] = reports.flatMap((report) => report.problems);
  if (problem !== undefined) {
    const { file, line, column, message } = problem;
    throw new AppError("sync.source", `Cannot ${command}: ${message}${andMore(problems.length)}`, {
      where: { file, line, ...(column === undefined ? {} : { column }) },
    });
  }
  const refused = reports.flatMap(({ plan, home }) =>
    (plan?.entries ?? []).filter(({ action, state }) => action === "refuse" || state === "invalid")
      .map((entry) => ({ ...entry, file: placeOf(entry, home) }))
  );
  const [first, ...rest] = refused;
  if (first === undefined) return;
  const { file, line, column, reason, state, kind } = first;
  const isChoice = kind !== "hook" && refused.every((entry) => CLASHES.includes(entry.state));
  throw new AppError(
    "sync.refused",
    `${state === "invalid" ? "Cannot use it" : "Left alone"}: ${reason}${andMore(rest.length)}`,
    {
      where: {
        file,
        ...(line === undefined ? {} : { line }),
        ...(column === undefined ? {} : { column }),
      },
      ...(isChoice ? {} : {
        hint: kind === "hook" ? "Push with --no-hook." : "Correct the named line and run the command again.",
      }),
    },
  );
}

function andMore(count: number): string {
  return count === 0 ? "" : ` (and ${count} more)`;
}
