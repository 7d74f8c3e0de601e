/**
 * Follows a Codex thread's running total (`token_count`) and says of each line whether a response stands behind it.
 *
 * @module
 */

import { isCount, NO_TOKENS, sameTokens, subtractTokens } from "../../src/base/token_counts.ts";
import type { ParentView, SessionEvent, Tokens, TotalEvent } from "../../src/usage/model.ts";
import { nameTotal, totalsAtBirth } from "./inherited.ts";

/** What a total says: a response of so many tokens, or why none. */
export interface TotalReading {
  readonly verdict: "counted" | "repeated" | "stale" | "estimate" | "inherited";
  readonly reason: string;
  readonly tokens: Tokens;
  /** True when the counter had begun anew already at the stale total before this line. */
  readonly provesRestart?: true;
}

/**
 * Follows a thread's running total.
 *
 * @param parent undefined when the parent's log is not there
 */
export function openTotals(own: SessionEvent | undefined, parent: ParentView | undefined): {
  inherit(event: TotalEvent): void;
  /** What a total is compared with; for the first one that there is, what its own line and the parent's log tell of it. */
  baseOf(event: TotalEvent): Tokens;
  read(event: TotalEvent): TotalReading;
} {
  // A fork by reference goes on from its parent's total, which its own log does not hold; a sub-agent may.
  let base: Tokens | undefined = own?.parent === undefined ? NO_TOKENS : undefined;
  const seen = openSeen();
  const inherited = openSeen();
  /** The last copied total, where that was out of order: the child may go on from it all the same. */
  let copiedLate: Tokens | undefined;
  let stale: Tokens | undefined;

  /** Answers the total itself when the parent has it too. */
  function findBase(total: Tokens, last: Tokens | undefined): Tokens {
    const known = parent === undefined || own === undefined ? [] : totalsAtBirth(parent, own);
    const isParents = (tokens: Tokens): boolean => known.some((total) => sameTokens(total, tokens));
    const before = last === undefined ? NO_TOKENS : subtractTokens(total, last);
    const isFork = own?.continuesTotal === true;
    // A fork may say again where its parent stood; a counter that begins at nothing only looks like that by chance.
    const latest = known.at(-1);
    const isAgain = isParents(total) &&
      (!sameTokens(before, NO_TOKENS) || (isFork && latest !== undefined && sameTokens(total, latest)));
    if (isAgain) return total;
    return isFork || parent === undefined || isParents(before) ? before : NO_TOKENS;
  }

  /** What a total goes on from: the total before it, unless its own line tells of the other one. */
  function goesOnFrom(before: Tokens, total: Tokens, last: Tokens | undefined): Tokens {
    if (copiedLate === undefined || last === undefined) return before;
    const fits = (base: Tokens): boolean => sameTokens(subtractTokens(total, base), last);
    return fits(copiedLate) && !fits(before) ? copiedLate : before;
  }

  function restart(total: Tokens, last: Tokens | undefined): TotalReading {
    base = total;
    const tokens = last ?? total;
    if (sameTokens(tokens, NO_TOKENS)) {
      return { verdict: "estimate", reason: "the total was reset and no response is told of", tokens };
    }
    // After a restart the first total may be one that was seen before; only the next line tells.
    const provesRestart = stale !== undefined && sameTokens(subtractTokens(total, tokens), stale);
    const reading = { verdict: "counted", reason: "the total began anew", tokens } as const;
    return provesRestart ? { ...reading, provesRestart } : reading;
  }

  function judge(total: Tokens, last: Tokens | undefined): TotalReading {
    if (base === undefined) {
      base = findBase(total, last);
      if (base === total) {
        return { verdict: "inherited", reason: "the parent session's total", tokens: total };
      }
      if (!isCount(base)) return restart(total, last);
    }
    if (sameTokens(total, base)) {
      return { verdict: "repeated", reason: "the total did not change", tokens: last ?? NO_TOKENS };
    }
    if (sameTokens(total, NO_TOKENS)) return restart(total, last);
    base = goesOnFrom(base, total, last);
    const advance = subtractTokens(total, base);
    const isFirst = last !== undefined && sameTokens(total, last);
    // A child's counter may begin at nothing, and then at as much as its parent's did.
    const mayBegin = isFirst && seen.isEmpty();
    if (isOutOfOrder(total, last, base) && (seen.has(total) || (!mayBegin && inherited.has(total)))) {
      stale = total;
      return { verdict: "stale", reason: "an earlier total came again", tokens: last ?? NO_TOKENS };
    }
    if (!isCount(advance) || (isFirst && !sameTokens(base, NO_TOKENS))) return restart(total, last);
    base = total;
    return { verdict: "counted", reason: "the total advanced", tokens: advance };
  }

  return {
    inherit({ total, last }): void {
      if (total === undefined) return;
      // A copied total may be out of order like any other.
      if (base !== undefined && isOutOfOrder(total, last, base) && inherited.has(total)) {
        copiedLate = total;
        return;
      }
      copiedLate = undefined;
      inherited.add(total);
      base = total;
    },
    baseOf: ({ total = NO_TOKENS, last }) =>
      base === undefined ? findBase(total, last) : goesOnFrom(base, total, last),
    read({ total, last }): TotalReading {
      if (total === undefined) {
        const tokens = last ?? NO_TOKENS;
        return sameTokens(tokens, NO_TOKENS)
          ? { verdict: "estimate", reason: "no tokens are told of", tokens }
          : { verdict: "counted", reason: "a response without a running total", tokens };
      }
      const reading = judge(total, last);
      if (reading.verdict !== "stale") {
        seen.add(total);
        if (reading.verdict !== "repeated") {
          stale = undefined;
          copiedLate = undefined;
        }
      }
      return reading;
    },
  };
}

/** True for a total that does not go on from the one before it. */
function isOutOfOrder(total: Tokens, last: Tokens | undefined, base: Tokens): boolean {
  const advance = subtractTokens(total, base);
  if (!isCount(advance)) return true;
  // After a restart a total from before it may be larger; then the line's own word on the latest response does not fit.
  return last !== undefined && !sameTokens(advance, last) && !sameTokens(total, last);
}

/** Totals that were there. They are named only once it is asked for one, which few logs ever make necessary. */
function openSeen(): { add(total: Tokens): void; has(total: Tokens): boolean; isEmpty(): boolean } {
  const totals: Tokens[] = [];
  let names: Set<string> | undefined;
  return {
    add(total): void {
      totals.push(total);
      names?.add(nameTotal(total));
    },
    has(total): boolean {
      names ??= new Set(totals.map(nameTotal));
      return names.has(nameTotal(total));
    },
    isEmpty: () => totals.length === 0,
  };
}
