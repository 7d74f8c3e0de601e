/**
 * What tests of the managed TOML block are made of.
 *
 * @module
 */

import { BLOCK_BEGIN, BLOCK_END } from "./managed_block.ts";
import type { AppliedKeys } from "./toml_keys.ts";

/** A fragment between its markers. */
export function block(fragment: string): string {
  return `${BLOCK_BEGIN}\n${fragment}${BLOCK_END}\n`;
}

/** The record of a push of this fragment into a file that was there. */
export function appliedOf(fragment: string): AppliedKeys {
  return { fragment, glue: { before: "", after: "" }, created: false };
}
