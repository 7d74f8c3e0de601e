/**
 * Putting a file in place whole: whoever reads sees the old bytes or the new ones, never a part, also after a
 * crash or a full disk.
 *
 * The new bytes go to a file of a random name in the same folder, are forced to the disk, and are renamed over
 * the old file. So a hard link elsewhere keeps the old bytes; extended attributes and ACLs are not carried over.
 *
 * @module
 */

import type { FileIdentity } from "./file_identity.ts";
import { isThere } from "./on_disk.ts";

/** One file to put in place. */
export interface AtomicWrite {
  /** Absolute path; must not be a symbolic link, which the rename would replace. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Permission bits to give it; undefined means those of a new file (0644 less the umask). */
  readonly mode: number | undefined;
  /** Given to the file when it would otherwise get another owner, as far as the system lets us. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /**
   * Called after the temporary file was made, while it is empty, and again right before the rename; throws to
   * give up.
   */
  readonly check?: (temporary: string, identity: FileIdentity) => void;
}

const NEW_FILE_MODE = 0o644;
const PRIVATE_MODE = 0o600;
/** Each is fooled more often than not, being several looks at the path; together they take a quarter of a second. */
const MAX_REMOVALS = 200;

/**
 * Writes one file. When anything fails the old file is untouched and the temporary one is gone.
 *
 * @throws {TypeError} when something else than a file stands there: renaming over `/dev/null` would end it
 */
export async function writeAtomically(write: AtomicWrite): Promise<void> {
  refuseSpecial(write.path);
  const folder = write.path.replace(/[^/\\]*$/, "");
  const temporary = `${folder}.agentos-${crypto.randomUUID()}.tmp`;
  // Never more readable than it will be in the end: the narrower bits come first.
  const file = Deno.openSync(temporary, {
    write: true,
    createNew: true,
    mode: write.mode === undefined ? NEW_FILE_MODE : PRIVATE_MODE,
  });
  try {
    const identity = file.statSync();
    try {
      write.check?.(temporary, identity);
      writeAll(file, write.bytes);
      keepOwnerAndMode(temporary, identity, write);
      await file.sync();
    } finally {
      file.close();
    }
    write.check?.(temporary, identity);
    Deno.renameSync(temporary, write.path);
  } catch (error) {
    await removeQuietly(temporary);
    throw error;
  }
  syncFolder(folder);
}

/**
 * Puts a file where none is, whole: whoever looks sees none or all of it. When anything fails none is left.
 *
 * @param mode less the umask
 * @returns false when something stands there already, which stays as it is
 */
export function writeNewAtomically(path: string, bytes: Uint8Array, mode: number = NEW_FILE_MODE): boolean {
  const folder = path.replace(/[^/\\]*$/, "");
  const temporary = `${folder}.agentos-${crypto.randomUUID()}.tmp`;
  try {
    const file = Deno.openSync(temporary, { write: true, createNew: true, mode });
    try {
      writeAll(file, bytes);
      file.syncSync();
    } finally {
      file.close();
    }
    return takeName(temporary, path);
  } finally {
    try {
      Deno.removeSync(temporary);
    } catch {
      // Renamed into place, or never made.
    }
  }
}

/** Unlike a rename, a link never takes the place of what came meanwhile. */
function takeName(temporary: string, path: string): boolean {
  try {
    Deno.linkSync(temporary, path);
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists || isThere(path)) return false;
    // A file system without hard links: renaming is the next best, and only a race could tell them apart.
    Deno.renameSync(temporary, path);
  }
  return true;
}

function refuseSpecial(path: string): void {
  let info: Deno.FileInfo;
  try {
    info = Deno.lstatSync(path);
  } catch {
    // Nothing there, or nothing that we may see: the calls that follow say which.
    return;
  }
  if (!info.isFile) throw new TypeError(`Not a regular file: ${path}`);
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  let rest = bytes;
  while (rest.length > 0) rest = rest.subarray(file.writeSync(rest));
}

function keepOwnerAndMode(temporary: string, made: Deno.FileInfo, write: AtomicWrite): void {
  const { owner, mode } = write;
  if (owner !== undefined && (made.uid !== owner.uid || made.gid !== owner.gid)) {
    try {
      Deno.chownSync(temporary, owner.uid, owner.gid);
    } catch {
      // Only root may give files away; anyone else's edit makes the file theirs, as in any editor.
    }
  }
  if (mode !== undefined && Deno.build.os !== "windows") Deno.chmodSync(temporary, mode & 0o777);
}

/**
 * Removes a file, some times over: who swaps its folder for a link makes it seem gone for a moment. When it stays
 * away, what failed first is what the caller must hear.
 */
async function removeQuietly(path: string): Promise<void> {
  for (let tries = 0; tries < MAX_REMOVALS; tries++) {
    try {
      return Deno.removeSync(path);
    } catch {
      await new Promise((resume) => setTimeout(resume, 1));
    }
  }
}

/** Makes the rename itself survive a crash; systems that cannot do it for folders are left to their journal. */
function syncFolder(folder: string): void {
  try {
    const handle = Deno.openSync(folder, { read: true });
    try {
      handle.syncSync();
    } finally {
      handle.close();
    }
  } catch {
    // The file is in place, and its bytes are safe.
  }
}
