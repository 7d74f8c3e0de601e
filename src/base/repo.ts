/**
 * Finding the home repo: the folder that holds `context-portfolio/` (and `clients/`).
 *
 * @module
 */

import { AppError } from "./errors.ts";
import { joinPath, parentOf, type Platform } from "./path_rules.ts";

/** What makes a folder a home repo. */
export const PORTFOLIO_FOLDER = "context-portfolio";

/** What a named folder may hold instead: then there is something to deploy, and the templates in the executable serve. */
const CLIENTS_FOLDER = "clients";

/** Either of the two. */
const REPO_MARKS = [PORTFOLIO_FOLDER, CLIENTS_FOLDER] as const;

/**
 * The home repo's real path, or undefined when there is none: the named folder, else the first one that holds a
 * portfolio on the way up from `cwd`.
 *
 * @param named `--repo` or `AGENTOS_REPO`
 * @param hint the next step, where the folder was not named by `--repo`
 * @throws {AppError} repo.not_found when a named folder holds neither a portfolio nor what is deployed
 */
export function findRepo(
  named: string | undefined,
  cwd: string,
  platform: Platform,
  hint?: string,
): string | undefined {
  if (named !== undefined) {
    if (!REPO_MARKS.some((mark) => holdsFolder(named, mark, platform))) {
      const wanted = REPO_MARKS.map((mark) => `${mark}/`).join(" or ");
      throw new AppError("repo.not_found", `"${named}" holds no folder ${wanted}`, {
        ...(hint === undefined ? {} : { hint }),
      });
    }
    return Deno.realPathSync(named);
  }
  for (let folder = cwd;;) {
    if (holdsFolder(folder, PORTFOLIO_FOLDER, platform)) return Deno.realPathSync(folder);
    const parent = parentOf(folder, platform);
    if (parent === folder) return undefined;
    folder = parent;
  }
}

/** Real path of a home repo's portfolio; undefined where it has none, and the templates in the executable serve. */
export function findPortfolio(repo: string, platform: Platform): string | undefined {
  return holdsFolder(repo, PORTFOLIO_FOLDER, platform)
    ? Deno.realPathSync(joinPath(repo, PORTFOLIO_FOLDER, platform))
    : undefined;
}

function holdsFolder(folder: string, name: string, platform: Platform): boolean {
  try {
    return Deno.statSync(joinPath(folder, name, platform)).isDirectory;
  } catch {
    return false;
  }
}
