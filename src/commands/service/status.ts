/**
 * `agentos service status`: says how the service is, as its manager and its port tell.
 *
 * @module
 */

import type { CommandContext } from "../../cli/command.ts";
import { openConfig } from "../../config/read.ts";
import { askHealth } from "../../server/health.ts";
import { isServing, renderReport, type ServiceReport } from "../../service/report.ts";
import { judgeUnit } from "../../service/seal.ts";
import { portIn } from "../../service/spec.ts";
import { type ManagerFlags, openService, requireManager } from "./open_service.ts";
import { findUncovered } from "./uncovered.ts";

/** The flags as the parser hands them over. */
export interface Flags extends ManagerFlags {
  readonly json?: boolean;
}

/**
 * Answers 0 when the service is installed, runs and answers, else 1.
 *
 * @throws {AppError} service.no_manager
 */
export async function run(flags: Flags, context: CommandContext): Promise<0 | 1> {
  const service = openService(context, flags.manager);
  const { manager, place, unitFile, present, caller } = service;
  await requireManager(service, "agentos serve");
  const config = await openConfig(context);
  const port = (present === undefined ? undefined : portIn(present)) ?? config.number("server.port");
  const [answer, neighbour, verdict] = await Promise.all([
    caller.ask(manager.state(place)),
    askHealth(port),
    judgeUnit(present),
  ]);
  const report: ServiceReport = {
    manager: manager.id,
    unitFile,
    unit: verdict === "current" ? "outdated" : verdict,
    state: manager.parseState(answer),
    port,
    answers: neighbour.kind === "agentos" ? neighbour.health.version : undefined,
    uncovered: present === undefined ? [] : findUncovered(present, service, config),
    version: context.version,
  };
  const serving = isServing(report);
  context.output.answer(flags.json ? JSON.stringify({ serving, ...report }, null, 2) : renderReport(report));
  return serving ? 0 : 1;
}
