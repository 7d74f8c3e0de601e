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

/** Beyond this many records between two totals, only single records and the sum of all are tried. */
const MAX_SUBSET = 10;

/** For each item: the tokens it adds beyond the records, or undefined when a record tells of them; records add theirs. */
export function matchRecords(items: readonly Item[]): readonly (Tokens | undefined)[] {
  const added: (Tokens | undefined)[] = items.map(({ tokens }) => tokens);
  if (items.every(({ kind }) => kind === "advance")) return added;
  const free = new Set(items.keys().filter((index) => items[index]?.kind === "record"));
  for (const [index, item] of items.entries()) {
    if (item.kind !== "advance") continue;
    const before = listRecords(items, free, index, -1);
    const after = listRecords(items, free, index, 1);
    const single = [...before, ...after].find((record) => isEqual(items[record], item.tokens));
    const matched = single === undefined ? findSubset(items, before, item.tokens) : [single];
    if (matched !== undefined) {
      for (const record of matched) free.delete(record);
      added[index] = undefined;
    } else if (before.length > 0 && !(item.last !== undefined && sameTokens(item.last, item.tokens))) {
      // Several responses in one advance, of which some have records.
      const rest = subtractTokens(item.tokens, sum(items, before));
      if (!isCount(rest)) continue;
      for (const record of before) free.delete(record);
      added[index] = rest;
    }
  }
  return added;
}

function isEqual(item: Item | undefined, tokens: Tokens): boolean {
  return item !== undefined && sameTokens(item.tokens, tokens);
}

/** Free records between this advance and the next one in a direction, nearest first. */
function listRecords(
  items: readonly Item[],
  free: ReadonlySet<number>,
  from: number,
  step: 1 | -1,
): readonly number[] {
  const found: number[] = [];
  for (let index = from + step; items[index]?.kind === "record"; index += step) {
    if (free.has(index)) found.push(index);
  }
  return found;
}

/** Records that add up to the tokens; a total's line may be torn, so that the next one advances by several responses. */
function findSubset(
  items: readonly Item[],
  records: readonly number[],
  tokens: Tokens,
): readonly number[] | undefined {
  if (records.length > MAX_SUBSET) return sameTokens(sum(items, records), tokens) ? records : undefined;
  for (let bits = (1 << records.length) - 1; bits > 0; bits--) {
    const chosen = records.filter((_, position) => (bits >> position & 1) === 1);
    if (sameTokens(sum(items, chosen), tokens)) return chosen;
  }
  return undefined;
}

function sum(items: readonly Item[], records: readonly number[]): Tokens {
  return records.reduce((total, record) => addTokens(total, items[record]?.tokens ?? NO_TOKENS), NO_TOKENS);
}
