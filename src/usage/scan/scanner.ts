/**
 * Reads logs through the scanner (`scanner.as`): bytes go straight into its memory, it names the lines that matter, and
 * the client's rules read their fields where they stand.
 *
 * Memory is bounded by the window, and for a line that is longer and cannot be judged by its beginning, by what is looked
 * into at most.
 *
 * @module
 */

import { countOf, timeOf } from "../../base/json_fields.ts";
import type { Tally, UsageClient } from "../client.ts";
import type { Field, LineView } from "../line_view.ts";
import type { ResponseSetting } from "../model.ts";
import type { Tallied } from "../tallied.ts";
import {
  collectEvents,
  feedTally,
  type LineTaker,
  LOG_START,
  type LogPlace,
  NO_JSON,
  openTextReader,
  type Reading,
  type TextReader,
} from "../lines.ts";
import { makePlan } from "./plan.ts";
import { SCANNER_WASM } from "./scanner_wasm.ts";

/** How much is read at once. */
export const WINDOW_BYTES = 4 * 1024 * 1024;

/** A line beyond this is not looked into: no line with usage comes near it. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

/** The scanner's numbers, as `scanner.as` has them. */
const ANSWER_START = 64;
const PLAN_START = 1024;
const FIELDS_START = 32768;
const FIELD_BYTES = 24;
const ROWS_START = 131072;
const SESSION_TEXT = 197632;
const TEXT_BYTES = 1024;
const WINDOW_START = 393216;
const LINE_START = ANSWER_START / 4;
const LINE_END = LINE_START + 1;
const PICKED_KINDS = LINE_START + 2;
const STAMP = LINE_START + 3;
const LINES = LINE_START + 4;
const REPEATS = LINE_START + 5;
const ROWS_END = LINE_START + 6;
const MORE = 0;
const PICKED = 1;
const SKIPPING = 3;
const FULL = 4;
const REFUSED = 5;
const ABSENT = 0;
const OBJECT = 1;
const TEXT = 2;
const ESCAPED = 3;
const COUNT = 4;
const NUMBER = 5;

/** Loops of the scanner look up to 64 bytes beyond the newline that ends them. */
const PADDING_BYTES = 128;
const PAGE_BYTES = 65536;

const NEWLINE = 10;
const CLOSE = 125;

/** Takes a log's bytes and answers what they say. One log at a time: a thread has one window. */
export interface LogScanner {
  /** Where the next bytes of the log go; never empty. */
  room(): Uint8Array;
  /** Says that so many bytes were put there. */
  took(count: number): void;
  /**
   * Whether the tally has taken the log so far. It may refuse it while all that was read is still at hand, and then lines
   * become events; refused later, the log is to be read anew from its beginning, without a tally.
   */
  outcome(): "tallied" | "events" | "refused";
  /** What was read; of a tallied log, without events. */
  finish(): Reading;
  /** What was tallied, when all is read. */
  tallied(): Tallied;
}

/** Lines as events, or as what a tally takes; the last one, which has no line end yet, apart. */
interface Target {
  readonly whole: TextReader & LineTaker;
  readonly tail: TextReader & LineTaker;
}

