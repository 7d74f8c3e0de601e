/**
 * `agentos config explain KEY`: what a setting means, who says what about it, and whose word holds.
 *
 * @module
 */

import type { CommandRun } from "../../cli/command.ts";
import { openConfig } from "../../config/read.ts";
import { renderExplanation } from "../../config/report.ts";
import { askedKey } from "./change.ts";

/** Prints the explanation. */
export const run: CommandRun<Record<never, never>, readonly [string]> = async (_flags, context, word) => {
  const asked = askedKey(word);
  context.output.answer(renderExplanation(await openConfig(context), asked, context.home));
  return 0;
};
