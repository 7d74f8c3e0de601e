/**
 * What the service commands answer. Pure.
 *
 * @module
 */

import { quoteForShell } from "../base/state_folder.ts";
import type { ManagerId, ServiceSpec, ServiceState } from "./model.ts";
import type { UnitVerdict } from "./seal.ts";

/** How a service stands; `--json` answers these fields. */
export interface ServiceReport {
  readonly manager: ManagerId;
  readonly unitFile: string;
  /** `outdated` also means: written by agentos, and untouched since. */
  readonly unit: Exclude<UnitVerdict, "current">;
  readonly state: ServiceState;
  /** Where the server would answer. */
  readonly port: number;
  /** The version that answers there; undefined when no agentos does. */
  readonly answers: string | undefined;
  /** Roots of the settings that the unit's walls do not leave writable. */
  readonly uncovered: readonly string[];
  /** This executable's. */
  readonly version: string;
}

/** The command that runs the same server by hand, for a POSIX shell. */
export function renderByHand({ executable, args }: ServiceSpec): string {
  return [executable, ...args].map(quoteForShell).join(" ");
}

/** True when the service is installed, runs and answers. */
export function isServing({ unit, state, answers }: ServiceReport): boolean {
  return unit !== "absent" && unit !== "foreign" && state.activity === "running" && answers !== undefined;
}

/** The report as a person reads it; the last line is a next step, where there is one. */
export function renderReport(report: ServiceReport): string {
  const { manager, unitFile, unit, state, port, answers, version } = report;
  const told = { absent: "not installed", foreign: "not written by agentos", edited: "edited", outdated: "" };
  const process = state.pid === undefined ? "" : `, process ${state.pid}`;
  const exit = state.exitCode === undefined ? "" : `, exit code ${state.exitCode}`;
  const lines = [
    `service  ${state.activity}${process}${exit} (${manager})`,
    `unit     ${unitFile}${told[unit] === "" ? "" : `: ${told[unit]}`}`,
    `server   ${answers === undefined ? "no answer" : `version ${answers}`} on port ${port}`,
  ];
  const next = nextStep(report, version);
  return next === undefined ? lines.join("\n") : [...lines, `next     ${next}`].join("\n");
}

function nextStep({ unit, state, answers, uncovered }: ServiceReport, version: string): string | undefined {
  if (unit === "absent") return 'run "agentos service install"';
  // systemd's own code for a program that it cannot start (systemd.exec(5)): moved, or removed.
  if (state.exitCode === 203) {
    return 'its executable is gone: run "agentos service install" with one that stays';
  }
  if (state.activity === "failed") return 'see "agentos service logs", then run "agentos service start"';
  if (state.activity === "stopped") return 'run "agentos service start"';
  if (answers === undefined) return 'see "agentos service logs"';
  if (uncovered.length > 0) {
    return `its walls are older than your settings (${uncovered.join(", ")}): run "agentos service install"`;
  }
  if (answers !== version) return `this is version ${version}: run "agentos service restart"`;
  return undefined;
}
