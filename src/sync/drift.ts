/**
 * Drift: what is true of one entry, from three texts. Pure.
 *
 * @module
 */

import type { EntryState } from "./model.ts";

/**
 * Classifies an entry that is wholly ours, or the part of a file that is. `undefined` means: not there.
 *
 * @example
 * classify({ wanted: "b", actual: "a", applied: "a" }) // "stale": we have news, nobody touched it
 */
export function classify(
  texts: {
    /** What the repo wants; undefined when it no longer has the entry. */
    readonly wanted: string | undefined;
    /** What the home holds. */
    readonly actual: string | undefined;
    /** What we last wrote. */
    readonly applied: string | undefined;
  },
): EntryState {
  const { wanted, actual, applied } = texts;
  if (wanted === undefined) {
    if (applied === undefined || actual === undefined) return "clean";
    return actual === applied ? "orphan" : "orphan-edited";
  }
  if (actual === undefined) return "missing";
  if (applied === undefined) return actual === wanted ? "adoptable" : "foreign";
  if (actual === wanted) return "clean";
  if (actual === applied) return "stale";
  return wanted === applied ? "edited" : "conflict";
}
