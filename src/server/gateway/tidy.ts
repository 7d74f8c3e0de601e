/**
 * Texts from outside, made fit for logs, tables and pages.
 *
 * @module
 */

import { textOf } from "../../base/json_fields.ts";

const MAX_LENGTH = 200;

/** Visible ASCII of bounded length; nothing when it is no text. */
export function tidy(value: unknown): string | undefined {
  return textOf(value)?.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, MAX_LENGTH);
}
