/**
 * Reads logs through the scanner (`scanner.as`): bytes go straight into its memory, it names the lines that matter, and
 * the client's rules read their fields where they stand.
 *
 * Memory is bounded by the window, and for a line that is longer and cannot be judged by its beginning, by what is looked
 * into at most.
 *
 * @module
 */

import { joinBytes } from "../../base/bytes.ts";
import type { Tally, UsageClient } from "../client.ts";
import {
  collectEvents,
  type LineTaker,
  LOG_START,
  type LogPlace,
  NO_JSON,
  openTextReader,
  type Reading,
  type TextReader,
} from "../lines.ts";
import type { ParentView } from "../model.ts";
import type { Tallied } from "../tallied.ts";
import { ANSWER, shareEngine, WINDOW_BYTES, WINDOW_START } from "./engine.ts";
import { decodeText } from "./picked_line.ts";
import { openTallying } from "./tallying.ts";

/**
 * How much is read at once: what was just copied here is then still near the processor when it is scanned. A gigabyte is
 * a tenth quicker so than with 4 MB at once on a Xeon (2 MB of cache for each core), and a twentieth quicker than with
 * half as much on an EPYC (1 MB), where each reading costs more than what is fetched again (measured 2026-11).
 */
const READ_BYTES = 1024 * 1024;

/** A line beyond this is not looked into: no line with usage comes near it. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

/** How a search for the next line ends, as `scanner.as` has it. */
const MORE = 0;
const PICKED = 1;
const SKIPPING = 3;
const FULL = 4;
const REFUSED = 5;

const NO_TAIL = { tailEvents: [], tailWarnings: [] };

const NEWLINE = 10;
const CLOSE = 125;

/** Takes a log's bytes and answers what they say. One log at a time: a thread has one scanner. */
export interface LogScanner {
  /** Where the next bytes of the log go; never empty. */
  room(): Uint8Array;
  /** Says that so many bytes were put there. */
  took(count: number): void;
  /**
   * Whether the tally has taken the log so far. It may refuse it while all that was read is still at hand, and then lines
   * become events; refused later, the log is to be read anew from its beginning, without a tally, and no more of it now.
   */
  outcome(): "tallied" | "events" | "refused";
  /** What was read; of a tallied log, without events. */
  finish(): Reading;
  /** What was tallied, when all is read, and what a child may ask of the log; undefined when it was not. */
  tallied(): { readonly tallied: Tallied; readonly view: () => ParentView } | undefined;
}

/** Where lines go: those that were picked, and those that are read as text. */
interface Target {
  readonly picked: LineTaker;
  readonly text: TextReader;
}

/**
 * Starts a log.
 *
 * @param windowBytes how much of it is held at once, at most {@link WINDOW_BYTES}
 * @param tally counts the lines as they are read, in place of the events; for a log that is read from its start
 */
