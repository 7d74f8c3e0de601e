/**
 * Which file it is, whatever path leads there.
 *
 * @module
 */

/** What the system numbers a file by. `ino` is null where it has no such number (Windows, some Deno versions). */
export interface FileIdentity {
  readonly dev: number;
  readonly ino: number | null;
}

/** True when two looks saw the same file. Where files have no number, only the disk is compared. */
export function isSameFile(one: FileIdentity, other: FileIdentity): boolean {
  return one.dev === other.dev && one.ino === other.ino;
}
