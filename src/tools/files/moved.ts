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

/**
 * Throws when a real path no longer leads to this file without any link on the way.
 *
 * Swapping a folder changes the folder that holds it, and nobody can set that time back. So when no folder on
 * the way has changed since before the work started, nothing was swapped, and one look is enough.
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
): void {
  const looks = isCalm(path, root, startedAtMs, platform) ? 1 : LOOKS_IN_UNREST;
  for (let look = 0; look < looks; look++) {
    if (!leadsTo(path, identity)) throw changed(path);
  }
}

/** The refusal for a path that does not stay the same. */
export function changed(path: string): AppError {
  return new AppError("path.changed", `${quotePath(path)} was swapped for something else while it was used.`);
}

/** True when none of the folders that hold a folder on the way, from the root down, has changed lately. */
function isCalm(path: string, root: Root, startedAtMs: number, platform: Platform): boolean {
  const holders: string[] = [];
  let folder = parentOf(path, platform);
  while (folder.length > root.path.length) holders.unshift(folder = parentOf(folder, platform));
  return holders.every((holder) => {
    const changedAtMs = lookAt(holder)?.ctime?.getTime();
    return changedAtMs !== undefined && changedAtMs + CLOCK_SLACK_MS < startedAtMs;
  });
}

function leadsTo(path: string, identity: FileIdentity): boolean {
  const info = lookAt(path);
  if (info === undefined || !isSameFile(info, identity)) return false;
  try {
    return Deno.realPathSync(path) === path;
  } catch {
    return false;
  }
}

function lookAt(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch {
    return undefined;
  }
}
