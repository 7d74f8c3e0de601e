/**
 * Finding the home repo: the folder that holds `context-portfolio/` (and `clients/`).
 *
 * @module
 */

import { AppError } from "./errors.ts";
import { joinPath, parentOf, type Platform } from "./path_rules.ts";

/** What makes a folder a home repo. */
export const PORTFOLIO_FOLDER = "context-portfolio";

/** What a named folder may hold instead, for commands that only deploy from it. */
const CLIENTS_FOLDER = "clients";

/** Either of the two. */
export const REPO_MARKS = [PORTFOLIO_FOLDER, CLIENTS_FOLDER] as const;

/**
 * The home repo's real path, or undefined when there is none: the named folder, else the first one that holds a
 * portfolio on the way up from `cwd`.
 *
 * @param named `--repo` or `AGENTOS_REPO`
 * @param marks a named folder must hold one of these
 * @param hint the next step, where the folder was not named by `--repo`
 * @throws {AppError} repo.not_found when a named folder holds none of the marks
 */
export function findRepo(
  named: string | undefined,
  cwd: string,
  platform: Platform,
  marks: readonly string[] = [PORTFOLIO_FOLDER],
  hint?: string,
): string | undefined {
  if (named !== undefined) {
    if (!marks.some((mark) => holdsFolder(named, mark, platform))) {
      const wanted = marks.map((mark) => `${mark}/`).join(" or ");
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

function holdsFolder(folder: string, name: string, platform: Platform): boolean {
  try {
    return Deno.statSync(joinPath(folder, name, platform)).isDirectory;
  } catch {
    return false;
  }
}
