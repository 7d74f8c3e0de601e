/**
 * Tallies a log: the scanner counts totals and records, and the client's tally says whose log it is and what holds for
 * the responses, from the other lines.
 *
 * @module
 */

import { sameTokens } from "../../base/token_counts.ts";
import type { LineKind, Tally, TallyAnswer } from "../client.ts";
import type { LineView } from "../line_view.ts";
import type { LineTaker } from "../lines.ts";
import type { ParentView, ResponseSetting } from "../model.ts";
import type { Tallied } from "../tallied.ts";
import {
  ANSWER,
  type Engine,
  NAMES_START,
  ROWS_START,
  SESSION_BYTES,
  SESSION_TEXT,
  TOTAL_COUNTS,
  TOTALS_START,
} from "./engine.ts";

/** Numbers of a total: time, input, cached, written, output, reasoning. */
const NUMBERS_OF_TOTAL = 6;

/** Made once: for each log it would cost more than what is encoded. */
const encoder = new TextEncoder();

/** A log that is tallied, until it is refused. */
export interface Tallying {
  /** Takes the lines that the scanner picked and does not count itself. */
  readonly picked: LineTaker;
  /** Takes the lines that had to be read as text: the scanner has not seen what they say. */
  readonly text: LineTaker;
  readonly state: TallyAnswer;
  refuse(): void;
  /** Takes what was tallied out of the scanner's memory. */
  takeRows(): void;
  /** Says that no line is left. */
  end(): void;
  /** What was tallied, and what a child may ask of the log. */
  tallied(): { readonly tallied: Tallied; readonly view: () => ParentView };
}

/** Begins a log. */
export function openTallying({ wasm, bytes, words, doubles }: Engine, tally: Tally): Tallying {
  const settings: ResponseSetting[] = [];
  const numbers: Float64Array[] = [];
  const totals: Float64Array[] = [];
  const names: Uint8Array[] = [];
  let view: ParentView | undefined;
  let state: TallyAnswer = "counting";
  wasm.beginTally();

  function refuse(): void {
    state = "refused";
  }

  function take(kind: LineKind, line: LineView, number: number): void {
    if (kind.total !== undefined && state === "counting") return goOn(kind, line, number);
    const answer = tally.take(kind, line, number);
    const kinship = tally.kinship();
    if (answer === "before" && state === "counting") wasm.stopTally();
    if (answer === "counting" && state === "before") wasm.beginChild(tally.before().totals.length > 0);
    state = answer;
    if (state !== "counting" || kinship === undefined) return;
    if (settings.length === 0 && !handIn(kinship.session)) return refuse();
    const setting = tally.setting();
    if (settings.at(-1) !== setting) wasm.useSetting(settings.push(setting) - 1);
  }

  /** The first total of a child's own. */
  function goOn(kind: LineKind, line: LineView, number: number): void {
    const base = tally.findBase(kind, line, number);
    if (base === undefined) return refuse();
    const { input, cached, cacheWrite, output, reasoning } = base;
    doubles.set([input, cached, cacheWrite, output, reasoning], TOTAL_COUNTS / 8);
    if (wasm.tallyFrom() === 0) return refuse();
    takeRows();
  }

  /** Hands in the session that records must be of; false when its name is too long for that. */
  function handIn(session: string): boolean {
    const room = bytes.subarray(SESSION_TEXT + 4, SESSION_TEXT + SESSION_BYTES);
    const { read, written } = encoder.encodeInto(session, room);
    words[SESSION_TEXT / 4] = written;
    return read === session.length;
  }

  function takeRows(): void {
    const rowsEnd = words[ANSWER.rowsEnd] ?? ROWS_START;
    const totalsEnd = words[ANSWER.totalsEnd] ?? TOTALS_START;
    const namesEnd = words[ANSWER.namesEnd] ?? NAMES_START;
    if (rowsEnd > ROWS_START) numbers.push(doubles.slice(ROWS_START / 8, rowsEnd / 8));
    if (totalsEnd > TOTALS_START) totals.push(doubles.slice(TOTALS_START / 8, totalsEnd / 8));
    if (namesEnd > NAMES_START) names.push(bytes.slice(NAMES_START, namesEnd));
    wasm.clearRows();
  }

  return {
    picked: { take, repeat: () => {} },
    text: {
      take(kind, line, number): void {
        const isCounted = kind.total !== undefined || kind.record !== undefined || kind.turn !== undefined;
        if (isCounted && state === "counting") refuse();
        else take(kind, line, number);
      },
      repeat: () => {},
    },
    get state(): TallyAnswer {
      return state;
    },
    refuse,
    takeRows,
    end(): void {
      takeRows();
      // Where its own lines begin, only all of them together can show.
      if (state === "before") refuse();
    },
    tallied: () => ({
      tallied: { settings, numbers },
      // Few logs have children, and some have many.
      view: () => view ??= readView(tally, totals, names),
    }),
  };
}

/** What stands before a log's own part and what is in it. */
function readView(tally: Tally, totals: readonly Float64Array[], names: readonly Uint8Array[]): ParentView {
  const before = tally.before();
  const own = totals.flatMap(readTotals);
  const [first] = own;
  const latest = before.totals.at(-1);
  // A total that only says again what the one before said is no other.
  const isAgain = first !== undefined && latest !== undefined && sameTokens(first.total, latest.total);
  return {
    totals: [...before.totals, ...isAgain ? own.slice(1) : own],
    turns: new Set([...before.turns, ...names.flatMap(readNames)]),
  };
}

function readTotals(numbers: Float64Array): ParentView["totals"] {
  const totals: ParentView["totals"][number][] = [];
  for (let at = 0; at < numbers.length; at += NUMBERS_OF_TOTAL) {
    totals.push({
      at: numbers[at],
      total: {
        input: numbers[at + 1] ?? 0,
        cached: numbers[at + 2] ?? 0,
        cacheWrite: numbers[at + 3] ?? 0,
        cacheWrite1h: 0,
        output: numbers[at + 4] ?? 0,
        reasoning: numbers[at + 5] ?? 0,
      },
    });
  }
  return totals;
}

/** As `scanner.as` writes them: u16 length, and the text. */
function readNames(bytes: Uint8Array): readonly string[] {
  const decoder = new TextDecoder();
  const names: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const start = at + 2;
    at = start + (bytes[at] ?? 0) + (bytes[at + 1] ?? 0) * 256;
    names.push(decoder.decode(bytes.subarray(start, at)));
  }
  return names;
}
