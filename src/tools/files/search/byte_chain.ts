/**
 * For expressions without fixed text: kinds of bytes that stand side by side in every match, as in `\w+ \d+` a letter, a
 * space and a digit do. Lines without such a chain are passed over, unread by the expression, at six times its speed;
 * the others it decides itself, so that what is found never changes.
 *
 * What a class or an escape stands for, V8 is asked; here is only read what stands side by side. Whatever is not
 * understood gives no chain. Pure.
 *
 * @module
 */

import type { FindBytes } from "./literal.ts";

/** Which bytes may stand in one place. */
interface Place {
  /** Of the 128 characters of ASCII; never the line feed. */
  readonly ascii: readonly boolean[];
  /** It may be a character beyond ASCII, which is several bytes of 0x80 and above. */
  readonly isBeyond: boolean;
}

type Chain = readonly Place[];

/**
 * What a part of an expression matches: its chains in order, with anything between one and the next. The first begins
 * where the match begins, the last ends where it ends; both may be empty.
 */
type Chains = readonly Chain[];

const NOTHING: Chains = [[]];
const ANYTHING: Chains = [[], []];

/** One bit each of a number that V8 keeps whole. */
const MOST_PLACES = 30;
/** What is repeated more often is read as "at least so often". */
const MOST_COPIES = 8;
/** An expression of repeated repetitions could ask for any number of places. */
const MOST_KNOWN = 200;
const LONGEST_SOURCE = 1000;
/** In bits: a space says 7, `\d` says 4.5, a letter 2. Whatever says less stands in nearly every line. */
const LEAST_WORTH = 4;
/** Most of any text. */
const COMMON = / |\t|[a-z]/;
/** Bytes beyond ASCII are many and rare. */
const BEYOND_COUNT = 8;

const ATOM =
  /\\(?:[dDwWsStvfr]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[^a-zA-Z0-9])|\[(?:\\[^]|[^\]\\])*\]|[^\\[\](){}|^$*+?]/y;
const EDGE = /\\[bB]|[\^$]/y;
const GROUP = /\((?:\?(?::|<[A-Za-z_$][\w$]*>|<?[=!]))?/y;
const QUANTIFIER = /(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/y;
/** A class of ASCII alone, as far as that is easily seen. */
const ASCII_CLASS = /^\[(?!\^)(?:[\0-\[\]-\x7f]|\\[dwtvfr\]\\^.*+?()[{}|/$-])*\]$/;

/**
 * Prepares the search for places where the expression may match: every line in which it does has one, and the offset
 * found is in that line. Undefined when nothing is known that most lines would not have.
 */
export function makeChainFinder(expression: RegExp): FindBytes | undefined {
  // Other flags change what a character stands for.
  if (/[^gm]/.test(expression.flags) || expression.source.length > LONGEST_SOURCE) return undefined;
  const chains = new ChainReader(expression.source).read();
  // From one possible beginning to the next V8 jumps by itself, and quickly when those are rare: `\d`.
  if (chains === undefined || beginsRarely(chains)) return undefined;
  const best = chains.flatMap(cutAtBeyond).reduce((best, chain) =>
    worthOf(chain) > worthOf(best) ? chain : best
  );
  return worthOf(best) < LEAST_WORTH ? undefined : findChain(best.slice(0, MOST_PLACES));
}

class ChainReader {
  #at = 0;

  constructor(readonly source: string) {}

  /** Undefined when something in it is not understood. */
  read(): Chains | undefined {
    const chains = this.#readAlternatives();
    return this.#at === this.source.length ? chains : undefined;
  }

  #readAlternatives(): Chains | undefined {
    let chains = this.#readSequence();
    while (chains !== undefined && this.#take(/\|/y) !== undefined) {
      chains = this.#readSequence() && ANYTHING;
    }
    return chains;
  }

  #readSequence(): Chains | undefined {
    let chains = NOTHING;
    while (this.#at < this.source.length && !/[|)]/.test(this.source.charAt(this.#at))) {
      const next = this.#readTerm();
      if (next === undefined) return undefined;
      const repeated = this.#readQuantifier(next);
      chains = join(chains, repeated);
    }
    return chains;
  }

  #readTerm(): Chains | undefined {
    if (this.#take(EDGE) !== undefined) return NOTHING;
    const group = this.#take(GROUP);
    if (group !== undefined) {
      const inner = this.#readAlternatives();
      if (this.#take(/\)/y) === undefined) return undefined;
      // What is looked at around a match is not part of it.
      return inner === undefined || !/[=!]/.test(group[0]) ? inner : NOTHING;
    }
    const atom = this.#take(ATOM);
    return atom && [[placeOf(atom[0])]];
  }

  #readQuantifier(chains: Chains): Chains {
    const found = this.#take(QUANTIFIER);
    if (found === undefined) return chains;
    const [, sign, least, comma, most] = found;
    const count = sign === undefined ? Number(least) : sign === "+" ? 1 : 0;
    if (count === 0) return ANYTHING;
    const copies = Array.from({ length: Math.min(count, MOST_COPIES) }, () => chains).reduce(join, NOTHING);
    const isExact = sign === undefined && (comma === "" || Number(most) === count) && count <= MOST_COPIES;
    return isExact ? copies : limit([...copies, ...copies]);
  }

  #take(token: RegExp): RegExpExecArray | undefined {
    token.lastIndex = this.#at;
    const found = token.exec(this.source);
    if (found === null) return undefined;
    this.#at += found[0].length;
    return found;
  }
}

