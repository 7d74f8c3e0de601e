/**
 * How a sync command ends that could not do everything it was asked.
 *
 * @module
 */

import { maskControls } from "../../base/control_characters.ts";
import { AppError } from "../../base/errors.ts";
import type { PlannedEntry } from "../../sync/model.ts";
import { type ClientReport, isClash, placeOf, sayChoice } from "../../sync/report.ts";

/**
 * Ends a command whose plan could not be carried out whole: one sentence, with the first place. The report has them all.
 *
 * @throws {AppError} sync.source for mistakes in the repo, sync.refused for files that would have cost an edit
 */
export function throwIfRefused(command: string, reports: readonly ClientReport[]): void {
  const [problem, ...problems] = reports.flatMap((report) => report.problems);
  if (problem !== undefined) {
    const { file, line, column, message } = problem;
    const sentence = `Cannot ${command}: ${maskControls(message)}${andMore(problems.length)}`;
    throw new AppError("sync.source", sentence, {
      where: { file: maskControls(file), line, ...(column === undefined ? {} : { column }) },
    });
  }
  const refused = reports.flatMap(({ plan, home }) =>
    (plan?.entries ?? []).filter(({ action, state }) => action === "refuse" || state === "invalid")
      .map((entry) => ({ ...entry, file: maskControls(placeOf(entry, home)) }))
  );
  const [first] = refused;
  if (first === undefined) return;
  const more = refused.reduce((count, { notes }) => count + 1 + notes.length, -1);
  const { file, line, column, reason, state } = first;
  const hint = hintFor(command, first, refused);
  const lead = state === "invalid" ? "Cannot use it" : "Left alone";
  throw new AppError("sync.refused", `${lead}: ${maskControls(reason)}${andMore(more)}`, {
    where: {
      file,
      ...(line === undefined ? {} : { line }),
      ...(column === undefined ? {} : { column }),
    },
    hint,
  });
}

/** The next step. */
function hintFor(
  command: string,
  first: Pick<PlannedEntry, "kind" | "state" | "line">,
  refused: readonly Pick<PlannedEntry, "state">[],
): string {
  const { kind, state, line } = first;
  if (kind === "hook") return "Push with --no-hook.";
  if (state === "invalid") return hintForInvalid(line);
  if (!isClash(first)) return "Make the file writable and run the command again.";
  if (!refused.every(isClash)) {
    return "Choose with --take home or --take repo, and correct what else the report names.";
  }
  if (command === "clean") {
    return 'It stays as it is; to have it removed too, run "agentos sync push --take repo" first.';
  }
  const choice = sayChoice(refused);
  return `${choice.charAt(0).toUpperCase()}${choice.slice(1)}.`;
}

/** The next step for a file that cannot be used, with or without a line that says where. */
export function hintForInvalid(line: number | undefined): string {
  const step = line === undefined ? "Put it right, or move it away," : "Correct the named line";
  return `${step} and run the command again.`;
}

/** What a sentence about the first of several ends with. */
export function andMore(count: number): string {
  return count === 0 ? "" : ` (and ${count} more)`;
}
