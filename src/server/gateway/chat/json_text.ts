/**
 * Reads JSON that somebody else wrote and that may not be JSON at all.
 *
 * @module
 */

import { isObject } from "../../../base/json_fields.ts";

/** The value, or undefined when the text is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** True for the text of a JSON object, which is what a call's arguments must be. */
export function isObjectText(text: string): boolean {
  return isObject(parseJson(text));
}

/** True for what models say where a call has no arguments: nothing, or null. Clients want an object. */
export function isNoArguments(text: string): boolean {
  return text.trim() === "" || text.trim() === "null";
}
