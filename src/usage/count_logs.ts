/**
 * Counts logs while they are read, so that of most of them only the responses are held.
 *
 * A log that has a parent waits until all are read, and its parent's log stays at hand once it comes: read newest first,
 * it nearly always comes later. A log that turns out to be the parent of a later one, or to share its session with it,
 * is read a second time unless it is one of the latest.
 *
 * @module
 */

import type { UsageClient } from "./client.ts";
import type { Log, Response } from "./model.ts";
import type { Digest } from "./readers.ts";

/** So many of the latest logs stay at hand: a copy of a log is read right after it. */
const RECENT_LOGS = 4;

/** A log that was read. */
interface Entry extends Omit<Digest, "log" | "warnings"> {
  readonly path: string;
  log: Log | undefined;
}

/**
 * Starts counting.
 *
 * @param read reads a log again
 */
export function openCounting(client: UsageClient, read: (path: string) => Promise<Log>): {
  /** Adds the log at a place in the list of all. */
  add(place: number, path: string, digest: Digest): void;
  /** What each log tells of, in the order of their places. */
  finish(): Promise<readonly (readonly Response[])[]>;
} {
  const entries: Entry[] = [];
  const recent: Entry[] = [];
  const parents = new Set<string>();

  async function load(entry: Entry): Promise<Log> {
    return entry.log ??= await read(entry.path);
  }

  return {
    add(place, path, { kinship, responses, log }): void {
      const entry: Entry = { path, kinship, responses, log };
      entries[place] = entry;
      if (responses === undefined && kinship.parent !== undefined) parents.add(kinship.parent);
      if (responses === undefined || parents.has(kinship.session)) return;
      recent.push(entry);
      const past = recent.length > RECENT_LOGS ? recent.shift() : undefined;
      if (past !== undefined && !parents.has(past.kinship.session)) past.log = undefined;
    },
    async finish(): Promise<readonly (readonly Response[])[]> {
      const sessions = Map.groupBy(entries, ({ kinship }) => kinship.session);
      const counted: (readonly Response[])[] = [];
      for (const entry of entries) {
        const { session, parent } = entry.kinship;
        const isShared = (sessions.get(session)?.length ?? 0) > 1;
        if (entry.responses !== undefined && !isShared) {
          counted.push(entry.responses);
          continue;
        }
        const parentLogs: Log[] = [];
        for (const other of (parent === undefined ? undefined : sessions.get(parent)) ?? []) {
          parentLogs.push(await load(other));
        }
        counted.push(client.count(await load(entry), { parents: parentLogs, isShared }));
      }
      return counted;
    },
  };
}
