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
  Family,
  Finding,
  Kinship,
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
export function resolveLogs(logs: readonly Log[], explain: boolean): Resolved {
  const threads = logs.map(openThread);
  const byId = Map.groupBy(threads, ({ id }) => id);
  const views = new Map<string, Parent | undefined>();
  const findParent = (id: string): Parent | undefined => {
    if (!views.has(id)) views.set(id, viewFullest((byId.get(id) ?? []).map(({ log }) => log)));
    return views.get(id);
  };
  const findings: Finding[] = [];
  const counted = threads.map((thread) => {
    const parent = thread.own?.parent;
    const isShared = (byId.get(thread.id)?.length ?? 0) > 1;
    const view = parent === undefined ? undefined : findParent(parent);
    return countThread(thread, view, isShared, explain ? findings : undefined);
  });
  const responses = mergeCounted(counted.map((rows) => rows.map(getResponse)));
  if (explain) findings.push(...explainCounted(threads, counted, new Set(responses)));
  return { responses, findings };
}

/** See `UsageClient.relate`. */
export function relateLog(log: Log): Kinship {
  const { id, own } = openThread(log);
  return { session: id, parent: own?.parent };
}

/** See `UsageClient.count`. */
export function countLog(log: Log, { parents, isShared }: Family): readonly Response[] {
  return countThread(openThread(log), viewFullest(parents), isShared, undefined).map(getResponse);
}

function getResponse({ response }: Counted): Response {
  return response;
}

/**
 * See `UsageClient.merge`. The same thread may stand in two files: moved to the archive, or copied to another home. The one
 * that tells of most responses comes first: where a line is torn, the next one tells of two responses as if they were one.
 */
export function mergeCounted(counted: readonly (readonly Response[])[]): readonly Response[] {
  const known = new Set<string>();
  const merged: Response[] = [];
  for (const responses of counted.toSorted((a, b) => b.length - a.length)) {
    for (const response of responses) {
      const isKnown = response.names !== undefined && response.names.some((name) => known.has(name));
      if (!isKnown) merged.push(response);
    }
    for (const { names } of responses) if (names !== undefined) { for (const name of names) known.add(name); }
  }
  return merged;
}

/** Of several files of a thread, the one that tells most is asked. */
function viewFullest(logs: readonly Log[]): Parent | undefined {
  const [first, ...others] = logs;
  if (first === undefined) return undefined;
  return viewParent(others.reduce((best, log) => log.events.length > best.events.length ? log : best, first));
}

function explainCounted(
  threads: readonly Thread[],
  counted: readonly (readonly Counted[])[],
  merged: ReadonlySet<Response>,
): readonly Finding[] {
  return counted.flatMap((rows, index) =>
    rows.map(({ response, line }): Finding => {
      const isNew = merged.has(response);
      return {
        path: threads[index]?.log.path ?? "",
        line,
        session: response.session,
        at: response.at,
        verdict: isNew ? "counted" : "duplicate",
        reason: isNew ? "a response of this session" : "another file of the same session has this response",
        tokens: response.tokens,
        model: response.model,
      };
    })
  );
}

function openThread(log: Log): Thread {
  const own = findOwnSession(log.events, log.path);
  return { log, own, id: own?.id ?? threadInName(log.path) ?? log.path };
}

/** What holds at a line: the latest word on each. */
export interface Setting {
  readonly model: string;
  readonly provider: string;
  readonly speed: Speed;
}

/** A response before it is known whether a record and an advance tell of the same one. */
interface Candidate {
  readonly kind: "record" | "advance";
  /** What it is called, where another file may tell of it too. */
  readonly name: string;
  readonly event: ResponseEvent | TotalEvent;
  readonly tokens: Tokens;
  readonly last: Tokens | undefined;
  readonly setting: Setting;
  readonly at: number;
}

/** A response and the line that tells of it. */
interface Counted {
  readonly response: Response;
  readonly line: number;
}

/** A total that came again: stale, unless the next line shows that the counter had begun anew there. */
interface Held {
  readonly event: TotalEvent;
  readonly reading: TotalReading;
  readonly setting: Setting;
  readonly at: number;
}

/**
 * Counts one file.
 *
 * @param isShared asks for the responses' names
 */
