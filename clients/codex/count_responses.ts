/**
 * Which lines of Codex's logs are responses, each counted once. Pure; this is the plain statement of the rules.
 *
 * The unit is one response of the model. Codex writes `token_count` lines with a running total (again and again, also
 * when nothing happened) and, from 0.154 on, one `token_usage_record` per response. Observed with Codex 0.105, 0.130,
 * 0.150 and 0.169 (2026-11).
 *
 * @module
 */

import { NO_TOKENS, sameTokens, UNKNOWN_MODEL } from "../../src/base/token_counts.ts";
import type {
  Finding,
  Log,
  LogEvent,
  Resolved,
  Response,
  ResponseEvent,
  SessionEvent,
  Speed,
  Tokens,
  TotalEvent,
  Verdict,
} from "../../src/usage/model.ts";
import {
  findOwnSession,
  findOwnStart,
  nameTotal,
  type Parent,
  threadInName,
  viewParent,
} from "./inherited.ts";
import { type Match, matchRecords } from "./match_records.ts";
import { openTotals, type TotalReading } from "./running_total.ts";

/** What Codex talks to when a log names no provider. */
const DEFAULT_PROVIDER = "openai";

/** A log and whose it is. */
interface Thread {
  readonly log: Log;
  readonly own: SessionEvent | undefined;
  readonly id: string;
}

/** See `UsageClient.resolve`. */
export function countResponses(logs: readonly Log[], explain: boolean): Resolved {
  const threads = logs.map(openThread);
  const findParent = openParents(threads);
  const responses: Response[] = [];
  const known = new Set<string>();
  const findings: Finding[] = [];
  for (const thread of threads) {
    const counted = countThread(thread, findParent(thread.own?.parent), explain ? findings : undefined);
    // The same thread may stand in two files: moved to the archive, or copied to another home.
    const fresh = counted.filter(({ names }) => !names.some((name) => known.has(name)));
    for (const { response } of fresh) responses.push(response);
    for (const { names } of counted) for (const name of names) known.add(name);
    if (!explain) continue;
    const counts = new Set(fresh);
    for (const one of counted) {
      const { response, line } = one;
      const isNew = counts.has(one);
      findings.push({
        path: thread.log.path,
        line,
        session: response.session,
        at: response.at,
        verdict: isNew ? "counted" : "duplicate",
        reason: isNew ? "a response of this session" : "another file of the same session has this response",
        tokens: response.tokens,
        model: response.model,
      });
    }
  }
  return { responses, findings };
}

function openThread(log: Log): Thread {
  const own = findOwnSession(log.events, log.path);
  return { log, own, id: own?.id ?? threadInName(log.path) ?? log.path };
}

/** Looks parents up by thread; of several files of a thread, the one that tells most. */
function openParents(threads: readonly Thread[]): (id: string | undefined) => Parent | undefined {
  const logs = new Map<string, Log>();
  for (const { id, log } of threads) {
    if ((logs.get(id)?.events.length ?? -1) < log.events.length) logs.set(id, log);
  }
  const views = new Map<string, Parent>();
  return (id) => {
    const log = id === undefined ? undefined : logs.get(id);
    if (id === undefined || log === undefined) return undefined;
    const view = views.get(id) ?? viewParent(log);
    views.set(id, view);
    return view;
  };
}

/** What holds at a line: the latest word on each. */
interface Setting {
  readonly model: string;
  readonly provider: string;
  readonly speed: Speed;
  readonly at: number;
}

/** A response before it is known whether a record and an advance tell of the same one. */
interface Candidate {
  readonly kind: "record" | "advance";
  readonly key: string;
  readonly event: ResponseEvent | TotalEvent;
  readonly tokens: Tokens;
  readonly last: Tokens | undefined;
  readonly setting: Setting;
}

/** A response and the line that tells of it. */
interface Counted {
  readonly response: Response;
  readonly line: number;
  /** What this response is called wherever it is told of: by its record, and by the advance of the total. */
  readonly names: readonly string[];
}

/** A total that came again: stale, unless the next line shows that the counter had begun anew there. */
interface Held {
  readonly event: TotalEvent;
  readonly reading: TotalReading;
  readonly setting: Setting;
}

