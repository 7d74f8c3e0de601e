/**
 * Reads files for scanning, one after the other, into one buffer, and tells text from what is not text.
 *
 * Only what a folder's listing calls a regular file is opened. Should one turn into a FIFO or a link in between,
 * how it is opened keeps it from being waited for or followed.
 *
 * @module
 */

/** The few calls that reading takes; synchronous. Descriptors are the system's or the runtime's own. */
export interface FileCalls {
  /** Opens for reading: without following a link, without waiting. Undefined when that cannot be done. */
  open(path: string): number | undefined;
  /** Reads into `bytes` from a place in the file; answers how many, 0 at its end or when it cannot be read. */
  read(file: number, bytes: Uint8Array, position: number): number;
  sizeBytes(file: number): number;
  close(file: number): void;
}

/** Larger files are passed over and counted. */
const LARGEST_FILE_BYTES = 32 * 1024 * 1024;

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

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Reads one file. Never throws for what the system says about it. */
export type ReadContent = (path: string) => FileContent;

/** Prepares reading; what it reads is valid until it reads the next file. */
export function makeReader(calls: FileCalls): ReadContent {
  let buffer = new Uint8Array(firstReadBytes);

  function readOpened(file: number): FileContent {
    let length = calls.read(file, buffer.subarray(0, firstReadBytes), 0);
    const mark = byteOrderMark(buffer, length);
    if (mark === undefined && buffer.subarray(0, Math.min(length, probeBytes)).indexOf(0) !== -1) {
      return { kind: "binary" };
    }
    if (length === firstReadBytes) {
      const size = calls.sizeBytes(file);
      if (size > LARGEST_FILE_BYTES) return { kind: "tooLarge" };
      length = readRest(file, length, size);
    }
    const bytes = buffer.subarray(0, length);
    if (mark === undefined) return { kind: "utf8", bytes };
    if (mark === "utf-8") return { kind: "utf8", bytes: bytes.subarray(3) };
    return { kind: "utf16", text: new TextDecoder(mark).decode(bytes) };
  }

  /** Up to the size that the file had a moment ago; what is appended meanwhile is left for the next search. */
  function readRest(file: number, start: number, size: number): number {
    if (buffer.length < size) {
      const larger = new Uint8Array(size);
      larger.set(buffer.subarray(0, start));
      buffer = larger;
    }
    let length = start;
    while (length < size) {
      const count = calls.read(file, buffer.subarray(length, size), length);
      if (count === 0) break;
      length += count;
    }
    return length;
  }

  return (path) => {
    const file = calls.open(path);
    if (file === undefined) return { kind: "unreadable" };
    try {
      return readOpened(file);
    } finally {
      calls.close(file);
    }
  };
}

/** Decodes UTF-8; what is none reads as U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

function byteOrderMark(bytes: Uint8Array, length: number): "utf-8" | "utf-16le" | "utf-16be" | undefined {
  if (length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return "utf-8";
  if (length >= 2 && bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (length >= 2 && bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  return undefined;
}
