/**
 * A search cut into pieces that several threads work on at once, and put together again in path order.
 *
 * @module
 */

import { placeOf, readCursor, type SearchPlace, writeCursor } from "./cursor.ts";
import type {
  SearchCounts,
  SearchMatch,
  SearchRequest,
  SearchResult,
  SearchScope,
  SearchStop,
} from "./model.ts";
import type { ScanFile } from "./scan.ts";

/** Files that follow each other in path order. Plain data, and cheap to send. */
export interface Batch {
  /** Counts from 0 without gaps. */
  readonly number: number;
  /** Which of the request's paths they lie below. */
  readonly start: number;
  readonly paths: readonly string[];
  /** Lines of the first file up to this one are done already; 0 for none. */
  readonly afterLine: number;
  /** Of the folders since the batch before, those that could not be looked into. */
  readonly foldersUnreadable: number;
}

/** The counts of nothing. */
export const NO_COUNTS: SearchCounts = {
  filesSearched: 0,
  filesTooLarge: 0,
  filesBinary: 0,
  filesUnreadable: 0,
  foldersUnreadable: 0,
};

/** What a batch gave. Plain data. */
export interface ScannedBatch {
  readonly number: number;
  readonly start: number;
  readonly matches: readonly SearchMatch[];
  readonly counts: SearchCounts;
  /** The last file that was done; undefined when none was. */
  readonly last: string | undefined;
  /** False when it stopped before its last file. */
  readonly whole: boolean;
}

/** Scans the files of a batch, until there are more matches than can be shown or `isStopped` says so. */
export function scanBatch(
  batch: Batch,
  scan: ScanFile,
  maxResults: number,
  isStopped: () => boolean,
): ScannedBatch {
  const { number, start, paths, afterLine, foldersUnreadable } = batch;
  const matches: SearchMatch[] = [];
  const files = { searched: 0, tooLarge: 0, binary: 0, unreadable: 0 };
  let last: string | undefined;
  for (const path of paths) {
    // One more than is shown tells whether there is anything to go on with.
    const limit = maxResults + 1 - matches.length;
    if (limit <= 0 || isStopped()) break;
    const scanned = scan(path, last === undefined ? afterLine : 0, limit);
    matches.push(...scanned.matches);
    files[scanned.kind]++;
    last = path;
  }
  const whole = last === paths.at(-1);
  const counts = {
    filesSearched: files.searched,
    filesTooLarge: files.tooLarge,
    filesBinary: files.binary,
    filesUnreadable: files.unreadable,
    foldersUnreadable,
  };
  return { number, start, matches, counts, last, whole };
}

function addUp(one: SearchCounts, other: SearchCounts): SearchCounts {
  return {
    filesSearched: one.filesSearched + other.filesSearched,
    filesTooLarge: one.filesTooLarge + other.filesTooLarge,
    filesBinary: one.filesBinary + other.filesBinary,
    filesUnreadable: one.filesUnreadable + other.filesUnreadable,
    foldersUnreadable: one.foldersUnreadable + other.foldersUnreadable,
  };
}

/** Puts scanned batches together, in whatever order they come. */
export class Collector {
  readonly #request: SearchRequest;
  readonly #scope: SearchScope;
  readonly #waiting = new Map<number, ScannedBatch>();
  readonly #matches: { readonly start: number; readonly match: SearchMatch }[] = [];
  #next = 0;
  #counts = NO_COUNTS;
  #last: { readonly start: number; readonly path: string } | undefined;
  #broken = false;

  constructor(request: SearchRequest, scope: SearchScope) {
    this.#request = request;
    this.#scope = scope;
  }

  /** Takes a batch. True when there is enough, and the search should stop. */
  add(batch: ScannedBatch): boolean {
    this.#waiting.set(batch.number, batch);
    while (!this.isFull && !this.#broken) {
      const next = this.#waiting.get(this.#next);
      if (next === undefined) break;
      this.#waiting.delete(this.#next++);
      const { start } = next;
      for (const match of next.matches) this.#matches.push({ start, match });
      this.#counts = addUp(this.#counts, next.counts);
      if (next.last !== undefined) this.#last = { start, path: next.last };
      this.#broken = !next.whole;
    }
    return this.isFull;
  }

  /** True when more was found than the answer may hold. */
  get isFull(): boolean {
    return this.#matches.length > this.#request.maxResults;
  }

  /** True when a later search can go on behind something that this one has done. */
  get hasProgress(): boolean {
    return this.#last !== undefined;
  }

  /** The answer. `timedOut`: not everything was gone through, though the answer is not full. */
  result(timedOut: boolean, elapsedMs: number): SearchResult {
    const shown = this.#matches.slice(0, this.#request.maxResults);
    const stopped: SearchStop | undefined = this.isFull ? "maxResults" : timedOut ? "timeout" : undefined;
    return {
      matches: shown.map(({ match }) => match),
      ...this.#counts,
      stopped,
      nextCursor: stopped && writeCursor(this.#request, this.#placeReached(stopped)),
      elapsedMs,
    };
  }

  #placeReached(stopped: SearchStop): SearchPlace {
    const { platform } = this.#scope;
    const shown = stopped === "maxResults" ? this.#matches[this.#request.maxResults - 1] : undefined;
    if (shown !== undefined) {
      const { start, match: { path, line } } = shown;
      return placeOf(this.#request, { start, path, line }, platform);
    }
    if (this.#last !== undefined) return placeOf(this.#request, { ...this.#last, line: undefined }, platform);
    return readCursor(this.#request) ?? { start: 0, below: "", line: 0 };
  }
}
