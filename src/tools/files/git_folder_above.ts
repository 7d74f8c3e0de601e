/**
 * Git's folders by what is in them, whatever they are called: a bare repository, or the folder that
 * `--separate-git-dir` made. Their config and hooks name programs that the next git command starts.
 *
 * @module
 */

import { ignoresCase, joinPath, parentOf, pathBelow } from "../../base/path_rules.ts";
import type { Platform } from "../../base/path_rules.ts";
import { asFileError, systemCode } from "./file_error.ts";

/**
 * The nearest git folder that a path lies in, or would once it is written; undefined when there is none up to the
 * root, and for a path in a work tree that was put inside such a folder. Costs one look for each folder on the way.
 *
 * @param path real path, of what may be missing together with folders above it
 * @param root real path of the root that holds it
 * @throws {AppError} path.denied
 */
export function findGitFolderAbove(path: string, root: string, platform: Platform): string | undefined {
  const passed = [path];
  let folder = path;
  while (folder !== root && folder !== parentOf(folder, platform)) {
    folder = parentOf(folder, platform);
    if (isGitFolder(folder, pathBelow(path, folder, platform), platform)) {
      const isWorkTree = passed.some((inner) => lookAt(joinPath(inner, ".git", platform)) !== undefined);
      return isWorkTree ? undefined : folder;
    }
    passed.push(folder);
  }
  return undefined;
}

/**
 * What git itself asks for (`is_git_directory`, git 2.39). What is about to be written counts as if it were there, so
 * that no git folder is put together piece by piece.
 *
 * @param written the path below the folder
 */
function isGitFolder(folder: string, written: string, platform: Platform): boolean {
  const [next = ""] = written.split("/");
  const isNext = (name: string): boolean =>
    ignoresCase(platform) ? next.toLowerCase() === name.toLowerCase() : next === name;
  const holds = (name: string, isRight: (info: Deno.FileInfo) => boolean): boolean => {
    const info = lookAt(joinPath(folder, name, platform));
    return info === undefined ? isNext(name) : isRight(info);
  };
  // Git follows links to any of them.
  return holds("HEAD", (info) => !info.isDirectory) &&
    holds("objects", (info) => !info.isFile) && holds("refs", (info) => !info.isFile);
}

function lookAt(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" || code === "ENOTDIR" || error instanceof Deno.errors.NotADirectory) {
      return undefined;
    }
    throw asFileError(error, path, "look at");
  }
}
