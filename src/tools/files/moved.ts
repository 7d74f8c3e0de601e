/**
 * Whether a checked path still leads where it led: the answer to somebody who swaps folders for links meanwhile.
 *
 * @module
 */

import { AppError } from "../../base/errors.ts";
import { type FileIdentity, isSameFile } from "../../base/file_identity.ts";
import { parentOf, quotePath } from "../../base/path_rules.ts";
import type { Platform } from "../../base/path_rules.ts";
import type { Root } from "../../base/roots.ts";

/**
 * Of somebody who swaps all the time, half the looks are fooled: twelve pairs leave one in 16 million, when none knows of
 * the others. That takes a wait before each: looks and swaps take turns at the file system's locks, and without it one
 * listing in some hundred thousand was fooled twelve times in step (Linux 6, seen 2026-11).
 */
const LOOKS_IN_UNREST = 12;
const LONGEST_WAIT_MS = 0.25;
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
  const looked = { place: path, info: identity };
  if (unrest === "above") lookOften([looked]);
  else lookOnce(looked);
  return unrest;
}

/**
 * Throws when one of the folders whose entries were read stands no longer where its path says. Many are looked at in one
 * go, each as often as one would be alone.
 *
 * @param startedAtMs when the first one's path began to be resolved
 * @throws {AppError} path.changed
 */
export function refuseSwapped(
  folders: readonly LookedAt[],
  root: Root,
  startedAtMs: number,
  platform: Platform,
): void {
  const uneasy: LookedAt[] = [];
  for (const folder of folders) {
    if (!isCalmAbove(folder.place, root, startedAtMs, platform)) uneasy.push(folder);
    else lookOnce(folder);
  }
  if (uneasy.length > 0) lookOften(uneasy);
}

/** @throws {AppError} path.changed */
function lookOnce({ place, info }: LookedAt): void {
  if (!isInPlace(place, info) || realPath(place) !== place) throw changed(place);
}

/** @throws {AppError} path.changed */
function lookOften(all: readonly LookedAt[]): void {
  for (let look = 0; look < LOOKS_IN_UNREST; look++) {
    waitABit();
    for (const { place, info } of all) if (!isInPlace(place, info)) throw changed(place);
    waitABit();
    for (const { place } of all) if (realPath(place) !== place) throw changed(place);
  }
}

/** Something at a path, as it was when it was looked at. */
export interface LookedAt {
  /** Absolute. */
  readonly place: string;
  readonly info: FileIdentity;
}

/**
 * Keeps the entries that were met where their paths say, and not through a link that stood in the place of a folder for
 * a moment. An entry may itself be a link. To be asked when all looking is done.
 *
 * @param startedAtMs when the path began to be resolved
 */
export function keepUnswapped<Entry extends LookedAt>(
  entries: readonly Entry[],
  root: Root,
  startedAtMs: number,
  platform: Platform,
): readonly Entry[] {
  const swapped = new Set<Entry>();
  for (const [folder, own] of Map.groupBy(entries, ({ place }) => parentOf(place, platform))) {
    if (isCalmAbove(folder, root, startedAtMs, platform)) continue;
    for (let look = 0; look < LOOKS_IN_UNREST; look++) {
      waitABit();
      for (const entry of own) {
        if (!isInPlace(entry.place, entry.info)) swapped.add(entry);
      }
      waitABit();
      if (realPath(folder) !== folder) own.forEach((entry) => swapped.add(entry));
    }
  }
  return entries.filter((entry) => !swapped.has(entry));
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
  const folder = parentOf(path, platform);
  const isCalmBeside = isCalm(folder, startedAtMs);
  if (!isCalmAbove(folder, root, startedAtMs, platform)) return "above";
  return isCalmBeside ? "none" : "beside";
}

/** True when nothing has come or gone lately in any folder above this one, up to the root. */
function isCalmAbove(folder: string, root: Root, startedAtMs: number, platform: Platform): boolean {
  let above = folder;
  while (above.length > root.path.length) {
    above = parentOf(above, platform);
    if (!isCalm(above, startedAtMs)) return false;
  }
  return true;
}

/** True when nothing has come or gone in a folder lately. */
function isCalm(folder: string, startedAtMs: number): boolean {
  const changedAtMs = lookAt(folder)?.ctime?.getTime();
  return changedAtMs !== undefined && changedAtMs + CLOCK_SLACK_MS < startedAtMs;
}

/** Waits for a time that nobody can foresee, and as often for a short one as for a long one, so that no pace suits it. */
function waitABit(): void {
  const untilMs = performance.now() + LONGEST_WAIT_MS * 2 ** (-8 * Math.random());
  while (performance.now() < untilMs) continue;
}

function isInPlace(path: string, identity: FileIdentity): boolean {
  const info = lookAt(path);
  return info !== undefined && isSameFile(info, identity);
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
