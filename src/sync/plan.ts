/**
 * The plan: what is true of every entry of one home, and what a push would do about it.
 *
 * Push, check and clean are this one function with different ends: check stops here, clean hands in an empty target.
 * It knows no client and touches nothing. Pure.
 *
 * @module
 */

import type { FormatInput, FormatOutcome } from "./formats/format.ts";
import { FORMATS } from "./formats/mod.ts";
import { digestSettled } from "./settled.ts";
import type {
  ActualFile,
  Applied,
  AppliedEntry,
  EntryKind,
  FormatId,
  Plan,
  PlannedEntry,
  Take,
  Target,
  TargetEntry,
} from "./model.ts";

/** Everything a plan is made from. */
export interface PlanInput {
  readonly target: Target;
  /** By path; a path that is missing here counts as absent. */
  readonly actual: ReadonlyMap<string, ActualFile>;
  readonly applied: Applied | undefined;
  readonly take: Take;
  readonly merge: FormatInput["merge"];
  /** Only entries of these kinds; undefined for all. */
  readonly only: readonly EntryKind[] | undefined;
}

/** Plans one home. Entries come in the target's order, then what is no longer in it, by path. */
export function plan(input: PlanInput): Plan {
  const { target, applied, only } = input;
  const isAsked = (kind: EntryKind): boolean => only === undefined || only.includes(kind);
  const wanted = new Set(target.entries.map(({ path }) => path));
  const kept = Object.entries(applied?.entries ?? {})
    .filter(([path, entry]) => !wanted.has(path) && isAsked(entry.kind))
    .sort(([left], [right]) => left < right ? -1 : 1);
  return {
    client: target.client,
    home: target.home,
    entries: [
      ...target.entries.filter(({ kind, optional }) =>
        isAsked(kind) || (optional !== undefined && isAsked(optional.kind))
      ).flatMap((entry) => planTargetEntry(input, entry)),
      ...kept.map(([path, entry]) =>
        planEntry(input, { path, kind: entry.kind, format: entry.format, source: "" }, undefined, entry)
      ),
    ],
  };
}

/** An entry whose optional part cannot be written is planned without it; the part is then refused by itself. */
function planTargetEntry(input: PlanInput, entry: TargetEntry): readonly PlannedEntry[] {
  const { content, optional, path } = entry;
  const applied = input.applied?.entries[path];
  if (optional === undefined) return [planEntry(input, entry, content, applied)];
  const whole = planEntry(input, entry, `${content.trimEnd()}\n\n${optional.content.trimStart()}`, applied);
  const isLeftOut = whole.action === "refuse"
    ? whole.state === "overridden"
    : whole.applied?.content.includes(optional.content.trim()) !== true;
  const rest = isLeftOut ? planEntry(input, entry, content, applied) : whole;
  if (!isLeftOut || rest.action === "refuse") return [whole];
  const part: PlannedEntry = {
    ...whole,
    kind: optional.kind,
    state: "overridden",
    action: "refuse",
    reason: optional.refusal,
    after: undefined,
    applied: undefined,
    notes: [],
  };
  return [rest, part];
}

function planEntry(
  { actual: files, take, merge }: PlanInput,
  entry: {
    readonly path: string;
    readonly kind: EntryKind;
    readonly format: FormatId;
    readonly source: string;
    readonly retired?: TargetEntry["retired"];
    readonly executable?: boolean;
  },
  wanted: string | undefined,
  applied: AppliedEntry | undefined,
): PlannedEntry {
  const { path, kind, format, source } = entry;
  const actual = files.get(path) ?? { kind: "absent" };
  const base = { path, kind, format, source };
  if (actual.kind === "unusable" || actual.kind === "not-utf8") {
    return {
      ...base,
      state: "invalid",
      action: "refuse",
      reason: actual.kind === "unusable" ? actual.reason : actual.detail,
      line: actual.kind === "not-utf8" ? actual.line : undefined,
      column: undefined,
      before: undefined,
      after: undefined,
      executable: false,
      applied,
      place: "home",
      notes: [],
    };
  }
  const before = actual.kind === "text" ? actual.text : undefined;
  const retired = entry.retired ?? [];
  // A file that is all ours is compared as fast as it is digested.
  const settle = (text: string | undefined): string | undefined =>
    format === "whole-file" || wanted === undefined || text === undefined
      ? undefined
      : digestSettled({ wanted, actual: text, retired: retired.map((path) => JSON.stringify(path)) });
  if (take === undefined && applied?.settled !== undefined && applied.settled === settle(before)) {
    return {
      ...base,
      state: "clean",
      action: "none",
      reason: "",
      line: undefined,
      column: undefined,
      before,
      after: undefined,
      executable: false,
      applied,
      place: "home",
      notes: [],
    };
  }
  const mustRun = entry.executable === true;
  const planned = FORMATS[format].plan({
    wanted,
    actual: before,
    applied,
    take,
    merge,
    retired,
  });
  const outcome = withMode(
    mustRun && actual.kind === "text" && !actual.executable,
    before,
    actual.kind === "text" && actual.isLink === true ? keepLink(planned, format) : planned,
  );
  const changes = outcome.action === "write" || outcome.action === "remove";
  const isLocked = changes && actual.kind === "text" && actual.readOnly;
  return {
    ...base,
    state: outcome.state,
    action: isLocked ? "refuse" : outcome.action,
    reason: isLocked ? `${outcome.reason}, but the file is read-only` : outcome.reason,
    line: outcome.line,
    column: outcome.column,
    before,
    after: outcome.after,
    executable: mustRun && outcome.action === "write",
    applied: isLocked
      ? applied
      : outcome.applied === undefined
      ? undefined
      : { ...outcome.applied, kind, format, ...settledBy(outcome, settle(outcome.after ?? before)) },
    place: outcome.place ?? "home",
    notes: outcome.notes ?? [],
  };
}

/** What is recorded of an entry that will need nothing more. */
function settledBy(
  { state, action, applied }: FormatOutcome,
  settled: string | undefined,
): Pick<AppliedEntry, "settled"> | Record<never, never> {
  if (applied?.heldAgainst !== undefined) return {};
  const isSettled = action === "write" || (state === "clean" && action === "none") || state === "adoptable";
  return isSettled && settled !== undefined ? { settled } : {};
}

/**
 * A link is its user's, and to remove it would leave our text behind where it leads: there our part is taken out, and a
 * file that would be gone is theirs from now on.
 */
function keepLink(outcome: FormatOutcome, format: FormatId): FormatOutcome {
  if (outcome.action !== "remove") return outcome;
  return format === "whole-file"
    ? { ...outcome, state: "orphan-edited", action: "keep", reason: "it is a link of yours, and stays" }
    : { ...outcome, action: "write", after: "" };
}

/** A script that lost the right to be run is drift too, though its text is as it should be. */
function withMode(isLost: boolean, before: string | undefined, outcome: FormatOutcome): FormatOutcome {
  if (!isLost || before === undefined || !["clean", "adoptable"].includes(outcome.state)) return outcome;
  return {
    ...outcome,
    state: "stale",
    action: "write",
    reason: "its user must be able to run it",
    after: before,
  };
}
