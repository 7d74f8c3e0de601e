/**
 * Looking through a git folder for symbolic links. Git writes `COMMIT_EDITMSG`, reflogs and the index through a
 * link, so a repository that was unpacked from an archive could have a commit message written to any file of
 * its user.
 *
 * @module
 */

import { join } from "node:path";
import type { GitFolder } from "./git_folder.ts";

/**
 * Folders in which git, for a commit or a push, only adds files of new names or nothing at all. That they are
 * folders and not links is seen from above. `objects/` has 256 more of them.
 */
const NOT_LOOKED_INTO = new Set(["objects/pack", "modules", "worktrees", "hooks", "lfs/objects"]);
const OBJECT_FOLDER = /^objects\/[0-9a-f]{2}$/;

/** A folder with more entries than this is not one that a person works with. */
const MAX_ENTRIES = 200_000;

/** The first entry that is neither a file nor a folder and that git could write through; else nothing. */
export async function findLink(folder: GitFolder): Promise<string | undefined> {
  const counter = { left: MAX_ENTRIES };
  return await findLinkIn(folder.gitDir, "", counter) ??
    (folder.commonDir === folder.gitDir ? undefined : await findLinkIn(folder.commonDir, "", counter));
}

async function findLinkIn(
  gitFolder: string,
  below: string,
  counter: { left: number },
): Promise<string | undefined> {
  const inside: string[] = [];
  for await (const entry of Deno.readDir(join(gitFolder, below))) {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    // git's own file watcher keeps its socket here.
    if (!entry.isSymlink && path === "fsmonitor--daemon.ipc") continue;
    if (--counter.left < 0 || (!entry.isFile && !entry.isDirectory)) return join(gitFolder, path);
    if (entry.isDirectory && !NOT_LOOKED_INTO.has(path) && !OBJECT_FOLDER.test(path)) inside.push(path);
  }
  for (const path of inside) {
    const found = await findLinkIn(gitFolder, path, counter);
    if (found !== undefined) return found;
  }
  return undefined;
}
