/**
 * What the portfolio commands share: finding the portfolio, as the server would.
 *
 * @module
 */

import { AppError } from "../../base/errors.ts";
import { currentPlatform } from "../../base/platform.ts";
import { findPortfolio } from "../../base/repo.ts";
import type { CommandContext } from "../../cli/command.ts";
import { openConfig } from "../../config/read.ts";
import { type FoundRepo, locateRepo } from "../../config/repo.ts";
import type { Portfolio } from "../../portfolio/model.ts";
import { openPortfolio } from "../../portfolio/read.ts";

/** The flag that every portfolio command takes. */
export interface RepoFlag {
  readonly repo?: string;
}

/** The portfolio with its place. */
export interface OpenedPortfolio {
  readonly portfolio: Portfolio;
  readonly repo: FoundRepo | undefined;
  /** Absolute path of `context-portfolio/`; undefined where the templates in the executable serve. */
  readonly folder: string | undefined;
}

/**
 * Opens the portfolio.
 *
 * @throws {AppError} config.invalid, repo.not_found
 */
export async function openHere(flags: RepoFlag, context: CommandContext): Promise<OpenedPortfolio> {
  const repo = locateRepo(await openConfig(context), flags.repo, context.cwd);
  const folder = repo === undefined ? undefined : findPortfolio(repo.folder, currentPlatform());
  if (folder === undefined) {
    return { portfolio: await openPortfolio({ kind: "embedded" }), repo, folder };
  }
  return { portfolio: await openPortfolio({ kind: "repo", folder }), repo, folder };
}

/** The folder, for commands that change it. @throws {AppError} repo.not_found where the templates serve */
export function requireFolder({ folder }: OpenedPortfolio): string {
  if (folder !== undefined) return folder;
  throw new AppError(
    "repo.not_found",
    "There is no portfolio of yours yet: the templates in the executable serve",
    {
      hint: 'Make one with "agentos init DIR".',
    },
  );
}
