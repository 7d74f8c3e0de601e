/**
 * Whether a checked path still leads where it led: the answer to somebody who swaps folders for links meanwhile.
 *
 * @module
 */

import { AppError } from "../../base/errors.ts";
import { isSameFile } from "../../base/file_identity.ts";
import type { FileIdentity } from "../../base/file_identity.ts";
import { parentOf, quotePath } from "../../base/path_rules.ts";
import type { Platform } from "../../base/path_rules.ts";
import type { Root } from "../../base/roots.ts";

/** Of somebody who swaps all the time, half the looks are fooled: twelve pairs leave one in 16 million. */
const LOOKS_IN_UNREST = 12;
/** `ctime` comes in whole seconds, rounded down, and the kernel's clock ticks behind by some milliseconds. */
const CLOCK_SLACK_MS = 1_100;

/** Where on the way to a file something came or went lately: nowhere, only beside the file, or above it. */
export type Unrest = "none" | "beside" | "above";

/**
 * Throws when a real path no longer leads to this file without any link on the way, and says how calm it was.
 *
 * Swapping a file or a folder changes the folder that holds it, and nobody can set that time back. So when no
 * folder above the file's own has changed since before the work started, no folder was swapped, and one look is
 * enough. When the file's own has not either, nothing on the way was, and `none` says that whatever was opened
 * under this path meanwhile is this file.
 *
 * @param startedAtMs when the path began to be resolved
 * @throws {AppError} path.changed
 */
export function refuseMoved(
  path: string,
  identity: FileIdentity,
  root: Root,
  startedAtMs: number,
  platform: Platform,
): Unrest {
  const unrest = unrestAround(path, root, startedAtMs, platform);
  const looks = unrest === "above" ? LOOKS_IN_UNREST : 1;
  for (let look = 0; look < looks; look++) {
    if (!leadsTo(path, identity)) throw changed(path);
  }
  return unrest;
}

/**
 * Prepares to ask of entries that were looked at whether each was met where its path says, and not through a link
 * that stood in the place of a folder for a moment. An entry may itself be a link. Ask when all looking is done.
 *
 * @param startedAtMs when the path began to be resolved
 */
export function startSwapCheck(
  root: Root,
  startedAtMs: number,
  platform: Platform,
): (path: string, identity: FileIdentity) => boolean {
  const calm = new Map<string, boolean>();
  return (path, identity) => {
    const folder = parentOf(path, platform);
    if (!calm.has(folder)) {
      calm.set(folder, unrestAround(path, root, startedAtMs, platform) !== "above");
    }
    if (calm.get(folder) === true) return true;
    for (let look = 0; look < LOOKS_IN_UNREST; look++) {
      const info = lookAt(path);
      if (info === undefined || !isSameFile(info, identity) || realPath(folder) !== folder) return false;
    }
    return true;
  };
}

/** The refusal for a path that does not stay the same. */
export function changed(path: string): AppError {
  return new AppError("path.changed", `${quotePath(path)} was swapped for something else while it was used.`);
}

/**
 * Looks at every folder from the file's own up to the root. In this order a calm folder vouches for the look at the
 * one below it, which was taken before.
 */
function unrestAround(path: string, root: Root, startedAtMs: number, platform: Platform): Unrest {
  let folder = parentOf(path, platform);
  let unrest: Unrest = isCalm(folder, startedAtMs) ? "none" : "beside";
  while (folder.length > root.path.length) {
    folder = parentOf(folder, platform);
    if (!isCalm(folder, startedAtMs)) unrest = "above";
  }
  return unrest;
}

/** True when nothing has come or gone in a folder lately. */
function isCalm(folder: string, startedAtMs: number): boolean {
  const changedAtMs = lookAt(folder)?.ctime?.getTime();
  return changedAtMs !== undefined && changedAtMs + CLOCK_SLACK_MS < startedAtMs;
}

function leadsTo(path: string, identity: FileIdentity): boolean {
  const info = lookAt(path);
  return info !== undefined && isSameFile(info, identity) && realPath(path) === path;
}

function realPath(path: string): string | undefined {
  try {
    return Deno.realPathSync(path);
  } catch {
    return undefined;
  }
}

function lookAt(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch {
    return undefined;
  }
}
