/**
 * Where portfolio texts come from: the folder on disk, or the table in the executable. Hands out bytes; what they
 * mean is somebody else's business.
 *
 * @module
 */

import { AppError } from "../base/errors.ts";

/** Largest file that is given out, in bytes. */
export const maxFileBytes = 1024 * 1024;

/** A set of files that can be looked through and taken from, at any time anew. */
export interface Shelf {
  /** File names in order. */
  filenames(): Promise<readonly string[]>;
  /**
   * One file's bytes; undefined when it is gone.
   *
   * @param filename one of {@link Shelf.filenames}, never a name from outside
   */
  take(filename: string): Promise<Taken | undefined>;
}

/** What was taken. */
export interface Taken {
  /** At most {@link maxFileBytes} and one: the beginning, where the file is larger. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sizeBytes: number;
  /** ISO 8601; undefined where there is no file on disk. */
  readonly modifiedAt: string | undefined;
}

/** Serves a table of file name to text. */
export function embeddedShelf(files: Readonly<Record<string, string>>): Shelf {
  return {
    filenames: () => Promise.resolve(Object.keys(files).sort()),
    take(filename): Promise<Taken | undefined> {
      const text = files[filename];
      if (text === undefined) return Promise.resolve(undefined);
      const bytes = new TextEncoder().encode(text);
      return Promise.resolve({ bytes, sizeBytes: bytes.length, modifiedAt: undefined });
    },
  };
}

/**
 * Serves the `.md` files of a folder as they are now. Hidden files and symbolic links are not served.
 *
 * @throws {AppError} repo.not_found when the folder cannot be read; path.denied, path.changed for a single file
 */
export function folderShelf(folder: string): Shelf {
  return {
    async filenames(): Promise<readonly string[]> {
      const filenames: string[] = [];
      try {
        for await (const entry of Deno.readDir(folder)) {
          // A symbolic link is not a file here: it could lead out of the folder.
          if (entry.isFile && /^[^.].*\.md$/i.test(entry.name)) filenames.push(entry.name);
        }
      } catch (cause) {
        throw new AppError("repo.not_found", `Cannot read the portfolio folder "${folder}"`, { cause });
      }
      return filenames.sort();
    },
    async take(filename): Promise<Taken | undefined> {
      try {
        return await takeFromDisk(`${folder}/${filename}`);
      } catch (cause) {
        if (cause instanceof Deno.errors.NotFound) return undefined;
        if (cause instanceof AppError) throw cause;
        throw new AppError("path.denied", `Cannot read "${filename}" of the portfolio`, { cause });
      }
    },
  };
}

async function takeFromDisk(path: string): Promise<Taken> {
  const seen = await Deno.lstat(path);
  if (!seen.isFile) throw changed(path);
  using file = await Deno.open(path, { read: true });
  const opened = await file.stat();
  // Opening follows a symbolic link, so the opened file must be the one that was seen not to be a link.
  if (!opened.isFile || opened.dev !== seen.dev || opened.ino !== seen.ino) throw changed(path);
  const bytes = await readUpTo(file, maxFileBytes + 1);
  return {
    bytes,
    sizeBytes: Math.max(opened.size, bytes.length),
    modifiedAt: opened.mtime?.toISOString(),
  };
}

function changed(path: string): AppError {
  return new AppError("path.changed", `Cannot read "${path}": another file took its place meanwhile`);
}

async function readUpTo(file: Deno.FsFile, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let total = 0;
  const buffer = new Uint8Array(64 * 1024);
  while (total < maxBytes) {
    const count = await file.read(buffer.subarray(0, Math.min(buffer.length, maxBytes - total)));
    if (count === null) break;
    chunks.push(buffer.slice(0, count));
    total += count;
  }
  const bytes = new Uint8Array(total);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
