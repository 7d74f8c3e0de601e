/**
 * `agentos service start`: starts the installed service; nothing happens when it runs.
 *
 * @module
 */

import type { CommandContext } from "../../cli/command.ts";
import { type ManagerFlags, openService, requireInstalled } from "./open_service.ts";

/** @throws {AppError} service.not_installed, service.foreign, service.no_manager, service.failed */
export async function run(flags: ManagerFlags, context: CommandContext): Promise<0> {
  const service = openService(context, flags.manager);
  await requireInstalled(service);
  await service.caller.make(service.manager.start(service.place));
  context.output.answer("started");
  return 0;
}
