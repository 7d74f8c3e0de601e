/**
 * What we know of Codex's rollout logs: where they are, and what one line of them says.
 *
 * Seen in logs written by Codex 0.105, 0.130, 0.150 and 0.169 (2026-11). Each line is
 * `{timestamp, ordinal?, type, payload}`; the envelope alone decides what a line is, never a text inside it. Which lines
 * count is said in `count_responses.ts`.
 *
 * @module
 */

import type { EnvView, LineKind, UsageClient } from "../../src/usage/client.ts";
import type { LineView } from "../../src/usage/line_view.ts";
import type { LogEvent, SessionEvent, Speed, Tokens } from "../../src/usage/model.ts";
import { countLog, mergeCounted, relateLog, resolveLogs } from "./count_responses.ts";

/** CODEX_HOME may be a list, as other readers of these logs take it, of homes or of folders of sessions in them. */
function findFolders(env: EnvView, userHome: string): readonly string[] {
  const homes = env("CODEX_HOME")?.split(",").map((home) => home.trim()).filter((home) => home !== "");
  const folders = (homes ?? [`${userHome}/.codex`]).flatMap((home) => {
    const folder = expandHome(home, userHome).replace(/(?<=.)\/+$/, "");
    return /\/(?:archived_)?sessions$/.test(folder)
      ? [folder]
      : [`${folder}/sessions`, `${folder}/archived_sessions`];
  });
  return [...new Set(folders)];
}

function expandHome(path: string, userHome: string): string {
  return path.replace(/^~(?=\/|$)/, userHome).replace(/^\$HOME(?=\/|$)/, userHome);
}

const SETTINGS = "payload.thread_settings";

/** Nearly all bytes are messages and the output of tools, in lines of other kinds. */
const KINDS: readonly LineKind[] = [
  { where: { type: "session_meta" }, read: (line, number) => readSession(line, "payload.", number) },
  // Until the middle of 2025 a log began with its session alone, and told of no tokens.
  {
    where: { type: null },
    read: (line, number) => line.has("instructions") ? readSession(line, "", number) : undefined,
  },
  { where: { type: "turn_context" }, read: readTurnContext },
  { where: { type: "token_usage_record" }, read: readRecord },
  { where: { type: "event_msg", "payload.type": "token_count" }, read: readTotal },
  { where: { type: "event_msg", "payload.type": "task_started" }, read: readTurn },
  { where: { type: "event_msg", "payload.type": "turn_started" }, read: readTurn },
  { where: { type: "event_msg", "payload.type": "thread_settings_applied" }, read: readSettings },
];

/** Where counts of tokens stand. `total_tokens` is never used: after a compaction it is an estimate of no response. */
function pathsOf(
  usage: string,
): Record<"usage" | "input" | "cached" | "cacheWrite" | "output" | "reasoning", string> {
  return {
    usage,
    input: `${usage}.input_tokens`,
    cached: `${usage}.cached_input_tokens`,
    cacheWrite: `${usage}.cache_write_input_tokens`,
    output: `${usage}.output_tokens`,
    reasoning: `${usage}.reasoning_output_tokens`,
  };
}

const USAGE = pathsOf("payload.usage");
const TOTAL = pathsOf("payload.info.total_token_usage");
const LAST = pathsOf("payload.info.last_token_usage");

/** What a session says of itself. */
const SESSION_FIELDS = [
  "id",
  "timestamp",
  "cwd",
  "model_provider",
  "forked_from_id",
  "forked_from_ordinal_exclusive",
  "parent_thread_id",
  "subagent_history_start_ordinal",
  "history_base.thread_id",
  "history_base.end_ordinal_exclusive",
  "source.subagent.thread_spawn.parent_thread_id",
];

const FIELDS: readonly string[] = [
  "timestamp",
  "ordinal",
  "instructions",
  ...["payload.", ""].flatMap((place) => SESSION_FIELDS.map((field) => place + field)),
  ...[
    "turn_id",
    "started_at",
    "model",
    "thread_id",
    "response_id",
    "thread_settings.service_tier",
    "thread_settings.model",
    "thread_settings.model_provider_id",
  ].map((field) => `payload.${field}`),
  ...[USAGE, TOTAL, LAST].flatMap((paths) => Object.values(paths)),
];

type Stamp = { readonly line: number; readonly at?: number; readonly ordinal?: number };

function readStamp(line: LineView, number: number): Stamp {
  return { line: number, ...given("at", line.time("timestamp")), ...given("ordinal", line.count("ordinal")) };
}

function readTurnContext(line: LineView, number: number): LogEvent {
  return {
    kind: "model",
    ...readStamp(line, number),
    ...given("turn", line.text("payload.turn_id")),
    ...given("model", line.text("payload.model")),
  };
}

