/**
 * Reading some lines of an open file, as many as one answer holds, without holding more than that.
 *
 * @module
 */

import { jsonTextBytes, startWithinJsonBytes } from "../../base/json_size.ts";
import type { TextEncoding, TextMark } from "../../base/text_encoding.ts";
import type { OpenFile } from "./open_checked.ts";
import { eachChunk, toUnits } from "./scan_text.ts";

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

/** Stands where the rest of a long line was left out. */
const LINE_CUT = "…[line cut]";

interface Line {
  readonly number: number;
  readonly text: string;
  readonly jsonBytes: number;
}

/** Reads the wanted lines, starting to look at a position at or before the first of them. */
export async function readLines(
  file: OpenFile,
  mark: TextMark,
  encoding: TextEncoding,
  from: LinePosition,
  range: LineRange,
  signal: AbortSignal,
): Promise<Lines> {
  const kept: Line[] = [];
  let keptBytes = 0;
  let hasMore = false;

  /** Answers whether further lines are wanted. */
  const keep = (raw: RawLine): boolean => {
    if (raw.number < range.startLine) return true;
    if (raw.number > range.endLine) return false;
    const line = readLine(raw, encoding, range);
    hasMore = range.tail === undefined && kept.length > 0 && keptBytes + line.jsonBytes > range.maxJsonBytes;
    if (hasMore) return false;
    kept.push(line);
    keptBytes += line.jsonBytes;
    while (range.tail !== undefined && (kept.length > range.tail || keptBytes > range.maxJsonBytes)) {
      keptBytes -= kept.shift()?.jsonBytes ?? 0;
    }
    return raw.number < range.endLine;
  };

  const cutter = startLineCutter(mark, from.line, range.maxLineChars);
  let goOn = true;
  await eachChunk(file, from.offset, signal, (bytes) => goOn = cutter.update(bytes, keep));
  if (goOn) cutter.end(keep);
  return {
    text: kept.map(({ text }) => text).join(""),
    startLine: kept[0]?.number ?? range.startLine,
    endLine: kept.at(-1)?.number ?? range.startLine - 1,
    hasMore,
  };
}

function readLine(raw: RawLine, encoding: TextEncoding, range: LineRange): Line {
  const whole = decoderOf(encoding).decode(raw.bytes, { stream: raw.isCut });
  const end = raw.isEnded ? "\n" : "";
  const bare = raw.isEnded && !raw.isCut && whole.endsWith("\r") ? whole.slice(0, -1) : whole;
  const short = bare.length <= range.maxLineChars ? bare : withoutHalf(bare.slice(0, range.maxLineChars));
  const room = range.maxJsonBytes - jsonTextBytes(LINE_CUT) - 2;
  const shown = jsonTextBytes(short) <= room ? short : startWithinJsonBytes(short, room);
  const text = shown + (raw.isCut || shown.length < bare.length ? LINE_CUT : "") + end;
  return { number: raw.number, text, jsonBytes: jsonTextBytes(text) };
}

function withoutHalf(text: string): string {
  return text.isWellFormed() ? text : text.replace(/[\ud800-\udbff]$/, "");
}

/** A new one for each line: what a cut line left undecoded must not start the next. */
function decoderOf(encoding: TextEncoding): TextDecoder {
  return new TextDecoder(encoding === "utf-8-bom" ? "utf-8" : encoding, { ignoreBOM: true });
}

/** The bytes of one line without its `\n`; the rest of an overlong one was let go. */
interface RawLine {
  readonly number: number;
  readonly bytes: Uint8Array;
  readonly isCut: boolean;
  readonly isEnded: boolean;
}

interface LineCutter {
  update(bytes: Uint8Array, take: (line: RawLine) => boolean): boolean;
  end(take: (line: RawLine) => boolean): void;
}

function startLineCutter(mark: TextMark, firstLine: number, maxLineChars: number): LineCutter {
  // Enough for one character more than wanted in any encoding, so that a cut is seen as one.
  const maxLineBytes = (maxLineChars + 1) * 4;
  const unitBytes = mark === "utf-16le" || mark === "utf-16be" ? 2 : 1;
  let number = firstLine;
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  let isCut = false;

  const add = (bytes: Uint8Array): void => {
    const room = maxLineBytes - pendingBytes;
    if (bytes.length > room) isCut = true;
    if (room <= 0 || bytes.length === 0) return;
    // A copy: the chunk's buffer is used again.
    const part = bytes.slice(0, room);
    pending.push(part);
    pendingBytes += part.length;
  };
  const finish = (isEnded: boolean): RawLine => {
    const line = { number: number++, bytes: joined(pending, pendingBytes), isCut, isEnded };
    [pending, pendingBytes, isCut] = [[], 0, false];
    return line;
  };
  return {
    update(bytes, take): boolean {
      const units = toUnits(bytes, mark);
      let start = 0;
      for (let at = units.indexOf(10); at >= 0; at = units.indexOf(10, at + 1)) {
        add(bytes.subarray(start, at * unitBytes));
        start = (at + 1) * unitBytes;
        if (!take(finish(true))) return false;
      }
      add(bytes.subarray(start));
      return true;
    },
    end(take): void {
      if (pendingBytes > 0) take(finish(false));
    },
  };
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const [only, ...others] = parts;
  if (only !== undefined && others.length === 0) return only;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
