/**
 * Reading some lines of an open file, as many as one answer holds, without holding more than that.
 *
 * @module
 */

import { jsonBytes, jsonTextBytes, startWithinJsonBytes } from "../../base/json_size.ts";
import type { TextEncoding } from "../../base/text_encoding.ts";
import type { OpenFile } from "./open_checked.ts";
import { eachChunk } from "./scan_text.ts";

/** A position in a file, and the number of the line that it lies in. Lines count from 1. */
export interface LinePosition {
  readonly offset: number;
  readonly line: number;
}

/** Which lines are wanted. */
export interface LineRange {
  readonly startLine: number;
  readonly endLine: number;
  /** Keep only the last so many of them, and the last that fit; otherwise the first that fit are kept. */
  readonly tail: number | undefined;
  /** Of all lines together, as JSON. */
  readonly maxJsonBytes: number;
  /** A longer line is cut, and says so at its end. */
  readonly maxLineChars: number;
}

/** Lines one after the other, each with its line end as `\n`. */
export interface Lines {
  readonly text: string;
  /** The number of the first line in `text`. */
  readonly startLine: number;
  /** The number of the last one; one less than `startLine` when there is none. */
  readonly endLine: number;
  /** True when a wanted line after the last one did not fit. */
  readonly hasMore: boolean;
}

/** The end of a longer line is not looked for: a sparse file has lines of terabytes. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

/** Stands where the rest of a long line was left out. */
const LINE_CUT = "…[line cut]";
const LINE_CUT_BYTES = jsonTextBytes(LINE_CUT);

interface Line {
  readonly number: number;
  readonly text: string;
  readonly jsonBytes: number;
}

/**
 * All lines of a small file at once, in a fraction of the time; undefined when not all of them fit as they are. Line
 * by line it must be then.
 */
export function readAllLines(
  file: OpenFile,
  encoding: TextEncoding,
  from: LinePosition,
  range: Omit<LineRange, "tail">,
): Lines | undefined {
  const sizeBytes = file.info.size - from.offset;
  // A byte takes no less as JSON. UTF-16 may end inside a unit, and so on a line that nobody counted.
  if (sizeBytes > range.maxJsonBytes || encoding.startsWith("utf-16")) return undefined;
  const bytes = new Uint8Array(sizeBytes);
  const text = makeDecoder(encoding).decode(bytes.subarray(0, file.read(bytes, from.offset)))
    .replaceAll("\r\n", "\n");
  if (jsonBytes(text) > range.maxJsonBytes || hasLineOver(range.maxLineChars, text)) return undefined;
  return { text, startLine: range.startLine, endLine: range.endLine, hasMore: false };
}

/** Looks for a line end in each stretch as long as a line may be. */
function hasLineOver(maxChars: number, text: string): boolean {
  for (let start = 0; start + maxChars < text.length;) {
    const end = text.lastIndexOf("\n", start + maxChars);
    if (end < start) return true;
    start = end + 1;
  }
  return false;
}

function makeDecoder(encoding: TextEncoding): TextDecoder {
  return new TextDecoder(encoding === "utf-8-bom" ? "utf-8" : encoding, { ignoreBOM: true });
}

/** Reads the wanted lines, starting to look at a position at or before the first of them. */
export async function readLines(
  file: OpenFile,
  encoding: TextEncoding,
  from: LinePosition,
  range: LineRange,
  signal: AbortSignal,
): Promise<Lines> {
  const kept: Line[] = [];
  let keptBytes = 0;
  let hasMore = false;

  /** Answers whether further lines are wanted. */
  const keep = (number: number, bare: string, isEnded: boolean): boolean => {
    if (number < range.startLine) return true;
    if (number > range.endLine) return false;
    const shown = cutLine(bare, range);
    const line = {
      number,
      text: isEnded ? `${shown}\n` : shown,
      jsonBytes: jsonTextBytes(shown) + (isEnded ? 2 : 0),
    };
    hasMore = range.tail === undefined && kept.length > 0 && keptBytes + line.jsonBytes > range.maxJsonBytes;
    if (hasMore) return false;
    kept.push(line);
    keptBytes += line.jsonBytes;
    while (range.tail !== undefined && (kept.length > range.tail || keptBytes > range.maxJsonBytes)) {
      keptBytes -= kept.shift()?.jsonBytes ?? 0;
    }
    return number < range.endLine;
  };

  // Begun inside a character or not: what it starts with belongs to a line before the wanted ones.
  const decoder = makeDecoder(encoding);
  const cutter = startLineCutter(from.line, range.maxLineChars, keep);
  let goOn = true;
  let lineBytes = 0;
  await eachChunk(file, from.offset, signal, (bytes) => {
    const line = cutter.line();
    goOn = cutter.update(decoder.decode(bytes, { stream: true }));
    lineBytes = cutter.line() === line ? lineBytes + bytes.length : 0;
    return goOn && lineBytes <= MAX_LINE_BYTES;
  });
  const isEndless = lineBytes > MAX_LINE_BYTES;
  if (goOn && (isEndless || cutter.update(decoder.decode()))) cutter.end();
  hasMore ||= isEndless && cutter.line() < range.endLine;
  return {
    text: kept.map(({ text }) => text).join(""),
    startLine: kept[0]?.number ?? range.startLine,
    endLine: kept.at(-1)?.number ?? range.startLine - 1,
    hasMore,
  };
}

function cutLine(line: string, range: LineRange): string {
  const room = range.maxJsonBytes - LINE_CUT_BYTES - 2;
  // A character takes six bytes at most: short lines need not be measured.
  if (line.length <= range.maxLineChars && (line.length * 6 <= room || jsonTextBytes(line) <= room)) {
    return line;
  }
  return startWithinJsonBytes(line.slice(0, range.maxLineChars).replace(/[\ud800-\udbff]$/, ""), room) +
    LINE_CUT;
}

interface LineCutter {
  /** Takes the next piece of text; answers false when no further line is wanted. */
  update(text: string): boolean;
  /** The number of the line that the next piece goes on with. */
  line(): number;
  /** Hands over what stands after the last line end. */
  end(): void;
}

/** Cuts text at its line ends, and lets go of what an overlong line has too much. */
function startLineCutter(
  firstLine: number,
  maxLineChars: number,
  take: (number: number, bare: string, isEnded: boolean) => boolean,
): LineCutter {
  // One character more than is shown, so that the cut is seen, and a carriage return.
  const maxPending = maxLineChars + 2;
  let number = firstLine;
  let pending = "";
  const pend = (piece: string): string =>
    pending.length < maxPending ? pending + piece.slice(0, maxPending) : pending;
  return {
    update(text): boolean {
      let start = 0;
      for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", start)) {
        const line = pend(text.slice(start, at));
        pending = "";
        start = at + 1;
        if (!take(number++, line.endsWith("\r") ? line.slice(0, -1) : line, true)) return false;
      }
      pending = pend(text.slice(start));
      return true;
    },
    line: () => number,
    end(): void {
      if (pending !== "") take(number, pending, false);
    },
  };
}