function countThread(
  thread: Thread,
  parent: Parent | undefined,
  isShared: boolean,
  findings: Finding[] | undefined,
): readonly Counted[] {
  const { log, own, id } = thread;
  const start = findOwnStart(log.events, own, parent);
  const settings = openSettings(own, id);
  const reader = openTotals(own, parent);
  const candidates: Candidate[] = [];
  const seenRecords = new Set<string>();
  const equals = new Map<string, number>();
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

  /** Two responses may leave equal totals at one time when the counter was restarted in between. */
  const nameAdvance = ({ total }: TotalEvent, at: number): string => {
    const name = `${id}|${total === undefined ? "" : nameTotal(total)}|${at}`;
    const count = equals.get(name) ?? 0;
    equals.set(name, count + 1);
    return count === 0 ? name : `${name}|${count}`;
  };
  const addAdvance = (event: TotalEvent, tokens: Tokens, setting: Setting, at: number): void => {
    const name = isShared ? nameAdvance(event, at) : "";
    candidates.push({ kind: "advance", name, event, tokens, last: event.last, setting, at });
  };
  const letGo = (): void => {
    if (held !== undefined) note(held.event, held.reading.verdict, held.reading.reason, held.reading.tokens);
    held = undefined;
  };

  // Most of the time it takes to count goes by in here, before it is compiled: so nothing is made that can be spared.
  const { events } = log;
  for (let index = 0; index < events.length; index++) {
    const event = events[index];
    if (event === undefined) break;
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
      if (held !== undefined && provesRestart === true) {
        addAdvance(held.event, held.reading.tokens, held.setting, held.at);
        held = undefined;
      }
      // Written again, at the start of a turn or when the log was read in two parts, it is still the first one that is held.
      const isHeldAgain = verdict === "stale" && held?.event.total !== undefined &&
        event.total !== undefined && sameTokens(event.total, held.event.total);
      if (verdict !== "repeated" && !isHeldAgain) letGo();
      if (verdict === "counted") addAdvance(event, tokens, settings.at(event), settings.timeOf(event));
      else if (isHeldAgain) note(event, "repeated", "the total did not change", tokens);
      else if (verdict === "stale") {
        held = { event, reading, setting: settings.at(event), at: settings.timeOf(event) };
      } else note(event, verdict, reason, tokens);
      if (event.repeats !== undefined) {
        note(
          event,
          "repeated",
          `written ${event.repeats} more time${event.repeats === 1 ? "" : "s"}`,
          NO_TOKENS,
        );
      }
    } else if (event.kind === "response") {
      const key = event.id ?? `${event.line}|${event.at}`;
      if (!isOwn || isParents(event, parent)) {
        note(event, "inherited", "copied from the parent session", event.tokens);
      } else if (seenRecords.has(key)) {
        note(event, "repeated", "the same response was recorded before", event.tokens);
      } else {
        seenRecords.add(key);
        candidates.push({
          kind: "record",
          name: isShared ? `${id}|${key}` : "",
          event,
          tokens: event.tokens,
          last: undefined,
          setting: settings.at(event),
          at: settings.timeOf(event),
        });
      }
    }
  }

  letGo();
  const matches = matchRecords(candidates);
  const names = isShared ? nameTwice(candidates, matches) : undefined;
  const project = own?.project ?? "";
  const counted: Counted[] = [];
  for (let index = 0; index < candidates.length; index++) {
    const candidate = candidates[index];
    if (candidate === undefined) break;
    const { event, setting, at, tokens: told } = candidate;
    const match = matches[index];
    const tokens = match === undefined ? told : match.tokens;
    if (tokens === undefined) {
      note(event, "recorded", "a token_usage_record tells of this response", told);
    } else if (event.kind === "response" && isOther(event, id, log)) {
      note(event, "inherited", `a response of session ${event.session}`, tokens);
    } else if (!sameTokens(tokens, NO_TOKENS)) {
      const { provider, model, speed } = setting;
      const response: Response = {
        client: "codex",
        id: event.kind === "response" ? event.id : undefined,
        names: names?.[index],
        session: id,
        at,
        provider,
        model,
        project,
        speed,
        tokens,
        costUsd: undefined,
      };
      counted.push({ response, line: event.line });
    }
  }
  return counted;
}

/**
 * What each response is called wherever it is told of: by its record, and by the advance of the total. A copy of a log may
 * lack a record that another copy has, and the other way round.
 */
function nameTwice(
  candidates: readonly Candidate[],
  matches: readonly (Match | undefined)[],
): readonly (readonly string[])[] {
  const names = candidates.map(({ name }) => [name]);
  for (const [index, match] of matches.entries()) {
    for (const record of match?.records ?? []) names[record]?.push(candidates[index]?.name ?? "");
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

/** What the lines so far say of model, provider, speed and time. */
export interface Settings {
  see(event: LogEvent, isOwn: boolean): void;
  /** What holds for a response, of a turn where its line names one. */
  ofTurn(turn: string | undefined): Setting;
  at(event: TotalEvent | ResponseEvent): Setting;
  timeOf(event: TotalEvent | ResponseEvent): number;
}

/** Follows what the lines say of model, provider, speed and time. */
export function openSettings(own: SessionEvent | undefined, id: string): Settings {
  const models = new Map<string, string>();
  let model: string | undefined;
  let setModel: string | undefined;
  let provider = own?.provider ?? DEFAULT_PROVIDER;
  let speed: Speed = "standard";
  let latestAt = own?.bornAt ?? own?.at ?? 0;
  // One for all lines that it holds for.
  let latest: Setting = { model: UNKNOWN_MODEL, provider, speed };

  function ofTurn(turn: string | undefined): Setting {
    const name = (turn === undefined ? undefined : models.get(turn)) ?? model ?? setModel ?? UNKNOWN_MODEL;
    if (latest.model !== name || latest.provider !== provider || latest.speed !== speed) {
      latest = { model: name, provider, speed };
    }
    return latest;
  }

  return {
    see(event, isOwn): void {
      latestAt = event.at ?? latestAt;
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
    ofTurn,
    at: (event) => ofTurn(event.kind === "response" ? event.turn : undefined),
    timeOf: (event) => event.at ?? latestAt,
  };
}
