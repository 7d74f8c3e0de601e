/**
 * `agentos token path`: where the token file is, or would be.
 *
 * @module
 */

import { currentPlatform } from "../../base/platform.ts";
import type { CommandRun } from "../../cli/command.ts";
import { tokenPath } from "../../base/state_folder.ts";
import { stateFolderOf } from "../sync/open_home.ts";

/** Prints the path; the file is not looked at. */
export const run: CommandRun<Record<never, never>> = (_flags, context) => {
  context.output.answer(tokenPath(stateFolderOf(context), currentPlatform()));
  return Promise.resolve(0);
};
