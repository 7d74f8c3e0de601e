/**
 * What the tests of answers start from.
 *
 * @module
 */

import type { JsonObject } from "../../../base/json_fields.ts";
import type { ExpectedAnswer } from "./answer.ts";

/** An answer that is waited for. */
export const EXPECTED: ExpectedAnswer = {
  id: "x",
  createdAt: 7,
  model: "asked",
  packsThinking: true,
  parallelToolCalls: true,
  temperature: null,
  topP: null,
};

/** A chunk as published, of one choice. */
export function chunk(delta: JsonObject, finish: string | null = null): JsonObject {
  return {
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1,
    model: "served",
    choices: [{ index: 0, delta, finish_reason: finish }],
  };
}
