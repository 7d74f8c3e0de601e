/**
 * The folders that tools may touch: what a user granted when the server started.
 *
 * A root is fixed for the life of the server; no tool can add, widen or unlock one. This file is the
 * vocabulary only: how a path is held against the roots stands in `path_rules.ts`.
 *
 * @module
 */

import type { FileIdentity } from "./file_identity.ts";

/** Which folder it is, whatever stood at its path before. */
export interface FolderIdentity extends FileIdentity {
  /** Milliseconds since 1970, where the file system knows. */
  readonly bornAtMs: number | undefined;
}

/** One granted folder. */
export interface Root {
  /** The folder's real path (all symbolic links resolved when the server started), without a final separator. */
  readonly path: string;
  /** False for `--read-only-root`: reading tools work there, writing tools refuse. */
  readonly writable: boolean;
  /** Other absolute paths that led to the folder when the server started, as the user gave them; see `root_aliases.ts`. */
  readonly aliases?: readonly string[];
  /** What stood there when the kernel's wall was put up; only where there is such a wall. */
  readonly identity?: FolderIdentity;
}
