/**
 * What is written down of one request for a model: ids, counts, times. Never a key, never a prompt, never an answer.
 *
 * @module
 */

import { countOf, type JsonObject, objectOf } from "../../base/json_fields.ts";
import type { ModelCaller } from "./caller.ts";
import { tidy } from "./tidy.ts";

/** One finished request. Undefined where nobody said. */
export interface ModelRequestRecord extends ModelCaller {
  /** Made here; in the log line too. */
  readonly id: string;
  /** When it came, in milliseconds since 1970. */
  readonly at: number;
  readonly provider: string;
  readonly client: string | undefined;
  readonly modelAsked: string;
  readonly modelServed: string | undefined;
  /** The provider's id of the response; clients write it into their own logs. */
  readonly responseId: string | undefined;
  /** Of the answer that the client received, or of the refusal that a stream told it; 499 when it did not wait for one. */
  readonly status: number;
  /** What went wrong: an error code, `upstream_429`, `broken_cut_off`, `client_gone`, `response_failed`. */
  readonly error: string | undefined;
  readonly tokens: ResponseTokens | undefined;
  /** In US dollars, as the provider says it. */
  readonly costUsd: number | undefined;
  /** From the request's arrival to the first thing that the model said or did. */
  readonly firstOutputMs: number | undefined;
  readonly elapsedMs: number;
  /** Output tokens by the time from the first output to the end. */
  readonly tokensPerSecond: number | undefined;
}

/** Tokens as the Responses API counts them: input holds cached and cacheWrite, output holds reasoning. */
export interface ResponseTokens {
  readonly input: number;
  readonly cached: number;
  readonly cacheWrite: number;
  readonly output: number;
  readonly reasoning: number;
}

/** What the last event of an answer says of it. */
export interface ResponseFacts {
  readonly responseId: string | undefined;
  readonly modelServed: string | undefined;
  readonly tokens: ResponseTokens | undefined;
  readonly costUsd: number | undefined;
}

/** Reads what a finished response says of itself; texts are cut and counts checked, for a provider may send anything. */
export function readResponseFacts(response: JsonObject): ResponseFacts {
  const usage = objectOf(response["usage"]);
  const input = countOf(usage["input_tokens"]);
  const output = countOf(usage["output_tokens"]);
  const details = objectOf(usage["input_tokens_details"]);
  const { cost } = usage;
  return {
    responseId: tidy(response["id"]),
    modelServed: tidy(response["model"]),
    tokens: input === undefined || output === undefined ? undefined : {
      input,
      cached: countOf(details["cached_tokens"]) ?? 0,
      // OpenRouter's own (docs, 2026-11).
      cacheWrite: countOf(details["cache_write_tokens"]) ?? 0,
      output,
      reasoning: countOf(objectOf(usage["output_tokens_details"])["reasoning_tokens"]) ?? 0,
    },
    costUsd: typeof cost === "number" && Number.isFinite(cost) && cost >= 0 ? cost : undefined,
  };
}