/** Of all logs: made for each, it would cost more than what is decoded. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

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
  const engine = sharedEngine ??= openEngine();
  const { wasm, bytes, words, doubles } = engine;
  const view = engine.use(client);
  wasm.forgetTotal();
  wasm.beginTally(tally !== undefined);
  const { kinds } = client;
  const settings: ResponseSetting[] = [];
  const numbers: Float64Array[] = [];
  const events = collectEvents();
  const tailEvents = collectEvents();
  let fed = tally === undefined ? undefined : feedTally(tally);
  // A total or a record that had to be read as text was not seen by the scanner's tally.
  const fedText: LineTaker | undefined = fed && {
    take(kind, line, number): void {
      const isScanned = kind.total !== undefined || kind.record !== undefined || kind.turn !== undefined;
      if (isScanned) fed?.refuse();
      else if (kind.isIdle !== true) fed?.take(kind, line, number);
      hold();
    },
    repeat(): void {},
  };
  let target = aimAt(fedText ?? events, fedText ?? tailEvents);
  let { offset, lines } = from;
  let hasMoved = false;
  /** Bytes of a line that is not whole, at the window's start. */
  let kept = 0;
  /** A line that does not matter goes on in the next bytes; how it ended so far. */
  let skipped: { bytes: number; isClosed: boolean } | undefined;
  /** A line that is longer than the window and may matter; its parts, unless it is too long. */
  let long: { readonly parts: Uint8Array[]; bytes: number } | undefined;

  function aimAt(whole: LineTaker, tail: LineTaker): Target {
    return {
      whole: { ...openTextReader(client, path, whole), take: whole.take, repeat: whole.repeat },
      tail: { ...openTextReader(client, path, tail), take: tail.take, repeat: tail.repeat },
    };
  }

  function isRefused(): boolean {
    return fed?.isRefused === true;
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
      endLine(lines, target.whole);
      at = newline + 1;
    }
    at = readLines(at, end, target.whole);
    if (isRefused()) {
      if (hasMoved) return;
      fed = undefined;
      wasm.beginTally(false);
      target = aimAt(events, tailEvents);
      ({ offset, lines } = from);
      skipped = undefined;
      wasm.forgetTotal();
      at = readLines(WINDOW_START, end, target.whole);
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
  function readLines(from: number, end: number, into: TextReader & LineTaker): number {
    let at = from;
    while (at < end) {
      const answer = wasm.next(at, end);
      const start = words[LINE_START] ?? 0;
      lines += words[LINES] ?? 0;
      offset += start - at;
      for (let left = words[REPEATS] ?? 0; left > 0; left--) into.repeat();
      if (answer === MORE) return start;
      if (answer === REFUSED) fed?.refuse();
      if (isRefused()) return end;
      if (answer === FULL) {
        takeRows();
        at = start;
        continue;
      }
      if (answer === SKIPPING) {
        skipped = skipOn(undefined, start, end);
        return end;
      }
      const stop = words[LINE_END] ?? 0;
      if (answer === PICKED) readPicked(into);
      else into.readText(decoder.decode(bytes.subarray(start, stop)), lines);
      if (isRefused()) return end;
      at = stop + 1;
      offset += at - start;
    }
    return end;
  }

  function readPicked(into: LineTaker): void {
    const bits = words[PICKED_KINDS] ?? 0;
    const kind = kinds[31 - Math.clz32(bits & -bits)];
    if (kind === undefined) return;
    if (fed === undefined) return into.take(kind, view, lines);
    fed.take(kind, view, lines);
    hold();
  }

  /** Tells the scanner what holds for the responses that come next. */
  function hold(): void {
    const session = tally?.session();
    if (tally === undefined || session === undefined || isRefused()) return;
    const setting = tally.setting();
    if (settings.length === 0) {
      const room = bytes.subarray(SESSION_TEXT + 4, SESSION_TEXT + TEXT_BYTES);
      const { read, written } = new TextEncoder().encodeInto(session, room);
      words[SESSION_TEXT / 4] = written;
      if (read < session.length) return fed?.refuse();
    }
    if (settings.at(-1) === setting) return;
    settings.push(setting);
    wasm.useSetting(settings.length - 1, true);
  }

  function takeRows(): void {
    const end = words[ROWS_END] ?? ROWS_START;
    if (end > ROWS_START) numbers.push(doubles.slice(ROWS_START / 8, end / 8));
    wasm.clearRows();
    words[ROWS_END] = ROWS_START;
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
    } else if (long !== undefined) into.readText(decoder.decode(joinBytes(long.parts, long.bytes)), line);
    skipped = undefined;
    long = undefined;
    wasm.forgetTotal();
  }

  return {
    room: () => bytes.subarray(WINDOW_START + kept, WINDOW_START + windowBytes),
    took,
    outcome: () => fed === undefined ? "events" : isRefused() ? "refused" : "tallied",
    finish(): Reading {
      wasm.forgetTotal();
      const { whole, tail } = target;
      const place = { offset: offset - (skipped?.bytes ?? long?.bytes ?? 0), lines };
      if (skipped !== undefined || long !== undefined) endLine(lines + 1, tail);
      else if (kept > 0) {
        bytes[WINDOW_START + kept] = NEWLINE;
        readLines(WINDOW_START, WINDOW_START + kept + 1, tail);
      }
      if (fed !== undefined) takeRows();
      return {
        events: events.events,
        warnings: whole.warnings,
        ...place,
        tailEvents: tailEvents.events,
        tailWarnings: tail.warnings,
      };
    },
    tallied: () => ({ settings, numbers }),
  };
}

function isSpace(byte: number | undefined): boolean {
  return byte === 32 || byte === 9 || byte === 13;
}

