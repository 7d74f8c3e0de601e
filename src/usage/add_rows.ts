/**
 * Adds up tallied responses before they are priced: those that follow each other in a log are mostly of one setting, one
 * day and one price, and there may be hundreds of thousands. Pure.
 *
 * @module
 */

import { NO_TOKENS } from "../base/token_counts.ts";
import type { Calendar } from "./dates.ts";
import type { ResponseSetting, Tokens } from "./model.ts";
import { type Cost, multiply, type Prices } from "./price.ts";
import { NUMBERS_OF_RESPONSE, type Tallied } from "./tallied.ts";

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

/** Hands over the runs of a log, in its order. */
export function addRows(
  { settings, numbers }: Tallied,
  { stretchOf }: Pick<Calendar, "stretchOf">,
  prices: Pick<Prices, "ratesFor">,
  take: (run: Run) => void,
): void {
  for (const part of numbers) {
    for (let at = 0; at < part.length;) at = addRun(part, at, settings, stretchOf, prices, take);
  }
}

/** Adds up one run, and answers where the next one begins. */
function addRun(
  rows: ArrayLike<number>,
  start: number,
  settings: readonly ResponseSetting[],
  stretchOf: Calendar["stretchOf"],
  prices: Pick<Prices, "ratesFor">,
  take: (run: Run) => void,
): number {
  const place = rows[start] ?? 0;
  const setting = settings[place];
  const { day, from, to } = stretchOf(rows[start + 1] ?? 0);
  const { rates, source, above, upTo } = setting === undefined
    ? NO_RATES
    : prices.ratesFor(setting, rows[start + 2] ?? 0);
  const tokens = { ...NO_TOKENS };
  let responses = 0;
  let latestAt = -Infinity;
  let isOdd = false;
  let at = start;
  // Nothing is made in here, and nothing asked for: most of what it takes goes by before it is compiled.
  for (; at < rows.length; at += NUMBERS_OF_RESPONSE) {
    const time = rows[at + 1] ?? 0;
    const input = rows[at + 2] ?? 0;
    const cached = rows[at + 3] ?? 0;
    const cacheWrite = rows[at + 4] ?? 0;
    const cacheWrite1h = rows[at + 5] ?? 0;
    const isOther = rows[at] !== place || time < from || time >= to || input <= above || input > upTo;
    // Parts that are more than the whole are cut when they are priced, which cannot be done to a sum: such a row stands alone.
    const wasOdd = isOdd;
    isOdd = cached + cacheWrite > input || cacheWrite1h > cacheWrite;
    // The first one is taken as it is, so that there is an end whatever the numbers are.
    if (responses > 0 && (isOther || isOdd || wasOdd)) break;
    responses++;
    tokens.input += input;
    tokens.cached += cached;
    tokens.cacheWrite += cacheWrite;
    tokens.cacheWrite1h += cacheWrite1h;
    tokens.output += rows[at + 6] ?? 0;
    tokens.reasoning += rows[at + 7] ?? 0;
    if (time > latestAt) latestAt = time;
  }
  if (setting !== undefined) {
    const cost = rates === undefined ? undefined : { usd: multiply(tokens, rates), source };
    take({ setting, day, responses, tokens, cost, latestAt });
  }
  return at;
}

const NO_RATES = { rates: undefined, source: "", above: -Infinity, upTo: Infinity };
