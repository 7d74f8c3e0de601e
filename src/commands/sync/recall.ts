/**
 * Taking the short cut: the answer of an earlier comparison, when nothing that it went by has changed.
 *
 * Loads next to nothing, because what it spares is mostly loading.
 *
 * @module
 */

import { currentPlatform } from "../../base/platform.ts";
import { findRepo } from "../../base/repo.ts";
import { stateFolderPath } from "../../base/state_folder.ts";
import type { CommandContext } from "../../cli/command.ts";
import { areUnchanged, readStanding, type Standing } from "../../sync/standing.ts";

/** True when a command is asked for the plain answer, which is the one that is kept. */
export function isPlain(flags: object, ...harmless: readonly string[]): boolean {
  return Object.entries(flags).every(([name, value]) => value === undefined || harmless.includes(name));
}

/**
 * The standing answer, when it still stands. Only the compiled executable keeps one: it is one file, so that its own stamp
 * tells when its code changed.
 */
export function recall(context: CommandContext): Standing | undefined {
  if (!Deno.build.standalone) return undefined;
  const named = context.env("AGENTOS_STATE");
  if (!isAbsolutePath(named ?? context.home)) return undefined;
  const standing = readStanding(stateFolderPath(named, context.home));
  if (standing === undefined || standing.userHome !== context.home) return undefined;
  const isSameEnvironment = Object.entries(standing.env).every(([name, value]) =>
    (context.env(name) ?? null) === value
  );
  return isSameEnvironment && isSameRepo(standing, context.cwd) && areUnchanged(standing)
    ? standing
    : undefined;
}

function isSameRepo({ repo }: Standing, cwd: string): boolean {
  try {
    return (findRepo(repo.named ?? undefined, cwd, currentPlatform()) ?? null) === repo.folder;
  } catch {
    return false;
  }
}

/** True for a path that does not depend on the current folder. */
export function isAbsolutePath(path: string): boolean {
  return /^([A-Za-z]:[\\/]|[\\/])/.test(path);
}
