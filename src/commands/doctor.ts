/**
 * `agentos doctor`: what `agentos status` looks at, each with its details, and what takes longer to look at.
 *
 * @module
 */

import type { CommandRun } from "../cli/command.ts";
import { answerChecks } from "./status.ts";
import { checkPrograms } from "./status/check_programs.ts";
import { checkStateFolder, examineLedger } from "./status/check_state.ts";
import { collectChecks } from "./status/collect.ts";

/** The flags as the parser hands them over. */
export interface Flags {
  readonly port?: number;
  readonly json?: boolean;
}

/**
 * Prints a line for each thing, with details. Answers 0 when nothing is wrong, 1 when something is.
 *
 * @throws {AppError} status.broken when something cannot be told, because it cannot be read
 */
export const run: CommandRun<Flags> = async (flags, context) => {
  const { checks, stateFolder, settings } = await collectChecks(flags.port, context);
  const further = [
    checkStateFolder(stateFolder),
    await examineLedger(stateFolder),
    // What a server that starts now would be given; where the settings cannot be read, that is told above.
    ...settings.error === undefined ? checkPrograms(settings, context) : [],
  ];
  return answerChecks([...checks, ...further], flags.json === true, context);
};
