/**
 * Finding a program on PATH without running one that a tool could have put there.
 *
 * @module
 */

import { AppError } from "./errors.ts";
import { isAbsolute, isInside, joinPath, type Platform } from "./path_rules.ts";

/** Where to look. */
export interface ProgramSearch {
  /** The value of PATH. */
  readonly path: string;
  /** The value of PATHEXT on Windows. */
  readonly pathExt?: string | undefined;
  /** Real paths of folders that tools may write to; nothing in them is ever run. */
  readonly unsafeFolders: readonly string[];
  readonly platform: Platform;
}

/** A program's name without any path in it, so that it can only mean one on PATH. */
export function isBareName(program: string): boolean {
  return /^[\w.+-]+$/.test(program) && !/^[.-]/.test(program);
}

/**
 * The first file on PATH that can be run under this name, as an absolute path.
 *
 * Relative entries of PATH are skipped, and so is what lies in, or leads into, an unsafe folder.
 *
 * @throws {AppError} process.not_found; process.not_allowed when only unsafe ones were found
 */
export function findProgram(program: string, search: ProgramSearch): string {
  if (!isBareName(program)) {
    throw new AppError("process.not_allowed", `Cannot run ${JSON.stringify(program)}: it is not a bare name`);
  }
  let unsafe: { readonly file: string; readonly folder: string } | undefined;
  for (const file of candidates(program, search)) {
    const real = realPathOfExecutable(file);
    if (real === undefined) continue;
    const folder = search.unsafeFolders.find((root) =>
      isInside(file, root, search.platform) || isInside(real, root, search.platform)
    );
    // The link is run, not what it leads to: some programs go by the name they were called with.
    if (folder === undefined) return file;
    unsafe ??= { file, folder };
  }
  if (unsafe === undefined) {
    throw new AppError("process.not_found", `Cannot run ${program}: it is not on the server's PATH`);
  }
  throw new AppError(
    "process.not_allowed",
    `Cannot run ${program}: the one on PATH is "${unsafe.file}", inside the root "${unsafe.folder}", where a tool could have replaced it`,
    { hint: `Name narrower roots, or put a ${program} from outside them on the server's PATH.` },
  );
}

/** PATH without the entries from which a tool could be run that it wrote itself. */
export function safePath(search: ProgramSearch): string {
  return folders(search)
    .filter((folder) => !search.unsafeFolders.some((root) => isInside(folder, root, search.platform)))
    .join(separatorOf(search.platform));
}

/** Every file that the name could mean, in the order of PATH; on Windows with each ending that PATHEXT allows. Pure. */
export function candidates(program: string, search: ProgramSearch): string[] {
  const endings = search.platform === "windows"
    ? (search.pathExt ?? ".COM;.EXE;.BAT;.CMD").split(";").filter((ending) => ending !== "")
    : [""];
  return folders(search).flatMap((folder) =>
    endings.map((ending) => joinPath(folder, program + ending.toLowerCase(), search.platform))
  );
}

function folders(search: ProgramSearch): string[] {
  return search.path.split(separatorOf(search.platform)).filter((folder) =>
    isAbsolute(folder, search.platform)
  );
}

function separatorOf(platform: Platform): string {
  return platform === "windows" ? ";" : ":";
}

function realPathOfExecutable(file: string): string | undefined {
  try {
    const { isFile, mode } = Deno.statSync(file);
    if (!isFile || (mode !== null && Deno.build.os !== "windows" && (mode & 0o111) === 0)) return undefined;
    return Deno.realPathSync(file);
  } catch {
    return undefined;
  }
}
