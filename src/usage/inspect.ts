/**
 * What is odd about logs as a whole: no tokens told of, or times that cannot be. Pure.
 *
 * @module
 */

import type { Finding, Log, Warning } from "./model.ts";

const DAY_MS = 86_400_000;

/** A clock that was set back, or a line that came late; copied lines of a parent do not count. */
const BACK_MS = 3_600_000;

/** Agents that write these logs came out later. */
const FIRST_YEAR = Date.parse("2024-01-01T00:00:00Z");

/** The sessions that others were forked from or started by. */
export function listParents(logs: readonly Log[]): ReadonlySet<string> {
  const parents = new Set<string>();
  for (const { events } of logs) {
    for (const event of events) {
      if (event.kind === "session" && event.parent !== undefined) parents.add(event.parent);
    }
  }
  return parents;
}

/** True for the log of one of these sessions: a review, say, stands in the log of the session that made it. */
export function isParent({ events }: Log, parents: ReadonlySet<string>): boolean {
  return events.some((event) => event.kind === "session" && parents.has(event.id));
}

/** True when a line gives token counts, whether they count or not. */
export function tellsTokens({ events }: Log): boolean {
  return events.some(({ kind }) => kind === "total" || kind === "response");
}

/** Warns of responses whose time cannot be right: they count, and on a day that may be wrong. */
export function findOddClocks(findings: readonly Finding[], now: number): readonly Warning[] {
  const latest = new Map<string, number>();
  return findings.toSorted((a, b) => a.path === b.path ? a.line - b.line : a.path < b.path ? -1 : 1).flatMap(
    ({ path, line, at, verdict }): Warning[] => {
      if (verdict !== "counted") return [];
      const warn = (message: string): Warning[] => [{ file: path, line, code: "clock", message }];
      if (at === undefined) return warn("a response without a time of its own");
      const when = new Date(at).toISOString();
      if (at > now + DAY_MS) return warn(`a response at ${when}, in the future`);
      if (at < FIRST_YEAR) return warn(`a response at ${when}, before there were such agents`);
      const before = latest.get(path) ?? -Infinity;
      latest.set(path, Math.max(before, at));
      return at < before - BACK_MS
        ? warn(`a response at ${when}, after one at ${new Date(before).toISOString()}`)
        : [];
    },
  );
}
