/**
 * Which lines at the start of a Codex thread's log are its parent's.
 *
 * A fork or a sub-agent begins with a copy of the parent's lines (Codex up to 0.130, re-stamped with the time of the
 * fork) or refers to them (from 0.150, seen in 0.169, 2026-11). Equal counts at equal times are no sign of a copy:
 * siblings that start together have them too.
 *
 * @module
 */

import { sameTokens } from "../../src/base/token_counts.ts";
import type { Log, LogEvent, ParentView, SessionEvent, Tokens } from "../../src/usage/model.ts";

/** What is asked of the parent's log. */
export interface Parent extends ParentView {
  /** The ids of the responses that it has records of. */
  readonly records: ReadonlySet<string>;
}

/** The totals that a child can have from its parent: what the parent used after the child was born is its own. */
export function totalsAtBirth({ totals }: ParentView, { bornAt }: SessionEvent): readonly Tokens[] {
  return totals.filter(({ at }) => at === undefined || bornAt === undefined || at < bornAt + 1000).map((
    { total },
  ) => total);
}

/** A running total as a text that is equal for equal totals. */
export function nameTotal(tokens: Tokens): string {
  return `${tokens.input},${tokens.cached},${tokens.cacheWrite},${tokens.output},${tokens.reasoning}`;
}

/** What a log is asked when it is somebody's parent. */
export function viewParent({ events }: Pick<Log, "events">): Parent {
  const turns = new Set<string>();
  const records = new Set<string>();
  for (const event of events) {
    if ((event.kind === "turn" || event.kind === "model") && event.turn !== undefined) turns.add(event.turn);
    if (event.kind === "response" && event.id !== undefined) records.add(event.id);
  }
  const totals = listTotals(events).map(({ total, first }) => ({ total, at: events[first]?.at }));
  return { totals, turns, records };
}

/**
 * The thread's own session line: the one of the id in the file's name, else the first. Where it names no parent and a
 * session line of another thread stands in the log, that one is the parent: its lines were copied.
 */
export function findOwnSession(events: readonly LogEvent[], path: string): SessionEvent | undefined {
  const sessions = events.filter((event) => event.kind === "session");
  const named = threadInName(path);
  const own = sessions.find(({ id }) => id === named) ?? sessions[0];
  if (own === undefined || own.parent !== undefined) return own;
  const copied = sessions.find(({ id }) => id !== own.id);
  return copied === undefined ? own : { ...own, parent: copied.id };
}

const THREAD_ID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const ID_LENGTH = 36;

/** The thread's id in `rollout-<time>-<id>.jsonl`. */
export function threadInName(path: string): string | undefined {
  const end = path.lastIndexOf(".jsonl");
  const id = path.slice(Math.max(0, end - ID_LENGTH), Math.max(0, end));
  return THREAD_ID.test(id) ? id : undefined;
}

/**
 * The index of the first event that is the thread's own; its session line is its own wherever it stands.
 *
 * @param parent undefined when the parent's log is not there
 */
export function findOwnStart(
  events: readonly LogEvent[],
  own: SessionEvent | undefined,
  parent: Parent | undefined,
): number {
  if (own === undefined) return 0;
  const { firstOwnOrdinal } = own;
  if (
    firstOwnOrdinal !== undefined &&
    events.some((event) => event.line !== own.line && event.ordinal !== undefined)
  ) {
    return orEnd(
      events,
      events.findIndex((event) =>
        event.line !== own.line && event.ordinal !== undefined && event.ordinal >= firstOwnOrdinal
      ),
    );
  }
  if (own.parent === undefined) return 0;
  const turn = findOwnTurn(events, own, parent);
  if (turn !== undefined) {
    // The line that begins the first turn of its own may be torn, or an older version wrote none.
    const total = events.findIndex(ownTotals(own, parent));
    return total < 0 ? turn : Math.min(turn, total);
  }
  return isKnown(parent) ? findRunEnd(events, own, parent) : findBurstEnd(events, own);
}

function isKnown<View extends ParentView>(parent: View | undefined): parent is View {
  return parent !== undefined && (parent.totals.length > 0 || parent.turns.size > 0);
}

function orEnd(events: readonly LogEvent[], index: number): number {
  return index < 0 ? events.length : index;
}

/** A copied turn began before the thread was born; where only seconds are known, the parent may have it too. */
function findOwnTurn(
  events: readonly LogEvent[],
  own: SessionEvent,
  parent: Parent | undefined,
): number | undefined {
  const index = events.findIndex((event) => isOwnTurn(event, own, parent));
  return index < 0 ? undefined : index;
}

/** True for the beginning of a turn that is the thread's own. */
export function isOwnTurn(event: LogEvent, own: SessionEvent, parent: ParentView | undefined): boolean {
  if (event.kind !== "turn" || own.bornAt === undefined) return false;
  if (event.turn !== undefined && parent?.turns.has(event.turn) === true) return false;
  const exactBirth = timeInId(own.id, own.bornAt);
  const exactStart = event.turn === undefined ? undefined : timeInId(event.turn, event.startedAt);
  if (exactStart !== undefined && exactBirth !== undefined) return exactStart >= exactBirth;
  return event.startedAt !== undefined && event.startedAt >= Math.floor(own.bornAt / 1000) * 1000;
}

