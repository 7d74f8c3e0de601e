/**
 * Where a text that was not found was probably meant to stand, and how that place differs.
 *
 * For a message only: nothing is ever edited there.
 *
 * @module
 */

import { distance } from "fastest-levenshtein";
import { findLinearly } from "../../base/find_text.ts";
import { unifiedDiff } from "./show_diff.ts";

/** A place that resembles the wanted text. */
export interface Nearest {
  /** Its first line, counted from 1. */
  readonly line: number;
  /** In what alone it differs, or that its content does. */
  readonly differs: "only in whitespace" | "only in upper and lower case" | "in its content";
  /** From the wanted text to what stands there. */
  readonly diff: string;
}

/** Beyond this a file is not compared line by line. */
const MAX_TEXT_CHARS = 4 * 1024 * 1024;
/** The distance of two lines is only worked out for lines up to this length, and for so many of them. */
const MAX_LINE_CHARS = 300;
const MAX_COMPARED_LINES = 5_000;
/** A line that differs in more than this share of its characters is another line. */
const MAX_DISTANCE_SHARE = 0.5;
const MAX_DIFF_BYTES = 2_000;
/** The first lines of a long text are enough to know its place by. */
const MAX_WANTED_LINES = 200;
/** Of lines that begin alike so many are compared with the wanted ones; a hostile file has millions of them. */
const MAX_COMPARISONS = 1_000_000;
/** Shorter texts are found soon enough anywhere. */
const SHORT_PART_CHARS = 100;
/** A line that the text holds more often says nothing about the place. */
const MAX_REPEATS = 3;

/** Looks for the nearest place of `wanted` in `text`; both with `\n` line ends. */
export function findNearest(text: string, wanted: string): Nearest | undefined {
  if (text.length > MAX_TEXT_CHARS || wanted.trim() === "") return undefined;
  const lines = text.split("\n");
  const wantedLines = withoutEmptyEnds(wanted.split("\n"));
  const place = (start: number, differs: Nearest["differs"]): Nearest => ({
    line: start + 1,
    differs,
    diff: unifiedDiff(
      wantedLines.join("\n"),
      lines.slice(start, start + wantedLines.length).join("\n"),
      MAX_DIFF_BYTES,
    ),
  });

  const bySpace = findRun(lines, wantedLines, (line) => line.replace(/\s+/g, ""));
  if (bySpace >= 0) return place(bySpace, "only in whitespace");
  const byCase = findRun(lines, wantedLines, (line) => line.toLowerCase());
  if (byCase >= 0) return place(byCase, "only in upper and lower case");
  const byContent = mostSharedLines(lines, wantedLines) ?? closestLine(lines, wantedLines);
  return byContent === undefined ? undefined : place(byContent, "in its content");
}

function withoutEmptyEnds(lines: readonly string[]): readonly string[] {
  const first = lines.findIndex((line) => line.trim() !== "");
  const last = lines.findLastIndex((line) => line.trim() !== "");
  return lines.slice(first, Math.min(last + 1, first + MAX_WANTED_LINES));
}

/**
 * The first run of lines equal to the wanted ones once both are folded. The first and the last wanted line may be
 * parts of a line, as in a text copied from the middle of one.
 */
function findRun(
  lines: readonly string[],
  wanted: readonly string[],
  fold: (line: string) => string,
): number {
  const folded = lines.map(fold);
  const foldedWanted = wanted.map(fold);
  const last = foldedWanted.length - 1;
  let comparisons = 0;
  return folded.findIndex((_, start) =>
    foldedWanted.every((part, index) => {
      const line = folded[start + index];
      if (line === undefined || (index > 0 && ++comparisons > MAX_COMPARISONS)) return false;
      if (last === 0) return holdsText(line, part);
      return index === 0 ? line.endsWith(part) : index === last ? line.startsWith(part) : line === part;
    })
  );
}

/** As `includes`, which for a long part of a hostile line takes the product of both lengths. */
function holdsText(line: string, part: string): boolean {
  if (part.length > line.length || part.length < SHORT_PART_CHARS) return line.includes(part);
  let found = false;
  findLinearly(line, part, () => {
    found = true;
    return false;
  });
  return found;
}

/** The start at which most wanted lines stand where they should; undefined when none does. */
function mostSharedLines(lines: readonly string[], wanted: readonly string[]): number | undefined {
  const wantedAt = new Map<string, number[]>();
  wanted.forEach((line, index) => {
    // Braces and blank lines are shared by everything.
    if (line.trim().length > 3) wantedAt.set(line.trim(), [...(wantedAt.get(line.trim()) ?? []), index]);
  });
  const votes = new Map<number, number>();
  lines.forEach((line, at) => {
    const indices = wantedAt.get(line.trim()) ?? [];
    if (indices.length > MAX_REPEATS) return;
    for (const index of indices) votes.set(at - index, (votes.get(at - index) ?? 0) + 1);
  });
  let [best, most] = [-1, 0];
  for (const [start, count] of votes) if (count > most && start >= 0) [best, most] = [start, count];
  return best < 0 ? undefined : best;
}

/** Where the longest wanted line comes closest to a line of the file. */
function closestLine(lines: readonly string[], wanted: readonly string[]): number | undefined {
  const index = wanted.reduce(
    (longest, line, at) => line.length > (wanted[longest] ?? "").length ? at : longest,
    0,
  );
  const target = (wanted[index] ?? "").trim();
  if (target.length > MAX_LINE_CHARS) return undefined;
  let [best, least] = [-1, target.length * MAX_DISTANCE_SHARE];
  let compared = 0;
  for (let at = index; at < lines.length && compared < MAX_COMPARED_LINES; at++) {
    const line = (lines[at] ?? "").trim();
    if (Math.abs(line.length - target.length) > least) continue;
    compared++;
    const found = distance(target, line);
    if (found < least) [best, least] = [at - index, found];
  }
  return best < 0 ? undefined : best;
}
