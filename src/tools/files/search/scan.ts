/**
 * Finds the matching lines of one file.
 *
 * A file whose pattern has needles, or a chain of bytes that is rare in it, is searched as bytes, and only lines that
 * hold one are decoded. Any other expression runs over the decoded text in large pieces; when a match runs across a line break, or the
 * expression looks around itself, over one line at a time, so that the answer is always that of single lines.
 *
 * @module
 */

import { makeChainFinder } from "./byte_chain.ts";
import { decodeUtf8, type ReadContent } from "./file_content.ts";
import {
  type Content,
  contentOfBytes,
  contentOfText,
  LineCounter,
  linesAfter,
  linesBefore,
  shortenLine,
} from "./lines.ts";
import { type FindBytes, makeFinder } from "./literal.ts";
import type { SearchMatch } from "./model.ts";
import { escapeText, type Pattern } from "./pattern.ts";

/** What to find in each file. */
export interface ScanTask {
  readonly pattern: Pattern;
  readonly contextLines: number;
}

/** One file's matching lines, or why it has none. */
export interface ScannedFile {
  readonly kind: "searched" | "binary" | "tooLarge" | "unreadable";
  readonly matches: readonly SearchMatch[];
}

/** Scans one file: the matches in lines after `afterLine`, at most `limit`. */
export type ScanFile = (path: string, afterLine: number, limit: number) => ScannedFile;

/** V8's engine gives up backtracking after so much work per call; pieces keep ordinary expressions below that. */
const pieceLength = 64 * 1024;

/** So much of a file is looked at to tell whether a chain is rare in it: in a tenth of lines of usual length. */
const probeBytes = 8 * 1024;
const mostProbed = 20;

/** Where a line matches: an offset in it, or undefined. */
type FindInLine = (line: string) => number | undefined;

/** Prepares scanning for one pattern. */
export function makeScanner(task: ScanTask, readContent: ReadContent): ScanFile {
  const { pattern } = task;
  const find = canFindBytes(pattern) ? makeFinder(pattern.needles, pattern.ignoreCase) : undefined;
  const findChain = pattern.needles.length === 0 ? makeChainFinder(pattern.expression) : undefined;
  const mayMatch = makePrecheck(pattern);
  // Of the lines that many at once let through, each is judged alone: there `^` and `$` mean its ends, and not also
  // what JavaScript takes for a line's end inside of it (a lone `\r`, U+2028, U+2029).
  const ofOneLine = new RegExp(pattern.expression, pattern.expression.flags.replace("m", ""));
  const findInLine: FindInLine = (line) => {
    ofOneLine.lastIndex = 0;
    return ofOneLine.exec(line)?.index;
  };
  const linesOfText = (text: string): Generator<FoundLine> | false =>
    mayMatch(text) && matchingLines(text, pattern, findInLine);
  return (path, afterLine, limit) => {
    const file = readContent(path);
    if (file.kind !== "utf8" && file.kind !== "utf16") return { kind: file.kind, matches: [] };
    const findLine = file.kind === "utf8" ? find ?? whereRare(findChain, file.bytes) : undefined;
    const found = file.kind === "utf8" && findLine !== undefined
      ? findLine(file.bytes, 0) !== -1 && linesWithNeedle(file.bytes, findLine, findInLine)
      : linesOfText(file.kind === "utf8" ? decodeUtf8(file.bytes) : file.text);
    if (found === false) return { kind: "searched", matches: [] };
    const matches: SearchMatch[] = [];
    for (const { content, line, start, end, text, offset } of found) {
      if (line <= afterLine) continue;
      matches.push({
        path,
        line,
        column: offset + 1,
        text: shortenLine(text, offset + 1),
        before: linesBefore(content, start, task.contextLines),
        after: linesAfter(content, end, task.contextLines),
      });
      if (matches.length >= limit) break;
    }
    return { kind: "searched", matches };
  };
}

/** A chain that many lines have costs more than it saves: then all are read in one go. Judged by the first ones. */
function whereRare(find: FindBytes | undefined, bytes: Uint8Array): FindBytes | undefined {
  if (find === undefined) return undefined;
  const probe = bytes.subarray(0, probeBytes);
  let lines = 0;
  for (let at = find(probe, 0); at !== -1 && lines <= mostProbed; at = find(probe, at)) {
    lines++;
    at = probe.indexOf(10, at);
    if (at === -1) break;
  }
  return lines > mostProbed ? undefined : find;
}

/** Beyond ASCII, bytes do not tell which letters are the same in another case. */
function canFindBytes({ needles, ignoreCase, expression }: Pattern): boolean {
  return !ignoreCase || (!expression.unicode && needles.every((needle) => !/[^\0-\x7f]/.test(needle)));
}

/** Looks for the needles alone, which is faster than most expressions; for text that is decoded. */
function makePrecheck({ needles, expression, ignoreCase }: Pattern): (text: string) => boolean {
  if (needles.length === 0) return () => true;
  const flags = `${ignoreCase ? "i" : ""}${expression.unicode ? "u" : ""}`;
  const anyNeedle = new RegExp(needles.map(escapeText).join("|"), flags);
  return (text) => anyNeedle.test(text);
}

/** A matching line, and the content that its neighbours are read from. */
interface FoundLine {
  readonly content: Content;
  readonly line: number;
  readonly start: number;
  readonly end: number;
  /** Whole. */
  readonly text: string;
  /** Of the match in `text`. */
  readonly offset: number;
}

function* linesWithNeedle(bytes: Uint8Array, find: FindBytes, findInLine: FindInLine): Generator<FoundLine> {
  const content = contentOfBytes(bytes);
  const counter = new LineCounter(content);
  for (let hit = find(bytes, 0); hit !== -1;) {
    const start = content.lastBreak(hit) + 1;
    const next = content.nextBreak(hit);
    const end = next === -1 ? content.length : next;
    const text = content.text(start, end);
    const offset = findInLine(text);
    if (offset !== undefined) yield { content, ...counter.lineAt(hit), text, offset };
    hit = end < bytes.length ? find(bytes, end + 1) : -1;
  }
}

function* matchingLines(
  text: string,
  pattern: Pattern,
  findInLine: FindInLine,
): Generator<FoundLine> {
  const content = contentOfText(text);
  const counter = new LineCounter(content);
  let linewise = pattern.looksAround;
  for (let from = 0; from < text.length;) {
    const cut = text.length - from <= pieceLength ? -1 : text.indexOf("\n", from + pieceLength);
    const to = cut === -1 ? text.length : cut;
    const piece = text.slice(from, to);
    for (let at = 0; at <= piece.length;) {
      let hit = at;
      if (!linewise) {
        pattern.expression.lastIndex = at;
        const match = pattern.expression.exec(piece);
        if (match === null) break;
        hit = match.index;
        linewise = match[0].includes("\n");
      }
      const start = hit === 0 ? 0 : piece.lastIndexOf("\n", hit - 1) + 1;
      // What follows the last line break is no line.
      if (from + start >= text.length) break;
      const next = piece.indexOf("\n", hit);
      const end = next === -1 ? piece.length : next;
      const line = content.text(from + start, from + end);
      const offset = findInLine(line);
      if (offset !== undefined) yield { content, ...counter.lineAt(from + start), text: line, offset };
      at = end + 1;
    }
    from = to + 1;
  }
}
