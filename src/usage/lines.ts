/**
 * What reading a log answers, and the plain way to read one: line by line, each through JSON.parse.
 *
 * The scanner (`scan/`) reads faster and must answer the same; tests hold it to {@link readPlainly}, and a line that the
 * scanner is not sure of goes through {@link readText} too. Nothing here decides what counts.
 *
 * @module
 */

import { isObject } from "../base/json_fields.ts";
import { sameTokens } from "../base/token_counts.ts";
import type { LineKind, UsageClient } from "./client.ts";
import { findPath, type LineView, viewObject } from "./line_view.ts";
import type { LogEvent, Warning } from "./model.ts";

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

/** What is said of a broken line. */
export const NO_JSON = "the line is cut off or is no JSON object";

const NEWLINE = 10;

/** Reads a log, or its end from a place on, in the plainest way. */
export function readPlainly(
  client: UsageClient,
  path: string,
  bytes: Uint8Array,
  from: LogPlace = LOG_START,
): Reading {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const events = collectEvents();
  const tailEvents = collectEvents();
  const whole = openTextReader(client, path, events);
  const tail = openTextReader(client, path, tailEvents);
  let { lines } = from;
  let start = 0;
  for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
    lines++;
    whole.readText(decoder.decode(bytes.subarray(start, end)), lines);
    start = end + 1;
  }
  tail.readText(decoder.decode(bytes.subarray(start)), lines + 1);
  return {
    events: events.events,
    warnings: whole.warnings,
    offset: from.offset + start,
    lines,
    tailEvents: tailEvents.events,
    tailWarnings: tail.warnings,
  };
}

/** Takes the lines that matter. */
export interface LineTaker {
  take(kind: LineKind, line: LineView, number: number): void;
  /** Takes a total that only says again what the one before said. */
  repeat(): void;
}

/** Takes lines as events. */
export function collectEvents(): LineTaker & { readonly events: readonly LogEvent[] } {
  const events: LogEvent[] = [];

  function repeat(): void {
    const latest = events.at(-1);
    if (latest?.kind === "total") {
      events[events.length - 1] = { ...latest, repeats: (latest.repeats ?? 0) + 1 };
    }
  }

  return {
    events,
    take(kind, line, number): void {
      const event = kind.read(line, number);
      if (event === undefined) return;
      const latest = events.at(-1);
      const isRepeated = event.kind === "total" && latest?.kind === "total" && event.total !== undefined &&
        latest.total !== undefined && sameTokens(event.total, latest.total);
      // Counted there, so that idle logs stay small.
      if (isRepeated) repeat();
      else events.push(event);
    },
    repeat,
  };
}

/** Reads lines as text, and keeps what is to be warned of. */
export interface TextReader {
  readonly warnings: readonly Warning[];
  warn(line: number, code: Warning["code"], message: string): void;
  /** Reads a whole line through JSON.parse. */
  readText(text: string, line: number): void;
}

/** Starts with nothing to warn of. */
export function openTextReader({ fields, kinds }: UsageClient, path: string, taker: LineTaker): TextReader {
  const warnings: Warning[] = [];

  function warn(line: number, code: Warning["code"], message: string): void {
    warnings.push({ file: path, line, code, message });
  }

  function readText(text: string, line: number): void {
    // Editors add a byte order mark; a crash leaves NULs where a line was to be.
    const trimmed = text.replace(/^[\s\0\uFEFF]+/, "").trimEnd();
    if (trimmed === "") {
      if (text.includes("\0")) warn(line, "broken-line", "the line holds nothing but NULs");
      return;
    }
    const value = parseLine(trimmed);
    if (!isObject(value)) return warn(line, "broken-line", NO_JSON);
    const kind = kinds.find(({ where }) =>
      Object.entries(where).every(([path, wanted]) => {
        const found = findPath(value, path);
        return wanted === null ? found === undefined : found === wanted;
      })
    );
    if (kind !== undefined) taker.take(kind, viewObject(fields, value), line);
  }

  return { warnings, warn, readText };
}

function parseLine(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
