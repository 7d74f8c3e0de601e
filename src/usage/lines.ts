/**
 * From bytes to lines to events: the part of reading that knows no files.
 *
 * Memory stays bounded by the chunk and the longest line that must be looked into; what a client can skip is never turned
 * into text. Nothing here decides what counts.
 *
 * @module
 */

import { sameTokens } from "../base/token_counts.ts";
import type { UsageClient } from "./client.ts";
import type { LogEvent, Warning } from "./model.ts";

/** A line beyond this is not looked into: no line with usage comes near it. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

/** A place between two lines of a file. */
export interface LogPlace {
  /** Of a line's first byte. */
  readonly offset: number;
  /** How many lines end before the offset. */
  readonly lines: number;
}

/** Where reading begins. */
export const LOG_START: LogPlace = { offset: 0, lines: 0 };

/** What was read of a file. */
export interface Reading {
  /** From whole lines. */
  readonly events: readonly LogEvent[];
  readonly warnings: readonly Warning[];
  /** After the last line end: from here on, a later reading goes on. */
  readonly offset: number;
  /** How many lines end before the offset. */
  readonly lines: number;
  /** What the rest says that has no line end yet; it is read again next time. */
  readonly tailEvents: readonly LogEvent[];
  readonly tailWarnings: readonly Warning[];
}

const NEWLINE = 10;
const CLOSE = 125;
const LATIN1 = new TextDecoder("latin1");

/** Takes a log's bytes in chunks of any size. Pure but for what it remembers. */
export function openLines(
  client: UsageClient,
  path: string,
  from: LogPlace = LOG_START,
): { push(bytes: Uint8Array): void; finish(): Reading } {
  const text = new TextDecoder("utf-8", { ignoreBOM: true });
  const { headBytes } = client;
  const events: LogEvent[] = [];
  const warnings: Warning[] = [];
  let offset = from.offset;
  let lines = from.lines;
  // A line that the next chunk continues, in parts; beyond what can be looked into only its length and end are kept.
  let parts: Uint8Array[] = [];
  let partBytes = 0;
  let lastByte = 0;
  let isSkipped = false;

  function push(bytes: Uint8Array): void {
    let start = 0;
    while (start < bytes.length) {
      const end = bytes.indexOf(NEWLINE, start);
      if (end < 0) return keep(bytes.subarray(start));
      lines++;
      if (partBytes === 0) readBytes(bytes, start, end);
      else {
        keep(bytes.subarray(start, end));
        offset += partBytes;
        endKept(events, warnings);
        offset++;
      }
      start = end + 1;
    }
  }

  function readBytes(bytes: Uint8Array, start: number, end: number): void {
    offset += end - start + 1;
    let last = end - 1;
    if (bytes[last] === 13) last--;
    if (
      bytes[last] === CLOSE &&
      client.canSkip(LATIN1.decode(bytes.subarray(start, Math.min(end, start + headBytes))))
    ) {
      return;
    }
    readText(text.decode(bytes.subarray(start, end)), lines, events, warnings);
  }

  function keep(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    // The window is used again, so what is kept is copied, but for lines that are known to say nothing.
    const before = partBytes;
    partBytes += bytes.length;
    lastByte = bytes.at(-1) === 13 ? bytes.at(-2) ?? lastByte : bytes.at(-1) ?? lastByte;
    if (isSkipped) return;
    if (partBytes > MAX_LINE_BYTES) parts = parts.slice(0, 1);
    else parts.push(bytes.slice());
    if (before < headBytes && partBytes >= headBytes) {
      isSkipped = client.canSkip(LATIN1.decode(joinBytes(parts).subarray(0, headBytes)));
      if (isSkipped) parts = [joinBytes(parts).slice(0, headBytes)];
    }
  }

  function endKept(into: LogEvent[], warn: Warning[]): void {
    const isEnded = lastByte === CLOSE;
    if (isSkipped && !isEnded) {
      warn.push({ file: path, line: lines, code: "broken-line", message: "the line is cut off" });
    } else if (!isSkipped && partBytes > MAX_LINE_BYTES) {
      warn.push({
        file: path,
        line: lines,
        code: "long-line",
        message: `a line of ${partBytes} bytes is left out`,
      });
    } else if (!isSkipped) {
      const bytes = joinBytes(parts);
      if (!isEnded || !client.canSkip(LATIN1.decode(bytes.subarray(0, headBytes)))) {
        readText(text.decode(bytes), lines, into, warn);
      }
    }
    parts = [];
    partBytes = 0;
    isSkipped = false;
  }

  function readText(line: string, number: number, into: LogEvent[], warn: Warning[]): void {
    // Editors add a byte order mark; a crash leaves NULs where a line was to be.
    const trimmed = line.replace(/^[\s\0\uFEFF]+/, "").trimEnd();
    if (trimmed === "") {
      if (line.includes("\0")) {
        warn.push({
          file: path,
          line: number,
          code: "broken-line",
          message: "the line holds nothing but NULs",
        });
      }
      return;
    }
    try {
      const event = client.readLine(trimmed, number);
      if (event !== undefined) addEvent(into, event);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      warn.push({ file: path, line: number, code: "broken-line", message: "the line is no JSON" });
    }
  }

  return {
    push,
    finish(): Reading {
      const tailEvents: LogEvent[] = [];
      const tailWarnings: Warning[] = [];
      const [lineCount, endOffset] = [lines, offset];
      if (partBytes > 0) {
        lines++;
        endKept(tailEvents, tailWarnings);
      }
      return { events, warnings, offset: endOffset, lines: lineCount, tailEvents, tailWarnings };
    },
  };
}

/** A total that only says again what the one before said is counted there, so that idle logs stay small. */
function addEvent(events: LogEvent[], event: LogEvent): void {
  const latest = events.at(-1);
  if (
    event.kind === "total" && latest?.kind === "total" && event.total !== undefined &&
    latest.total !== undefined &&
    sameTokens(event.total, latest.total)
  ) {
    events[events.length - 1] = { ...latest, repeats: (latest.repeats ?? 0) + 1 };
  } else events.push(event);
}

function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1 && parts[0] !== undefined) return parts[0];
  const joined = new Uint8Array(parts.reduce((size, { length }) => size + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
