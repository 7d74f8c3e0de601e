/**
 * Which port the server is reached under.
 *
 * @module
 */

import { AppError } from "../base/errors.ts";

/** The port when none is named. */
export const DEFAULT_PORT = 8787;

/**
 * The port that `AGENTOS_PORT` names, or the default.
 *
 * @throws {AppError} config.invalid
 */
export function parsePortVariable(text: string | undefined): number {
  if (text === undefined) return DEFAULT_PORT;
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65535) return port;
  throw new AppError("config.invalid", `AGENTOS_PORT is "${text}"; a port is a number from 0 to 65535`);
}