/** Counts one file. */
function countThread(
  thread: Thread,
  parent: Parent | undefined,
  findings: Finding[] | undefined,
): readonly Counted[] {
  const { log, own, id } = thread;
  const start = findOwnStart(log.events, own, parent);
  const settings = openSettings(own, id);
  const reader = openTotals(own, parent);
  const candidates: Candidate[] = [];
  const seenRecords = new Set<string>();
  const keys = new Map<string, number>();
  let held: Held | undefined;
  const note = (
    event: TotalEvent | ResponseEvent,
    verdict: Verdict,
    reason: string,
    tokens: Tokens,
  ): void => {
    findings?.push({
      path: log.path,
      line: event.line,
      session: id,
      at: event.at,
      verdict,
      reason,
      tokens,
      model: settings.at(event).model,
    });
  };

  const addAdvance = (event: TotalEvent, tokens: Tokens, setting: Setting): void => {
    // Two responses may leave equal totals at one time when the counter was restarted in between.
    const name = `${id}|${event.total === undefined ? "" : nameTotal(event.total)}|${setting.at}`;
    const count = keys.get(name) ?? 0;
    keys.set(name, count + 1);
    const key = count === 0 ? name : `${name}|${count}`;
    candidates.push({ kind: "advance", key, event, tokens, last: event.last, setting });
  };
  const letGo = (): void => {
    if (held !== undefined) note(held.event, held.reading.verdict, held.reading.reason, held.reading.tokens);
    held = undefined;
  };

  for (const [index, event] of log.events.entries()) {
    const isOwn = index >= start;
    settings.see(event, isOwn);
    if (event.kind === "total") {
      if (!isOwn) {
        reader.inherit(event);
        note(event, "inherited", "copied from the parent session", event.total ?? event.last ?? NO_TOKENS);
        continue;
      }
      const reading = reader.read(event);
      const { verdict, reason, tokens, provesRestart } = reading;
      const setting = settings.at(event);
      if (held !== undefined && provesRestart === true) {
        addAdvance(held.event, held.reading.tokens, held.setting);
        held = undefined;
      }
      if (verdict !== "repeated") letGo();
      if (verdict === "counted") addAdvance(event, tokens, setting);
      else if (verdict === "stale") held = { event, reading, setting };
      else note(event, verdict, reason, tokens);
      if (event.repeats !== undefined) {
        note(
          event,
          "repeated",
          `written ${event.repeats} more time${event.repeats === 1 ? "" : "s"}`,
          NO_TOKENS,
        );
      }
    } else if (event.kind === "response") {
      const key = `${id}|${event.id ?? `${event.line}|${event.at}`}`;
      if (!isOwn || isParents(event, parent)) {
        note(event, "inherited", "copied from the parent session", event.tokens);
      } else if (seenRecords.has(key)) {
        note(event, "repeated", "the same response was recorded before", event.tokens);
      } else {
        seenRecords.add(key);
        candidates.push({
          kind: "record",
          key,
          event,
          tokens: event.tokens,
          last: undefined,
          setting: settings.at(event),
        });
      }
    }
  }

  letGo();
  const matches = matchRecords(candidates);
  const names = nameTwice(candidates, matches);
  return candidates.flatMap(({ key, event, setting }, index) => {
    const tokens = matches[index]?.tokens;
    if (tokens === undefined) {
      note(event, "recorded", "a token_usage_record tells of this response", NO_TOKENS);
      return [];
    }
    if (event.kind === "response" && isOther(event, id, log)) {
      note(event, "inherited", `a response of session ${event.session}`, tokens);
      return [];
    }
    if (sameTokens(tokens, NO_TOKENS)) return [];
    const { at, provider, model, speed } = setting;
    const project = own?.project ?? "";
    const response = { key, session: id, at, provider, model, project, speed, tokens, costUsd: undefined };
    return [{ response, line: event.line, names: names.get(index) ?? [key] }];
  });
}

/** A copy of a log may lack a record that another copy has, and the other way round. */
function nameTwice(
  candidates: readonly Candidate[],
  matches: readonly Match[],
): ReadonlyMap<number, readonly string[]> {
  const names = new Map<number, string[]>();
  for (const [index, { records }] of matches.entries()) {
    const advance = candidates[index]?.key ?? "";
    for (const record of records) names.set(record, [candidates[record]?.key ?? "", advance]);
  }
  return names;
}

/** True for a record of another thread; where nothing names the log's own thread, nothing is another's. */
function isOther({ session }: ResponseEvent, id: string, log: Log): boolean {
  return session !== undefined && session !== id && id !== log.path;
}

/** True for a record that names no thread and that the parent has too. */
function isParents({ session, id }: ResponseEvent, parent: Parent | undefined): boolean {
  return session === undefined && id !== undefined && parent?.records.has(id) === true;
}

/** Follows what the lines say of model, provider, speed and time. */
function openSettings(own: SessionEvent | undefined, id: string): {
  see(event: LogEvent, isOwn: boolean): void;
  at(event: TotalEvent | ResponseEvent): Setting;
} {
  const models = new Map<string, string>();
  let model: string | undefined;
  let setModel: string | undefined;
  let provider = own?.provider ?? DEFAULT_PROVIDER;
  let speed: Speed = "standard";
  let latest = own?.bornAt ?? own?.at ?? 0;
  return {
    see(event, isOwn): void {
      latest = event.at ?? latest;
      if (event.kind === "session" && event.id === own?.id) provider = event.provider ?? provider;
      if (event.kind !== "model") return;
      if (event.settings !== true) {
        model = event.model ?? model;
        if (event.turn !== undefined && event.model !== undefined) models.set(event.turn, event.model);
      } else if (isOwn && (event.session === undefined || event.session === id)) {
        setModel = event.model;
        provider = event.provider ?? provider;
        speed = event.speed ?? speed;
      }
    },
    at(event): Setting {
      const ofTurn = event.kind === "response" && event.turn !== undefined
        ? models.get(event.turn)
        : undefined;
      return { model: ofTurn ?? model ?? setModel ?? UNKNOWN_MODEL, provider, speed, at: event.at ?? latest };
    },
  };
}
