/**
 * Knowing a file again that was found settled before: what spares `sync check` the parsing of files nobody touched.
 *
 * A push that leaves an entry settled records a digest of what the repo wanted and of the whole file. While both are the
 * same, the answer is the same, because planning is a pure function of them. Any other byte, and the plan is made anew.
 * Pure.
 *
 * @module
 */

/** What an entry was planned from. */
export interface SettledInput {
  readonly wanted: string;
  readonly actual: string;
  readonly retired: readonly string[];
}

/**
 * A digest of 106 bits and the lengths. It guards against accidents, not against somebody who makes two files alike on
 * purpose: whoever can write the file gains nothing by having it taken for settled.
 */
export function digestSettled({ wanted, actual, retired }: SettledInput): string {
  const text = [wanted, retired.join("\n"), actual].join("\0");
  return `${digest53(text, 0)}${digest53(text, 1)}-${text.length}`;
}

/** Two multiplicative lanes mixed at the end (after Bryc's cyrb53), without a library that would cost a start more. */
function digest53(text: string, seed: number): string {
  let high = 0xdeadbeef ^ seed;
  let low = 0x41c6ce57 ^ seed;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return (4294967296 * (2097151 & low) + (high >>> 0)).toString(36);
}
