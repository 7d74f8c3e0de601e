/**
 * `agentos status`: asks the server how it is, holds the token against the environment, and says what to do next.
 *
 * @module
 */

import { AppError } from "../base/errors.ts";
import { stateFolderPath } from "../base/state_folder.ts";
import type { CommandContext } from "../cli/command.ts";
import { openConfig } from "../config/read.ts";
import { askHealth } from "../server/health.ts";
import { isHealthy, renderStatus, type Status, type TokenStatus } from "../server/status.ts";
import { readToken, stampOf, tokenPath } from "../server/token_file.ts";

/** The flags as the parser hands them over. */
export interface Flags {
  readonly port?: number;
  readonly json?: boolean;
}

/**
 * Prints how the server is. Answers 0 when it runs and the token is in step, else 1.
 *
 * @throws {AppError} config.invalid
 */
export async function run(flags: Flags, context: CommandContext): Promise<0 | 1> {
  const port = (await openConfig(context)).number("server.port", flags.port);
  const folder = stateFolderPath(context.env("AGENTOS_STATE"), context.home);
  const platform = Deno.build.os === "windows" ? "windows" : "linux";
  const status: Status = {
    port,
    platform,
    server: await askHealth(port),
    token: readTokenStatus(tokenPath(folder, platform), context),
    openRouterKey: context.env("OPENROUTER_API_KEY") !== undefined,
  };
  const healthy = isHealthy(status);
  context.output.answer(flags.json ? JSON.stringify({ healthy, ...status }, null, 2) : renderStatus(status));
  return healthy ? 0 : 1;
}

function readTokenStatus(path: string, context: CommandContext): TokenStatus {
  const inEnvironment = context.env("AGENTOS_TOKEN");
  try {
    if (stampOf(path) === undefined) return { path, state: "missing", environment: "unknown" };
    const { token } = readToken(path);
    const environment = inEnvironment === undefined
      ? "unset"
      : inEnvironment === token
      ? "in step"
      : "differs";
    return { path, state: "ok", environment };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { path, state: "unsafe", environment: "unknown", reason: error.message, next: error.hint };
  }
}
