/**
 * A unified diff of two texts, short enough for an answer.
 *
 * @module
 */

import { structuredPatch } from "diff";
import { jsonTextBytes } from "../../base/json_size.ts";

const CONTEXT_LINES = 3;
const MAX_DIFF_LINE_CHARS = 400;
/** More changes than this are not worth the time to align them. */
const MAX_EDIT_LENGTH = 1_000;
const MAX_DIFF_MS = 300;

/** Two texts with `\n` line ends, as a unified diff without the file header, cut after so many bytes of JSON. */
export function unifiedDiff(before: string, after: string, maxJsonBytes: number): string {
  if (before === after) return "";
  const window = changedWindow(before, after);
  const patch = structuredPatch("", "", window.before, window.after, undefined, undefined, {
    context: CONTEXT_LINES,
    maxEditLength: MAX_EDIT_LENGTH,
    timeout: MAX_DIFF_MS,
  });
  if (patch === undefined) {
    const [from, to] = [countLines(window.before, Infinity), countLines(window.after, Infinity)];
    return `(${from} lines from line ${window.linesBefore + 1} on became ${to}; too many changes to show)`;
  }

  const lines = patch.hunks.flatMap((hunk) => [
    `@@ -${hunk.oldStart + window.linesBefore},${hunk.oldLines} +${
      hunk.newStart + window.linesBefore
    },${hunk.newLines} @@`,
    ...hunk.lines.map((line) => line.length <= MAX_DIFF_LINE_CHARS ? line : cutLine(line)),
  ]);
  return joinWithin(lines, maxJsonBytes);
}

/** The part of both texts that differs, widened to whole lines and the context around them. */
function changedWindow(
  before: string,
  after: string,
): { before: string; after: string; linesBefore: number } {
  const shorter = Math.min(before.length, after.length);
  let same = 0;
  while (same < shorter && before.charCodeAt(same) === after.charCodeAt(same)) same++;
  let sameEnd = 0;
  while (
    sameEnd < shorter - same &&
    before.charCodeAt(before.length - 1 - sameEnd) === after.charCodeAt(after.length - 1 - sameEnd)
  ) sameEnd++;

  let start = same;
  for (let line = 0; line <= CONTEXT_LINES && start > 0; line++) {
    start = before.lastIndexOf("\n", start - 2) + 1;
  }
  let end = before.length - sameEnd;
  // The patch may align the change further down among equal lines, and wants its context there.
  for (let line = 0; line <= 4 * CONTEXT_LINES; line++) end = before.indexOf("\n", end) + 1 || before.length;
  return {
    before: before.slice(start, end),
    after: after.slice(start, after.length - (before.length - end)),
    linesBefore: countLines(before, start),
  };
}

function countLines(text: string, end: number): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0 && at < end; at = text.indexOf("\n", at + 1)) count++;
  return count;
}

function cutLine(line: string): string {
  return `${line.slice(0, MAX_DIFF_LINE_CHARS).toWellFormed()}…`;
}

function joinWithin(lines: readonly string[], maxJsonBytes: number): string {
  let free = maxJsonBytes - 40;
  const count = lines.findIndex((line) => (free -= jsonTextBytes(line) + 2) < 0);
  if (count < 0) return lines.join("\n");
  return [...lines.slice(0, count), `… (${lines.length - count} more lines)`].join("\n");
}
