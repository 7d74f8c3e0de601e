/**
 * Carries a model's thinking through a client that keeps no raw thinking, and back to the server that it came from.
 *
 * Some models (gpt-oss, DeepSeek, Kimi) work badly or refuse when their thinking between two tool calls is missing
 * from the conversation. The one part of a reasoning item that clients keep and send back is `encrypted_content`
 * (Codex CLI 0.169.0, 2026-11, leaves raw reasoning texts out of its requests), so the text travels in there,
 * readable, together with the field that the server used. It never leaves the way between this machine and that
 * server.
 *
 * @module
 */

import { isObject, textOf } from "../../../base/json_fields.ts";
import { parseJson } from "./json_text.ts";
import { REASONING_FIELDS, type ReasoningField } from "./model.ts";

/** What a model thought before it spoke or called. */
export interface Thinking {
  /** The name under which its server said it. */
  readonly field: ReasoningField;
  readonly text: string;
}

const MARK = "agentos.thinking.1";

/** Puts it into an `encrypted_content`. */
export function packThinking({ field, text }: Thinking): string {
  return JSON.stringify({ mark: MARK, field, text });
}

/** Takes it out again; undefined for what somebody else encrypted. */
export function unpackThinking(encrypted: unknown): Thinking | undefined {
  if (typeof encrypted !== "string" || !encrypted.startsWith("{")) return undefined;
  const packed = parseJson(encrypted);
  if (!isObject(packed) || packed["mark"] !== MARK) return undefined;
  const field = REASONING_FIELDS.find((name) => name === packed["field"]);
  const text = textOf(packed["text"]);
  return field === undefined || text === undefined ? undefined : { field, text };
}
