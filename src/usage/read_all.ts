/**
 * Reads all logs of a client: what every way of reading answers, and the way without a ledger.
 *
 * @module
 */

import type { UsageClient } from "./client.ts";
import type { Log, Warning } from "./model.ts";
import { findLogs, readLog } from "./read.ts";

/** What there is of a client. */
export interface ClientLogs {
  /** How many files there are. */
  readonly files: number;
  readonly logs: readonly Log[];
  /** Paths of logs that are remembered and gone. */
  readonly gone: readonly string[];
  readonly warnings: readonly Warning[];
  /** Sentences about the reading itself. */
  readonly notes: readonly string[];
}

/**
 * Reads all logs of a client.
 *
 * @param progress is called with each file's size before it is looked at
 */
export type ReadAll = (
  client: UsageClient,
  folders: readonly string[],
  progress?: (sizeBytes: number) => void,
) => Promise<ClientLogs>;

/** Reads the files alone. */
export const readFiles: ReadAll = async (client, folders, progress) => {
  const { files, warnings } = findLogs(client, folders);
  const logs: Log[] = [];
  const found: Warning[] = [...warnings];
  for (const file of files) {
    progress?.(file.sizeBytes);
    const reading = await readLog(client, file.path);
    logs.push({ path: file.path, events: [...reading.events, ...reading.tailEvents] });
    found.push(...reading.warnings, ...reading.tailWarnings);
  }
  return { files: files.length, logs, gone: [], warnings: found, notes: [] };
};
