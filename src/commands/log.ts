/**
 * `agentos log COMMAND`: reports to the running server that an agent used a skill or command.
 *
 * Agents call it in the middle of their work, so nothing that goes wrong here is a failure: a note, and exit 0.
 *
 * @module
 */

import { AppError, messageOf, renderPlace } from "../base/errors.ts";
import type { CommandRun } from "../cli/command.ts";
import { openConfig } from "../config/read.ts";

/** The flags as the parser hands them over. */
export interface Flags {
  readonly client?: string;
  readonly project?: string;
  readonly port?: number;
}

/** Longer than any answer of a server on this machine, shorter than anybody would mind. */
const LIMIT_MS = 2_000;

/** Reports one use. */
export const run: CommandRun<Flags, readonly [string]> = async (flags, context, command) => {
  const { client, project } = flags;
  let port: number;
  try {
    port = flags.port ?? (await openConfig(context)).number("server.port");
  } catch (error) {
    context.output.talk(`agentos: not logged: ${sayError(error)}`);
    return 0;
  }
  const url = `http://127.0.0.1:${port}/command-log`;
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ command, client, project }),
      signal: AbortSignal.timeout(LIMIT_MS),
      redirect: "error",
    });
    await response.body?.cancel();
    if (!response.ok) context.output.talk(`agentos: not logged: ${url} answered ${response.status}`);
  } catch {
    context.output.talk(`agentos: not logged: no server answers on port ${port}`);
  }
  return 0;
};

function sayError(error: unknown): string {
  const where = error instanceof AppError ? error.where : undefined;
  return `${where === undefined ? "" : `${renderPlace(where)}: `}${messageOf(error)}`;
}
