/**
 * The repositories inside a repository. `git add -A` starts `git status` in every one that the index knows
 * (seen with git 2.39: their fsmonitor and filters run), so their config is held against the same rules.
 *
 * @module
 */

import { join, sep } from "node:path";
import { AppError } from "../../base/errors.ts";
import { shownOutput } from "../program_output.ts";
import { gitFailure } from "./git_failure.ts";
import { lstatOrNothing, realPathOrNothing } from "./git_folder.ts";
import type { RunGit } from "./run_git.ts";

/** The index of about half a million files, as text. */
const MAX_INDEX_BYTES = 64 * 1024 * 1024;

/**
 * The tops of all repositories that the index of `top` knows and that are checked out, as real paths.
 *
 * @param outermost the work tree that the user would have to trust
 * @throws {AppError} git.untrusted when an entry leads out of the work tree; git.failed
 */
export async function listSubmodules(
  top: string,
  git: RunGit,
  outermost: string,
): Promise<readonly string[]> {
  const result = await git(["ls-files", "--stage", "-z"], { maxOutputBytes: MAX_INDEX_BYTES });
  if (result.code !== 0) throw gitFailure("git ls-files", result);
  if (result.truncated) {
    throw new AppError("git.untrusted", `${top} holds too many files to look for repositories inside it.`, {
      hint: `If you trust it: agentos serve --trust-repo ${outermost}`,
    });
  }
  const tops: string[] = [];
  for (const path of parseGitlinks(result.stdout)) {
    // Not UTF-8: what we would look at is not what git would.
    if (path.includes("\ufffd")) {
      throw new AppError(
        "git.untrusted",
        `The submodule ${shownOutput(path, 200)} of ${top} has a name that is not UTF-8.`,
      );
    }
    const folder = join(top, path);
    if (!await isCheckedOut(folder)) continue;
    if (await realPathOrNothing(folder) !== folder || !folder.startsWith(top + sep)) {
      throw new AppError(
        "git.untrusted",
        `The submodule ${shownOutput(path, 200)} of ${top} stands behind a symbolic link.`,
      );
    }
    tops.push(folder);
  }
  return tops;
}

/** Whether git would find a repository there; true as well when the server may not look and git might. */
async function isCheckedOut(folder: string): Promise<boolean> {
  try {
    return await lstatOrNothing(join(folder, ".git")) !== undefined;
  } catch {
    return true;
  }
}

/** The paths of all gitlinks in the output of `git ls-files --stage -z` (`160000 <hash> <stage>TAB<path>NUL`). */
function parseGitlinks(text: string): readonly string[] {
  const paths = new Set<string>();
  for (const line of text.split("\0")) {
    if (line.startsWith("160000 ")) paths.add(line.slice(line.indexOf("\t") + 1));
  }
  return [...paths];
}
