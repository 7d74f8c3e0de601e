/**
 * Opening the file that was checked, and not one that was put in its place in between.
 *
 * Between the check and the opening a folder on the way can be swapped for a link to anywhere, and back. So either
 * nothing on the way was touched meanwhile (`moved.ts`), or what was opened must be the file seen before
 * (`isSameFile`) and every look must still lead there. The wall behind this is the kernel's (Landlock). Deno 2.4's
 * node:fs ignores the two flags below; there the look before and the comparison after must do.
 *
 * @module
 */

import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { AppError } from "../../base/errors.ts";
import { isSameFile } from "../../base/file_identity.ts";
import { isInside, quotePath } from "../../base/path_rules.ts";
import { asFileError } from "./file_error.ts";
import { changed, refuseMoved } from "./moved.ts";
import { resolveInRoots } from "./resolve.ts";
import type { PathSettings, ResolvedPath } from "./resolve.ts";

/** A regular file, open for reading. */
export interface OpenFile {
  readonly place: ResolvedPath;
  readonly info: Deno.FileInfo;
  /** Fills the buffer from a position in the file, as far as there are bytes; answers how many there were. */
  read(buffer: Uint8Array, position: number): number;
}

/** Someone who keeps swapping a folder loses after this many tries. */
const MAX_TRIES = 3;

/**
 * Opens a file inside the roots, hands it to `use`, and closes it.
 *
 * @throws {AppError} what `resolveInRoots` refuses; path.not_a_file for a folder; path.changed
 */
export async function withOpenFile<Result>(
  input: string,
  settings: PathSettings,
  use: (file: OpenFile) => Promise<Result> | Result,
): Promise<Result> {
  const { place, fd, info } = openChecked(input, settings);
  try {
    return await use({ place, info, read: (buffer, position) => readFully(fd, buffer, position) });
  } catch (error) {
    throw asFileError(error, place.path, "read", place.root);
  } finally {
    closeSync(fd);
  }
}

interface Opened {
  readonly place: ResolvedPath;
  readonly fd: number;
  readonly info: Deno.FileInfo;
}

function openChecked(input: string, settings: PathSettings): Opened {
  for (let tries = 1;; tries++) {
    const startedAtMs = Date.now();
    try {
      return openOnce(resolveInRoots(input, settings, { for: "read" }), settings, startedAtMs);
    } catch (error) {
      const hasMoved = error instanceof AppError && error.code === "path.changed";
      if (!hasMoved || tries === MAX_TRIES) throw error;
    }
  }
}

function openOnce(place: ResolvedPath, settings: PathSettings, startedAtMs: number): Opened {
  const { path } = place;
  if (place.kind === "folder") throw new AppError("path.not_a_file", `${quotePath(path)} is a folder.`);
  try {
    if (!settings.pathChecks) return { place, fd: openSync(path, "r"), info: Deno.statSync(path) };
    const info = Deno.lstatSync(path);
    if (!info.isFile) throw changed(path);
    const fd = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    try {
      const unrest = refuseMoved(path, info, place.root, startedAtMs, settings.platform);
      // (Deno 2.9.6's fstatSync takes longer than all the rest here.)
      if (unrest !== "none" && !isOpen(fd, info)) throw changed(path);
      refuseProtected(fd, path, settings);
      return { place, fd, info };
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  } catch (error) {
    throw asFileError(error, path, "open", place.root);
  }
}

function isOpen(fd: number, info: Deno.FileInfo): boolean {
  const opened = fstatSync(fd);
  return opened.isFile() && isSameFile(opened, info);
}

/**
 * A protected folder inside a root is behind no other wall: there what was opened must be none of its files, by
 * whatever path it was reached.
 */
function refuseProtected(fd: number, path: string, { forbidden, roots, platform }: PathSettings): void {
  for (const folder of forbidden) {
    if (!roots.some((root) => isInside(folder, root.path, platform))) continue;
    const opened = fstatSync(fd);
    for (const { name, isFile } of Deno.readDirSync(folder)) {
      if (isFile && isSameFile(opened, Deno.lstatSync(`${folder}/${name}`))) throw changed(path);
    }
  }
}

function readFully(fd: number, buffer: Uint8Array, position: number): number {
  let filled = 0;
  while (filled < buffer.length) {
    const count = readSync(fd, buffer, filled, buffer.length - filled, position + filled);
    if (count === 0) break;
    filled += count;
  }
  return filled;
}
