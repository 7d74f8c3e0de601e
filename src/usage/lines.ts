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
import type { UsageClient } from "./client.ts";
import { findPath, viewObject } from "./line_view.ts";
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
  const whole = openFindings(client, path);
  const tail = openFindings(client, path);
  let { lines } = from;
  let start = 0;
  for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
    lines++;
    whole.readText(decoder.decode(bytes.subarray(start, end)), lines);
    start = end + 1;
  }
  tail.readText(decoder.decode(bytes.subarray(start)), lines + 1);
  return {
    events: whole.events,
    warnings: whole.warnings,
    offset: from.offset + start,
    lines,
    tailEvents: tail.events,
    tailWarnings: tail.warnings,
  };
}

/** What was found in a log so far. */
export interface Findings {
  readonly events: readonly LogEvent[];
  readonly warnings: readonly Warning[];
  /** A total that only says again what the one before said is counted there, so that idle logs stay small. */
  add(event: LogEvent | undefined): void;
  /** Counts that the latest total came again. */
  repeat(): void;
  warn(line: number, code: Warning["code"], message: string): void;
  /** Reads a whole line through JSON.parse. */
  readText(text: string, line: number): void;
}

/** Starts with nothing found. */
export function openFindings({ fields, kinds }: UsageClient, path: string): Findings {
  const events: LogEvent[] = [];
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
    add(kind?.read(viewObject(fields, value), line));
  }

  function add(event: LogEvent | undefined): void {
    if (event === undefined) return;
    const latest = events.at(-1);
    const isRepeated = event.kind === "total" && latest?.kind === "total" && event.total !== undefined &&
      latest.total !== undefined && sameTokens(event.total, latest.total);
    if (isRepeated) repeat();
    else events.push(event);
  }

  function repeat(): void {
    const latest = events.at(-1);
    if (latest?.kind === "total") {
      events[events.length - 1] = { ...latest, repeats: (latest.repeats ?? 0) + 1 };
    }
  }

  return { events, warnings, add, repeat, warn, readText };
}

function parseLine(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
