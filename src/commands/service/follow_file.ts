/**
 * The last lines of a log file, and what is added to it later, also after it was put aside for a new one.
 *
 * Everything is counted in bytes: text that is not whole yet, or not UTF-8, has no length of its own.
 *
 * @module
 */

import { isSameFile } from "../../base/file_identity.ts";

/** How a log file is shown. */
export interface FollowOptions {
  /** So many of its last lines first. */
  readonly lines: number;
  /** Whether to go on with what is added; then lines are shown when they are whole. */
  readonly follow: boolean;
  /** How long to wait between two looks. */
  readonly pauseMs: number;
  /** Takes one or more lines, without the last line end. */
  readonly show: (text: string) => void;
}

/** A line of a log is short: so much of the end is looked at first. */
const BYTES_PER_LINE = 512;

const LINE_END = 0x0a;

/**
 * Shows a log file; with `follow`, for ever.
 *
 * @throws {Deno.errors.NotFound} when there is no file at first
 */
export async function followFile(
  path: string,
  { lines, follow, pauseMs, show }: FollowOptions,
): Promise<void> {
  let file = Deno.openSync(path, { read: true });
  try {
    /** Up to here everything was shown. */
    let at = placeOfLast(file, lines);
    for (;;) {
      at += showFrom(file, at, follow, show);
      if (!follow) return;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      const next = openSuccessor(path, file);
      if (next !== undefined) {
        // What was said last before the file was put aside.
        showFrom(file, at, false, show);
        file.close();
        [file, at] = [next, 0];
      } else if (file.statSync().size < at) at = 0;
    }
  } finally {
    file.close();
  }
}

/** Shows what stands behind a place, only whole lines when asked; answers how many bytes that were. */
function showFrom(file: Deno.FsFile, at: number, isWhole: boolean, show: (text: string) => void): number {
  const bytes = readFrom(file, at);
  const shown = isWhole ? bytes.subarray(0, bytes.lastIndexOf(LINE_END) + 1) : bytes;
  if (shown.length > 0) show(new TextDecoder().decode(shown).replace(/\n$/, ""));
  return shown.length;
}

/** Where the last so many lines begin; one that is not ended yet counts. */
function placeOfLast(file: Deno.FsFile, lines: number): number {
  const { size } = file.statSync();
  for (let window = lines * BYTES_PER_LINE;; window *= 2) {
    const start = Math.max(0, size - window);
    const found = startOfLast(readFrom(file, start), lines);
    if (found !== undefined) return start + found;
    if (start === 0) return 0;
  }
}

/** Undefined when the bytes do not hold the end of the line before. */
function startOfLast(bytes: Uint8Array, lines: number): number | undefined {
  let at = bytes.length;
  for (let count = 0; count < lines; count++) {
    // A negative place would be taken from the end.
    const before = at < 2 ? -1 : bytes.lastIndexOf(LINE_END, at - 2);
    if (before === -1) return undefined;
    at = before + 1;
  }
  return at;
}

/** The file that stands under the path now, when it is another one. */
function openSuccessor(path: string, file: Deno.FsFile): Deno.FsFile | undefined {
  try {
    if (!isSameFile(Deno.statSync(path), file.statSync())) return Deno.openSync(path, { read: true });
  } catch (error) {
    // Between putting aside and making anew.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return undefined;
}

function readFrom(file: Deno.FsFile, at: number): Uint8Array<ArrayBuffer> {
  file.seekSync(at, Deno.SeekMode.Start);
  const bytes = new Uint8Array(Math.max(0, file.statSync().size - at));
  let length = 0;
  while (length < bytes.length) {
    const count = file.readSync(bytes.subarray(length));
    if (count === null) break;
    length += count;
  }
  return bytes.subarray(0, length);
}
