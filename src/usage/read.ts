/**
 * Finds a client's logs and reads them, a window of bytes at a time.
 *
 * @module
 */

import { messageOf } from "../base/errors.ts";
import type { Tally, UsageClient } from "./client.ts";
import { LOG_START, type LogPlace, type Reading } from "./lines.ts";
import type { ParentView, Warning } from "./model.ts";
import type { OpenLog } from "./open_ahead.ts";
import { WINDOW_BYTES } from "./scan/engine.ts";
import { type LogScanner, openScanner } from "./scan/scanner.ts";
import type { Tallied } from "./tallied.ts";

/** A file that may hold usage. */
export interface LogFile {
  /** Which of the client's folders it was found in, as the client names it. */
  readonly folder: string;
  /** Absolute path. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedAt: number;
  /** When its content, name or mode changed; 0 where the system does not say. */
  readonly changedAt: number;
  /** Which file it is, whatever its name; 0 where the system does not say. */
  readonly inode: number;
  readonly device: number;
}

/** Lists the logs of a client by path, each once; a compressed log is left out where the plain one stands beside it. */
export function findLogs(
  client: UsageClient,
  folders: readonly string[],
): { readonly files: readonly LogFile[]; readonly warnings: readonly Warning[] } {
  const paths = new Map<string, string>();
  const warnings: Warning[] = [];
  const visited = new Set<string>();
  for (const folder of folders) walk(folder, folder, 0, false);
  const files = [...paths].filter(([path]) => !(path.endsWith(".zst") && paths.has(path.slice(0, -4))));
  files.sort(([a], [b]) => a < b ? -1 : 1);
  return { files: files.flatMap(([path, root]) => describe(path, root) ?? []), warnings };

  function addLink(root: string, path: string): void {
    try {
      paths.set(Deno.realPathSync(path), root);
    } catch {
      // It leads nowhere.
    }
  }

  function walk(root: string, folder: string, depth: number, isReal: boolean): void {
    if (depth > 16) return;
    try {
      const real = isReal ? folder : Deno.realPathSync(folder);
      if (visited.has(real)) return;
      visited.add(real);
      for (const { name, isDirectory, isFile, isSymlink } of Deno.readDirSync(real)) {
        if (isDirectory) walk(root, `${real}/${name}`, depth + 1, true);
        else if (isSymlink && !client.isLog(name)) walk(root, `${real}/${name}`, depth + 1, false);
        else if (client.isLog(name) && isFile) paths.set(`${real}/${name}`, root);
        else if (client.isLog(name) && isSymlink) addLink(root, `${real}/${name}`);
      }
    } catch (error) {
      if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return;
      warnings.push({ file: folder, code: "unreadable", message: messageOf(error) });
    }
  }
}

function describe(path: string, folder: string): LogFile | undefined {
  try {
    const { isFile, size, mtime, ctime, ino, dev } = Deno.statSync(path);
    // A link may lead to a pipe or a device, which have no end.
    if (!isFile) return undefined;
    return {
      folder,
      path,
      sizeBytes: size,
      modifiedAt: mtime?.getTime() ?? 0,
      changedAt: ctime?.getTime() ?? 0,
      inode: ino ?? 0,
      device: dev,
    };
  } catch {
    // It went away since it was listed.
    return undefined;
  }
}

/**
 * Reads a file from an offset to its end; the offset is that of a line's first byte.
 *
 * @param onRead is told of bytes of the file as they are read
 */
export async function readLog(
  client: UsageClient,
  path: string,
  from: LogPlace = LOG_START,
  onRead: (bytes: number) => void = () => {},
  open: OpenLog = Deno.openSync,
): Promise<Reading> {
  const scanner = openScanner(client, path, from);
  return await readThrough(scanner, path, from, onRead, open);
}

/** What came of a log that was to be tallied. */
export interface TalliedReading {
  /** Of a tallied log, without events. */
  readonly reading: Reading;
  /** Undefined when it could not be. */
  readonly tallied: Tallied | undefined;
  /** What a child may ask of it. */
  readonly view: (() => ParentView) | undefined;
}

/** Reads a file whole, and has it tallied when that can be done. */
export async function tallyLog(
  client: UsageClient,
  path: string,
  tally: Tally,
  onRead: (bytes: number) => void = () => {},
  open: OpenLog = Deno.openSync,
): Promise<TalliedReading> {
  const scanner = openScanner(client, path, LOG_START, WINDOW_BYTES, tally);
  let doneBytes = 0;
  const count = (bytes: number): void => {
    doneBytes += bytes;
    onRead(bytes);
  };
  const reading = await readThrough(scanner, path, LOG_START, count, open);
  const { tallied, view } = scanner.tallied() ?? {};
  if (scanner.outcome() !== "refused") return { reading, tallied, view };
  const countAgain = (bytes: number): void => {
    onRead(Math.max(0, bytes - doneBytes));
    doneBytes = Math.max(0, doneBytes - bytes);
  };
  const anew = openScanner(client, path);
  return { reading: await readThrough(anew, path, LOG_START, countAgain, open), tallied, view };
}

async function readThrough(
  scanner: LogScanner,
  path: string,
  from: LogPlace,
  onRead: (bytes: number) => void,
  open: OpenLog,
): Promise<Reading> {
  try {
    using file = open(path);
    if (path.endsWith(".zst")) await readCompressed(file, scanner, onRead);
    else readPlain(file, from.offset, scanner, onRead);
  } catch (error) {
    const { warnings, ...rest } = scanner.finish();
    return {
      ...rest,
      warnings: [...warnings, { file: path, code: "unreadable", message: messageOf(error) }],
    };
  }
  return scanner.finish();
}

function readPlain(
  file: Deno.FsFile,
  offset: number,
  scanner: LogScanner,
  onRead: (bytes: number) => void,
): void {
  if (offset > 0) file.seekSync(offset, Deno.SeekMode.Start);
  for (
    let count = file.readSync(scanner.room());
    count !== null;
    count = file.readSync(scanner.room())
  ) {
    scanner.took(count);
    onRead(count);
    if (scanner.outcome() === "refused") return;
  }
}

async function readCompressed(
  file: Deno.FsFile,
  scanner: LogScanner,
  onRead: (bytes: number) => void,
): Promise<void> {
  const { Decompress } = await import("fzstd");
  const { openFrameWalk } = await import("./zstd_frames.ts");
  const checkFrames = openFrameWalk();
  const stream = new Decompress((bytes) => pour(bytes, scanner));
  const chunk = new Uint8Array(256 * 1024);
  let isEmpty = true;
  for (let count = file.readSync(chunk); count !== null; count = file.readSync(chunk)) {
    isEmpty = false;
    checkFrames(chunk.subarray(0, count));
    stream.push(chunk.slice(0, count), false);
    onRead(count);
    if (scanner.outcome() === "refused") return;
  }
  // Even of nothing something is left when it is compressed.
  if (isEmpty) throw new Error("the compressed log is empty: whoever wrote it did not come to its end");
  stream.push(new Uint8Array(0), true);
}

/** Hands bytes to the scanner, as much at once as it has room for. */
export function pour(bytes: Uint8Array, scanner: LogScanner): void {
  for (let done = 0; done < bytes.length;) {
    const room = scanner.room();
    const part = bytes.subarray(done, done + room.length);
    room.set(part);
    scanner.took(part.length);
    done += part.length;
  }
}
