/**
 * Reads files for scanning, one after the other, into one buffer, and tells text from what is not text.
 *
 * Nothing but regular files is ever opened by its caller; should one turn into a FIFO or a link in between, the
 * flags keep the open from waiting or following (Deno 2.9 and later; 2.4.2 ignores both).
 *
 * @module
 */

import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";

/** Larger files are passed over and counted. */
export const LARGEST_FILE_BYTES = 32 * 1024 * 1024;

/** What a file holds. `bytes` is UTF-8 without a byte order mark, and valid until the next read. */
export type FileContent =
  | { readonly kind: "utf8"; readonly bytes: Uint8Array }
  | { readonly kind: "utf16"; readonly text: string }
  | { readonly kind: "binary" }
  | { readonly kind: "tooLarge" }
  /** It cannot be opened any more, or not by us. */
  | { readonly kind: "unreadable" };

/** Enough for nearly all source files in one read. */
const firstReadBytes = 128 * 1024;
/** A NUL in so many first bytes makes a file binary. */
const probeBytes = 8 * 1024;

/** Undefined on Windows. */
const openFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

let buffer = new Uint8Array(firstReadBytes);

/** Reads one file. Never throws for what the system says about it. */
export function readContent(path: string): FileContent {
  let file: number;
  try {
    file = openSync(path, openFlags);
  } catch {
    return { kind: "unreadable" };
  }
  try {
    return readOpened(file);
  } catch {
    return { kind: "unreadable" };
  } finally {
    closeSync(file);
  }
}

/** Decodes UTF-8; what is none reads as U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

function readOpened(file: number): FileContent {
  let length = readSync(file, buffer, 0, firstReadBytes, null);
  const marked = byteOrderMark(buffer, length);
  if (marked === undefined && buffer.subarray(0, Math.min(length, probeBytes)).indexOf(0) !== -1) {
    return { kind: "binary" };
  }
  if (length === firstReadBytes) {
    const info = fstatSync(file);
    if (!info.isFile()) return { kind: "unreadable" };
    if (info.size > LARGEST_FILE_BYTES) return { kind: "tooLarge" };
    length = readRest(file, length, info.size);
  }
  const bytes = buffer.subarray(0, length);
  if (marked === undefined) return { kind: "utf8", bytes };
  if (marked === "utf-8") return { kind: "utf8", bytes: bytes.subarray(3) };
  return { kind: "utf16", text: new TextDecoder(marked).decode(bytes) };
}

/** Up to the size that the file had a moment ago; what is appended meanwhile is left for the next search. */
function readRest(file: number, length: number, size: number): number {
  if (buffer.length < size) {
    const larger = new Uint8Array(size);
    larger.set(buffer.subarray(0, length));
    buffer = larger;
  }
  while (length < size) {
    const count = readSync(file, buffer, length, size - length, null);
    if (count === 0) break;
    length += count;
  }
  return length;
}

function byteOrderMark(bytes: Uint8Array, length: number): "utf-8" | "utf-16le" | "utf-16be" | undefined {
  if (length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return "utf-8";
  if (length >= 2 && bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (length >= 2 && bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  return undefined;
}
