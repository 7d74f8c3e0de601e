/**
 * Joining a user's edit with the repo's news, three-way, by lines. Pure.
 *
 * @module
 */

import { diff3Merge } from "node-diff3";
import { isBinary } from "../base/lossless_text.ts";

/**
 * The merged text, or undefined when both changed the same lines, or one is no text: what stands between two line ends of
 * a picture is no line. Line ends stay as each side wrote them.
 */
export function mergeTexts(base: string, mine: string, theirs: string): string | undefined {
  if ([base, mine, theirs].some((text) => isBinary(text) || text.includes("\0"))) return undefined;
  const lines = (text: string): string[] => text.split(/(?<=\n)/);
  const merged: string[] = [];
  for (const region of diff3Merge(lines(mine), lines(base), lines(theirs), { excludeFalseConflicts: true })) {
    if (region.ok === undefined) return undefined;
    merged.push(...region.ok);
  }
  return merged.join("");
}
