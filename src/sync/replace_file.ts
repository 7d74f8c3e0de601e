/**
 * Replacing one file of a home so that nobody ever sees half of it: a temporary file beside it, synced, renamed.
 *
 * @module
 */

import { maskControls } from "../base/control_characters.ts";
import { AppError, messageOf } from "../base/errors.ts";
import { decodeLossless, encodeLossless } from "../base/lossless_text.ts";
import { showPath } from "../base/path_rules.ts";
import { MAY_RUN } from "./model.ts";

/** A step of a change, for progress and for tests that stop at each. */
export type Observe = (step: string) => void;

/** One file to put in place; texts stand for bytes, see `base/lossless_text.ts`. */
export interface Replacement {
  /** Undefined when there was no file. */
  readonly before: string | undefined;
  readonly after: string;
  /** True to let its user run the file. */
  readonly executable?: boolean;
  /** Permission bits to give it in place of those that it has. */
  readonly mode?: number | undefined;
}

const PERMISSIONS = 0o7777;

/** A new file is its user's alone. */
const NEW_FILE_MODE = 0o600;

/**
 * Puts `after` where `before` stood. The file's mode and owner are kept, its group where the system lets us; a new file
 * is 0600; a symbolic link is written through to its target. The file is read again right before the rename.
 *
 * @throws {AppError} sync.changed when somebody wrote the file in between; sync.write_failed with the old file intact
 */
export function replaceFile(
  file: string,
  { before, after, executable = false, mode }: Replacement,
  observe: Observe = () => {},
): void {
  const real = before === undefined ? file : Deno.realPathSync(file);
  const info = before === undefined ? undefined : Deno.statSync(real);
  const kept = ((info?.mode ?? NEW_FILE_MODE) & PERMISSIONS) | (executable ? MAY_RUN : 0);
  const temporary = `${real}.agentos-${crypto.randomUUID().slice(0, 8)}.tmp`;
  try {
    writeSynced(temporary, encodeLossless(after), mode ?? kept, info);
    observe(`wrote ${temporary}`);
    if (readText(real) !== before) {
      throw new AppError(
        "sync.changed",
        `Cannot write "${showPath(file)}": another program wrote it just now`,
      );
    }
    Deno.renameSync(temporary, real);
    observe(`renamed ${real}`);
    syncFolder(real);
  } catch (error) {
    removeIfThere(temporary);
    if (error instanceof AppError) throw error;
    throw failed("write", file, error);
  }
}

/** A file's permission bits; undefined where it has none, or is not there. */
export function readMode(file: string): number | undefined {
  try {
    const { mode } = Deno.statSync(file);
    return mode === null || Deno.build.os === "windows" ? undefined : mode & PERMISSIONS;
  } catch {
    return undefined; // Who writes the file next is told why it cannot be.
  }
}

/** Removes what a killed run left half-written beside a file; nobody else's file has such a name. */
export function removeTemporaries(file: string): void {
  const real = realPath(file);
  const folder = real.slice(0, real.lastIndexOf("/")) || "/";
  const name = real.slice(real.lastIndexOf("/") + 1);
  let entries: Deno.DirEntry[];
  try {
    entries = [...Deno.readDirSync(folder)];
  } catch {
    return; // The folder was not made yet: nothing was left in it.
  }
  for (const entry of entries) {
    if (entry.name.startsWith(`${name}.agentos-`) && /\.agentos-[0-9a-f]{8}\.tmp$/.test(entry.name)) {
      removeIfThere(`${folder}/${entry.name}`);
    }
  }
}

function realPath(file: string): string {
  try {
    return Deno.realPathSync(file);
  } catch {
    return file;
  }
}

/** Writes a new file of ours in the state folder, synced, 0600, replacing what was there in one step. */
export function writeOwnFile(file: string, text: string): void {
  const temporary = `${file}.${crypto.randomUUID().slice(0, 8)}.tmp`;
  try {
    writeSynced(temporary, encodeLossless(text), 0o600, undefined);
    Deno.renameSync(temporary, file);
    syncFolder(file);
  } catch (error) {
    removeIfThere(temporary);
    throw failed("write", file, error);
  }
}

/** Removes what a killed run left half-written in a folder of the state folder; only under its lock. */
export function removeOwnTemporaries(folder: string): void {
  for (const { name } of Deno.readDirSync(folder)) {
    if (/\.[0-9a-f]{8}\.tmp$/.test(name)) removeIfThere(`${folder}/${name}`);
  }
}

/**
 * Removes a file whose text is still `before`; a link is removed, not its target.
 *
 * @throws {AppError} sync.changed, sync.write_failed
 */
export function removeFile(file: string, before: string | undefined, observe: Observe): void {
  if (readText(file) !== before) {
    throw new AppError(
      "sync.changed",
      `Cannot remove "${showPath(file)}": another program wrote it just now`,
    );
  }
  try {
    Deno.removeSync(file);
    observe(`removed ${file}`);
    syncFolder(file);
  } catch (error) {
    throw failed("remove", file, error);
  }
}

/** The bytes of a file as a string (see `base/lossless_text.ts`); undefined when there is none. */
export function readText(file: string): string | undefined {
  try {
    return decodeLossless(Deno.readFileSync(file));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw failed("read", file, error);
  }
}

function writeSynced(file: string, bytes: Uint8Array, mode: number, like: Deno.FileInfo | undefined): void {
  const handle = Deno.openSync(file, { write: true, createNew: true, mode: 0o600 });
  try {
    let rest = bytes;
    while (rest.length > 0) rest = rest.subarray(handle.writeSync(rest));
    handle.syncSync();
  } finally {
    handle.close();
  }
  if (Deno.build.os === "windows") return;
  if (like !== undefined) keepOwner(file, like);
  Deno.chmodSync(file, mode);
}

function keepOwner(file: string, { uid, gid }: Deno.FileInfo): void {
  const made = Deno.statSync(file);
  if (uid === null || gid === null || (made.uid === uid && made.gid === gid)) return;
  try {
    Deno.chownSync(file, uid, gid);
  } catch (error) {
    // A group that its user is not in can be given by nobody but root; another owner would take the file from its user.
    if (made.uid !== uid) throw error;
  }
}

/** Makes a rename durable. Windows cannot sync a folder and does not need to. */
function syncFolder(file: string): void {
  if (Deno.build.os === "windows") return;
  const folder = Deno.openSync(file.slice(0, file.lastIndexOf("/")) || "/");
  try {
    folder.syncSync();
  } finally {
    folder.close();
  }
}

function removeIfThere(file: string): void {
  try {
    Deno.removeSync(file);
  } catch {
    // It was never made, or was renamed: there is nothing left to tidy.
  }
}

function failed(verb: "write" | "remove" | "read", file: string, cause: unknown): AppError {
  const reason = maskControls(messageOf(cause));
  return new AppError("sync.write_failed", `Cannot ${verb} "${showPath(file)}": ${reason}`, { cause });
}