/** Tells totals that cannot be copies: written after the copying, and the parent never had them. */
export function ownTotals(own: SessionEvent, parent: ParentView | undefined): (event: LogEvent) => boolean {
  const { bornAt } = own;
  if (bornAt === undefined || !isKnown(parent)) return () => false;
  let parents: ReadonlySet<string> | undefined;
  return (event) => {
    if (event.kind !== "total" || event.total === undefined) return false;
    if (event.at === undefined || event.at <= bornAt + 1000) return false;
    parents ??= new Set(totalsAtBirth(parent, own).map(nameTotal));
    return !parents.has(nameTotal(event.total));
  };
}

/** The millisecond at which an id was made (UUID, version 7), unless another source of the time says otherwise. */
function timeInId(id: string, about: number | undefined): number | undefined {
  const [, high, low] = /^([0-9a-f]{8})-([0-9a-f]{4})-7/i.exec(id) ?? [];
  if (high === undefined || low === undefined) return undefined;
  const at = parseInt(high + low, 16);
  return about === undefined || Math.abs(at - about) < 2000 ? at : undefined;
}

/** Nothing but a copy is written in a thread's first second. */
function findBurstEnd(events: readonly LogEvent[], own: SessionEvent): number {
  const start = own.at ?? own.bornAt;
  if (start === undefined) return 0;
  return orEnd(events, events.findIndex(({ at }) => at !== undefined && at > start + 1000));
}

/**
 * The longest run of totals at the start that the parent's log holds too. A torn line, here or there, breaks it off: what
 * the parent has as well within the first second is a copy all the same.
 */
function findRunEnd(events: readonly LogEvent[], own: SessionEvent, parent: Parent): number {
  const totals = listTotals(events);
  const parents = totalsAtBirth(parent, own);
  const longest = measureRun(totals.map(({ total }) => total), parents);
  const burst = findBurst(events, own, totals, parents);
  const isRun = longest > 1 || (longest === 1 && isCopy(events, own, parent, totals[0]?.first ?? 0));
  if (!isRun && burst.length < 2) return 0;
  return Math.max(totals[longest - 1]?.last ?? -1, burst.at(-1)?.last ?? -1) + 1;
}

type Total = ReturnType<typeof listTotals>[number];

/** The totals of the first second that the parent has too. */
function findBurst(
  events: readonly LogEvent[],
  own: SessionEvent,
  totals: readonly Total[],
  parents: readonly Tokens[],
): readonly Total[] {
  const start = own.at ?? own.bornAt;
  if (start === undefined) return [];
  const known = new Set(parents.map(nameTotal));
  return totals.filter(({ total, first }) =>
    (events[first]?.at ?? Infinity) <= start + 1000 && known.has(nameTotal(total))
  );
}

/** How many of the first totals stand in a row somewhere in the other list (Knuth, Morris, Pratt: in linear time). */
function measureRun(totals: readonly Tokens[], others: readonly Tokens[]): number {
  // Where to go on when a total does not fit: how many of the first ones stand right before it too.
  const shorter = [0];
  const isAt = (index: number, total: Tokens): boolean => {
    const other = totals[index];
    return other !== undefined && sameTokens(other, total);
  };
  const extend = (length: number, total: Tokens): number => {
    let found = length;
    while (found > 0 && !isAt(found, total)) found = shorter[found - 1] ?? 0;
    return isAt(found, total) ? found + 1 : found;
  };
  for (const total of totals.slice(1)) shorter.push(extend(shorter.at(-1) ?? 0, total));
  let length = 0;
  let longest = 0;
  for (const total of others) {
    length = extend(length, total);
    longest = Math.max(longest, length);
  }
  return longest;
}

/** One equal total may be chance: then something else must show that lines were copied. */
function isCopy(events: readonly LogEvent[], own: SessionEvent, parent: Parent, index: number): boolean {
  const at = events[index]?.at;
  if (at !== undefined && own.bornAt !== undefined && at < own.bornAt) return true;
  return events.slice(0, index).some((event) =>
    (event.kind === "session" && event.id !== own.id) ||
    ((event.kind === "turn" || event.kind === "model") && event.turn !== undefined &&
      parent.turns.has(event.turn))
  );
}

/** The running totals as they change, with the first and the last event that says each. */
function listTotals(
  events: readonly LogEvent[],
): readonly { readonly total: Tokens; readonly first: number; readonly last: number }[] {
  const totals: { total: Tokens; first: number; last: number }[] = [];
  for (const [index, event] of events.entries()) {
    if (event.kind !== "total" || event.total === undefined) continue;
    const latest = totals.at(-1);
    if (latest !== undefined && sameTokens(latest.total, event.total)) latest.last = index;
    else totals.push({ total: event.total, first: index, last: index });
  }
  return totals;
}
