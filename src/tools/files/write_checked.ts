/**
 * Writing a file inside the roots: one writer at a time, whole or not at all, and only where it was checked.
 *
 * @module
 */

import { writeAtomically } from "../../base/atomic_write.ts";
import { AppError } from "../../base/errors.ts";
import { isSameFile } from "../../base/file_identity.ts";
import { collapse, joinPath, parentOf, pathBelow, quotePath } from "../../base/path_rules.ts";
import type { Platform } from "../../base/path_rules.ts";
import type { Root } from "../../base/roots.ts";
import { createTurns } from "../../base/turns.ts";
import { asFileError, systemCode } from "./file_error.ts";
import { changed, refuseMoved } from "./moved.ts";
import { resolveInRoots } from "./resolve.ts";
import type { PathSettings, ResolvedPath } from "./resolve.ts";

/** A place to write to, while nobody else of this server writes there. */
export interface WriteTarget {
  readonly place: ResolvedPath;
  /** The file that stands there now; undefined when none does. */
  readonly info: Deno.FileInfo | undefined;
  /**
   * Puts these bytes there; an existing file keeps its mode.
   *
   * @throws {AppError} path.changed when another program wrote there meanwhile; path.denied, file.write_failed
   */
  write(bytes: Uint8Array): Promise<void>;
  /**
   * Refuses what {@link write} would refuse before it begins: for a dry run.
   *
   * @throws {AppError} path.denied when the file is write-protected
   */
  refuseProtected(): void;
  /** Makes the missing folders above the file. */
  makeFolders(): void;
}

/** By real path, so that two names of one file wait for each other. */
const takeTurn = createTurns();

/**
 * Resolves a path for writing and hands it to `work` when every earlier writer of that file is done.
 *
 * @throws {AppError} what `resolveInRoots` refuses; path.not_a_file for a folder
 */
export async function withWriteTarget<Result>(
  input: string,
  settings: PathSettings,
  work: (target: WriteTarget) => Promise<Result>,
): Promise<Result> {
  const before = resolveInRoots(input, settings, { for: "write" });
  return await takeTurn(before.path, async () => {
    const startedAtMs = Date.now();
    const place = resolveInRoots(input, settings, { for: "write" });
    if (place.path !== before.path) throw changed(before.path);
    if (place.kind === "folder") {
      throw new AppError("path.not_a_file", `${quotePath(place.path)} is a folder.`);
    }
    try {
      const info = place.kind === "file" ? Deno.lstatSync(place.path) : undefined;
      return await work({
        place,
        info,
        write: (bytes) => write(place, info, bytes, settings, startedAtMs),
        refuseProtected: () => refuseWriteProtected(place, info),
        makeFolders: () => makeFolders(place, settings.platform),
      });
    } catch (error) {
      throw asFileError(error, place.path, "write", place.root);
    }
  });
}

async function write(
  place: ResolvedPath,
  info: Deno.FileInfo | undefined,
  bytes: Uint8Array,
  settings: PathSettings,
  startedAtMs: number,
): Promise<void> {
  refuseWriteProtected(place, info);
  try {
    await writeAtomically({
      path: place.path,
      bytes,
      mode: info?.mode ?? undefined,
      ...ownerOf(info),
      check: (temporary, identity) => {
        if (!settings.pathChecks) return;
        refuseMoved(temporary, identity, place.root, startedAtMs, settings.platform);
        refuseRewritten(place.path, info);
      },
    });
  } catch (error) {
    throw asWriteError(error, place.path, place.root);
  }
}

/** A rename would get past the file's own mode, which somebody took the write bit from on purpose. */
function refuseWriteProtected(place: ResolvedPath, info: Deno.FileInfo | undefined): void {
  if (info === undefined || info.mode === null || (info.mode & 0o222) !== 0) return;
  throw new AppError(
    "path.denied",
    `${quotePath(place.path)} is write-protected (mode ${modeText(info.mode)}).`,
    {
      hint: "Make it writable by hand (chmod u+w) if it is to be changed.",
    },
  );
}

/** Throws when the file is no longer the one that the new bytes were made from. */
function refuseRewritten(path: string, expected: Deno.FileInfo | undefined): void {
  const now = lookAt(path);
  if (expected === undefined && now === undefined) return;
  const isSame = expected !== undefined && now !== undefined && isSameFile(expected, now) &&
    expected.size === now.size && expected.mtime?.getTime() === now.mtime?.getTime();
  if (!isSame) {
    throw new AppError("path.changed", `Another program changed ${quotePath(path)} at the same moment.`, {
      hint: "Nothing was written. Read the file again, then repeat the change.",
    });
  }
}

function makeFolders(place: ResolvedPath, platform: Platform): void {
  let folder = place.root.path;
  for (const name of collapse(pathBelow(parentOf(place.path, platform), folder, platform).split("/"))) {
    folder = joinPath(folder, name, platform);
    try {
      Deno.mkdirSync(folder);
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw asWriteError(error, folder, place.root);
    }
    if (Deno.realPathSync(folder) !== folder) throw changed(folder);
  }
}

function ownerOf(info: Deno.FileInfo | undefined): { readonly owner?: { uid: number; gid: number } } {
  if (info === undefined || info.uid === null || info.gid === null) return {};
  return { owner: { uid: info.uid, gid: info.gid } };
}

function asWriteError(error: unknown, path: string, root: Root): unknown {
  const known = asFileError(error, path, "write", root);
  const code = systemCode(known);
  if (known instanceof AppError || code === undefined) return known;
  return new AppError("file.write_failed", `Cannot write ${quotePath(path)}: the system says ${code}.`, {
    cause: error,
  });
}

function lookAt(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

function modeText(mode: number): string {
  return (mode & 0o777).toString(8).padStart(4, "0");
}
