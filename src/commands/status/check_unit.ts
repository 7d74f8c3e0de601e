/**
 * Checks of the service that runs the server: whether it is installed, and what its manager says. The manager is only
 * asked where there is something of ours.
 *
 * @module
 */

import { AppError } from "../../base/errors.ts";
import type { CommandContext } from "../../cli/command.ts";
import { openConfig } from "../../config/read.ts";
import { judgeUnit } from "../../service/seal.ts";
import { openService } from "../service/open_service.ts";
import { findUncovered } from "../service/uncovered.ts";
import { brokenBy, type Check } from "../../status/model.ts";

/** Looks for the service. */
export async function checkService(context: CommandContext): Promise<Check> {
  const base = { id: "service", name: "service" } as const;
  try {
    const service = openService(context);
    const { manager, place, present, unitFile, caller } = service;
    const verdict = await judgeUnit(present);
    if (verdict === "absent") {
      return {
        ...base,
        state: "note",
        text: `not installed (${manager.title})`,
        next: "agentos service install starts the server at log-in",
        data: { manager: manager.id, installed: false },
      };
    }
    const data = { manager: manager.id, installed: verdict !== "foreign", unit: unitFile };
    if (verdict === "foreign") {
      return { ...base, state: "note", text: `${unitFile} was not written by agentos`, data };
    }
    const config = await openConfig(context);
    const uncovered = present === undefined ? [] : findUncovered(present, service, config);
    const { activity } = manager.parseState(await caller.ask(manager.state(place)));
    if (activity === "running" && uncovered.length > 0) {
      return {
        ...base,
        state: "bad",
        text: `running, and its walls keep it from writing ${uncovered.join(", ")}`,
        next: "agentos service install",
        data: { ...data, activity, uncovered },
      };
    }
    return activity === "running"
      ? { ...base, state: "good", text: `running (${manager.title})`, data: { ...data, activity } }
      : {
        ...base,
        state: "bad",
        text: `installed, and ${activity}`,
        next: activity === "failed" ? "agentos service logs" : "agentos service start",
        data: { ...data, activity },
      };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { ...base, ...brokenBy(error), state: "note" };
  }
}
