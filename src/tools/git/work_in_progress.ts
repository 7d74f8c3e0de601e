/**
 * What must be finished, or waited for, before a tool may commit: another git's lock, a merge or rebase that
 * stands half done.
 *
 * @module
 */

import { join } from "node:path";
import { AppError } from "../../base/errors.ts";
import { lstatOrNothing } from "./git_folder.ts";
import { gitFailure } from "./git_failure.ts";
import type { Repository } from "./repository.ts";

/** The files by which git remembers an unfinished command (git 2.39, `wt_status_get_state`). */
const UNFINISHED: Readonly<Record<string, string>> = {
  MERGE_HEAD: "merge",
  CHERRY_PICK_HEAD: "cherry-pick",
  REVERT_HEAD: "revert",
  "rebase-merge": "rebase",
  "rebase-apply": "rebase or am",
};

/**
 * Refuses to commit into an unfinished merge: `git add -A` would mark every conflict as solved.
 *
 * @throws {AppError} git.conflict
 */
export async function refuseUnfinished(repository: Repository): Promise<void> {
  for (const [file, command] of Object.entries(UNFINISHED)) {
    if (await lstatOrNothing(join(repository.folder.gitDir, file)) === undefined) continue;
    throw new AppError("git.conflict", `A ${command} is in progress in ${repository.top}.`, {
      hint: `Finish or abort the ${command} by hand, then commit.`,
    });
  }
  const unmerged = await repository.git(["ls-files", "--unmerged", "-z"]);
  if (unmerged.code !== 0) throw gitFailure("git ls-files", unmerged);
  if (unmerged.stdout !== "") {
    throw new AppError("git.conflict", `There are unmerged files in ${repository.top}.`, {
      hint: "Solve the conflicts and git add the files by hand, then commit.",
    });
  }
}

/**
 * Refuses to start while another git holds the index.
 *
 * @throws {AppError} git.locked naming the file and its age
 */
export async function refuseLocked(repository: Repository): Promise<void> {
  const lock = join(repository.folder.gitDir, "index.lock");
  const info = await lstatOrNothing(lock);
  if (info === undefined) return;
  const age = info.mtime === null
    ? ""
    : `, ${Math.max(0, Math.round((Date.now() - info.mtime.getTime()) / 1000))} s old`;
  throw new AppError("git.locked", `Another git is at work in ${repository.top}: it holds ${lock}${age}.`, {
    hint: "Call again when it is done. If no git is running, it was left behind: remove the file by hand.",
  });
}
