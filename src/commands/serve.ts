/**
 * `agentos serve`: reads the settings, prints the grant when asked, else keeps the server running.
 *
 * @module
 */

import type { CommandContext } from "../cli/command.ts";
import { serveUntilSignal } from "../server/serve.ts";
import { readSettings, type SettingFlags } from "../server/settings.ts";

/** The flags as the parser hands them over. */
export interface Flags extends SettingFlags {
  readonly printPermissions?: boolean;
}

/**
 * Runs the server until a signal ends it.
 *
 * @throws {AppError} config.invalid, state.unusable, token.unsafe, repo.not_found, serve.host_refused,
 * serve.port_taken, serve.worker_failed
 */
export async function run(flags: Flags, context: CommandContext): Promise<0> {
  const { settings, notices } = await readSettings(flags, context);
  for (const notice of notices) context.output.talk(`notice: ${notice}`);
  if (flags.printPermissions) {
    const { renderGrant } = await import("../server/permissions.ts");
    context.output.answer(renderGrant(settings));
    return 0;
  }
  await serveUntilSignal(settings, Deno.mainModule, context.output.talk);
  return 0;
}
