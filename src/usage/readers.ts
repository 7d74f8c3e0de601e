/**
 * Reads whole logs, in this thread and, when there is much to read, in others beside it.
 *
 * A thread costs some thirty milliseconds and warms up anew: measured on two busy processors, a gigabyte takes a quarter more
 * processor time with two readers than with one, and is not there sooner. So there is one for each
 * {@link BYTES_PER_READER} and processor. A thread counts what it reads and hands over the responses alone, as text; a log that has a parent is read again here,
 * where its parent's is at hand. A thread that fails costs time only: what it owes is read here.
 *
 * @module
 */

import type { UsageClient } from "./client.ts";
import type { Reading } from "./lines.ts";
import type { FindParent, Kinship, Log, ParentView, Response, Warning } from "./model.ts";
import { openAhead, type OpenLog } from "./open_ahead.ts";
import { type LogFile, readLog, tallyLog } from "./read.ts";
import { readResponses, writeResponses } from "./response_text.ts";
import { listResponses, type Tallied } from "./tallied.ts";

/** Often enough for a bar of progress. */
const HEARING_MS = 100;

/**
 * One reader more for each so many bytes. Of 2.3 GB that the system still has in memory two readers make 1.7 s where one
 * makes 1.4 (2 cores, Deno 2.4.2, measured 2026-11): each has to warm up, so they are for logs that come from the disk.
 */
const BYTES_PER_READER = 4_000_000_000;

/** More would wait for the disk. */
const MAX_READERS = 4;

/** What one log tells of. */
export interface Digest {
  readonly kinship: Kinship;
  /** As counted alone; undefined while its parent must be waited for. */
  readonly responses: readonly Response[] | undefined;
  /** What was tallied, in place of the responses. */
  readonly tallied: Tallied | undefined;
  /** What a child may ask of it, when it was tallied in this thread. */
  readonly view: (() => ParentView) | undefined;
  readonly warnings: readonly Warning[];
  /** The log, when it was read in this thread and was not tallied. */
  readonly log: Log | undefined;
}

/** What is known, while logs are read, of those that were. */
export interface Kin {
  /** True when the log at a place will itself be asked for, as far as its name and what was read so far tell. */
  isNeeded(place: number): boolean;
  readonly findParent: FindParent;
}

/** Starts a thread that runs {@link serveReader} with the client of that id. */
export type StartReader = () => Worker;

/** What such a thread says first: what is sent to it before is lost. */
export const LISTENING = "listening";

/** What such a thread is asked. */
export interface ReaderJob {
  readonly client: string;
  readonly paths: readonly string[];
  /** True when what logs tell of will do without ids. */
  readonly mayTally: boolean;
}

/** What it answers, for one log after another. */
interface ReaderAnswer {
  readonly index: number;
  readonly kinship: Kinship;
  readonly responses: string | undefined;
  readonly warnings: readonly Warning[];
}

/** The log that was read. */
export function logOf(path: string, { events, tailEvents }: Reading): Log {
  return { path, events: tailEvents.length === 0 ? events : [...events, ...tailEvents] };
}

/**
 * Reads a log whole, and counts it when it has no parent, or its parent can be asked.
 *
 * @param findParent when what the log tells of will do, and that without ids
 */
async function digestLog(
  client: UsageClient,
  path: string,
  findParent: FindParent | undefined,
  onRead: ((bytes: number) => void) | undefined,
  open: OpenLog,
): Promise<Digest> {
  const tally = findParent === undefined ? undefined : client.openTally?.(path, findParent);
  if (tally === undefined) {
    return digestReading(client, path, await readLog(client, path, undefined, onRead, open));
  }
  const { reading, tallied, view } = await tallyLog(client, path, tally, onRead, open);
  if (tallied === undefined) return digestReading(client, path, reading);
  return {
    kinship: tally.kinship() ?? { session: client.nameSession?.(path) ?? path, parent: undefined },
    responses: undefined,
    tallied,
    view,
    warnings: [...reading.warnings, ...reading.tailWarnings],
    log: undefined,
  };
}

function digestReading(client: UsageClient, path: string, reading: Reading): Digest {
  const log = logOf(path, reading);
  const kinship = client.relate(log);
  const responses = kinship.parent === undefined
    ? client.count(log, { parents: [], isShared: false })
    : undefined;
  return {
    kinship,
    responses,
    tallied: undefined,
    view: undefined,
    warnings: [...reading.warnings, ...reading.tailWarnings],
    log,
  };
}

/** Reads logs as a thread of its own: for each, `answer` is called. */
export async function serveReader(
  client: UsageClient,
  { paths, mayTally }: ReaderJob,
  answer: (message: ReaderAnswer) => void,
): Promise<void> {
  await openAhead(paths, async (open) => {
    for (const [index, path] of paths.entries()) {
      // Another thread may have read its parent.
      const findParent: FindParent | undefined = mayTally ? () => "unread" : undefined;
      const digest = await digestLog(client, path, findParent, undefined, open);
      const { kinship, responses, tallied, warnings } = digest;
      const counted = tallied === undefined ? responses : listResponses({ listed: [], tallied: [tallied] });
      answer({ index, kinship, responses: counted && writeResponses(counted), warnings });
    }
  });
}

