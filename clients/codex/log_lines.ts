/**
 * What one line of a Codex rollout log says.
 *
 * Seen in logs written by Codex 0.105, 0.130, 0.150 and 0.169 (2026-11). Each line is
 * `{timestamp, ordinal?, type, payload}`; the envelope alone decides what a line is, never a text inside it.
 *
 * @module
 */

import { openFieldPaths } from "../../src/base/field_paths.ts";
import type { CountsPlaces, LineKind } from "../../src/usage/client.ts";
import type { Field, LineView } from "../../src/usage/line_view.ts";
import type {
  LogEvent,
  ModelEvent,
  ResponseEvent,
  SessionEvent,
  Speed,
  Tokens,
  TotalEvent,
  TurnEvent,
} from "../../src/usage/model.ts";

const { paths, fieldOf } = openFieldPaths();

/** The paths that {@link KINDS} ask for. */
export const FIELDS = paths;

interface CountsPlace {
  readonly object: Field;
  readonly input: Field;
  readonly cached: Field;
  readonly cacheWrite: Field;
  readonly output: Field;
  readonly reasoning: Field;
}

/** Where counts of tokens stand. `total_tokens` is never used: after a compaction it is an estimate of no response. */
function countsAt(usage: string): CountsPlace {
  return {
    object: fieldOf(usage),
    input: fieldOf(`${usage}.input_tokens`),
    cached: fieldOf(`${usage}.cached_input_tokens`),
    cacheWrite: fieldOf(`${usage}.cache_write_input_tokens`),
    output: fieldOf(`${usage}.output_tokens`),
    reasoning: fieldOf(`${usage}.reasoning_output_tokens`),
  };
}

/** What a `token_usage_record` says of its response. */
const USAGE = countsAt("payload.usage");
/** A `token_count`'s running total. */
const TOTAL = countsAt("payload.info.total_token_usage");
/** What it says of the latest response alone. */
const LAST = countsAt("payload.info.last_token_usage");

function placesOf({ object, input, cached, cacheWrite, output, reasoning }: CountsPlace): CountsPlaces {
  return { object, counts: [input, cached, cacheWrite, output, reasoning] };
}

/** What a session says of itself, at a place in the line. */
function sessionAt(
  place: string,
): Readonly<
  Record<
    | "id"
    | "bornAt"
    | "project"
    | "provider"
    | "fork"
    | "forkOrdinal"
    | "parent"
    | "startOrdinal"
    | "base"
    | "baseOrdinal"
    | "spawnedBy",
    Field
  >
> {
  return {
    id: fieldOf(`${place}id`),
    bornAt: fieldOf(`${place}timestamp`),
    project: fieldOf(`${place}cwd`),
    provider: fieldOf(`${place}model_provider`),
    fork: fieldOf(`${place}forked_from_id`),
    forkOrdinal: fieldOf(`${place}forked_from_ordinal_exclusive`),
    parent: fieldOf(`${place}parent_thread_id`),
    startOrdinal: fieldOf(`${place}subagent_history_start_ordinal`),
    base: fieldOf(`${place}history_base.thread_id`),
    baseOrdinal: fieldOf(`${place}history_base.end_ordinal_exclusive`),
    spawnedBy: fieldOf(`${place}source.subagent.thread_spawn.parent_thread_id`),
  };
}

const SESSION = sessionAt("payload.");
const OLD_SESSION = sessionAt("");

/** When the line was written. */
const TIME = fieldOf("timestamp");
const ORDINAL = fieldOf("ordinal");
const INSTRUCTIONS = fieldOf("instructions");
/** The turn that it belongs to. */
const TURN = fieldOf("payload.turn_id");
const STARTED_AT = fieldOf("payload.started_at");
const MODEL = fieldOf("payload.model");
/** The thread that a record is of. */
const THREAD = fieldOf("payload.thread_id");
/** The response that a record is of. */
const RESPONSE = fieldOf("payload.response_id");
const SET_TIER = fieldOf("payload.thread_settings.service_tier");
const SET_MODEL = fieldOf("payload.thread_settings.model");
const SET_PROVIDER = fieldOf("payload.thread_settings.model_provider_id");

/**
 * The kinds of line that matter.
 *
 * Nearly all bytes are messages and the output of tools, in lines of other kinds.
 */
