/**
 * `agentos service uninstall`: stops the service and removes its unit, and nothing else.
 *
 * @module
 */

import type { CommandContext } from "../../cli/command.ts";
import { removeUnit } from "../../service/apply.ts";
import { judgeUnit } from "../../service/seal.ts";
import { editedUnit, foreignUnit, type ManagerFlags, openService, requireManager } from "./open_service.ts";

/** The flags as the parser hands them over. */
export interface Flags extends ManagerFlags {
  readonly force?: boolean;
}

/**
 * Removes the service; answers 0 also when there was none.
 *
 * @throws {AppError} service.foreign, service.edited, service.no_manager, service.failed
 */
export async function run(flags: Flags, context: CommandContext): Promise<0> {
  const service = openService(context, flags.manager);
  const { manager, place, unitFile, present, caller } = service;
  const verdict = await judgeUnit(present);
  if (verdict === "absent") {
    context.output.answer(`not installed: no ${unitFile}`);
    return 0;
  }
  if (verdict === "foreign") throw foreignUnit(unitFile);
  if (verdict === "edited" && !flags.force) throw editedUnit(unitFile);
  await requireManager(service, "agentos serve");
  await caller.make(manager.unregister(place));
  removeUnit(unitFile, manager.emptyFolders(place));
  await caller.make(manager.afterRemoval(place));
  context.output.answer(`removed    ${unitFile}`);
  return 0;
}
