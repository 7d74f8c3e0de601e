/**
 * The block that a person sees around what is managed in a file of theirs: its two marker lines, where it goes, and
 * the blank lines that keep it apart, which are remembered so that removing the block gives the user's bytes back.
 *
 * Markers are what a person reads; nothing's correctness depends on them. Pure.
 *
 * @module
 */

import type { Glue } from "../model.ts";
import { isHeader, type TomlStatement, trimBlanks } from "../../base/toml_scan.ts";

/** The line that opens the managed block of a TOML file. */
export const BLOCK_BEGIN = "# >>> agentos managed >>>";
/** The line that closes it. */
export const BLOCK_END = "# <<< agentos managed <<<";

/** Which marker a line is: blanks and carriage returns around it do not count, anything else makes it data. */
export function markerOf(line: string): "begin" | "end" | undefined {
  switch (trimBlanks(line)) {
    case BLOCK_BEGIN:
      return "begin";
    case BLOCK_END:
      return "end";
    default:
      return undefined;
  }
}

/** No white space added. */
export const NO_GLUE: Glue = { before: "", after: "" };

/** The line end that most lines of a text have; `\n` for a text without any. */
export function majorityLineEnd(text: string): "\n" | "\r\n" {
  const windows = text.split("\r\n").length - 1;
  const feeds = text.split("\n").length - 1;
  return windows * 2 > feeds ? "\r\n" : "\n";
}

/** Where a new block belongs: before the first table header and the comments directly above it, else at the end. */
export function blockPlace(statements: readonly TomlStatement[], textLength: number): number {
  let place: number | undefined;
  for (const statement of statements) {
    if (statement.kind === "comment") place ??= statement.start;
    else if (isHeader(statement)) return place ?? statement.start;
    else place = undefined;
  }
  return textLength;
}

/** Puts a block of whole lines between two texts, one blank line from each; answers what was added besides it. */
export function joinBlock(
  before: string,
  block: string,
  after: string,
  lineEnd: string,
): { readonly text: string; readonly glue: Glue } {
  const closed = before === "" || before.endsWith("\n") ? "" : lineEnd;
  const apart = before === "" || /(^|\n)[ \t]*\r?\n$/.test(before + closed) ? "" : lineEnd;
  const glue = {
    before: closed + apart,
    after: after === "" || /^[ \t]*\r?\n/.test(after) ? "" : lineEnd,
  };
  return { text: before + glue.before + block + glue.after + after, glue };
}

/**
 * Takes remembered white space off the two texts around a block, where it still stands: whatever line ends the file has
 * now. What somebody put behind the block since is not glued to a last line that had no line end.
 */
export function unglue(before: string, after: string, glue: Glue): { before: string; after: string } {
  const head = withoutGlue(before, glue.before, glue.before);
  const tail = glue.after === "" ? after : after.replace(/^\r?\n/, "");
  const isGlued = head !== "" && !head.endsWith("\n") && tail !== "" && !/^\r?\n/.test(tail);
  return {
    before: isGlued ? head + (/^\r?\n/.exec(before.slice(head.length))?.[0] ?? "") : head,
    after: tail,
  };
}

/**
 * Takes as many line ends off a text as were remembered. The line end of its last line is its user's, unless two were put
 * before the block: then the first of them closed a line that had none.
 */
export function withoutGlue(text: string, remembered: string, before: string): string {
  const count = countLineEnds(remembered);
  const ends = new RegExp(`(?:\\r?\\n){${count}}$`).exec(text)?.[0] ?? "";
  const rest = text.slice(0, text.length - ends.length);
  return countLineEnds(before) > 1 || /(^|\n)[ \t]*$/.test(rest) ? rest : text;
}

function countLineEnds(text: string): number {
  return text.split("\n").length - 1;
}
