/**
 * Looking an existing home repo over before it is recorded as the one to use.
 *
 * @module
 */

import { AppError } from "../../base/errors.ts";
import { joinPath } from "../../base/path_rules.ts";
import { currentPlatform } from "../../base/platform.ts";
import { findRepo, PORTFOLIO_FOLDER } from "../../base/repo.ts";
import { sayCount } from "../../base/say_count.ts";
import type { CommandContext } from "../../cli/command.ts";
import { openPortfolio } from "../../portfolio/read.ts";
import { openHomes } from "../sync/open_home.ts";

/** A repo that can be used. */
export interface AdoptedRepo {
  /** Real path. */
  readonly folder: string;
  /** One line for each part of it. */
  readonly lines: readonly string[];
}

/**
 * Checks that a folder is a home repo from which everything can be served and deployed.
 *
 * @throws {AppError} repo.not_found when it is none; sync.source naming the first mistake in what would be deployed
 */
export async function lookOver(path: string, context: CommandContext): Promise<AdoptedRepo> {
  const platform = currentPlatform();
  const folder = findRepo(
    path,
    context.cwd,
    platform,
    "Name the home repo with --from, or make a new one: agentos init DIR",
  );
  if (folder === undefined) throw new AppError("repo.not_found", `"${path}" is no home repo`);
  return { folder, lines: [await describePortfolio(folder), ...await describeClients(folder, context)] };
}

async function describePortfolio(folder: string): Promise<string> {
  const portfolio = joinPath(folder, PORTFOLIO_FOLDER, currentPlatform());
  try {
    const files = await (await openPortfolio({ kind: "repo", folder: portfolio })).list();
    const open = files.reduce((sum, { unfilled }) => sum + unfilled, 0);
    return `${files.length} portfolio files, ${open === 0 ? "all filled in" : `${open} parts to fill in`}`;
  } catch (error) {
    if (error instanceof AppError) return `no portfolio: the templates in the executable serve`;
    throw error;
  }
}

async function describeClients(folder: string, context: CommandContext): Promise<readonly string[]> {
  const homes = await openHomes({ repo: folder, takeover: true, home: folder }, context);
  return homes.map(({ title, target, source }) => {
    if (target.kind === "problems") {
      const [first] = target.problems;
      throw new AppError(
        "sync.source",
        `Cannot deploy to ${title} from it: ${target.problems.map(({ message }) => message).join("; ")}`,
        {
          ...(first === undefined ? {} : {
            where: {
              file: joinPath(folder, first.file, currentPlatform()),
              line: first.line,
              ...(first.column === undefined ? {} : { column: first.column }),
            },
          }),
          hint: "Correct the named file and run again; nothing was changed.",
        },
      );
    }
    const count = target.target.entries.length;
    return source.repo === "embedded"
      ? `${title}: nothing of its own; the copy in the executable is deployed`
      : `${title}: ${sayCount(count, "file")} to deploy`;
  });
}
