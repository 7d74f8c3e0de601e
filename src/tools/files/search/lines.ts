/**
 * A file as lines: where they begin and end, their number and their text, worked out only around a match.
 *
 * A line ends at `\n`; a `\r` before it belongs to the end. Bytes and decoded text look the same from here.
 *
 * @module
 */

/** Longest line, in UTF-16 units, that is shown whole; of a longer one so much around the match. */
const LONGEST_LINE = 300;
/** How much of a shortened line stands before the match. */
const LEAD = 80;

/** A file's content in one of its two forms. Offsets count bytes or UTF-16 units. */
export interface Content {
  readonly length: number;
  /** The next line break at or after an offset, or -1. */
  nextBreak(from: number): number;
  /** The last line break at or before an offset, or -1. */
  lastBreak(from: number): number;
  text(from: number, to: number): string;
}

const lineFeed = 10;
const carriageReturn = 13;
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** UTF-8 bytes; what is not UTF-8 in them reads as U+FFFD. */
export function contentOfBytes(bytes: Uint8Array): Content {
  return {
    length: bytes.length,
    nextBreak: (from) => bytes.indexOf(lineFeed, from),
    lastBreak: (from) => from < 0 ? -1 : bytes.lastIndexOf(lineFeed, from),
    text: (from, to) => decoder.decode(bytes.subarray(from, bytes[to - 1] === carriageReturn ? to - 1 : to)),
  };
}

/** Decoded text. */
export function contentOfText(text: string): Content {
  return {
    length: text.length,
    nextBreak: (from) => text.indexOf("\n", from),
    lastBreak: (from) => from < 0 ? -1 : text.lastIndexOf("\n", from),
    text: (from, to) => text.slice(from, to > from && text[to - 1] === "\r" ? to - 1 : to),
  };
}

/** Counts lines forwards through one content. */
export class LineCounter {
  #line = 1;
  #start = 0;

  constructor(readonly content: Content) {}

  /** The line that holds an offset, which is not before the one asked for last. */
  lineAt(offset: number): { readonly line: number; readonly start: number; readonly end: number } {
    const { content } = this;
    let end = content.nextBreak(this.#start);
    while (end !== -1 && end < offset) {
      this.#start = end + 1;
      this.#line++;
      end = content.nextBreak(this.#start);
    }
    return { line: this.#line, start: this.#start, end: end === -1 ? content.length : end };
  }
}

/** Up to `count` lines before the line that starts at `start`, in file order. */
export function linesBefore(content: Content, start: number, count: number): string[] {
  const lines: string[] = [];
  for (let end = start - 1; lines.length < count && end >= 0;) {
    const from = content.lastBreak(end - 1) + 1;
    lines.unshift(shortenLine(content.text(from, end), 1));
    end = from - 1;
  }
  return lines;
}

/** Up to `count` lines after the line that ends at `end`. */
export function linesAfter(content: Content, end: number, count: number): string[] {
  const lines: string[] = [];
  for (let from = end + 1; lines.length < count && from < content.length;) {
    const next = content.nextBreak(from);
    const to = next === -1 ? content.length : next;
    lines.push(shortenLine(content.text(from, to), 1));
    from = to + 1;
  }
  return lines;
}

/** Shortens a long line around a column (from 1), with `…` where something was left out. */
export function shortenLine(line: string, column: number): string {
  if (line.length <= LONGEST_LINE) return line;
  const last = line.length - LONGEST_LINE;
  const from = wholeCharacter(line, Math.min(Math.max(0, column - 1 - LEAD), last));
  const to = wholeCharacter(line, from + LONGEST_LINE);
  return `${from > 0 ? "…" : ""}${line.slice(from, to)}${to < line.length ? "…" : ""}`;
}

/** Moves an offset back that would cut a surrogate pair. */
function wholeCharacter(line: string, offset: number): number {
  const unit = line.charCodeAt(offset);
  return unit >= 0xdc00 && unit <= 0xdfff ? offset - 1 : offset;
}
