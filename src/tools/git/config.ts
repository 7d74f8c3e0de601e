/**
 * Reading the config files that a repository brings with it; the user's own are not read.
 *
 * @module
 */

import { join } from "node:path";
import { AppError } from "../../base/errors.ts";
import { type GitFolder, lstatOrNothing, placeOf, realPathOrNothing } from "./git_folder.ts";
import { gitFailure } from "./git_failure.ts";
import type { RunGit } from "./run_git.ts";
import type { ConfigEntry } from "./trust.ts";

/** More config than this is not read. */
const MAX_CONFIG_BYTES = 1024 * 1024;

/**
 * Every entry of the repository's own config files, in the order in which git reads them. Included files are
 * not followed.
 *
 * @throws {AppError} git.failed when a file is no valid config; git.not_a_repository when it is not a file
 */
export async function readRepositoryConfig(folder: GitFolder, git: RunGit): Promise<readonly ConfigEntry[]> {
  const files = new Set([
    join(folder.commonDir, "config"),
    join(folder.commonDir, "config.worktree"),
    join(folder.gitDir, "config.worktree"),
  ]);
  const entries: ConfigEntry[] = [];
  for (const file of files) entries.push(...await readConfigFile(file, git));
  return entries;
}

async function readConfigFile(file: string, git: RunGit): Promise<readonly ConfigEntry[]> {
  const info = await lstatOrNothing(file);
  if (info === undefined) return [];
  if (!info.isFile || info.size > MAX_CONFIG_BYTES) {
    throw new AppError("git.not_a_repository", `${file} is not a regular file of ordinary size.`);
  }
  const result = await git(["config", "--no-includes", "--file", file, "--list", "-z"], {
    maxOutputBytes: 2 * MAX_CONFIG_BYTES,
  });
  if (result.code !== 0 || result.truncated) throw gitFailure(`Reading ${file} with git config`, result);
  return parseConfigList(result.stdout, file);
}

/** Reads the output of `git config --list -z`: `key LF value NUL`, without the LF when there is no value. */
export function parseConfigList(text: string, file: string): readonly ConfigEntry[] {
  return text.split("\0").filter((line) => line !== "").map((line) => {
    const end = line.indexOf("\n");
    return end === -1
      ? { key: line, value: undefined, file }
      : { key: line.slice(0, end), value: line.slice(end + 1), file };
  });
}

/** The last value of a key, as git takes it; `undefined` when it is not set. */
export function lastValue(entries: readonly ConfigEntry[], key: string): string | undefined {
  return entries.findLast((entry) => entry.key === key)?.value;
}

/** The real path that `core.worktree` leads to, or nothing when it is not set or leads nowhere. */
export async function configuredWorkTree(
  entries: readonly ConfigEntry[],
  folder: GitFolder,
): Promise<string | undefined> {
  const value = lastValue(entries, "core.worktree");
  const place = value === undefined ? undefined : placeOf(folder.gitDir, value);
  return place === undefined ? undefined : await realPathOrNothing(place);
}
