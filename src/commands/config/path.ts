/**
 * `agentos config path`: where the settings file is, or would be.
 *
 * @module
 */

import { stateFolderPath } from "../../base/state_folder.ts";
import type { CommandRun } from "../../cli/command.ts";
import { configPath } from "../../config/read.ts";

/** Prints the path; the file is not looked at. */
export const run: CommandRun<Record<never, never>> = (_flags, context) => {
  context.output.answer(configPath(stateFolderPath(context.env("AGENTOS_STATE"), context.home)));
  return Promise.resolve(0);
};
