/**
 * Counts of tokens and how to reckon with them. Pure.
 *
 * @module
 */

/** Token counts of one response or of a sum. */
export interface Tokens {
  /** Everything that went in: with what was read from and what was written to the cache. */
  readonly input: number;
  /** The part of the input that was read from the cache. */
  readonly cached: number;
  /** The part of the input that was written to the cache. */
  readonly cacheWrite: number;
  /** The part of `cacheWrite` that is kept for an hour, which some providers charge more for. */
  readonly cacheWrite1h: number;
  /** Everything that came out, with the reasoning. */
  readonly output: number;
  /** The part of the output that was reasoning. */
  readonly reasoning: number;
}

/** No tokens at all. */
export const NO_TOKENS: Tokens = {
  input: 0,
  cached: 0,
  cacheWrite: 0,
  cacheWrite1h: 0,
  output: 0,
  reasoning: 0,
};

/** Adds two counts. */
export function addTokens(a: Tokens, b: Tokens): Tokens {
  return {
    input: a.input + b.input,
    cached: a.cached + b.cached,
    cacheWrite: a.cacheWrite + b.cacheWrite,
    cacheWrite1h: a.cacheWrite1h + b.cacheWrite1h,
    output: a.output + b.output,
    reasoning: a.reasoning + b.reasoning,
  };
}

/** Takes one count from another, part by part; parts may come out negative. */
export function subtractTokens(a: Tokens, b: Tokens): Tokens {
  return {
    input: a.input - b.input,
    cached: a.cached - b.cached,
    cacheWrite: a.cacheWrite - b.cacheWrite,
    cacheWrite1h: a.cacheWrite1h - b.cacheWrite1h,
    output: a.output - b.output,
    reasoning: a.reasoning - b.reasoning,
  };
}

/** True when all parts are equal. */
export function sameTokens(a: Tokens, b: Tokens): boolean {
  return a.input === b.input && a.cached === b.cached && a.cacheWrite === b.cacheWrite &&
    a.cacheWrite1h === b.cacheWrite1h && a.output === b.output && a.reasoning === b.reasoning;
}

/** True when no part is negative. */
export function isCount(tokens: Tokens): boolean {
  return tokens.input >= 0 && tokens.cached >= 0 && tokens.cacheWrite >= 0 && tokens.cacheWrite1h >= 0 &&
    tokens.output >= 0 && tokens.reasoning >= 0;
}

/** The model of usage that no line names a model for. */
export const UNKNOWN_MODEL = "unknown";
