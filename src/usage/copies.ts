/**
 * Sets logs aside that hold, byte for byte, what another log of the same session holds: a copy in an archive, or of a
 * whole home. They tell of no response that the other one does not tell of.
 *
 * @module
 */

import type { UsageClient } from "./client.ts";
import type { Warning } from "./model.ts";
import type { LogFile } from "./read.ts";
import { shareEngine, WINDOW_START } from "./scan/engine.ts";

/** How much of two logs is compared at once; both parts stand in the scanner's window, and in the processor's cache. */
const PART_BYTES = 256 * 1024;

/** Logs without copies. */
export interface Distinct {
  readonly files: readonly LogFile[];
  /** What is to be warned of in the copies, as it is in what they are copies of. */
  warnOfCopies(warnings: readonly Warning[]): readonly Warning[];
}

/**
 * Finds the copies among logs whose names say of which session they are.
 *
 * @param onRead is told of the bytes of each copy: nobody reads them again
 */
export function setCopiesAside(
  client: UsageClient,
  files: readonly LogFile[],
  onRead: (bytes: number) => void,
): Distinct {
  const originals = new Map<string, LogFile>();
  const copies: { readonly path: string; readonly original: string }[] = [];
  const distinct = files.filter((file) => {
    const session = client.nameSession?.(file.path);
    if (session === undefined) return true;
    const original = originals.get(session);
    if (original === undefined) originals.set(session, file);
    if (original === undefined || !holdSame(original, file)) return true;
    copies.push({ path: file.path, original: original.path });
    onRead(file.sizeBytes);
    return false;
  });
  return {
    files: distinct,
    warnOfCopies: (warnings) =>
      copies.flatMap(({ path, original }) =>
        warnings.filter(({ file }) => file === original).map((warning) => ({ ...warning, file: path }))
      ),
  };
}

/** False also where it cannot be told. */
function holdSame(a: LogFile, b: LogFile): boolean {
  if (a.sizeBytes !== b.sizeBytes || a.path.endsWith(".zst") !== b.path.endsWith(".zst")) return false;
  try {
    return withFile(a.path, (first) => withFile(b.path, (second) => readSame(first, second)));
  } catch {
    return false;
  }
}

function withFile(path: string, read: (file: Deno.FsFile) => boolean): boolean {
  const file = Deno.openSync(path);
  try {
    return read(file);
  } finally {
    file.close();
  }
}

function readSame(a: Deno.FsFile, b: Deno.FsFile): boolean {
  const { wasm, bytes } = shareEngine();
  const [startA, startB] = [WINDOW_START, WINDOW_START + PART_BYTES];
  const roomA = bytes.subarray(startA, startA + PART_BYTES);
  const roomB = bytes.subarray(startB, startB + PART_BYTES);
  for (;;) {
    const count = fill(a, roomA);
    if (fill(b, roomB) !== count || wasm.areSame(startA, startB, count) === 0) return false;
    if (count < PART_BYTES) return true;
  }
}

/** Reads until there is no more room, or no more to read. */
function fill(file: Deno.FsFile, room: Uint8Array): number {
  let done = 0;
  while (done < room.length) {
    const count = file.readSync(room.subarray(done));
    if (count === null) break;
    done += count;
  }
  return done;
}