export const KINDS: readonly LineKind[] = [
  { where: { type: "session_meta" }, read: (line, number) => readSession(line, SESSION, number) },
  // Until the middle of 2025 a log began with its session alone, and told of no tokens.
  {
    where: { type: null },
    read: (line, number) => line.has(INSTRUCTIONS) ? readSession(line, OLD_SESSION, number) : undefined,
  },
  { where: { type: "turn_context" }, read: readTurnContext, turn: { turn: TURN, model: MODEL } },
  // From Codex 0.154 on.
  {
    where: { type: "token_usage_record" },
    read: readRecord,
    record: { ...placesOf(USAGE), time: TIME, session: THREAD, turn: TURN, id: RESPONSE },
  },
  {
    where: { type: "event_msg", "payload.type": "token_count" },
    read: readTotal,
    total: { ...placesOf(TOTAL), time: TIME, last: placesOf(LAST) },
  },
  { where: { type: "event_msg", "payload.type": "task_started" }, read: readTurn, turn: { turn: TURN } },
  { where: { type: "event_msg", "payload.type": "turn_started" }, read: readTurn, turn: { turn: TURN } },
  { where: { type: "event_msg", "payload.type": "thread_settings_applied" }, read: readSettings },
];

/** An event that is being written down. */
type Draft<Event> = { -readonly [Name in keyof Event]: Event[Name] };

/** Sets a property that a line may not say: building an object from parts takes several times as long. */
function put<Event, Name extends keyof Event>(
  event: Event,
  name: Name,
  value: Event[Name] | undefined,
): void {
  if (value !== undefined) event[name] = value;
}

function putStamp(event: Draft<Pick<LogEvent, "at" | "ordinal">>, line: LineView): void {
  put(event, "at", line.time(TIME));
  put(event, "ordinal", line.count(ORDINAL));
}

function readTurnContext(line: LineView, number: number): ModelEvent {
  const event: Draft<ModelEvent> = { kind: "model", line: number };
  putStamp(event, line);
  put(event, "turn", line.text(TURN));
  put(event, "model", line.text(MODEL));
  return event;
}

function readRecord(line: LineView, number: number): LogEvent | undefined {
  const tokens = readTokens(line, USAGE);
  if (tokens === undefined) return undefined;
  const event: Draft<ResponseEvent> = { kind: "response", line: number, tokens };
  putStamp(event, line);
  put(event, "id", line.text(RESPONSE));
  put(event, "session", line.text(THREAD));
  put(event, "turn", line.text(TURN));
  return event;
}

/** `info: null` tells of rate limits only. */
function readTotal(line: LineView, number: number): LogEvent | undefined {
  const total = readTokens(line, TOTAL);
  const last = readTokens(line, LAST);
  if (total === undefined && last === undefined) return undefined;
  const event: Draft<TotalEvent> = { kind: "total", line: number };
  putStamp(event, line);
  put(event, "total", total);
  put(event, "last", last);
  return event;
}

function readTurn(line: LineView, number: number): TurnEvent {
  const event: Draft<TurnEvent> = { kind: "turn", line: number };
  putStamp(event, line);
  put(event, "turn", line.text(TURN));
  const startedAt = line.count(STARTED_AT);
  if (startedAt !== undefined) event.startedAt = startedAt * 1000;
  return event;
}

function readSettings(line: LineView, number: number): ModelEvent {
  const event: Draft<ModelEvent> = {
    kind: "model",
    settings: true,
    line: number,
    speed: readSpeed(line.text(SET_TIER)),
  };
  putStamp(event, line);
  put(event, "session", line.text(THREAD));
  put(event, "model", line.text(SET_MODEL));
  put(event, "provider", line.text(SET_PROVIDER));
  return event;
}

/** Codex calls the dear tier `fast`, its API `priority`. */
function readSpeed(tier: string | undefined): Speed {
  if (tier === "fast" || tier === "priority") return "fast";
  return tier === "flex" ? "flex" : "standard";
}

/** Reads the session that stands at a place in the line. */
function readSession(line: LineView, place: typeof SESSION, number: number): SessionEvent | undefined {
  const id = line.text(place.id);
  if (id === undefined) return undefined;
  const event: Draft<SessionEvent> = { kind: "session", line: number, id };
  putStamp(event, line);
  const fork = line.text(place.fork) ?? line.text(place.base);
  if (fork !== undefined) event.continuesTotal = true;
  const parent = fork ?? line.text(place.parent) ?? line.text(place.spawnedBy);
  if (parent !== id) put(event, "parent", parent);
  put(event, "bornAt", line.time(place.bornAt) ?? event.at);
  put(event, "provider", line.text(place.provider));
  put(event, "project", line.text(place.project));
  put(
    event,
    "firstOwnOrdinal",
    line.count(place.startOrdinal) ?? line.count(place.baseOrdinal) ?? line.count(place.forkOrdinal),
  );
  return event;
}

function readTokens(line: LineView, place: CountsPlace): Tokens | undefined {
  if (!line.isObject(place.object)) return undefined;
  return {
    input: line.count(place.input) ?? 0,
    cached: line.count(place.cached) ?? 0,
    cacheWrite: line.count(place.cacheWrite) ?? 0,
    cacheWrite1h: 0,
    output: line.count(place.output) ?? 0,
    reasoning: line.count(place.reasoning) ?? 0,
  };
}
