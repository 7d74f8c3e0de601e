/**
 * Adds up tallied responses before they are priced: those that follow each other in a log are mostly of one setting, one
 * day and one price, and there may be hundreds of thousands. Pure, but for the scanner's memory, in which it reckons.
 *
 * @module
 */

import type { Calendar } from "./dates.ts";
import type { ResponseSetting, Tokens } from "./model.ts";
import { type Cost, multiply, type Prices } from "./price.ts";
import { ROWS_BYTES, ROWS_START, shareEngine, SUMS } from "./scan/engine.ts";
import { NUMBERS_OF_RESPONSE, readTokens, type Tallied } from "./tallied.ts";

/** Responses of one setting and one day, which cost by the same rates. */
export interface Run {
  readonly setting: ResponseSetting;
  readonly day: string;
  readonly responses: number;
  readonly tokens: Tokens;
  /** What all of them cost; undefined when nobody says it. */
  readonly cost: Cost | undefined;
  readonly latestAt: number;
}

/** Rows are added up where the scanner writes them, so many at a time. */
const NUMBERS_AT_ONCE = ROWS_BYTES / 8;
const ROWS = ROWS_START / 8;

/** Hands over the runs of a log, in its order. */
export function addRows(
  { settings, numbers }: Tallied,
  { stretchOf }: Pick<Calendar, "stretchOf">,
  prices: Pick<Prices, "ratesFor">,
  take: (run: Run) => void,
): void {
  for (const part of numbers) {
    for (let at = 0; at < part.length; at += NUMBERS_AT_ONCE) {
      addPart(placeRows(part, at), settings, stretchOf, prices, take);
    }
  }
}

/** Puts rows where they are added up, and answers where they end. */
function placeRows(part: ArrayLike<number>, from: number): number {
  const { doubles } = shareEngine();
  const count = Math.min(NUMBERS_AT_ONCE, part.length - from);
  if (count === part.length) doubles.set(part, ROWS);
  else for (let at = 0; at < count; at++) doubles[ROWS + at] = part[from + at] ?? 0;
  const end = ROWS + Math.ceil(count / NUMBERS_OF_RESPONSE) * NUMBERS_OF_RESPONSE;
  doubles.fill(0, ROWS + count, end);
  return end * 8;
}

/** Hands over the runs of the rows that stand there. */
function addPart(
  end: number,
  settings: readonly ResponseSetting[],
  stretchOf: Calendar["stretchOf"],
  prices: Pick<Prices, "ratesFor">,
  take: (run: Run) => void,
): void {
  const { wasm, doubles } = shareEngine();
  for (let at = ROWS_START; at < end;) {
    const row = at / 8;
    const setting = settings[doubles[row] ?? 0];
    const { day, from, to } = stretchOf(doubles[row + 1] ?? 0);
    const { rates, source, above, upTo } = setting === undefined
      ? NO_RATES
      : prices.ratesFor(setting, doubles[row + 2] ?? 0);
    at = wasm.addRun(at, end, from, to, above, upTo);
    if (setting === undefined) continue;
    const tokens = readTokens(doubles, SUMS + 1);
    const cost = rates === undefined ? undefined : { usd: multiply(tokens, rates), source };
    take({
      setting,
      day,
      responses: doubles[SUMS] ?? 0,
      tokens,
      cost,
      latestAt: doubles[SUMS + 7] ?? 0,
    });
  }
}

const NO_RATES = { rates: undefined, source: "", above: -Infinity, upTo: Infinity };
