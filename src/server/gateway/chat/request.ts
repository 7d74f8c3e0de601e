/**
 * A request of the Responses API as one of Chat Completions.
 *
 * Only what every server in use understands is sent on; what has no counterpart and costs nothing to lose
 * (`store`, `include`, `prompt_cache_key`, `client_metadata`, `text.verbosity`, `reasoning.summary` …) is left out,
 * because some servers refuse a request for one unknown word. What would change the answer is refused.
 *
 * @module
 */

import { AppError } from "../../../base/errors.ts";
import { countOf, isObject, type JsonObject, objectOf, textOf } from "../../../base/json_fields.ts";
import { readHistory } from "./history.ts";
import type { ChatFormat, ChatRequest } from "./model.ts";
import { readTools } from "./tools.ts";

/** The request, and what it does not say any more: kinds and names, never contents. */
export interface ToldRequest {
  readonly body: ChatRequest;
  readonly dropped: readonly string[];
}

/** Fields that ask for what a server without memory cannot do. */
const NEEDS_MEMORY = ["previous_response_id", "conversation", "prompt"];

/**
 * Translates the body of a `POST …/responses`.
 *
 * @throws {AppError} gateway.request when the request leans on something that Chat Completions does not have
 */
export function toChatRequest(request: JsonObject): ToldRequest {
  for (const field of NEEDS_MEMORY) {
    if (request[field] !== undefined && request[field] !== null) {
      throw new AppError("gateway.request", `The request uses ${field}, which this provider does not have.`, {
        hint: "Send the whole conversation.",
      });
    }
  }
  if (request["background"] === true) {
    throw new AppError("gateway.request", "This provider cannot work in the background.", {
      hint: "Leave background out.",
    });
  }
  const history = readHistory(request["instructions"], request["input"]);
  const offer = readTools(request);
  const stream = request["stream"] === true;
  const temperature = numberOf(request["temperature"]);
  const topP = numberOf(request["top_p"]);
  const maxTokens = countOf(request["max_output_tokens"]);
  const effort = readEffort(objectOf(request["reasoning"])["effort"]);
  const format = readFormat(objectOf(request["text"])["format"]);
  const user = textOf(request["user"]);
  return {
    body: {
      model: textOf(request["model"]) ?? "",
      messages: history.messages,
      stream,
      ...(stream ? { stream_options: { include_usage: true } } : {}),
      ...offer.fields,
      ...(temperature === undefined ? {} : { temperature }),
      ...(topP === undefined ? {} : { top_p: topP }),
      ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
      ...(effort === undefined ? {} : { reasoning_effort: effort }),
      ...(format === undefined ? {} : { response_format: format }),
      ...(user === undefined ? {} : { user }),
    },
    dropped: [...history.dropped, ...offer.dropped],
  };
}

/** The words that all servers know; Ollama answers 400 to any other (read in its source, 2026-11). */
function readEffort(effort: unknown): ChatRequest["reasoning_effort"] {
  switch (effort) {
    case "none":
    case "low":
    case "medium":
    case "high":
      return effort;
    case "minimal":
      return "low";
    case "xhigh":
    case "max":
      return "high";
    default:
      return undefined;
  }
}

function readFormat(format: unknown): ChatFormat | undefined {
  if (!isObject(format)) return undefined;
  if (format["type"] === "json_object") return { type: "json_object" };
  if (format["type"] !== "json_schema") return undefined;
  const description = textOf(format["description"]);
  const strict = format["strict"];
  return {
    type: "json_schema",
    json_schema: {
      name: textOf(format["name"]) ?? "answer",
      ...(description === undefined ? {} : { description }),
      schema: objectOf(format["schema"]),
      ...(typeof strict === "boolean" ? { strict } : {}),
    },
  };
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
