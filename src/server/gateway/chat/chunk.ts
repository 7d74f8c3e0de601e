/**
 * One piece of a Chat Completions answer, read with all the liberties that servers take.
 *
 * A `chat.completion.chunk` of a stream and the one `chat.completion` of an answer that does not stream are read
 * alike: the latter is a stream of a single piece.
 *
 * @module
 */

import { isObject, type JsonObject, objectOf, textOf } from "../../../base/json_fields.ts";
import { REASONING_FIELDS, type ReasoningField } from "./model.ts";

/** What the model did, in the order in which it did it. */
export type Piece =
  | ThinkingPiece
  | { readonly kind: "text"; readonly text: string }
  | CallPiece;

/** A part of the model's thinking. */
export interface ThinkingPiece {
  readonly kind: "thinking";
  /** Where the server wants to have it back; undefined where no message has a place for it. */
  readonly field: ReasoningField | undefined;
  readonly text: string;
}

/** A part of a call; whatever the server did not say is undefined. */
export interface CallPiece {
  readonly kind: "call";
  readonly index: number | undefined;
  readonly id: string | undefined;
  readonly name: string | undefined;
  /** A part of the text of the arguments, maybe empty. */
  readonly arguments: string;
}

/** One piece of an answer. */
export interface Chunk {
  readonly pieces: readonly Piece[];
  /** Why the model stopped, once it has. */
  readonly finish: string | undefined;
  readonly usage: JsonObject | undefined;
  /** The model that answers, by the server's name for it. */
  readonly model: string | undefined;
}

/** Reads a chunk or a whole answer; anything that is not where it should be is not there. */
export function readChunk(value: JsonObject): Chunk {
  const choices = Array.isArray(value["choices"]) ? value["choices"].filter(isObject) : [];
  // Nobody asks for several answers; should there be more, the first is the one.
  const choice = choices.find(({ index }) => index === undefined || index === null || index === 0);
  const said = objectOf(choice?.["delta"] ?? choice?.["message"]);
  const usage = value["usage"];
  return {
    pieces: [
      ...readThinking(said),
      ...readContent(said["content"]),
      ...readRefusal(said),
      ...readCalls(said),
    ],
    finish: textOf(choice?.["finish_reason"]),
    usage: isObject(usage) ? usage : undefined,
    model: textOf(value["model"]),
  };
}

function readThinking(said: JsonObject): Piece[] {
  for (const field of REASONING_FIELDS) {
    const text = textOf(said[field]);
    if (text !== undefined) return [{ kind: "thinking", field, text }];
  }
  return [];
}

/** A text, or a list of parts as Mistral sends it, where thinking is a part of its own. */
function readContent(content: unknown): Piece[] {
  const whole = textOf(content);
  if (whole !== undefined) return [{ kind: "text", text: whole }];
  if (!Array.isArray(content)) return [];
  return content.filter(isObject).flatMap((part): Piece[] => {
    if (part["type"] === "thinking") {
      const text = joinTexts(part["thinking"]);
      return text === "" ? [] : [{ kind: "thinking", field: undefined, text }];
    }
    const text = textOf(part["text"]);
    return text === undefined ? [] : [{ kind: "text", text }];
  });
}

function joinTexts(parts: unknown): string {
  if (typeof parts === "string") return parts;
  if (!Array.isArray(parts)) return "";
  return parts.map((part: unknown) => textOf(objectOf(part)["text"]) ?? "").join("");
}

/** As text: the Codex CLI (0.169.0, run 2026-11) neither shows nor keeps a part of the kind `refusal`. */
function readRefusal(said: JsonObject): Piece[] {
  const text = textOf(said["refusal"]);
  return text === undefined ? [] : [{ kind: "text", text }];
}

function readCalls(said: JsonObject): CallPiece[] {
  if (Array.isArray(said["tool_calls"])) return said["tool_calls"].filter(isObject).map(readCall);
  // The form before `tool_calls`, for one call only.
  return isObject(said["function_call"]) ? [readCall({ index: 0, function: said["function_call"] })] : [];
}

function readCall(call: JsonObject): CallPiece {
  const called = objectOf(call["function"]);
  const { index } = call;
  const args = called["arguments"];
  return {
    kind: "call",
    index: typeof index === "number" ? index : undefined,
    id: textOf(call["id"]),
    name: textOf(called["name"]),
    // Some hand out the object itself.
    arguments: typeof args === "string" ? args : isObject(args) ? JSON.stringify(args) : "",
  };
}
