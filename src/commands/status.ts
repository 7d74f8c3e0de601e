/**
 * `agentos status`: whether the server runs, and everything around it is in step, with a next step for what is not.
 *
 * @module
 */

import { AppError } from "../base/errors.ts";
import type { CommandContext, CommandRun } from "../cli/command.ts";
import type { Check } from "../status/model.ts";
import { collectChecks } from "./status/collect.ts";
import { isHealthy, renderChecks, renderDocument } from "../status/report.ts";

/** The flags as the parser hands them over. */
export interface Flags {
  readonly port?: number;
  readonly json?: boolean;
}

/**
 * Prints a line for each thing. Answers 0 when nothing is wrong, 1 when something is.
 *
 * @throws {AppError} status.broken when something cannot be told, because it cannot be read
 */
export const run: CommandRun<Flags> = async (flags, context) => {
  const { checks } = await collectChecks(flags.port, context);
  return answerChecks(checks.map(({ details: _, ...check }) => check), flags.json === true, context);
};

/** Prints checks, and answers the exit code. */
export function answerChecks(checks: readonly Check[], json: boolean, context: CommandContext): 0 | 1 {
  const { output, home } = context;
  output.answer(
    json
      ? JSON.stringify(renderDocument(checks), null, 2)
      : renderChecks(checks, { colour: output.colour, userHome: home }),
  );
  const broken = checks.find(({ state }) => state === "broken");
  if (broken !== undefined) {
    throw new AppError("status.broken", `Cannot tell whether all is well: ${broken.text}`, {
      ...(broken.next === undefined ? {} : { hint: broken.next }),
    });
  }
  return isHealthy(checks) ? 0 : 1;
}