/** One after the other: where they touch, one chain goes on in the other. */
function join(left: Chains, right: Chains): Chains {
  const [first = [], ...others] = right;
  return limit([...left.slice(0, -1), [...left.at(-1) ?? [], ...first], ...others]);
}

/** Nothing is known any more when it becomes too much. */
function limit(chains: Chains): Chains {
  return chains.reduce((sum, { length }) => sum + 1 + length, 0) > MOST_KNOWN ? ANYTHING : chains;
}

/** What an atom of one character stands for. */
function placeOf(atom: string): Place {
  const expression = new RegExp(`^${atom}$`);
  const ascii = Array.from(
    { length: 128 },
    (_, code) => code !== 10 && expression.test(String.fromCharCode(code)),
  );
  const isBeyond = !/^(?:[\0-\x2d\x2f-\x7f]|\\[dwtvfr]|\\[\0-\x2f:-@\[-`{-\x7f])$/.test(atom) &&
    !ASCII_CLASS.test(atom);
  return { ascii, isBeyond };
}

/** Of a character beyond ASCII only the first or the last byte stands beside another place. */
function cutAtBeyond(chain: Chain): readonly Chain[] {
  const cut: Chain[] = [];
  let current: Place[] = [];
  for (const place of chain) {
    current.push(place);
    if (!place.isBeyond) continue;
    cut.push(current);
    current = [place];
  }
  return [...cut, current];
}

function beginsRarely(chains: Chains): boolean {
  const first = chains[0]?.[0];
  return first !== undefined && !first.isBeyond &&
    !first.ascii.some((has, code) => has && COMMON.test(String.fromCharCode(code)));
}

/** How much a chain says: the bits that its places leave no choice in. */
function worthOf(chain: Chain): number {
  return chain.reduce((sum, place) => sum + 8 - Math.log2(1 + countOf(place)), 0);
}

function countOf({ ascii, isBeyond }: Place): number {
  return ascii.filter(Boolean).length + (isBeyond ? BEYOND_COUNT : 0);
}

/** Each bit says that the chain stands here up to its place: all places are tried in the same step. */
function findChain(chain: Chain): FindBytes {
  const places = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    chain.forEach(({ ascii, isBeyond }, index) => {
      if (byte < 128 ? ascii[byte] : isBeyond) places[byte] = (places[byte] ?? 0) | 1 << index;
    });
  }
  const whole = 1 << chain.length - 1;
  return (haystack, from) => {
    let here = 0;
    for (let at = from; at < haystack.length; at++) {
      // The compiler takes `?? 0` away; what stands outside of the bytes is never asked for.
      here = (here << 1 | 1) & (places[haystack[at] ?? 0] ?? 0);
      if ((here & whole) !== 0) return at;
    }
    return -1;
  };
}
