/**
 * The state folder: where agentos keeps its token, its database, its log files and its config between runs.
 *
 * @module
 */

import { AppError, messageOf } from "./errors.ts";
import { joinPath, type Platform } from "./path_rules.ts";

/**
 * Where the state folder is or would be; nothing is looked at.
 *
 * @param named `AGENTOS_STATE`; without it the folder is `.agentos` in `home`
 */
export function stateFolderPath(named: string | undefined, home: string): string {
  return named ?? `${home}/.agentos`;
}

/** Where the token of a state folder stands. */
export function tokenPath(stateFolder: string, platform: Platform): string {
  return joinPath(stateFolder, "token", platform);
}

/**
 * The state folder's real path. It is made, for its user alone, when it is not there.
 *
 * @param named see {@link stateFolderPath}
 * @throws {AppError} state.unusable when it cannot be made, is no folder, or others may write to it
 */
export function openStateFolder(named: string | undefined, home: string): string {
  const folder = make(stateFolderPath(named, home));
  refuseShared(folder);
  return folder;
}

/**
 * Makes sure that nobody but its user may write to a folder that is there.
 *
 * @throws {AppError} state.unusable with the command that mends it
 */
export function refuseShared(folder: string): void {
  const { mode } = Deno.statSync(folder);
  if (mode !== null && Deno.build.os !== "windows" && (mode & 0o022) !== 0) {
    throw new AppError("state.unusable", `Other users may write to the state folder "${folder}"`, {
      hint: `Run: chmod 700 ${quoteForShell(folder)}`,
    });
  }
}

/**
 * Makes sure that nothing else stands where a state folder is or would be; nothing is made. For commands that only read:
 * whatever they looked for there would fail in its own words.
 *
 * @throws {AppError} state.unusable
 */
export function refuseOther(path: string): void {
  let isLink = false;
  try {
    const entry = Deno.lstatSync(path);
    isLink = entry.isSymlink;
    if ((isLink ? Deno.statSync(path) : entry).isDirectory) return;
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw unusable(path, messageOf(cause), { cause });
    if (!isLink) return;
  }
  throw unusable(path, isLink ? "it is a link to no folder" : "it is no folder", {
    hint: "Move it away, or name another folder with AGENTOS_STATE.",
  });
}

function unusable(path: string, reason: string, more: { hint?: string; cause?: unknown }): AppError {
  return new AppError("state.unusable", `Cannot use the state folder "${path}": ${reason}`, more);
}

function make(path: string): string {
  refuseOther(path);
  try {
    Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
    return Deno.realPathSync(path);
  } catch (cause) {
    throw unusable(path, messageOf(cause), { cause });
  }
}

/** Quotes a path so that a person can paste it into a POSIX shell. */
export function quoteForShell(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
