/**
 * What a client's rules see of one line of a log: fields by path, however the line was read.
 *
 * A path is the keys from the line's object down, with dots between them: `payload.info.total_token_usage`. Whatever on
 * the way is missing or no object makes the field missing.
 *
 * @module
 */

import { countOf, isObject, type JsonObject, textOf, timeOf } from "../base/json_fields.ts";

/** The fields of a line. Every path must stand in the client's `fields`, or lead to one that does. */
export interface LineView {
  /** A text that is not empty. */
  text(path: string): string | undefined;
  /** A whole number from 0 that can be counted with exactly. */
  count(path: string): number | undefined;
  /** Any number. */
  number(path: string): number | undefined;
  /** A time stamp (RFC 3339), as milliseconds since 1970. */
  time(path: string): number | undefined;
  isObject(path: string): boolean;
  /** True when there is any value, also null. */
  has(path: string): boolean;
}

/** Views a line that JSON.parse has read. */
export function viewObject(value: JsonObject): LineView {
  const find = (path: string): unknown => {
    let found: unknown = value;
    for (const key of path.split(".")) {
      if (!isObject(found) || !Object.hasOwn(found, key)) return undefined;
      found = found[key];
    }
    return found;
  };
  return {
    text: (path) => textOf(find(path)),
    count: (path) => countOf(find(path)),
    number: (path) => {
      const found = find(path);
      return typeof found === "number" ? found : undefined;
    },
    time: (path) => timeOf(find(path)),
    isObject: (path) => isObject(find(path)),
    has: (path) => find(path) !== undefined,
  };
}
