/**
 * How a failure is said on the command line: two lines, a sentence and a next step.
 *
 * @module
 */

import { AppError, ERRORS, renderPlace } from "../base/errors.ts";
import type { Output } from "./output.ts";
import { renderVersion } from "./version.ts";

/** What is said beside the two lines. */
export interface FailureManner {
  /** Adds the error's code, its stack and that of what caused it. */
  readonly debug?: boolean;
  /** How the command should have been called. */
  readonly usage?: string | undefined;
}

/** Says what went wrong and what to do next, and answers the exit code. Never throws. */
export function reportFailure(error: unknown, output: Output, manner: FailureManner = {}): number {
  const known = error instanceof AppError;
  const place = known && error.where !== undefined ? `${renderPlace(error.where)}: ` : "";
  const sentence = known
    ? error.message
    : error instanceof Error
    ? `${error.name}: ${error.message}`
    : `${error}`;
  try {
    output.talk(`error: ${place}${sentence}`);
    if (manner.usage !== undefined) output.talk(`usage: ${manner.usage}`);
    output.talk(`hint: ${known ? error.hint : `${ERRORS.internal.hint} (${renderVersion()})`}`);
    if (manner.debug) output.talk(`code: ${known ? error.code : "internal"}\n${renderStack(error)}`);
  } catch {
    // stderr is gone: the exit code is all that is left to say.
  }
  return ERRORS[known ? error.code : "internal"].exit;
}

/** The stack of an error and of everything that caused it. */
function renderStack(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `\ncaused by ${renderStack(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
