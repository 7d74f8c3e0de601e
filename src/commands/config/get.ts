/**
 * `agentos config get KEY`: the value that holds, for people and scripts. Exit 1 when nothing is set.
 *
 * @module
 */

import type { CommandRun } from "../../cli/command.ts";
import { openConfig } from "../../config/read.ts";
import { askedKey } from "./change.ts";

/** The flags as the parser hands them over. */
export interface Flags {
  readonly json?: boolean;
}

/** Prints the value; each item of a list on its own line. */
export const run: CommandRun<Flags, readonly [string]> = async (flags, context, word) => {
  const { name, names } = askedKey(word);
  const { value } = (await openConfig(context)).find(name, { names });
  if (flags.json === true) context.output.answer(JSON.stringify(value ?? null));
  else if (Array.isArray(value)) { for (const item of value) context.output.answer(item); }
  else if (value !== undefined) context.output.answer(String(value));
  return value === undefined ? 1 : 0;
};