/**
 * Reads all logs; `take` is called for each with its place in the list, in no order.
 *
 * @param kin what is known of logs that were read; without it, no log is tallied
 * @param start undefined reads them all in this thread
 * @param readers how many threads read, this one included
 */
export async function digestLogs(
  client: UsageClient,
  files: readonly LogFile[],
  onRead: (bytes: number) => void,
  take: (place: number, digest: Digest) => void,
  kin: Kin | undefined,
  start: StartReader | undefined,
  readers: number = countReaders(files),
): Promise<void> {
  // A parent is older than its child: a tally asks the parent's, and who counts events later wants them at hand.
  const sort = kin === undefined ? sortNewestFirst : sortOldestFirst;
  const [own = [], ...others] = divide(files, start === undefined ? 1 : readers).map((places) =>
    sort(files, places)
  );
  const elsewhere = others.map((places) =>
    readElsewhere(client, files, places, kin !== undefined, start, onRead, take)
  );
  const digest = async (place: number, open: OpenLog): Promise<void> => {
    const { path } = files[place] ?? {};
    if (path === undefined) return;
    const findParent = kin?.isNeeded(place) === false ? kin.findParent : undefined;
    take(place, await digestLog(client, path, findParent, onRead, open));
  };
  let heardAtMs = performance.now();
  await openAhead(own.map((place) => files[place]?.path ?? ""), async (open) => {
    for (const place of own) {
      await digest(place, open);
      // So that the others are heard, and now and then only: a timer takes four milliseconds and more.
      if (others.length === 0 || performance.now() - heardAtMs < HEARING_MS) continue;
      await new Promise((resume) => setTimeout(resume, 0));
      heardAtMs = performance.now();
    }
  });
  for (const owed of await Promise.all(elsewhere)) {
    for (const place of owed) await digest(place, Deno.openSync);
  }
}

function sortOldestFirst(files: readonly LogFile[], places: readonly number[]): readonly number[] {
  return sortNewestFirst(files, places).toReversed();
}

/** Names that begin with a time sort by it, in whichever folder they are. */
function sortNewestFirst(files: readonly LogFile[], places: readonly number[]): readonly number[] {
  const nameOf = (place: number): string => files[place]?.path.replace(/^.*[\\/]/, "") ?? "";
  const named = places.map((place) => ({ place, name: nameOf(place) }));
  return named.toSorted((a, b) => a.name < b.name ? 1 : a.name > b.name ? -1 : b.place - a.place).map((
    { place },
  ) => place);
}

function countReaders(files: readonly LogFile[]): number {
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  return Math.max(
    1,
    Math.min(MAX_READERS, navigator.hardwareConcurrency, Math.floor(sizeBytes / BYTES_PER_READER)),
  );
}

/** Divides the logs' places among readers, about the same number of bytes to each; who would get none is left out. */
export function divide(files: readonly Pick<LogFile, "sizeBytes">[], readers: number): readonly number[][] {
  const shares = Array.from({ length: readers }, () => ({ places: new Array<number>(), sizeBytes: 0 }));
  const bySize = files.map(({ sizeBytes }, place) => ({ place, sizeBytes })).toSorted((a, b) =>
    b.sizeBytes - a.sizeBytes
  );
  for (const { place, sizeBytes } of bySize) {
    const least = shares.reduce((best, share) => share.sizeBytes < best.sizeBytes ? share : best);
    least.places.push(place);
    least.sizeBytes += sizeBytes;
  }
  return shares.filter(({ places }) => places.length > 0).map(({ places }) =>
    places.toSorted((a, b) => a - b)
  );
}

/** Has logs read by another thread, and answers the places of those that it did not read. */
function readElsewhere(
  client: UsageClient,
  files: readonly LogFile[],
  places: readonly number[],
  mayTally: boolean,
  start: StartReader | undefined,
  onRead: (bytes: number) => void,
  take: (place: number, digest: Digest) => void,
): Promise<readonly number[]> {
  const owed = new Set(places);
  const worker = start?.();
  if (worker === undefined) return Promise.resolve(places);
  const { promise, resolve } = Promise.withResolvers<void>();
  worker.onerror = (event): void => {
    event.preventDefault();
    resolve();
  };
  const paths = places.flatMap((place) => files[place]?.path ?? []);
  const job: ReaderJob = { client: client.id, paths, mayTally };
  worker.onmessage = ({ data }: MessageEvent<ReaderAnswer | typeof LISTENING>): void => {
    if (data === LISTENING) return worker.postMessage(job);
    const place = places[data.index];
    if (place === undefined) return;
    const { kinship, responses, warnings } = data;
    owed.delete(place);
    take(place, {
      kinship,
      responses: responses === undefined ? undefined : readResponses(client.id, responses),
      tallied: undefined,
      view: undefined,
      warnings,
      log: undefined,
    });
    onRead(files[place]?.sizeBytes ?? 0);
    if (owed.size === 0) resolve();
  };
  return promise.then(() => {
    worker.terminate();
    return [...owed];
  });
}
