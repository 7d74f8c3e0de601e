/**
 * Counts logs while they are read, so that of most of them only the responses are held.
 *
 * A log that has a parent waits until all are read, since its parent's log may come later; a log that turns out to be
 * somebody's parent, or to share its session with another one, is read a second time when it is no longer at hand.
 *
 * @module
 */

import type { UsageClient } from "./client.ts";
import type { Family, Kinship, Log, Response } from "./model.ts";

/** So many of the latest logs stay at hand: mostly it is one of these that the next one is forked from. */
const RECENT_LOGS = 24;

const ALONE: Family = { parents: [], isShared: false };

/** A log that was read. */
interface Entry {
  readonly path: string;
  readonly kinship: Kinship;
  /** As counted alone; undefined while its parent must be waited for. */
  readonly responses: readonly Response[] | undefined;
  log: Log | undefined;
}

/**
 * Starts counting.
 *
 * @param read reads a log again
 */
export function openCounting(client: UsageClient, read: (path: string) => Promise<Log>): {
  add(log: Log): void;
  /** What each log tells of, in the order in which they were added. */
  finish(): Promise<readonly (readonly Response[])[]>;
} {
  const entries: Entry[] = [];

  async function load(entry: Entry): Promise<Log> {
    return entry.log ??= await read(entry.path);
  }

  return {
    add(log): void {
      const kinship = client.relate(log);
      const responses = kinship.parent === undefined ? client.count(log, ALONE) : undefined;
      entries.push({ path: log.path, kinship, responses, log });
      const past = entries.at(-1 - RECENT_LOGS);
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
