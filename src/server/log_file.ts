/**
 * A log file that is put aside when it is full: `agentos.log`, `agentos.log.1`, … the oldest is removed.
 *
 * `@logtape/file` (2.3.10) would do it, but its sink calls fsync after every short line, on the thread that
 * answers requests, or holds lines back until a buffer is full.
 *
 * @module
 */

import { AppError, messageOf } from "../base/errors.ts";
import { renameIfThere } from "../base/on_disk.ts";

/** A file that takes whole lines. */
export interface RotatedFile {
  /** Appends one or more whole lines. Never throws: what cannot be written is lost. */
  write(lines: Uint8Array): void;
  close(): void;
}

/** How large a file gets, and how many older ones are kept. */
export interface RotationLimits {
  readonly maxBytes: number;
  readonly keep: number;
}

const ROTATION: RotationLimits = { maxBytes: 10 * 1024 * 1024, keep: 4 };

/**
 * Opens the file for appending and makes its folder; both are their user's alone.
 *
 * @throws {AppError} state.unusable
 */
export function openRotatedFile(path: string, limits: RotationLimits = ROTATION): RotatedFile {
  let file: Deno.FsFile | undefined;
  let sizeBytes = 0;

  function open(): void {
    file = Deno.openSync(path, { append: true, create: true, mode: 0o600 });
    sizeBytes = file.statSync().size;
  }

  function rotate(): void {
    file?.close();
    file = undefined;
    for (let age = limits.keep; age > 0; age--) {
      renameIfThere(age === 1 ? path : `${path}.${age - 1}`, `${path}.${age}`);
    }
    open();
  }

  try {
    Deno.mkdirSync(path.replace(/[\\/][^\\/]+$/, ""), { recursive: true, mode: 0o700 });
    open();
  } catch (cause) {
    const reason = messageOf(cause);
    throw new AppError("state.unusable", `Cannot write the log file "${path}": ${reason}`, { cause });
  }
  return {
    write(lines): void {
      try {
        if (file === undefined || sizeBytes > 0 && sizeBytes + lines.length > limits.maxBytes) rotate();
        let rest = lines;
        while (file !== undefined && rest.length > 0) rest = rest.subarray(file.writeSync(rest));
        sizeBytes += lines.length;
      } catch {
        // The disk is full or the folder gone. stderr has them.
      }
    },
    close(): void {
      file?.close();
      file = undefined;
    },
  };
}
