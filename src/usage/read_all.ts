/**
 * Reads all logs of a client and says which responses they tell of: what every way of reading answers, and the way
 * without a ledger.
 *
 * @module
 */

import type { UsageClient } from "./client.ts";
import { setCopiesAside } from "./copies.ts";
import { openCounting } from "./count_logs.ts";
import type { Finding, Log, Response, Warning } from "./model.ts";
import { findLogs, type LogFile, readLog } from "./read.ts";
import { digestLogs, logOf, type StartReader } from "./readers.ts";
import type { Tallied } from "./tallied.ts";

/** What there is of a client. */
export interface ClientLogs {
  /** How many files there are. */
  readonly files: number;
  /** Each response once. */
  readonly responses: readonly Response[];
  /** Responses besides these, each once, without their ids; none unless that will do. */
  readonly tallied: readonly Tallied[];
  /** What became of each line with token counts; empty unless it was asked for. */
  readonly findings: readonly Finding[];
  /** What the lines say; empty unless it was asked for. */
  readonly logs: readonly Log[];
  /** Paths of logs that are remembered and gone. */
  readonly gone: readonly string[];
  readonly warnings: readonly Warning[];
  /** Sentences about the reading itself. */
  readonly notes: readonly string[];
}

/** Says how much of what must be read is read; called often. The total stays the same during one reading. */
export type Progress = (doneBytes: number, totalBytes: number) => void;

/** How to read. */
export interface ReadOptions {
  /** True to be told of every line, and not only of the responses. */
  readonly explain?: boolean;
  /** True when responses will do without their ids, which is quicker. */
  readonly withoutIds?: boolean;
  readonly progress?: Progress | undefined;
  /** Starts another thread that reads; without it, this one reads alone. */
  readonly startReader?: StartReader | undefined;
}

/** Reads all logs of a client. */
export type ReadAll = (
  client: UsageClient,
  folders: readonly string[],
  options?: ReadOptions,
) => Promise<ClientLogs>;

/** Reads the files alone. */
export const readFiles: ReadAll = async (client, folders, options = {}) => {
  const { explain = false, withoutIds = false, progress, startReader } = options;
  const found = findLogs(client, folders);
  const onRead = openProgress(found.files, progress);
  const { files, warnOfCopies } = withoutIds && !explain
    ? setCopiesAside(client, found.files, onRead)
    : { files: found.files, warnOfCopies: () => [] };
  const read = new Array<readonly Warning[]>();
  if (explain) {
    const logs: Log[] = [];
    for (const { path } of files) {
      const reading = await readLog(client, path, undefined, onRead);
      read.push(reading.warnings, reading.tailWarnings);
      logs.push(logOf(path, reading));
    }
    const resolved = client.resolve(logs, true);
    return {
      files: files.length,
      ...resolved,
      tallied: [],
      logs,
      gone: [],
      warnings: [...found.warnings, ...read.flat()],
      notes: [],
    };
  }
  const paths = files.map(({ path }) => path);
  const counting = openCounting(client, paths, async (path) => logOf(path, await readLog(client, path)));
  await digestLogs(
    client,
    files,
    onRead,
    (place, digest) => {
      counting.add(place, digest);
      read[place] = digest.warnings;
    },
    withoutIds ? counting : undefined,
    startReader,
  );
  const { counted, tallied } = await counting.finish();
  const warnings = read.flat();
  return {
    files: found.files.length,
    responses: client.merge(counted),
    tallied,
    findings: [],
    logs: [],
    gone: [],
    warnings: [...found.warnings, ...warnings, ...warnOfCopies(warnings)],
    notes: [],
  };
};

/** Adds up the bytes of the files that are read, in all of them. */
export function openProgress(
  files: readonly Pick<LogFile, "sizeBytes">[],
  progress: Progress | undefined,
): (bytes: number) => void {
  if (progress === undefined) return () => {};
  const totalBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let doneBytes = 0;
  return (bytes) => {
    doneBytes += bytes;
    // A log may grow while it is read.
    progress(Math.min(doneBytes, totalBytes), totalBytes);
  };
}
