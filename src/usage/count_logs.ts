/**
 * Counts logs while they are read, so that of most of them only the responses are held.
 *
 * A log that has a parent waits until all are read, since its parent's log may come later; a log that turns out to be
 * somebody's parent, or to share its session with another one, is read a second time when it is no longer at hand.
 *
 * @module
 */

import type { UsageClient } from "./client.ts";
import type { Log, Response } from "./model.ts";
import type { Digest } from "./readers.ts";

/** So many of the latest logs stay at hand: mostly it is one of these that the next one is forked from. */
const RECENT_LOGS = 24;

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

  async function load(entry: Entry): Promise<Log> {
    return entry.log ??= await read(entry.path);
  }

  return {
    add(place, path, { kinship, responses, log }): void {
      const entry: Entry = { path, kinship, responses, log };
      entries[place] = entry;
      recent.push(entry);
      const past = recent.length > RECENT_LOGS ? recent.shift() : undefined;
      if (past?.responses !== undefined) past.log = undefined;
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
        const parents: Log[] = [];
        for (const other of (parent === undefined ? undefined : sessions.get(parent)) ?? []) {
          parents.push(await load(other));
        }
        counted.push(client.count(await load(entry), { parents, isShared }));
      }
      return counted;
    },
  };
}
