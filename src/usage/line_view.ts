/**
 * What a client's rules see of one line of a log: its fields, however the line was read.
 *
 * A field is named by its path, the keys from the line's object down with dots between them
 * (`payload.info.total_token_usage`), and asked for by its number in the client's list of paths, since lines by the
 * hundred thousand are asked. Whatever on the way is missing or no object makes the field missing.
 *
 * @module
 */

import { countOf, isObject, type JsonObject, textOf, timeOf } from "../base/json_fields.ts";

/** A field, as its number in the client's `fields`. */
export type Field = number;

/** The fields of a line. */
export interface LineView {
  /** A text that is not empty. */
  text(field: Field): string | undefined;
  /** A whole number from 0 that can be counted with exactly. */
  count(field: Field): number | undefined;
  /** Any number. */
  number(field: Field): number | undefined;
  /** A time stamp (RFC 3339), as milliseconds since 1970. */
  time(field: Field): number | undefined;
  isObject(field: Field): boolean;
  /** True when there is any value, also null. */
  has(field: Field): boolean;
}

/** Views a line that JSON.parse has read. */
export function viewObject(fields: readonly string[], value: JsonObject): LineView {
  const find = (field: Field): unknown => findPath(value, fields[field] ?? "");
  return {
    text: (field) => textOf(find(field)),
    count: (field) => countOf(find(field)),
    number: (field) => {
      const found = find(field);
      return typeof found === "number" ? found : undefined;
    },
    time: (field) => timeOf(find(field)),
    isObject: (field) => isObject(find(field)),
    has: (field) => find(field) !== undefined,
  };
}

/** The value at a path, or undefined. */
export function findPath(value: JsonObject, path: string): unknown {
  let found: unknown = value;
  for (const key of path.split(".")) {
    if (!isObject(found) || !Object.hasOwn(found, key)) return undefined;
    found = found[key];
  }
  return found;
}
