/**
 * The decision for a text that is wholly ours, whether it fills a file or a marked block in one. Pure.
 *
 * @module
 */

import { classify } from "../drift.ts";
import type { FormatInput } from "./format.ts";
import type { EntryAction, EntryState } from "../model.ts";

/** What becomes of our text: `text` is what should stand there after a write, undefined after a removal. */
export interface TextDecision {
  readonly state: EntryState;
  readonly action: EntryAction;
  readonly reason: string;
  readonly text?: string;
  /** True when it is the user's from now on, or gone, and the record forgets it. */
  readonly forget?: true;
  /** Recorded as {@link AppliedEntry.heldAgainst} when the user's own version was kept by choice. */
  readonly heldAgainst?: string;
}

/** Decides from three texts and the user's choice. */
export function decideText(
  { wanted, actual, applied, take, merge }: Omit<FormatInput, "applied" | "retired"> & {
    readonly applied: { readonly content: string; readonly heldAgainst?: string } | undefined;
  },
): TextDecision {
  if (wanted !== undefined && applied?.heldAgainst === wanted && actual === applied.content) {
    return take === "repo"
      ? { state: "edited", action: "write", reason: "yours is replaced by the repo's", text: wanted }
      : { state: "overridden", action: "keep", reason: "yours is kept, as you chose" };
  }
  const state = applied?.heldAgainst !== undefined && actual !== undefined && actual !== wanted
    ? (wanted === undefined ? "orphan-edited" : "conflict")
    : classify({ wanted, actual, applied: applied?.content });
  switch (state) {
    case "clean":
      return { state, action: "none", reason: "", ...(wanted === undefined ? { forget: true } : {}) };
    case "adoptable":
      return { state, action: "adopt", reason: "already as the repo wants it" };
    case "missing":
      return {
        state,
        action: "write",
        reason: applied === undefined ? "not there yet" : "was removed",
        ...text(wanted),
      };
    case "stale":
      return { state, action: "write", reason: "the repo has news", ...text(wanted) };
    case "orphan":
      return { state, action: "remove", reason: "no longer in the repo" };
    case "orphan-edited":
      return decideOrphan(take);
    default:
      return decideClash(state, {
        wanted: wanted ?? "",
        actual: actual ?? "",
        base: applied?.heldAgainst ?? applied?.content,
        take,
        merge,
      });
  }
}

function decideOrphan(take: FormatInput["take"]): TextDecision {
  const [state, reason] = ["orphan-edited", "no longer in the repo"] as const;
  switch (take) {
    case "repo":
      return { state, action: "remove", reason: `${reason}; your edit is backed up` };
    case "home":
      return { state, action: "adopt", reason: `${reason}; it is yours from now on`, forget: true };
    case undefined:
      return { state, action: "refuse", reason: `${reason}, and edited here since the last push` };
  }
}

function text(content: string | undefined): { text: string } | Record<never, never> {
  return content === undefined ? {} : { text: content };
}

const CLASH_REASONS: Readonly<Partial<Record<EntryState, string>>> = {
  edited: "edited here since the last push",
  conflict: "edited here since the last push, and the repo has news",
  foreign: "a file of yours stands where ours would go",
};

function decideClash(
  state: EntryState,
  { wanted, actual, base, take, merge }: {
    readonly wanted: string;
    readonly actual: string;
    /** What both started from: the repo's text at the last push. */
    readonly base: string | undefined;
    readonly take: FormatInput["take"];
    readonly merge: FormatInput["merge"];
  },
): TextDecision {
  const reason = CLASH_REASONS[state] ?? "";
  if (take === "repo") {
    return { state, action: "write", reason: `${reason}; the repo's is taken`, text: wanted };
  }
  if (take === "home") {
    return { state, action: "adopt", reason: `${reason}; yours is kept`, text: actual, heldAgainst: wanted };
  }
  const merged = merge !== undefined && base !== undefined ? merge(base, actual, wanted) : undefined;
  if (merged !== undefined) {
    return {
      state,
      action: "write",
      reason: `${reason}; both are merged`,
      text: merged,
      heldAgainst: wanted,
    };
  }
  return { state, action: "refuse", reason };
}
