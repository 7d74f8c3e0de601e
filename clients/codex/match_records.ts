/**
 * Which advances of a running total are responses that a `token_usage_record` tells of already.
 *
 * From 0.154 on, Codex writes one record per response beside the running total; the total may lack some responses (a
 * compaction's, in 0.155), and a thread that an older Codex resumed has stretches without records. So each advance is
 * matched with the records around it; what matches none counts by itself.
 *
 * @module
 */

import { addTokens, isCount, NO_TOKENS, sameTokens, subtractTokens } from "../../src/base/token_counts.ts";
import type { Tokens } from "../../src/usage/model.ts";

/** A record, or an advance of the running total, in the order of the log. */
export interface Item {
  readonly kind: "record" | "advance";
  readonly tokens: Tokens;
  /** For an advance: what its line says of the latest response alone. */
  readonly last: Tokens | undefined;
}

/** What became of an item. */
export interface Match {
  /** What it adds, or undefined for an advance that records tell of. */
  readonly tokens: Tokens | undefined;
  /** For an advance: the records that tell of it, as indices. */
  readonly records: readonly number[];
}

/** Beyond this many records between two totals, only single records and the sum of all are tried. */
const MAX_SUBSET = 10;

const NONE: readonly number[] = [];

/** For each item what it adds beyond the records; undefined for one that adds all of its own, as every record does. */
export function matchRecords(items: readonly Item[]): readonly (Match | undefined)[] {
  const matches: (Match | undefined)[] = new Array(items.length).fill(undefined);
  if (items.every(({ kind }) => kind === "advance")) return matches;
  const free = items.map(({ kind }) => kind === "record");
  for (let index = 0; index < items.length; index++) {
    const item = items[index];
    if (item?.kind !== "advance") continue;
    // Nearly always the record stands right before the total that it goes with.
    const nearest = items[index - 1];
    if (nearest !== undefined && free[index - 1] === true && isSame(nearest.tokens, item.tokens)) {
      free[index - 1] = false;
      matches[index] = { tokens: undefined, records: [index - 1] };
      continue;
    }
    const before = listRecords(items, free, index, -1);
    const after = listRecords(items, free, index, 1);
    const alike = [...before, ...after].filter((record) =>
      isSame(items[record]?.tokens ?? NO_TOKENS, item.tokens)
    );
    const single = alike.find((record) => items[record]?.tokens.cacheWrite === item.tokens.cacheWrite) ??
      alike[0];
    const matched = single === undefined ? findSubset(items, before, item.tokens) : [single];
    if (matched !== undefined) {
      for (const record of matched) free[record] = false;
      matches[index] = { tokens: undefined, records: matched };
    } else if (before.length > 0 && !(item.last !== undefined && sameTokens(item.last, item.tokens))) {
      // Several responses in one advance, of which some have records.
      const rest = subtractTokens(item.tokens, sum(items, before));
      if (!isCount(rest)) continue;
      for (const record of before) free[record] = false;
      matches[index] = { tokens: rest, records: NONE };
    }
  }
  return matches;
}

/** The parts that every version tells in both kinds of lines. */
function isSame(a: Tokens, b: Tokens): boolean {
  return a.input === b.input && a.cached === b.cached && a.output === b.output;
}

/** Free records between this advance and the next one in a direction, nearest first. */
function listRecords(
  items: readonly Item[],
  free: readonly boolean[],
  from: number,
  step: 1 | -1,
): readonly number[] {
  const found: number[] = [];
  for (let index = from + step; items[index]?.kind === "record"; index += step) {
    if (free[index] === true) found.push(index);
  }
  return found;
}

/** Records that add up to the tokens; a total's line may be torn, so that the next one advances by several responses. */
function findSubset(
  items: readonly Item[],
  records: readonly number[],
  tokens: Tokens,
): readonly number[] | undefined {
  if (records.length > MAX_SUBSET) return isSame(sum(items, records), tokens) ? records : undefined;
  for (let bits = (1 << records.length) - 1; bits > 0; bits--) {
    const chosen = records.filter((_, position) => (bits >> position & 1) === 1);
    if (isSame(sum(items, chosen), tokens)) return chosen;
  }
  return undefined;
}

function sum(items: readonly Item[], records: readonly number[]): Tokens {
  return records.reduce((total, record) => addTokens(total, items[record]?.tokens ?? NO_TOKENS), NO_TOKENS);
}