export function openScanner(
  client: UsageClient,
  path: string,
  from: LogPlace = LOG_START,
  windowBytes: number = WINDOW_BYTES,
  tally?: Tally,
): LogScanner {
  const engine = shareEngine();
  const { wasm, bytes, words } = engine;
  const view = engine.use(client);
  wasm.forgetTotal();
  wasm.stopTally();
  const { kinds } = client;
  const events = collectEvents();
  let tallying = tally && openTallying(engine, tally);
  let whole = aim(events);
  let { offset, lines } = from;
  let hasMoved = false;
  /** Bytes of a line that is not whole, at the window's start. */
  let kept = 0;
  /** A line that does not matter goes on in the next bytes; how it ended so far. */
  let skipped: { bytes: number; isClosed: boolean } | undefined;
  /** A line that is longer than the window and may matter; its parts, unless it is too long. */
  let long: { readonly parts: Uint8Array[]; bytes: number } | undefined;

  function aim(events: LineTaker): Target {
    const { picked, text } = tallying ?? { picked: events, text: events };
    return { picked, text: openTextReader(client, path, text) };
  }

  function isRefused(): boolean {
    return tallying?.state === "refused";
  }

  function room(): Uint8Array {
    const start = WINDOW_START + kept;
    // A line that goes on beyond what was read at once has the rest of the window, so that it is looked at once more only.
    const end = WINDOW_START + (kept < READ_BYTES ? Math.min(kept + READ_BYTES, windowBytes) : windowBytes);
    return bytes.subarray(start, end);
  }

  function took(count: number): void {
    if (isRefused()) return;
    const end = WINDOW_START + kept + count;
    bytes[end] = NEWLINE;
    let at = WINDOW_START;
    if (skipped !== undefined || long !== undefined) {
      const newline = wasm.findNewline(at);
      if (skipped === undefined) keepLong(at, Math.min(newline, end));
      else skipped = skipOn(skipped, at, Math.min(newline, end));
      if (newline >= end) return;
      lines++;
      offset++;
      endLine(lines, whole.text);
      at = newline + 1;
    }
    at = readLines(at, end, whole);
    if (isRefused()) {
      if (hasMoved) return;
      tallying = undefined;
      wasm.stopTally();
      whole = aim(events);
      ({ offset, lines } = from);
      skipped = undefined;
      wasm.forgetTotal();
      at = readLines(WINDOW_START, end, whole);
    }
    hasMoved = true;
    kept = 0;
    if (at >= end || skipped !== undefined) return;
    kept = end - at;
    if (kept < windowBytes) bytes.copyWithin(WINDOW_START, at, end);
    else {
      kept = 0;
      keepLong(at, end);
    }
  }

  /** Reads whole lines, and answers where the first one begins that is not whole. */
  function readLines(from: number, end: number, into: Target): number {
    let at = from;
    while (at < end) {
      const answer = wasm.next(at, end);
      const start = words[ANSWER.lineStart] ?? 0;
      lines += words[ANSWER.lines] ?? 0;
      offset += start - at;
      for (let left = words[ANSWER.repeats] ?? 0; left > 0; left--) into.picked.repeat();
      if (answer === MORE) return start;
      if (answer === REFUSED) tallying?.refuse();
      if (isRefused()) return end;
      if (answer === FULL) {
        tallying?.takeRows();
        at = start;
        continue;
      }
      if (answer === SKIPPING) {
        skipped = skipOn(undefined, start, end);
        return end;
      }
      const stop = words[ANSWER.lineEnd] ?? 0;
      if (answer === PICKED) readPicked(into.picked);
      else into.text.readText(decodeText(bytes.subarray(start, stop)), lines);
      if (isRefused()) return end;
      at = stop + 1;
      offset += at - start;
    }
    return end;
  }

  function readPicked(into: LineTaker): void {
    const bits = words[ANSWER.pickedKinds] ?? 0;
    const kind = kinds[31 - Math.clz32(bits & -bits)];
    if (kind !== undefined) into.take(kind, view, lines);
  }

  function skipOn(before: typeof skipped, start: number, end: number): NonNullable<typeof skipped> {
    let last = end - 1;
    while (last >= start && isSpace(bytes[last])) last--;
    const isClosed = last < start ? before?.isClosed ?? false : bytes[last] === CLOSE;
    offset += end - start;
    return { bytes: (before?.bytes ?? 0) + end - start, isClosed };
  }

  function keepLong(start: number, end: number): void {
    const { parts, bytes: size } = long ?? { parts: [], bytes: 0 };
    const isTooLong = size + end - start > MAX_LINE_BYTES;
    long = { parts: isTooLong ? [] : [...parts, bytes.slice(start, end)], bytes: size + end - start };
    offset += end - start;
  }

  function endLine(line: number, into: TextReader): void {
    if (skipped?.isClosed === false) into.warn(line, "broken-line", NO_JSON);
    if (long !== undefined && long.bytes > MAX_LINE_BYTES) {
      into.warn(line, "long-line", `a line of ${long.bytes} bytes is left out`);
    } else if (long !== undefined) into.readText(decodeText(joinBytes(long.parts)), line);
    skipped = undefined;
    long = undefined;
    wasm.forgetTotal();
  }

  /** Reads the last line, which has no line end yet: it goes apart, as it is read again next time. */
  function readTail(): Pick<Reading, "tailEvents" | "tailWarnings"> {
    if (skipped === undefined && long === undefined && kept === 0) return NO_TAIL;
    const tailEvents = collectEvents();
    const tail = aim(tailEvents);
    if (skipped !== undefined || long !== undefined) endLine(lines + 1, tail.text);
    else {
      bytes[WINDOW_START + kept] = NEWLINE;
      readLines(WINDOW_START, WINDOW_START + kept + 1, tail);
    }
    return { tailEvents: tailEvents.events, tailWarnings: tail.text.warnings };
  }

  return {
    room,
    took,
    outcome: () => tallying === undefined ? "events" : isRefused() ? "refused" : "tallied",
    finish(): Reading {
      wasm.forgetTotal();
      const wholeBytes = offset - (skipped?.bytes ?? long?.bytes ?? 0);
      const wholeLines = lines;
      const { tailEvents, tailWarnings } = readTail();
      tallying?.end();
      return {
        events: events.events,
        warnings: whole.text.warnings,
        offset: wholeBytes,
        lines: wholeLines,
        tailEvents,
        tailWarnings,
      };
    },
    tallied: () => tallying?.state === "counting" ? tallying.tallied() : undefined,
  };
}

function isSpace(byte: number | undefined): boolean {
  return byte === 32 || byte === 9 || byte === 13;
}
