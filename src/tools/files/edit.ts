/**
 * Replacing one exact text by another, as a pure function of strings.
 *
 * Exact means exact, with one allowance: a line end is a line end. Models write `\n`; in a file with CRLF such a
 * text is found all the same, and what replaces it gets the line ends of its place. Nothing else is fuzzy.
 *
 * @module
 */

import { findText } from "../../base/find_text.ts";

/** A place in a text, from `start` up to and without `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Where a text stands in another. */
export interface Matches {
  /** From left to right, none reaching into the next. */
  readonly spans: readonly Span[];
  /** True when a further match reaches into one of them (`aa` in `aaa`): which one is meant cannot be told. */
  readonly overlap: boolean;
}

/** Of more places than this only the first are found. */
export const MAX_PLACES = 10_000;

/** Finds the places of `wanted`, which must not be empty; one more than {@link MAX_PLACES} at most. */
export function findMatches(text: string, wanted: string): Matches {
  const flatText = flattenLineEnds(text);
  const flatWanted = flattenLineEnds(wanted);
  const toOriginal = originalIndex(text, flatText);
  const spans: Span[] = [];
  let overlap = false;
  let previousEnd = 0;
  findText(flatText, flatWanted, (at) => {
    overlap = at < previousEnd;
    if (overlap) return false;
    previousEnd = at + flatWanted.length;
    spans.push({ start: toOriginal(at), end: toOriginal(previousEnd) });
    return spans.length <= MAX_PLACES;
  });
  return { spans, overlap };
}

/** Puts `replacement` in every span, with the line ends of that place, and leaves all else as it is. */
export function replaceSpans(text: string, spans: readonly Span[], replacement: string): string {
  const parts: string[] = [];
  const lineEndAt = startLineEndLookup(text);
  let end = 0;
  for (const span of spans) {
    parts.push(text.slice(end, span.start), withLineEnds(replacement, lineEndAt(span)));
    end = span.end;
  }
  return parts.join("") + text.slice(end);
}

/** The numbers of the lines that these spans start in, counted from 1. */
export function lineNumbers(text: string, spans: readonly Span[]): number[] {
  let [line, at] = [1, 0];
  return spans.map(({ start }) => {
    for (let next = text.indexOf("\n", at); next >= 0 && next < start; next = text.indexOf("\n", at)) {
      line++;
      at = next + 1;
    }
    return line;
  });
}

/** Every CRLF as LF. */
export function flattenLineEnds(text: string): string {
  return text.replaceAll("\r\n", "\n");
}

/** From an index into the flat text to the same place in the original; asked with growing indices. */
function originalIndex(text: string, flatText: string): (flatIndex: number) => number {
  if (text.length === flatText.length) return (flatIndex) => flatIndex;
  let dropped = 0;
  let nextCrlf = text.indexOf("\r\n");
  return (flatIndex) => {
    while (nextCrlf >= 0 && nextCrlf - dropped < flatIndex) {
      dropped++;
      nextCrlf = text.indexOf("\r\n", nextCrlf + 2);
    }
    return flatIndex + dropped;
  };
}

/**
 * Answers the line end inside a span, else the next one after it, else the last one before it; asked from left to
 * right. The text is gone through once, however many spans there are.
 */
function startLineEndLookup(text: string): (span: Span) => "\n" | "\r\n" | undefined {
  const last = text.lastIndexOf("\n");
  let next = text.indexOf("\n");
  return ({ start }) => {
    if (next >= 0 && next < start) next = text.indexOf("\n", start);
    const at = next >= 0 ? next : last;
    if (at < 0) return undefined;
    return text[at - 1] === "\r" ? "\r\n" : "\n";
  };
}

function withLineEnds(text: string, lineEnd: "\n" | "\r\n" | undefined): string {
  if (lineEnd === undefined) return text;
  const flat = flattenLineEnds(text);
  return lineEnd === "\n" ? flat : flat.replaceAll("\n", lineEnd);
}
