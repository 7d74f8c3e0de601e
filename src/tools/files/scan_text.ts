/**
 * One pass over an open file: its hash, its lines counted, its encoding settled; and where its lines start, so
 * that any of them can be read without another pass.
 *
 * Memory is bounded by one chunk, whatever the size of the file or of a line. Between chunks others get a turn.
 *
 * @module
 */

import { isUtf8 } from "node:buffer";
import { joinBytes } from "../../base/bytes.ts";
import { AppError } from "../../base/errors.ts";
import { startSha256 } from "../../base/hash.ts";
import type { TextEncoding, TextMark } from "../../base/text_encoding.ts";
import type { OpenFile } from "./open_checked.ts";

/** Bytes read at a time; even, so that UTF-16 is never cut inside a unit. */
export const CHUNK_BYTES = 1024 * 1024;

/** How lines end: `mixed` when both do, `none` when there is one line at most. */
export type LineEnds = "lf" | "crlf" | "mixed" | "none";

/** What a pass found. */
export interface TextFacts {
  readonly encoding: TextEncoding;
  readonly lineEnds: LineEnds;
  /** A line end at the very end of the file starts no further line. */
  readonly totalLines: number;
  readonly sha256: string;
  /** For each chunk the number of line ends before it. */
  readonly lineEndsBefore: readonly number[];
}

/**
 * Reads a file that is no larger than a chunk, so that all that is said of it is of one moment. A larger one is
 * answered as it is.
 */
export function snapshot(file: OpenFile): OpenFile {
  if (file.info.size > CHUNK_BYTES) return file;
  const buffer = new Uint8Array(file.info.size);
  const bytes = buffer.subarray(0, file.read(buffer, 0));
  return {
    ...file,
    read(into, position): number {
      const wanted = bytes.subarray(position, position + into.length);
      into.set(wanted);
      return wanted.length;
    },
  };
}

/** Hashes a file of any kind. */
export async function hashFile(file: OpenFile, signal: AbortSignal): Promise<string> {
  const hash = startSha256();
  await eachChunk(file, 0, signal, (bytes) => {
    hash.update(bytes);
    return true;
  });
  return hash.hex();
}

/** Reads a text file once, from end to end. */
export async function scanText(file: OpenFile, mark: TextMark, signal: AbortSignal): Promise<TextFacts> {
  const hash = startSha256();
  const utf8 = mark === "none" ? startUtf8Check() : undefined;
  const counter = startLineCounter();
  await eachChunk(file, 0, signal, (bytes, position) => {
    hash.update(bytes);
    utf8?.update(bytes);
    counter.update(toUnits(bytes, mark), position === 0 ? markUnits(mark) : 0);
    return true;
  });
  const { lf, crlf, endsInside, lineEndsBefore } = counter.counts();
  return {
    encoding: encodingOf(mark, utf8?.isValid() ?? true),
    lineEnds: lf > 0 ? (crlf > 0 ? "mixed" : "lf") : (crlf > 0 ? "crlf" : "none"),
    totalLines: lf + crlf + (endsInside ? 1 : 0),
    sha256: hash.hex(),
    lineEndsBefore,
  };
}

/** The encoding that a mark, or its absence, stands for. */
export function encodingOf(mark: TextMark, isValidUtf8: boolean): TextEncoding {
  if (mark === "utf-8") return "utf-8-bom";
  if (mark !== "none") return mark;
  return isValidUtf8 ? "utf-8" : "windows-1252";
}

/**
 * Hands the file's bytes on, chunk by chunk, until `take` answers false or the file ends. The buffer is used
 * again: whoever keeps bytes must copy them.
 *
 * @throws {AppError} tool.cancelled
 */
export async function eachChunk(
  file: OpenFile,
  start: number,
  signal: AbortSignal,
  take: (bytes: Uint8Array, position: number) => boolean,
): Promise<void> {
  const buffer = new Uint8Array(Math.max(1, Math.min(CHUNK_BYTES, file.info.size - start)));
  for (let position = start;;) {
    const count = file.read(buffer, position);
    if (count === 0 || !take(buffer.subarray(0, count), position)) return;
    position += count;
    if (position >= file.info.size) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (signal.aborted) throw new AppError("tool.cancelled", "The call was cancelled.");
  }
}

/** How many line ends there are in these bytes. */
export function countLineEnds(bytes: Uint8Array, mark: TextMark): number {
  const units = toUnits(bytes, mark);
  let count = 0;
  for (let at = units.indexOf("\n"); at >= 0; at = units.indexOf("\n", at + 1)) count++;
  return count;
}

/**
 * The bytes as a string of their units, in which a line end is a character. (V8 15.0 finds characters in a string
 * five times as fast as numbers in an array.) In windows-1252 every byte is a character, and a line end the same.
 */
function toUnits(bytes: Uint8Array, mark: TextMark): string {
  const isWide = mark === "utf-16le" || mark === "utf-16be";
  // Without the half of a unit that the file may end with.
  const whole = isWide ? bytes.subarray(0, bytes.length & ~1) : bytes;
  return new TextDecoder(isWide ? mark : "windows-1252", { ignoreBOM: true }).decode(whole);
}

interface LineCounter {
  /** Takes the next units; the first so many are a mark, not text. */
  update(units: string, skip: number): void;
  counts(): { lf: number; crlf: number; endsInside: boolean; lineEndsBefore: readonly number[] };
}

const LF = 10;
const CR = 13;

function startLineCounter(): LineCounter {
  const lineEndsBefore: number[] = [];
  let [lf, crlf, last] = [0, 0, LF];
  return {
    update(units, skip): void {
      lineEndsBefore.push(lf + crlf);
      if (units.length === skip) return;
      for (let at = units.indexOf("\n"); at >= 0; at = units.indexOf("\n", at + 1)) {
        if ((at === 0 ? last : units.charCodeAt(at - 1)) === CR) crlf++;
        else lf++;
      }
      last = units.charCodeAt(units.length - 1);
    },
    counts: () => ({ lf, crlf, endsInside: last !== LF, lineEndsBefore }),
  };
}

function markUnits(mark: TextMark): number {
  return mark === "none" ? 0 : mark === "utf-8" ? 3 : 1;
}

/** Checks bytes that come in pieces; the beginning of a character waits for the next piece. */
function startUtf8Check(): { update(bytes: Uint8Array): void; isValid(): boolean } {
  let valid = true;
  let waiting = new Uint8Array(0);
  return {
    update(bytes): void {
      if (!valid) return;
      const all = waiting.length === 0 ? bytes : joinBytes([waiting, bytes]);
      const end = endOfWholeCharacters(all);
      valid = isUtf8(all.subarray(0, end));
      waiting = all.slice(end);
    },
    isValid: () => valid && waiting.length === 0,
  };
}

/** Where a character begins that the bytes end inside of; else their end. */
function endOfWholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) break;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 0;
    if (length > 0) return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
