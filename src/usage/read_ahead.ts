/**
 * Reads the beginning of a log while another one is scanned. Half of the time that a gigabyte takes the system copies
 * it into memory, and that is done by a thread of the runtime; the thread that scans needs no other one of its own.
 *
 * @module
 */

import { WINDOW_BYTES, windowAt, type WindowNumber } from "./scan/engine.ts";

/** Smaller logs are read sooner than somebody else is asked to. */
const WORTHWHILE_BYTES = 1_500_000;

/** A log whose beginning is being read. */
export interface Ahead {
  readonly path: string;
  /** Which window it goes into. */
  readonly window: WindowNumber;
  /** Waits until it was read; the file is then the caller's to close. Undefined when it could not be read. */
  take(): Promise<Begun | undefined>;
}

/** A log whose beginning was read, as far as there is room for it. */
export interface Begun {
  readonly file: Deno.FsFile;
  readonly count: number;
}

/** Begins to read a log; undefined when that is not worthwhile. Who calls must call `take` too. */
export function readAhead(path: string, sizeBytes: number, window: WindowNumber): Ahead | undefined {
  if (sizeBytes < WORTHWHILE_BYTES || path.endsWith(".zst")) return undefined;
  const begun = begin(path, windowAt(window).subarray(0, WINDOW_BYTES));
  return { path, window, take: () => begun };
}

async function begin(path: string, room: Uint8Array): Promise<Begun | undefined> {
  let file: Deno.FsFile | undefined;
  try {
    file = Deno.openSync(path);
    return { file, count: await file.read(room) ?? 0 };
  } catch {
    // Whoever wants the log reads it from its beginning, and says what is wrong.
    file?.close();
    return undefined;
  }
}
