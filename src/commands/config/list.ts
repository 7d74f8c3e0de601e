/**
 * `agentos config list`: every setting, its value, and where that came from.
 *
 * @module
 */

import type { CommandRun } from "../../cli/command.ts";
import { openConfig } from "../../config/read.ts";
import { listSettings, renderList } from "../../config/report.ts";

/** The flags as the parser hands them over. */
export interface Flags {
  readonly json?: boolean;
}

/** Prints the list. */
export const run: CommandRun<Flags> = async (flags, context) => {
  const config = await openConfig(context);
  const settings = listSettings(config);
  context.output.answer(
    flags.json === true
      ? JSON.stringify({ schema: 1, file: config.file, settings }, null, 2)
      : renderList(settings, context.home),
  );
  return 0;
};
