/**
 * A managed block in a Markdown file of the user's, between two HTML comments that no reader sees rendered.
 *
 * Everything outside the block stays byte for byte; marker text inside a longer line is the user's own. Pure.
 *
 * @module
 */

import type { Glue } from "../model.ts";
import type { Format, FormatInput, FormatOutcome } from "./format.ts";
import { joinBlock, majorityLineEnd, NO_GLUE, unglue } from "./managed_block.ts";
import { decideText } from "./whole_text.ts";

/** The format `markdown-block`. */
export const markdownBlock: Format = { plan: planMarkdownBlock };

/** The line that opens the managed block of a Markdown file. */
export const MARKDOWN_BEGIN = "<!-- >>> agentos managed >>> -->";
/** The line that closes it. */
export const MARKDOWN_END = "<!-- <<< agentos managed <<< -->";

const BYTE_ORDER_MARK = "\ufeff";

/** A file seen from outside: what is before, inside and after the block. */
export type MarkdownParts =
  | { readonly kind: "no-block" }
  | {
    readonly kind: "block";
    readonly before: string;
    /** With `\n` line ends. */
    readonly inside: string;
    readonly after: string;
    /** Of the BEGIN marker, from 1. */
    readonly line: number;
  }
  | { readonly kind: "unpaired"; readonly lines: readonly number[] };

/** Says that markers on these lines do not pair. */
export function unpairedReason(lines: readonly number[]): string {
  return `the markers of the managed block do not pair (lines ${lines.join(", ")})`;
}

/** Finds the block. Markers are whole lines, blanks around them ignored. */
export function splitMarkdown(text: string): MarkdownParts {
  const markers: { begin: boolean; start: number; end: number; line: number }[] = [];
  // A byte order mark before the first line is the user's, as what stands around the block is.
  let start = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
  for (let line = 1; start < text.length; line++) {
    const feed = text.indexOf("\n", start);
    const end = feed < 0 ? text.length : feed + 1;
    const content = text.slice(start, end).trim();
    if (content === MARKDOWN_BEGIN || content === MARKDOWN_END) {
      markers.push({ begin: content === MARKDOWN_BEGIN, start, end, line });
    }
    start = end;
  }
  const [begin, close] = markers;
  if (begin === undefined) return { kind: "no-block" };
  if (markers.length !== 2 || close === undefined || !begin.begin || close.begin) {
    return { kind: "unpaired", lines: markers.map(({ line }) => line) };
  }
  return {
    kind: "block",
    before: text.slice(0, begin.start),
    inside: text.slice(begin.end, close.start).replaceAll("\r\n", "\n"),
    after: text.slice(close.end),
    line: begin.line,
  };
}

/** The file with our block holding `content`: in place when there is one, else at the end. */
function putMarkdownBlock(
  text: string,
  content: string,
  glue: Glue,
): { readonly text: string; readonly glue: Glue } {
  const lineEnd = majorityLineEnd(text);
  const block = `${MARKDOWN_BEGIN}\n${asInside(content)}${MARKDOWN_END}\n`.replaceAll("\n", lineEnd);
  const parts = splitMarkdown(text);
  if (parts.kind === "block") return { text: parts.before + block + parts.after, glue };
  return joinBlock(text, block, "", lineEnd);
}

/** The file without our block, and without the white space that came with it. */
function removeMarkdownBlock(text: string, glue: Glue = NO_GLUE): string {
  const parts = splitMarkdown(text);
  if (parts.kind !== "block") return text;
  const { before, after } = unglue(parts.before, parts.after, glue);
  return before + after;
}

/** The content as it stands in a file with `\n` line ends: what it is compared as. */
function asInside(content: string): string {
  const text = content.replaceAll("\r\n", "\n");
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

function planMarkdownBlock(given: FormatInput): FormatOutcome {
  const input = given.wanted === undefined ? given : { ...given, wanted: asInside(given.wanted) };
  const text = input.actual ?? "";
  const parts = splitMarkdown(text);
  if (parts.kind === "unpaired") {
    return {
      state: "invalid",
      action: "refuse",
      reason: unpairedReason(parts.lines),
      line: parts.lines[0] ?? 1,
      ...(input.applied === undefined ? {} : { applied: input.applied }),
    };
  }
  const actual = parts.kind === "block" ? parts.inside : undefined;
  const { text: content, heldAgainst, forget, ...decision } = decideText({ ...input, actual });
  if (forget) return decision;
  const created = input.applied?.created ?? input.actual === undefined;
  const line = parts.kind === "block" ? { line: parts.line } : {};
  if (decision.action === "remove") {
    const after = removeMarkdownBlock(text, input.applied?.glue);
    return created && after === ""
      ? { ...decision, ...line }
      : { ...decision, ...line, action: "write", after };
  }
  const kept = content ?? input.wanted;
  if (decision.action === "refuse" || decision.action === "keep" || kept === undefined) {
    return { ...decision, ...line, ...(input.applied === undefined ? {} : { applied: input.applied }) };
  }
  const put = decision.action === "write"
    ? putMarkdownBlock(text, kept, input.applied?.glue ?? NO_GLUE)
    : { text, glue: input.applied?.glue ?? NO_GLUE };
  return {
    ...decision,
    ...(decision.action === "write" ? { after: put.text } : {}),
    applied: {
      content: kept,
      glue: put.glue,
      created,
      ...(heldAgainst === undefined ? {} : { heldAgainst }),
    },
  };
}
