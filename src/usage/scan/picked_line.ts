/**
 * The fields of the line that the scanner picked last, where they stand in its memory.
 *
 * @module
 */

import { countOf, timeOf } from "../../base/json_fields.ts";
import type { Field, LineView } from "../line_view.ts";

/** What an entry of a field says, and where; the numbers are those of `scanner.as`. */
const FIELDS_START = 32768;
const FIELD_BYTES = 24;
const STAMP = 19;
const ABSENT = 0;
const OBJECT = 1;
const TEXT = 2;
const ESCAPED = 3;
const COUNT = 4;
const NUMBER = 5;

/** Made once: for each log it would cost more than what is decoded. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Decodes bytes of a log; a byte order mark stays. */
export function decodeText(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/**
 * Views the picked line; the view stays the same and shows the next one then.
 *
 * @param readTime the scanner's, which answers -1 for a text that is not just a time
 */
export function viewPickedLine(
  memory: WebAssembly.Memory,
  readTime: (start: number, end: number) => number,
): LineView {
  const bytes = new Uint8Array(memory.buffer);
  const words = new Uint32Array(memory.buffer);
  const doubles = new Float64Array(memory.buffer);

  function placeOf(field: Field): number {
    return FIELDS_START + field * FIELD_BYTES;
  }
  function kindAt(place: number): number {
    const word = words[place >> 2] ?? 0;
    return (word ^ (words[STAMP] ?? 0)) >>> 0 < 256 ? word & 255 : ABSENT;
  }
  /** The latest text of each field: most say the same again, and comparing is quicker than decoding. */
  const latest = new Map<number, { readonly bytes: Uint8Array; readonly text: string }>();

  function decode(place: number): string {
    const start = words[(place >> 2) + 1] ?? 0;
    const end = words[(place >> 2) + 2] ?? 0;
    const known = latest.get(place);
    if (known !== undefined && isHere(known.bytes, start, end)) return known.text;
    const span = bytes.subarray(start, end);
    const text = decodeText(span);
    if (span.length < 256) latest.set(place, { bytes: span.slice(), text });
    return text;
  }
  function isHere(known: Uint8Array, start: number, end: number): boolean {
    if (known.length !== end - start) return false;
    // Ids that are made one after another differ at their ends.
    for (let at = known.length - 1; at >= 0; at--) if (known[at] !== bytes[start + at]) return false;
    return true;
  }
  function textAt(place: number): string | undefined {
    const kind = kindAt(place);
    if (kind === TEXT) return decode(place) || undefined;
    if (kind !== ESCAPED) return undefined;
    const text: string = JSON.parse(`"${decode(place)}"`);
    return text;
  }
  return {
    text: (field) => textAt(placeOf(field)),
    count(field): number | undefined {
      const place = placeOf(field);
      const kind = kindAt(place);
      if (kind === COUNT) return doubles[(place >> 3) + 2];
      return kind === NUMBER ? countOf(Number(decode(place))) : undefined;
    },
    number(field): number | undefined {
      const place = placeOf(field);
      const kind = kindAt(place);
      if (kind === COUNT) return doubles[(place >> 3) + 2];
      return kind === NUMBER ? Number(decode(place)) : undefined;
    },
    time(field): number | undefined {
      const place = placeOf(field);
      if (kindAt(place) === TEXT) {
        const at = readTime(words[(place >> 2) + 1] ?? 0, words[(place >> 2) + 2] ?? 0);
        if (at >= 0) return at;
      }
      return timeOf(textAt(place));
    },
    isObject: (field) => kindAt(placeOf(field)) === OBJECT,
    has: (field) => kindAt(placeOf(field)) !== ABSENT,
  };
}
