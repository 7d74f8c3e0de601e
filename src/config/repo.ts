/**
 * Which folder is the home repo, and why: the flag, the variable or the setting that names one, else the first folder
 * upwards that holds a portfolio.
 *
 * @module
 */

import { AppError } from "../base/errors.ts";
import { currentPlatform } from "../base/platform.ts";
import { findRepo } from "../base/repo.ts";
import type { Origin } from "./model.ts";
import type { Config } from "./read.ts";
import { renderOrigin } from "./settle.ts";

/** The home repo that was found. */
export interface FoundRepo {
  /** Real path. */
  readonly folder: string;
  /** What named it; undefined when it was found on the way up from the current folder. */
  readonly origin: Origin | undefined;
}

/**
 * Finds the home repo; undefined when there is none, and the copy in the executable serves.
 *
 * @param flag `--repo`
 * @throws {AppError} repo.not_found when a named folder is none, saying what named it
 */
export function locateRepo(
  config: Config,
  flag: string | undefined,
  cwd: string,
): FoundRepo | undefined {
  const [first] = config.find("repo", { flag }).candidates;
  const named = typeof first?.value === "string" ? first.value : undefined;
  const hint = first?.origin.from === "variable"
    ? `Set ${first.origin.name} to the folder that holds context-portfolio/, or unset it.`
    : undefined;
  try {
    const folder = findRepo(named, cwd, currentPlatform(), hint);
    return folder === undefined
      ? undefined
      : { folder, origin: named === undefined ? undefined : first?.origin };
  } catch (error) {
    if (!(error instanceof AppError) || first?.origin.from !== "file") throw error;
    const { file, line } = first.origin;
    throw new AppError(error.code, error.message, {
      where: { file, line },
      hint: 'Mend it with "agentos config set repo DIR", or "agentos config unset repo".',
      cause: error,
    });
  }
}

/** Why this is the home repo, in a few words. */
export function renderReason({ origin }: FoundRepo): string {
  return origin === undefined ? "found upwards from the current folder" : `named by ${renderOrigin(origin)}`;
}
