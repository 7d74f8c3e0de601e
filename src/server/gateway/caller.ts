/**
 * Who asks for a model, as far as the client's headers say it: it ties what the gateway writes down to the client's own
 * records. Never believed, only written down. Pure.
 *
 * Observed with @openai/codex 0.169.0 (2026-11): `session-id`, `thread-id`, and in `x-codex-turn-metadata` JSON with
 * `turn_id`, `request_kind` (turn, compaction) and `thread_source` (user, subagent, thread_title).
 *
 * @module
 */

import { type JsonObject, objectOf } from "../../base/json_fields.ts";
import type { HeaderList } from "./headers.ts";
import { tidy } from "./tidy.ts";

/** The ids of one request, each undefined when the client did not say. */
export interface ModelCaller {
  readonly session: string | undefined;
  readonly thread: string | undefined;
  readonly turn: string | undefined;
  /** What the request is for: `turn`, `compaction`. */
  readonly kind: string | undefined;
  /** Where the thread comes from: `user`, `subagent`, `thread_title`. */
  readonly source: string | undefined;
}

const MAX_METADATA = 16 * 1024;

/** Reads the ids from a request's headers. */
export function readModelCaller(headers: HeaderList): ModelCaller {
  const valueOf = (isIt: (name: string) => boolean): string | undefined =>
    headers.find(([name]) => isIt(name))?.[1];
  const turn = parseMetadata(valueOf((name) => name.endsWith("-turn-metadata")));
  return {
    session: tidy(valueOf((name) => name === "session-id")) ?? tidy(turn["session_id"]),
    thread: tidy(valueOf((name) => name === "thread-id")) ?? tidy(turn["thread_id"]),
    turn: tidy(turn["turn_id"]),
    kind: tidy(turn["request_kind"]),
    source: tidy(turn["thread_source"]),
  };
}

/** The JSON of the one header whose name ends in `-turn-metadata`. */
function parseMetadata(text: string | undefined): JsonObject {
  if (text === undefined || text.length > MAX_METADATA) return {};
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return {};
  }
}
