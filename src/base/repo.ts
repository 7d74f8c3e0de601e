/**
 * Finding the home repo: the folder that holds `context-portfolio/` (and `clients/`).
 *
 * @module
 */

import { AppError } from "./errors.ts";
import { joinPath, parentOf, type Platform } from "./path_rules.ts";

/** What makes a folder a home repo. */
export const PORTFOLIO_FOLDER = "context-portfolio";

/**
 * The home repo's real path, or undefined when there is none: the named folder, else the first one that holds a
 * portfolio on the way up from `cwd`.
 *
 * @param named `--repo` or `AGENTOS_REPO`
 * @throws {AppError} repo.not_found when a named folder holds no portfolio
 */
export function findRepo(named: string | undefined, cwd: string, platform: Platform): string | undefined {
  if (named !== undefined) {
    if (!holdsPortfolio(named, platform)) {
      throw new AppError("repo.not_found", `"${named}" holds no folder ${PORTFOLIO_FOLDER}/`);
    }
    return Deno.realPathSync(named);
  }
  for (let folder = cwd;;) {
    if (holdsPortfolio(folder, platform)) return Deno.realPathSync(folder);
    const parent = parentOf(folder, platform);
    if (parent === folder) return undefined;
    folder = parent;
  }
}

function holdsPortfolio(folder: string, platform: Platform): boolean {
  try {
    return Deno.statSync(joinPath(folder, PORTFOLIO_FOLDER, platform)).isDirectory;
  } catch {
    return false;
  }
}
