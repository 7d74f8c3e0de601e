/**
 * What we know of Codex's rollout logs: where they are, and what one line of them says.
 *
 * Seen in logs written by Codex 0.105, 0.130, 0.150 and 0.169 (2026-11). Each line is
 * `{timestamp, ordinal?, type, payload}`; the envelope alone decides what a line is, never a text inside it. Which lines
 * count is said in `count_responses.ts`.
 *
 * @module
 */

import { countOf, isObject, type JsonObject, objectOf, textOf, timeOf } from "../../src/base/json_fields.ts";
import type { EnvView, UsageClient } from "../../src/usage/client.ts";
import type { LogEvent, SessionEvent, Speed, Tokens } from "../../src/usage/model.ts";
import { countResponses } from "./count_responses.ts";

/** Codex's usage facet. */
export const codexUsage: UsageClient = {
  id: "codex",
  version: 2,
  folders: findFolders,
  // A thread's file; with `local_thread_store_compression` on, cold ones are rewritten as .jsonl.zst.
  isLog: (name) => /\.jsonl(\.zst)?$/.test(name),
  headBytes: 160,
  canSkip,
  readLine,
  resolve: countResponses,
};

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

const HEAD =
  /^\{"timestamp":"[^"\\]*",(?:"ordinal":\d+,)?"type":"(\w+)",(?:"payload":\{"type":"(\w+)"|"payload":\{"(\w+)")?/;

const LINE_TYPES = new Set(["session_meta", "turn_context", "token_usage_record", "event_msg"]);
const EVENT_TYPES = new Set(["token_count", "thread_settings_applied", "task_started", "turn_started"]);

/** Nearly all bytes are messages and tool output, in lines whose envelope comes first and in this form. */
function canSkip(head: string): boolean {
  const [, type, event] = HEAD.exec(head) ?? [];
  if (type === undefined) return false;
  return !LINE_TYPES.has(type) || (type === "event_msg" && event !== undefined && !EVENT_TYPES.has(event));
}

/** See {@link UsageClient.readLine}. */
function readLine(text: string, line: number): LogEvent | undefined {
  const value: unknown = JSON.parse(text);
  if (!isObject(value)) throw new SyntaxError("not an object");
  const payload = objectOf(value["payload"]);
  const stamp = {
    line,
    ...given("at", timeOf(value["timestamp"])),
    ...given("ordinal", countOf(value["ordinal"])),
  };
  switch (value["type"]) {
    case "session_meta":
      return readSession(payload, stamp);
    case "turn_context":
      return {
        kind: "model",
        ...stamp,
        ...given("turn", textOf(payload["turn_id"])),
        ...given("model", textOf(payload["model"])),
      };
    case "token_usage_record": {
      const tokens = readTokens(payload["usage"]);
      return tokens && {
        kind: "response",
        ...stamp,
        ...given("id", textOf(payload["response_id"])),
        ...given("session", textOf(payload["thread_id"])),
        ...given("turn", textOf(payload["turn_id"])),
        tokens,
      };
    }
    case "event_msg":
      return readEvent(payload, stamp);
    case undefined:
      // Until the middle of 2025 a log began with its session alone, and told of no tokens.
      return "instructions" in value ? readSession(value, stamp) : undefined;
    default:
      return undefined;
  }
}

type Stamp = { readonly line: number; readonly at?: number; readonly ordinal?: number };

function readEvent(payload: JsonObject, stamp: Stamp): LogEvent | undefined {
  switch (payload["type"]) {
    case "token_count": {
      // `info: null` tells of rate limits only.
      const info = objectOf(payload["info"]);
      const total = readTokens(info["total_token_usage"]);
      const last = readTokens(info["last_token_usage"]);
      if (total === undefined && last === undefined) return undefined;
      return { kind: "total", ...stamp, ...given("total", total), ...given("last", last) };
    }
    case "task_started":
    case "turn_started": {
      const startedAt = countOf(payload["started_at"]);
      return {
        kind: "turn",
        ...stamp,
        ...given("turn", textOf(payload["turn_id"])),
        ...given("startedAt", startedAt === undefined ? undefined : startedAt * 1000),
      };
    }
    case "thread_settings_applied": {
      const settings = objectOf(payload["thread_settings"]);
      const tier = textOf(settings["service_tier"]);
      return {
        kind: "model",
        settings: true,
        ...stamp,
        ...given("session", textOf(payload["thread_id"])),
        ...given("model", textOf(settings["model"])),
        ...given("provider", textOf(settings["model_provider_id"])),
        speed: readSpeed(tier),
      };
    }
    default:
      return undefined;
  }
}

/** Codex calls the dear tier `fast`, its API `priority`. */
function readSpeed(tier: string | undefined): Speed {
  if (tier === "fast" || tier === "priority") return "fast";
  return tier === "flex" ? "flex" : "standard";
}

function readSession(payload: JsonObject, stamp: Stamp): SessionEvent | undefined {
  const id = textOf(payload["id"]);
  if (id === undefined) return undefined;
  const spawn = objectOf(objectOf(objectOf(payload["source"])["subagent"])["thread_spawn"]);
  const base = objectOf(payload["history_base"]);
  const fork = textOf(payload["forked_from_id"]) ?? textOf(base["thread_id"]);
  const parent = fork ?? textOf(payload["parent_thread_id"]) ?? textOf(spawn["parent_thread_id"]);
  return {
    kind: "session",
    ...stamp,
    id,
    ...given("parent", parent === id ? undefined : parent),
    ...given("bornAt", timeOf(payload["timestamp"]) ?? stamp.at),
    ...given("provider", textOf(payload["model_provider"])),
    ...given("project", textOf(payload["cwd"])),
    ...given(
      "firstOwnOrdinal",
      countOf(payload["subagent_history_start_ordinal"]) ?? countOf(base["end_ordinal_exclusive"]) ??
        countOf(payload["forked_from_ordinal_exclusive"]),
    ),
    ...(fork === undefined ? {} : { continuesTotal: true as const }),
  };
}

/** `total_tokens` is never used: after a compaction it is an estimate that no response had. */
function readTokens(value: unknown): Tokens | undefined {
  if (!isObject(value)) return undefined;
  return {
    input: countOf(value["input_tokens"]) ?? 0,
    cached: countOf(value["cached_input_tokens"]) ?? 0,
    cacheWrite: countOf(value["cache_write_input_tokens"]) ?? 0,
    cacheWrite1h: 0,
    output: countOf(value["output_tokens"]) ?? 0,
    reasoning: countOf(value["reasoning_output_tokens"]) ?? 0,
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
