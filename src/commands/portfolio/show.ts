/**
 * `agentos portfolio show NAME`: one file, byte for byte as agents get it.
 *
 * @module
 */

import type { CommandRun } from "../../cli/command.ts";
import { openHere, type RepoFlag } from "./open.ts";

/** Prints the file. @throws {AppError} portfolio.not_found naming the closest files */
export const run: CommandRun<RepoFlag, readonly [string]> = async (flags, context, name) => {
  const { portfolio } = await openHere(flags, context);
  const { text } = await portfolio.read(name);
  context.output.answer(text.replace(/\n$/, ""));
  return 0;
};
