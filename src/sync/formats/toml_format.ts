/**
 * The format `toml-keys`: what a plan for owned key paths means as the state of one entry. Pure.
 *
 * @module
 */

import type { AppliedEntry } from "../model.ts";
import type { Format, FormatInput, FormatOutcome } from "./format.ts";
import { BLOCK_BEGIN } from "./managed_block.ts";
import { type AppliedKeys, planTomlKeys, type TomlKeysPlan, type TomlKeysProblem } from "./toml_keys.ts";

/** The format `toml-keys`. */
export const tomlKeys: Format = { plan: planEntry };

function planEntry(input: FormatInput): FormatOutcome {
  const { applied, wanted, actual, take, retired } = input;
  if (wanted === undefined && actual === undefined) return { state: "clean", action: "none", reason: "" };
  const result = planTomlKeys({
    target: wanted,
    actual,
    applied: applied === undefined ? undefined : { fragment: applied.content, ...applied },
    take,
    retired,
  });
  switch (result.kind) {
    case "refuse":
      return outcomeOfRefusal(input, result.problems);
    case "same":
      return { ...outcomeOfSame(input, result), ...recordOf(result.applied) };
    case "write":
      return { ...outcomeOfWrite(input, result), ...recordOf(result.applied) };
  }
}

function recordOf(
  applied: AppliedKeys | undefined,
): { readonly applied?: Omit<AppliedEntry, "kind" | "format"> } {
  if (applied === undefined) return {};
  const { fragment, ...rest } = applied;
  return { applied: { content: fragment, ...rest } };
}

function outcomeOfSame(
  input: FormatInput,
  { kept }: Extract<TomlKeysPlan, { kind: "same" }>,
): FormatOutcome {
  const [now] = kept.now;
  if (now !== undefined) {
    return {
      state: input.wanted === undefined ? "orphan-edited" : "kind" in now ? now.kind : "overridden",
      action: "adopt",
      reason: `${now.message}; yours is kept`,
      line: now.line,
    };
  }
  if (kept.paths.length > 0) {
    return {
      state: "overridden",
      action: "keep",
      reason: `yours is kept, as you chose: ${kept.paths.join(", ")}`,
    };
  }
  return input.applied === undefined && input.wanted !== undefined
    ? { state: "adoptable", action: "adopt", reason: "already as the repo wants it" }
    : { state: "clean", action: "none", reason: "" };
}

function outcomeOfWrite(
  input: FormatInput,
  result: Extract<TomlKeysPlan, { kind: "write" }>,
): FormatOutcome {
  const { text, kept, removed, isNews } = result;
  const keptNotes = kept.now.map(({ line, message }) => ({ line, message: `${message}; yours is kept` }));
  const notes = [...result.notes, ...keptNotes];
  const line = notes[0] === undefined ? {} : { line: notes[0].line };
  if (input.wanted === undefined) {
    const isOurs = input.applied?.created === true && text.replace("\ufeff", "") === "";
    const decision = kept.now.length === 0
      ? { state: "orphan", reason: "no longer wanted here", notes } as const
      : {
        state: "orphan-edited",
        reason: "no longer wanted here; your edit is yours from now on",
        notes,
      } as const;
    return isOurs ? { ...decision, action: "remove" } : { ...decision, action: "write", after: text };
  }
  const write = { action: "write", after: text, notes, ...line } as const;
  if (input.actual === undefined) {
    const reason = input.applied === undefined ? "not there yet" : "was removed";
    return { state: "missing", reason, ...write };
  }
  if (input.applied === undefined && !input.actual.includes(BLOCK_BEGIN)) {
    return { state: "missing", reason: "our part is not there yet", ...write };
  }
  if (removed.length > 0 && !isNews) {
    const [first = "", ...more] = removed;
    const reason = more.length === 0
      ? `"${first}" was removed here`
      : `"${first}" and ${more.length} more were removed here`;
    return { state: "missing", reason, ...write };
  }
  const reason = notes[0]?.message ?? (isNews ? "the repo has news" : "the managed block was rearranged");
  return { state: "stale", reason, ...write };
}

const STATE_OF_PROBLEM = {
  invalid: "invalid",
  markers: "invalid",
  stray: "invalid",
  unproven: "invalid",
  collision: "overridden",
  edited: "edited",
  conflict: "conflict",
} as const;

function outcomeOfRefusal(input: FormatInput, problems: readonly TomlKeysProblem[]): FormatOutcome {
  const [first] = problems;
  if (first === undefined) return { state: "invalid", action: "refuse", reason: "it cannot be understood" };
  const isOrphan = input.wanted === undefined && first.kind === "edited";
  return {
    state: isOrphan ? "orphan-edited" : STATE_OF_PROBLEM[first.kind],
    action: "refuse",
    reason: first.message,
    line: first.line,
    ...(first.column === undefined ? {} : { column: first.column }),
    place: first.place === "fragment" ? "source" : "home",
    notes: problems.slice(1).map(({ line, message }) => ({ line, message })),
    ...(input.applied === undefined ? {} : { applied: input.applied }),
  };
}
