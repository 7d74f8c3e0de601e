/**
 * Counts logs while they are read, so that of most of them only the responses are held.
 *
 * A log that has a parent is tallied when that was tallied before it: read oldest first, it nearly always was. Else it
 * waits until all are read, and its parent's log stays at hand once it comes: read newest first, it nearly always comes
 * later. A log that turns out to be the parent of a later one, or to share its session with it, is read a second time
 * unless it is one of the latest.
 *
 * @module
 */

import type { UsageClient } from "./client.ts";
import type { Log, ParentView, Response } from "./model.ts";
import type { Digest, Kin } from "./readers.ts";
import type { Tallied } from "./tallied.ts";

/** So many of the latest logs stay at hand: a copy of a log is read right after it. */
const RECENT_LOGS = 4;

/** A log that was read. */
interface Entry extends Omit<Digest, "log" | "warnings"> {
  readonly path: string;
  log: Log | undefined;
  /** The latest log of its parent's session when it was read: if it was tallied, by the view of that one. */
  readonly askedParent: Entry | undefined;
}

/** What all logs tell of, in the order of their places; and apart, of those that were tallied, which share no response. */
interface AllCounted {
  readonly counted: readonly (readonly Response[])[];
  readonly tallied: readonly Tallied[];
}

/** The counting of logs. */
export interface Counting extends Kin {
  /** Adds the log at a place in the list of all. */
  add(place: number, digest: Digest): void;
  finish(): Promise<AllCounted>;
}

/**
 * Starts counting.
 *
 * @param paths of all logs
 * @param read reads a log again
 */
export function openCounting(
  client: UsageClient,
  paths: readonly string[],
  read: (path: string) => Promise<Log>,
): Counting {
  const entries: Entry[] = [];
  const recent: Entry[] = [];
  const parents = new Set<string>();
  const named = paths.map((path) => client.nameSession?.(path));
  const known = new Set(named);
  const shared = findTwice(named);
  /** By session, the latest log that was read; of one that is not shared, the only one. */
  const latest = new Map<string, Entry>();

  function isNeeded(place: number): boolean {
    const session = named[place];
    return session !== undefined && (parents.has(session) || shared.has(session));
  }

  function findParent(session: string): ParentView | undefined | "unread" {
    const entry = latest.get(session);
    if (entry === undefined) return known.has(session) ? "unread" : undefined;
    return shared.has(session) ? "unread" : entry.view?.() ?? "unread";
  }

  /** True when the one log that was asked is all that there is of the parent session. */
  function isRightlyTallied(
    { kinship: { parent }, askedParent }: Entry,
    ofParent: readonly Entry[],
  ): boolean {
    if (parent === undefined) return true;
    if (askedParent === undefined) return ofParent.length === 0;
    return askedParent.view !== undefined && ofParent.length === 1 && ofParent[0] === askedParent;
  }

  async function load(entry: Entry): Promise<Log> {
    return entry.log ??= await read(entry.path);
  }

  return {
    isNeeded,
    findParent,
    add(place, { kinship, responses, tallied, view, log }): void {
      const askedParent = kinship.parent === undefined ? undefined : latest.get(kinship.parent);
      const entry: Entry = { path: paths[place] ?? "", kinship, responses, tallied, view, log, askedParent };
      entries[place] = entry;
      latest.set(kinship.session, entry);
      if (kinship.parent !== undefined) parents.add(kinship.parent);
      if (log === undefined || responses === undefined || isNeeded(place)) return;
      recent.push(entry);
      const past = recent.length > RECENT_LOGS ? recent.shift() : undefined;
      if (past !== undefined && !parents.has(past.kinship.session)) past.log = undefined;
    },
    async finish(): Promise<AllCounted> {
      const sessions = Map.groupBy(entries, ({ kinship }) => kinship.session);
      const counted: (readonly Response[])[] = [];
      const tallied: Tallied[] = [];
      for (const entry of entries) {
        const { session, parent } = entry.kinship;
        const isShared = (sessions.get(session)?.length ?? 0) > 1;
        const ofParent = (parent === undefined ? undefined : sessions.get(parent)) ?? [];
        if (entry.tallied !== undefined && !isShared && isRightlyTallied(entry, ofParent)) {
          tallied.push(entry.tallied);
          continue;
        }
        if (entry.responses !== undefined && !isShared) {
          counted.push(entry.responses);
          continue;
        }
        const parentLogs: Log[] = [];
        for (const other of ofParent) parentLogs.push(await load(other));
        counted.push(client.count(await load(entry), { parents: parentLogs, isShared }));
      }
      return { counted, tallied };
    },
  };
}

function findTwice(names: readonly (string | undefined)[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const name of names) {
    if (name === undefined) continue;
    if (seen.has(name)) twice.add(name);
    seen.add(name);
  }
  return twice;
}
