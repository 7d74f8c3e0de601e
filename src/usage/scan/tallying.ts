/**
 * Tallies a log: the scanner counts totals and records, and the client's tally says whose log it is and what holds for
 * the responses, from the other lines.
 *
 * @module
 */

import type { LineKind, Tally } from "../client.ts";
import type { LineView } from "../line_view.ts";
import type { LineTaker } from "../lines.ts";
import type { ResponseSetting } from "../model.ts";
import type { Tallied } from "../tallied.ts";
import { ANSWER, type Engine, ROWS_START, SESSION_BYTES, SESSION_TEXT } from "./engine.ts";

/** A log that is tallied, until it is refused. */
export interface Tallying {
  /** Takes the lines that the scanner picked and does not count itself. */
  readonly picked: LineTaker;
  /** Takes the lines that had to be read as text: the scanner has not seen what they say. */
  readonly text: LineTaker;
  readonly isRefused: boolean;
  refuse(): void;
  /** Takes the rows out of the scanner's memory. */
  takeRows(): void;
  tallied(): Tallied;
}

/** Begins a log. */
export function openTallying({ wasm, bytes, words, doubles }: Engine, tally: Tally): Tallying {
  const settings: ResponseSetting[] = [];
  const numbers: Float64Array[] = [];
  let isRefused = false;
  wasm.beginTally(true);

  function refuse(): void {
    isRefused = true;
  }

  function take(kind: LineKind, line: LineView, number: number): void {
    if (!tally.take(kind, line, number)) return refuse();
    const session = tally.session();
    if (session === undefined) return;
    if (settings.length === 0 && !handIn(session)) return refuse();
    const setting = tally.setting();
    if (settings.at(-1) !== setting) wasm.useSetting(settings.push(setting) - 1, true);
  }

  /** Hands in the session that records must be of; false when its name is too long for that. */
  function handIn(session: string): boolean {
    const room = bytes.subarray(SESSION_TEXT + 4, SESSION_TEXT + SESSION_BYTES);
    const { read, written } = new TextEncoder().encodeInto(session, room);
    words[SESSION_TEXT / 4] = written;
    return read === session.length;
  }

  return {
    picked: { take, repeat: () => {} },
    text: {
      take(kind, line, number): void {
        if (kind.total !== undefined || kind.record !== undefined || kind.turn !== undefined) refuse();
        else if (kind.isIdle !== true) take(kind, line, number);
      },
      repeat: () => {},
    },
    get isRefused(): boolean {
      return isRefused;
    },
    refuse,
    takeRows(): void {
      const end = words[ANSWER.rowsEnd] ?? ROWS_START;
      if (end > ROWS_START) numbers.push(doubles.slice(ROWS_START / 8, end / 8));
      wasm.clearRows();
      words[ANSWER.rowsEnd] = ROWS_START;
    },
    tallied: () => ({ settings, numbers }),
  };
}
