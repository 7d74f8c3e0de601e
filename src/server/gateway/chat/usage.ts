/**
 * What an answer cost, in the names of the Responses API.
 *
 * @module
 */

import { countOf, type JsonObject, objectOf } from "../../../base/json_fields.ts";
import type { ResponsesUsage } from "./events.ts";

/**
 * Reads the `usage` of Chat Completions; undefined when it does not say how many tokens went in and came out.
 *
 * `prompt_cache_hit_tokens` is DeepSeek's; `cost` (USD) and `cache_write_tokens` are OpenRouter's (docs, 2026-11).
 */
export function readUsage(usage: JsonObject): ResponsesUsage | undefined {
  const input = countOf(usage["prompt_tokens"]);
  const output = countOf(usage["completion_tokens"]);
  if (input === undefined || output === undefined) return undefined;
  const inputDetails = objectOf(usage["prompt_tokens_details"]);
  const outputDetails = objectOf(usage["completion_tokens_details"]);
  const cost = usage["cost"];
  return {
    input_tokens: input,
    input_tokens_details: {
      cached_tokens: countOf(inputDetails["cached_tokens"]) ?? countOf(usage["prompt_cache_hit_tokens"]) ?? 0,
      cache_write_tokens: countOf(inputDetails["cache_write_tokens"]) ?? 0,
    },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: countOf(outputDetails["reasoning_tokens"]) ?? 0 },
    total_tokens: countOf(usage["total_tokens"]) ?? input + output,
    ...(typeof cost === "number" && Number.isFinite(cost) && cost >= 0 ? { cost } : {}),
  };
}
