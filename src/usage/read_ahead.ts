/**
 * Reads the beginning of a log while another one is scanned. A third of the time that a gigabyte takes the system copies
 * it into memory, and that is done by a thread of the runtime; the thread that scans needs no other one of its own.
 *
 * @module
 */

import { windowAt, type WindowNumber } from "./scan/engine.ts";

/** Smaller logs are read sooner than somebody else is asked to. */
const WORTHWHILE_BYTES = 1_500_000;

/** A log whose beginning is being read. */
export interface Ahead {
  /** Which window it goes into. */
  readonly window: WindowNumber;
  /** Waits until it was read; the file is then the caller's to close. Undefined when it could not be read. */
  take(): Promise<Begun | undefined>;
  /** Waits until nothing is read any more, and closes what nobody took. */
  end(): Promise<void>;
}

/** A log whose beginning was read, as far as there is room for it. */
export interface Begun {
  readonly file: Deno.FsFile;
  readonly count: number;
}

/** A log that is to be read from its beginning. */
interface Upcoming {
  readonly path: string;
  readonly sizeBytes: number;
}

/**
 * Works on one log after another; the beginning of each is read while the one before is worked on.
 *
 * @param logOf undefined when an item's log is not read, or not from its beginning
 * @param work reads the log, and what is read of it already is its own
 */
export async function readInTurn<Item>(
  items: readonly Item[],
  logOf: (item: Item) => Upcoming | undefined,
  work: (item: Item, ahead: Ahead | undefined) => Promise<void>,
): Promise<void> {
  let ahead: Ahead | undefined;
  try {
    for (const [index, item] of items.entries()) {
      const current = ahead;
      const next = items[index + 1];
      const log = next === undefined ? undefined : logOf(next);
      ahead = readAhead(log, current?.window === 1 ? 0 : 1);
      try {
        await work(item, current);
      } finally {
        await current?.end();
      }
    }
  } finally {
    await ahead?.end();
  }
}

function readAhead(log: Upcoming | undefined, window: WindowNumber): Ahead | undefined {
  if (log === undefined || log.sizeBytes < WORTHWHILE_BYTES || log.path.endsWith(".zst")) return undefined;
  const begun = begin(log.path, windowAt(window));
  let isTaken = false;
  return {
    window,
    take(): Promise<Begun | undefined> {
      isTaken = true;
      return begun;
    },
    async end(): Promise<void> {
      if (!isTaken) (await begun)?.file.close();
    },
  };
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