function joinBytes(parts: readonly Uint8Array[], size: number): Uint8Array {
  const joined = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** What `scanner.as` exports. */
interface ScannerExports extends WebAssembly.Exports {
  usePlan(
    root: number,
    fields: number,
    choices: number,
    totals: number,
    records: number,
    turns: number,
    idle: number,
    kinds: number,
  ): void;
  beginTally(isWanted: boolean): void;
  useSetting(index: number, isSessionKnown: boolean): void;
  clearRows(): void;
  forgetTotal(): void;
  findNewline(from: number): number;
  next(from: number, end: number): number;
  readTime(start: number, end: number): number;
}

/** The scanner in its memory. */
interface Engine {
  readonly wasm: ScannerExports;
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  readonly doubles: Float64Array;
  use(client: UsageClient): LineView;
}

let sharedEngine: Engine | undefined;

function openEngine(): Engine {
  const pages = Math.ceil((WINDOW_START + WINDOW_BYTES + PADDING_BYTES) / PAGE_BYTES);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const module = new WebAssembly.Module(decodeBase64(SCANNER_WASM));
  const { exports: wasm } = new WebAssembly.Instance(module, { env: { memory } });
  if (!isScanner(wasm)) throw new TypeError("scanner_wasm.ts is not what scanner.as says; run deno task gen");
  const bytes = new Uint8Array(memory.buffer);
  const words = new Uint32Array(memory.buffer);
  let current: { readonly client: UsageClient; readonly view: LineView } | undefined;
  return {
    wasm,
    bytes,
    words,
    doubles: new Float64Array(memory.buffer),
    use(client): LineView {
      if (current?.client === client) return current.view;
      const plan = makePlan(client);
      bytes.set(plan.bytes, PLAN_START);
      wasm.usePlan(
        plan.root,
        plan.fieldCount,
        plan.choices,
        plan.totals,
        plan.records,
        plan.turns,
        plan.idle,
        plan.kinds,
      );
      current = { client, view: viewMemory(memory, wasm) };
      return current.view;
    },
  };
}

/** A plain loop: a function called for each byte costs a millisecond before it is compiled. */
function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const chars = atob(text);
  const bytes = new Uint8Array(chars.length);
  for (let at = 0; at < chars.length; at++) bytes[at] = chars.charCodeAt(at);
  return bytes;
}

function isScanner(exports: WebAssembly.Exports): exports is ScannerExports {
  const names = [
    "usePlan",
    "forgetTotal",
    "beginTally",
    "useSetting",
    "clearRows",
    "findNewline",
    "next",
    "readTime",
  ];
  return names.every((name) => typeof exports[name] === "function");
}

/** The fields of the line that was picked last. */
function viewMemory(memory: WebAssembly.Memory, wasm: ScannerExports): LineView {
  const bytes = new Uint8Array(memory.buffer);
  const words = new Uint32Array(memory.buffer);
  const doubles = new Float64Array(memory.buffer);

  function placeOf(field: Field): number {
    return FIELDS_START + field * FIELD_BYTES;
  }
  function kindAt(place: number): number {
    const word = words[place >> 2] ?? 0;
    return (word ^ (words[STAMP] ?? 0)) >>> 0 < 256 ? word & 255 : ABSENT;
  }
  /** The latest text of each field: most say the same again, and comparing is quicker than decoding. */
  const latest = new Map<number, { readonly bytes: Uint8Array; readonly text: string }>();

  function decode(place: number): string {
    const start = words[(place >> 2) + 1] ?? 0;
    const end = words[(place >> 2) + 2] ?? 0;
    const known = latest.get(place);
    if (known !== undefined && isHere(known.bytes, start, end)) return known.text;
    const span = bytes.subarray(start, end);
    const text = decoder.decode(span);
    if (span.length < 256) latest.set(place, { bytes: span.slice(), text });
    return text;
  }
  function isHere(known: Uint8Array, start: number, end: number): boolean {
    if (known.length !== end - start) return false;
    // Ids that are made one after another differ at their ends.
    for (let at = known.length - 1; at >= 0; at--) if (known[at] !== bytes[start + at]) return false;
    return true;
  }
  function textAt(place: number): string | undefined {
    const kind = kindAt(place);
    if (kind === TEXT) return decode(place) || undefined;
    if (kind !== ESCAPED) return undefined;
    const text: string = JSON.parse(`"${decode(place)}"`);
    return text;
  }
  return {
    text: (field) => textAt(placeOf(field)),
    count(field): number | undefined {
      const place = placeOf(field);
      const kind = kindAt(place);
      if (kind === COUNT) return doubles[(place >> 3) + 2];
      return kind === NUMBER ? countOf(Number(decode(place))) : undefined;
    },
    number(field): number | undefined {
      const place = placeOf(field);
      const kind = kindAt(place);
      if (kind === COUNT) return doubles[(place >> 3) + 2];
      return kind === NUMBER ? Number(decode(place)) : undefined;
    },
    time(field): number | undefined {
      const place = placeOf(field);
      if (kindAt(place) === TEXT) {
        const at = wasm.readTime(words[(place >> 2) + 1] ?? 0, words[(place >> 2) + 2] ?? 0);
        if (at >= 0) return at;
      }
      return timeOf(textAt(place));
    },
    isObject: (field) => kindAt(placeOf(field)) === OBJECT,
    has: (field) => kindAt(placeOf(field)) !== ABSENT,
  };
}
