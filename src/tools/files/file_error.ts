/**
 * What the system said about a file, as an error that the caller can act on.
 *
 * @module
 */

import { AppError } from "../../base/errors.ts";
import type { ErrorCode } from "../../base/errors.ts";
import { quotePath } from "../../base/path_rules.ts";
import type { Root } from "../../base/roots.ts";
import { findLoss } from "./lost_root.ts";

const MEANINGS: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  ENOENT: ["path.not_found", "nothing stands there"],
  ENOTDIR: ["path.not_a_folder", "a name on the way is not a folder"],
  EISDIR: ["path.not_a_file", "it is a folder"],
  ELOOP: ["path.changed", "it became a symbolic link while it was used"],
  ENXIO: ["path.not_a_file", "it is a device or a socket"],
  EACCES: ["path.denied", "the system does not let the server in"],
  EPERM: ["path.denied", "the system does not allow it"],
  EROFS: ["path.denied", "the disk is read-only"],
  ENAMETOOLONG: ["path.invalid", "a name in it is too long for this disk"],
  EMFILE: ["path.denied", "the server has too many files open"],
};

/**
 * Turns what was caught into an `AppError`; one that already is, and anything that is no answer of the system, is kept.
 *
 * @param root what holds the path: whoever is not let in hears when that is lost
 */
export function asFileError(error: unknown, path: string, doing: string, root?: Root): unknown {
  if (error instanceof AppError || !(error instanceof Error)) return error;
  if (error instanceof Deno.errors.NotCapable) {
    return new AppError("path.denied", `Cannot ${doing} ${quotePath(path)}: the server has no right to.`, {
      cause: error,
    });
  }
  const meaning = MEANINGS[systemCode(error) ?? ""];
  if (meaning === undefined) return error;
  const loss = meaning[0] === "path.denied" && root !== undefined ? findLoss(root) : undefined;
  if (loss !== undefined) return loss;
  return new AppError(meaning[0], `Cannot ${doing} ${quotePath(path)}: ${meaning[1]}.`, { cause: error });
}

/** The system's name for an error, such as `ENOENT`; undefined when the error does not come from the system. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("code" in error && typeof error.code === "string") return error.code;
  if (error instanceof Deno.errors.NotFound) return "ENOENT";
  if (error instanceof Deno.errors.PermissionDenied) return "EACCES";
  return undefined;
}
