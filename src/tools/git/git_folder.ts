/**
 * Finding the git folder of a work tree without asking git, which would follow wherever a repository points: a
 * real `.git` folder in the top itself, or a `.git` file (linked worktree, submodule) whose folder points back.
 *
 * @module
 */

import { basename, dirname, join, resolve } from "node:path";
import { AppError } from "../../base/errors.ts";

/** The folders in which git keeps a work tree's state. All are real paths. */
export interface GitFolder {
  /** `HEAD`, the index and what else belongs to this work tree alone. */
  readonly gitDir: string;
  /** Config, hooks, objects and branches; the same as `gitDir` but for a linked worktree. */
  readonly commonDir: string;
  /**
   * - `own`: a `.git` folder in the work tree.
   * - `linked`: made by `git worktree add`; its folder was seen to point back here.
   * - `apart`: a `.git` file leads to a folder that only its config's `core.worktree` ties to a work tree, as
   *   with a submodule; the caller must hold that against the top.
   * - `bare`: a repository without a work tree, which is pushed to.
   */
  readonly layout: "own" | "linked" | "apart" | "bare";
}

/** A `.git` file holds one path; git itself stops at 1 MiB. */
const MAX_POINTER_BYTES = 8 * 1024;

/**
 * Finds the git folder of the work tree `top`.
 *
 * @param top real path of the folder
 * @param isGranted whether a real path may be used; asked for every folder outside `top`
 * @throws {AppError} git.not_a_repository
 */
export async function findGitFolder(top: string, isGranted: (path: string) => boolean): Promise<GitFolder> {
  const pointer = join(top, ".git");
  const info = await lstatOrNothing(pointer);
  if (info === undefined) throw notTop(top, await topAbove(top, isGranted));
  if (info.isSymlink) throw refused(top, "its .git is a symbolic link");
  if (info.isDirectory) {
    if (await lstatOrNothing(join(pointer, "commondir")) !== undefined) {
      throw refused(top, "its .git folder takes its config and objects from another folder (.git/commondir)");
    }
    return { gitDir: pointer, commonDir: pointer, layout: "own" };
  }
  if (!info.isFile) throw refused(top, "its .git is neither a folder nor a file");

  const gitDir = await followPointer(pointer, "gitdir: ", top, top, isGranted);
  if (await lstatOrNothing(join(gitDir, "commondir")) === undefined) {
    return { gitDir, commonDir: gitDir, layout: "apart" };
  }
  const commonDir = await followPointer(join(gitDir, "commondir"), "", gitDir, top, isGranted);
  if (dirname(gitDir) !== join(commonDir, "worktrees")) {
    throw refused(top, `its git folder ${gitDir} does not belong to ${commonDir}`);
  }
  const written = await readPointer(join(gitDir, "gitdir"), "", top);
  const back = placeOf(gitDir, written);
  if (back === undefined || basename(back) !== ".git" || await realPathOrNothing(dirname(back)) !== top) {
    throw refused(top, `its git folder ${gitDir} belongs to the work tree of ${back ?? written}`);
  }
  return { gitDir, commonDir, layout: "linked" };
}

/**
 * The place that a path names from a folder, which is a real path; nothing when it turns back behind a name (`a/../b`):
 * where `a` is a link the system goes back from where that leads, and git with it, which the text does not tell.
 */
export function placeOf(folder: string, path: string): string | undefined {
  const names = path.split(/[\\/]/).filter((name) => name !== "" && name !== ".");
  const first = names.findIndex((name) => name !== "..");
  return first >= 0 && names.includes("..", first) ? undefined : resolve(folder, path);
}

/** Reads a pointer and answers the real path of the folder that it names. */
async function followPointer(
  file: string,
  prefix: string,
  base: string,
  top: string,
  isGranted: (path: string) => boolean,
): Promise<string> {
  const written = await readPointer(file, prefix, top);
  const named = placeOf(base, written);
  if (named === undefined) throw refused(top, `${file} names a path that turns back on its way: ${written}`);
  const real = await realPathOrNothing(named);
  if (real === undefined || !isGranted(real)) {
    throw new AppError(
      "git.not_a_repository",
      `Cannot use ${top}: ${file} leads to ${named}, which is not a folder inside the roots.`,
      { hint: "Start the server with a --root that holds the repository's git folder too." },
    );
  }
  return real;
}

async function readPointer(file: string, prefix: string, top: string): Promise<string> {
  const info = await lstatOrNothing(file);
  if (info === undefined || !info.isFile || info.size > MAX_POINTER_BYTES) {
    throw refused(top, `${file} is not a small regular file`);
  }
  const text = await Deno.readTextFile(file);
  const path = text.slice(prefix.length).replace(/\r?\n$/, "");
  if (!text.startsWith(prefix) || path === "" || /[\0\n\ufffd]/.test(path)) {
    throw refused(top, `${file} does not hold "${prefix}PATH"`);
  }
  return path;
}

/** The nearest granted folder above that is a work tree's top; only for the hint. */
async function topAbove(top: string, isGranted: (path: string) => boolean): Promise<string | undefined> {
  for (let folder = dirname(top); isGranted(folder); folder = dirname(folder)) {
    if (await lstatOrNothing(join(folder, ".git")) !== undefined) return folder;
    if (folder === dirname(folder)) return undefined;
  }
  return undefined;
}

function notTop(top: string, above: string | undefined): AppError {
  return new AppError(
    "git.not_a_repository",
    `${top} is not the top of a git work tree: there is no .git in it.`,
    above === undefined ? {} : { hint: `The work tree's top is ${above}; give that as cwd.` },
  );
}

function refused(top: string, why: string): AppError {
  return new AppError("git.not_a_repository", `Cannot use ${top}: ${why}.`, {
    hint: "Run git by hand there, or give the top of an ordinary work tree.",
  });
}

/** `Deno.lstat`, or nothing when there is no such entry. */
export async function lstatOrNothing(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}

/** `Deno.realPath`, or nothing when the path leads nowhere, in a circle, or where the server may not look. */
export async function realPathOrNothing(path: string): Promise<string | undefined> {
  try {
    return await Deno.realPath(path);
  } catch {
    return undefined;
  }
}
