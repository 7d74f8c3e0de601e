/**
 * Looking through a git folder for links. Git writes `COMMIT_EDITMSG`, reflogs and the index through a
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

/** What git writes into as it stands, so that another name of the same file (a hard link) would change with it. */
const WRITTEN_IN_PLACE = /^(?:COMMIT_EDITMSG|logs\/.*)$/;

/** A folder with more entries than this is not one that a person works with. */
const MAX_ENTRIES = 200_000;

/** The first entry that git could write through: no file and no folder, or a file that has other names; else nothing. */
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
    if (entry.isFile && WRITTEN_IN_PLACE.test(path)) {
      const { nlink } = await Deno.lstat(join(gitFolder, path));
      if ((nlink ?? 1) > 1) return join(gitFolder, path);
    }
    if (entry.isDirectory && !NOT_LOOKED_INTO.has(path) && !OBJECT_FOLDER.test(path)) inside.push(path);
  }
  for (const path of inside) {
    const found = await findLinkIn(gitFolder, path, counter);
    if (found !== undefined) return found;
  }
  return undefined;
}
