/**
 * Opening and reading files through `node:fs`, on every system.
 *
 * Deno 2.4.2 ignores the flags: there a file that becomes a FIFO just before it is opened holds its thread up until
 * the search is ended. It is not what searching uses on Linux.
 *
 * @module
 */

import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import type { FileCalls } from "./file_content.ts";

/** O_NOFOLLOW and O_NONBLOCK are missing on Windows. */
const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** The calls. */
export const NODE_FILES: FileCalls = {
  open: (path) => orUndefined(() => openSync(path, flags)),
  read: (file, bytes, position) => orUndefined(() => readSync(file, bytes, 0, bytes.length, position)) ?? 0,
  sizeBytes: (file) => fstatSync(file).size,
  close: (file) => closeSync(file),
};

function orUndefined<Value>(call: () => Value): Value | undefined {
  try {
    return call();
  } catch {
    return undefined;
  }
}