function readRecord(line: LineView, number: number): LogEvent | undefined {
  const tokens = readTokens(line, USAGE);
  if (tokens === undefined) return undefined;
  const id = line.text("payload.response_id");
  const session = line.text("payload.thread_id");
  const turn = line.text("payload.turn_id");
  const at = line.time("timestamp");
  const ordinal = line.count("ordinal");
  // Written out where a record is as Codex writes it, as below.
  const isWhole = id !== undefined && session !== undefined && turn !== undefined && at !== undefined &&
    ordinal !== undefined;
  if (isWhole) return { kind: "response", line: number, at, ordinal, id, session, turn, tokens };
  return {
    kind: "response",
    ...readStamp(line, number),
    ...given("id", id),
    ...given("session", session),
    ...given("turn", turn),
    tokens,
  };
}

/** `info: null` tells of rate limits only. */
function readTotal(line: LineView, number: number): LogEvent | undefined {
  const total = readTokens(line, TOTAL);
  const last = readTokens(line, LAST);
  if (total === undefined && last === undefined) return undefined;
  const at = line.time("timestamp");
  const ordinal = line.count("ordinal");
  // By far the most frequent lines: written out, since building objects from parts takes several times as long.
  if (total !== undefined && last !== undefined && at !== undefined) {
    return ordinal === undefined
      ? { kind: "total", line: number, at, total, last }
      : { kind: "total", line: number, at, ordinal, total, last };
  }
  return { kind: "total", ...readStamp(line, number), ...given("total", total), ...given("last", last) };
}

function readTurn(line: LineView, number: number): LogEvent {
  const startedAt = line.count("payload.started_at");
  return {
    kind: "turn",
    ...readStamp(line, number),
    ...given("turn", line.text("payload.turn_id")),
    ...given("startedAt", startedAt === undefined ? undefined : startedAt * 1000),
  };
}

function readSettings(line: LineView, number: number): LogEvent {
  return {
    kind: "model",
    settings: true,
    ...readStamp(line, number),
    ...given("session", line.text("payload.thread_id")),
    ...given("model", line.text(`${SETTINGS}.model`)),
    ...given("provider", line.text(`${SETTINGS}.model_provider_id`)),
    speed: readSpeed(line.text(`${SETTINGS}.service_tier`)),
  };
}

/** Codex calls the dear tier `fast`, its API `priority`. */
function readSpeed(tier: string | undefined): Speed {
  if (tier === "fast" || tier === "priority") return "fast";
  return tier === "flex" ? "flex" : "standard";
}

/** Reads the session that stands at a place in the line. */
function readSession(line: LineView, place: string, number: number): SessionEvent | undefined {
  const id = line.text(`${place}id`);
  if (id === undefined) return undefined;
  const stamp = readStamp(line, number);
  const fork = line.text(`${place}forked_from_id`) ?? line.text(`${place}history_base.thread_id`);
  const parent = fork ?? line.text(`${place}parent_thread_id`) ??
    line.text(`${place}source.subagent.thread_spawn.parent_thread_id`);
  return {
    kind: "session",
    ...stamp,
    id,
    ...given("parent", parent === id ? undefined : parent),
    ...given("bornAt", line.time(`${place}timestamp`) ?? stamp.at),
    ...given("provider", line.text(`${place}model_provider`)),
    ...given("project", line.text(`${place}cwd`)),
    ...given(
      "firstOwnOrdinal",
      line.count(`${place}subagent_history_start_ordinal`) ??
        line.count(`${place}history_base.end_ordinal_exclusive`) ??
        line.count(`${place}forked_from_ordinal_exclusive`),
    ),
    ...(fork === undefined ? {} : { continuesTotal: true as const }),
  };
}

function readTokens(line: LineView, paths: typeof USAGE): Tokens | undefined {
  if (!line.isObject(paths.usage)) return undefined;
  return {
    input: line.count(paths.input) ?? 0,
    cached: line.count(paths.cached) ?? 0,
    cacheWrite: line.count(paths.cacheWrite) ?? 0,
    cacheWrite1h: 0,
    output: line.count(paths.output) ?? 0,
    reasoning: line.count(paths.reasoning) ?? 0,
  };
}

/** A property, unless its value is undefined. */
function given<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [Key in Name]?: Value } {
  const property: { [Key in Name]?: Value } = {};
  if (value !== undefined) property[name] = value;
  return property;
}

/** Codex's usage facet. */
export const codexUsage: UsageClient = {
  id: "codex",
  version: 3,
  folders: findFolders,
  // A thread's file; with `local_thread_store_compression` on, cold ones are rewritten as .jsonl.zst.
  isLog: (name) => /\.jsonl(\.zst)?$/.test(name),
  kinds: KINDS,
  fields: FIELDS,
  relate: relateLog,
  count: countLog,
  merge: mergeCounted,
  resolve: resolveLogs,
};
