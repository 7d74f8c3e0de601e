/**
 * A search cut into pieces that several threads work on at once, and put together again in path order.
 *
 * @module
 */

import { placeOf, readCursor, type SearchPlace, writeCursor } from "./cursor.ts";
import type { SearchMatch, SearchRequest, SearchResult, SearchScope, SearchStop } from "./model.ts";
import type { ScanFile } from "./scan.ts";
import type { WalkedFile } from "./walk.ts";

/** Files that follow each other in path order. Plain data. */
export interface Batch {
  /** Counts from 0 without gaps. */
  readonly number: number;
  readonly files: readonly WalkedFile[];
}

/** What a batch gave. Plain data. */
export interface ScannedBatch {
  readonly number: number;
  readonly matches: readonly (SearchMatch & { readonly start: number })[];
  readonly filesSearched: number;
  readonly filesTooLarge: number;
  /** The last file that was done; undefined when none was. */
  readonly last: { readonly start: number; readonly path: string } | undefined;
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
  const matches: (SearchMatch & { start: number })[] = [];
  let [filesSearched, filesTooLarge] = [0, 0];
  let last: WalkedFile | undefined;
  let whole = true;
  for (const file of batch.files) {
    // One more than is shown tells whether there is anything to go on with.
    const limit = maxResults + 1 - matches.length;
    if (limit <= 0 || isStopped()) {
      whole = false;
      break;
    }
    const scanned = scan(file.path, file.afterLine, limit);
    for (const match of scanned.matches) matches.push({ ...match, start: file.start });
    if (scanned.kind === "searched") filesSearched++;
    if (scanned.kind === "tooLarge") filesTooLarge++;
    last = file;
  }
  const { number } = batch;
  const place = last && { start: last.start, path: last.path };
  return { number, matches, filesSearched, filesTooLarge, last: place, whole };
}

/** Puts scanned batches together, in whatever order they come. */
export class Collector {
  readonly #request: SearchRequest;
  readonly #scope: SearchScope;
  readonly #waiting = new Map<number, ScannedBatch>();
  readonly #matches: ScannedBatch["matches"][number][] = [];
  #next = 0;
  #filesSearched = 0;
  #filesTooLarge = 0;
  #last: ScannedBatch["last"];
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
      this.#matches.push(...next.matches);
      this.#filesSearched += next.filesSearched;
      this.#filesTooLarge += next.filesTooLarge;
      this.#last = next.last ?? this.#last;
      this.#broken = !next.whole;
    }
    return this.isFull;
  }

  /** True when more was found than the answer may hold. */
  get isFull(): boolean {
    return this.#matches.length > this.#request.maxResults;
  }

  /** The answer. `timedOut`: not everything was gone through, though the answer is not full. */
  result(timedOut: boolean, elapsedMs: number): SearchResult {
    const shown = this.#matches.slice(0, this.#request.maxResults);
    const stopped: SearchStop | undefined = this.isFull ? "maxResults" : timedOut ? "timeout" : undefined;
    return {
      matches: shown.map(({ start: _, ...match }) => match),
      filesSearched: this.#filesSearched,
      filesTooLarge: this.#filesTooLarge,
      stopped,
      nextCursor: stopped && writeCursor(this.#request, this.#placeReached(shown.at(-1), stopped)),
      elapsedMs,
    };
  }

  #placeReached(shown: ScannedBatch["matches"][number] | undefined, stopped: SearchStop): SearchPlace {
    const found = stopped === "maxResults" ? shown : this.#last && { ...this.#last, line: undefined };
    if (found !== undefined) return placeOf(this.#request, found, this.#scope.platform);
    return readCursor(this.#request) ?? { start: 0, below: "", line: 0 };
  }
}
