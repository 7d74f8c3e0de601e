/**
 * How a sync command ends that could not do everything it was asked.
 *
 * @module
 */

import { AppError } from "../../base/errors.ts";
import { type ClientReport, renderProblem } from "../../sync/report.ts";

/**
 * Ends a command whose plan could not be carried out whole.
 *
 * @throws {AppError} sync.source for mistakes in the repo, sync.refused for files that would have cost an edit
 */
export function throwIfRefused(command: string, reports: readonly ClientReport[]): void {
  const problems = reports.flatMap(({ problems }) => problems);
  const [problem] = problems;
  if (problem !== undefined) {
    throw new AppError("sync.source", `Cannot ${command}: ${problems.map(renderProblem).join("; ")}`);
  }
  const refused = reports.flatMap(({ plan }) => {
    return (plan?.entries ?? []).filter(({ action }) => action === "refuse")
      .map(({ path, place, source, line, reason }) => {
        const file = place === "source" ? source : `${plan?.home ?? ""}/${path}`;
        return `${file}${line === undefined ? "" : `:${line}`}: ${reason}`;
      });
  });
  if (refused.length > 0) throw new AppError("sync.refused", `Left alone: ${refused.join("; ")}`);
}
