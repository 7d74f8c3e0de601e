/**
 * An answer of Chat Completions, piece by piece, as events of the Responses API.
 *
 * Text, thinking and arguments go on in the moment in which they come. Three things wait: white space until
 * something follows it (models put line feeds between thinking and calling, which would be messages of their own),
 * a call's name until its arguments begin (it may come in two parts), and the end of the answer until the stream's
 * (the usage comes after the reason why the model stopped).
 *
 * @module
 */

import { isObject, type JsonObject } from "../../../base/json_fields.ts";
import type { Translation } from "../wire.ts";
import { openCalls } from "./calls.ts";
import { type Piece, readChunk, type ThinkingPiece } from "./chunk.ts";
import type {
  AnswerEvent,
  ItemStatus,
  OutputItem,
  ResponsesAnswer,
  ResponsesError,
  ResponsesUsage,
} from "./events.ts";
import { brokenAnswer, explainError, explainErrorEvent, explainRefusal } from "./failure.ts";
import { type Closed, type OpenMessage, openMessage, type OpenThinking, openThinking } from "./items.ts";
import { parseJson } from "./json_text.ts";
import { readUsage } from "./usage.ts";

/** What is known of an answer before it comes. */
export interface ExpectedAnswer {
  /** Unique among all answers: letters and digits, part of every id that the answer has. */
  readonly id: string;
  /** In seconds since 1970. */
  readonly createdAt: number;
  /** The model that was asked for; the answer may name another. */
  readonly model: string;
  /** Whether the client wants to have the model's thinking back as `encrypted_content`. */
  readonly packsThinking: boolean;
  readonly parallelToolCalls: boolean;
  readonly temperature: number | null;
  readonly topP: number | null;
}

/** Texts, thinking and arguments of one answer together, all of which are kept until its end. 16 Mi characters. */
const MAX_ANSWER_CHARS = 16 * 1024 * 1024;

/** Messages, thoughts and calls of one answer; only a server that goes on and on has so many. */
const MAX_ITEMS = 1000;

/** White space that waits for what follows it. */
const MAX_SPACE_CHARS = 4_000;

/** Words for "it ran out of tokens": OpenAI's, Mistral's, Anthropic's. */
const CUT = new Set(["length", "model_length", "max_tokens"]);
const FAILED = new Set(["error", "abort", "cancelled"]);

/** A translation for one answer; see `Translation` for what it promises. */
export function translateAnswer(expected: ExpectedAnswer): Translation {
  const output: OutputItem[] = [];
  let nextIndex = 0;
  let model = expected.model;
  let state: "waiting" | "answering" | "over" = "waiting";
  let finish: string | undefined;
  let usage: ResponsesUsage | undefined;
  let answerChars = 0;
  let space = "";
  let open: { readonly kind: "message"; readonly item: OpenMessage } | {
    readonly kind: "thinking";
    readonly item: OpenThinking;
  } | undefined;

  const newPlace = (prefix: string): { id: string; outputIndex: number } => ({
    id: `${prefix}_${expected.id}_${nextIndex}`,
    outputIndex: nextIndex++,
  });
  const calls = openCalls(() => newPlace("fc"));

  const render = (
    status: ResponsesAnswer["status"],
    error: ResponsesError | null = null,
  ): ResponsesAnswer => ({
    id: `resp_${expected.id}`,
    object: "response",
    created_at: expected.createdAt,
    status,
    model,
    output: [...output],
    error,
    incomplete_details: status === "incomplete" ? { reason: "max_output_tokens" } : null,
    usage: usage ?? null,
    instructions: null,
    metadata: null,
    parallel_tool_calls: expected.parallelToolCalls,
    temperature: expected.temperature,
    tool_choice: "auto",
    tools: [],
    top_p: expected.topP,
  });

  const begin = (): AnswerEvent[] => {
    if (state !== "waiting") return [];
    state = "answering";
    return [
      { type: "response.created", response: render("in_progress") },
      { type: "response.in_progress", response: render("in_progress") },
    ];
  };

  const fail = (error: ResponsesError): AnswerEvent[] => {
    const events = begin();
    state = "over";
    events.push({ type: "response.failed", response: render("failed", error) });
    return events;
  };

  const keep = ({ events, item }: Closed): readonly AnswerEvent[] => {
    output.push(item);
    return events;
  };

  const closeItem = (status: ItemStatus = "completed"): readonly AnswerEvent[] => {
    const closing = open;
    open = undefined;
    return closing === undefined ? [] : keep(closing.item.close(status));
  };

  const think = ({ field, text }: ThinkingPiece): AnswerEvent[] => {
    const events: AnswerEvent[] = [];
    if (open?.kind !== "thinking") {
      events.push(...closeItem());
      const { id, outputIndex } = newPlace("rs");
      open = {
        kind: "thinking",
        item: openThinking(id, outputIndex, expected.packsThinking ? field : undefined),
      };
    }
    events.push(...open.item.think(text));
    return events;
  };

  const say = (text: string): AnswerEvent[] => {
    const events: AnswerEvent[] = [];
    if (open?.kind !== "message") {
      space += text;
      if (space.length < MAX_SPACE_CHARS && space.trim() === "") return [];
      events.push(...closeItem());
      const { id, outputIndex } = newPlace("msg");
      open = { kind: "message", item: openMessage(id, outputIndex) };
      events.push(...open.item.say(space));
      space = "";
      return events;
    }
    events.push(...open.item.say(text));
    return events;
  };

  const take = (piece: Piece): AnswerEvent[] => {
    if (piece.kind === "thinking") return think(piece);
    if (piece.kind !== "call") return say(piece.text);
    space = "";
    return [...closeItem(), ...calls.take(piece)];
  };

  const read = (value: JsonObject): AnswerEvent[] => {
    if ("error" in value && value["error"] !== null) return fail(explainError(value["error"]));
    // vLLM's, which stands by itself.
    if (value["object"] === "error") return fail(explainError(value));
    const chunk = readChunk(value);
    model = chunk.model ?? model;
    if (chunk.usage !== undefined) usage = readUsage(chunk.usage) ?? usage;
    const events = begin();
    for (const piece of chunk.pieces) {
      answerChars += charsOf(piece);
      events.push(...take(piece));
      if (answerChars > MAX_ANSWER_CHARS || nextIndex > MAX_ITEMS || calls.count > MAX_ITEMS) {
        events.push(...fail(brokenAnswer("does not stop: its answer is longer than any model's can be")));
        return events;
      }
    }
    finish = chunk.finish ?? finish;
    return events;
  };

  const complete = (): AnswerEvent[] => {
    const events: AnswerEvent[] = [];
    if (finish !== undefined && CUT.has(finish)) {
      events.push(...closeItem("incomplete"));
      // A call that was cut off must not be carried out, and the one before it belongs to the same answer.
      output.push(...calls.cut());
      state = "over";
      events.push({ type: "response.incomplete", response: render("incomplete") });
      return events;
    }
    events.push(...closeItem());
    const closed = calls.close();
    if (closed === undefined) {
      events.push(...fail(brokenAnswer("made the model call a tool without saying which")));
      return events;
    }
    output.push(...closed.items);
    state = "over";
    events.push(...closed.events, { type: "response.completed", response: render("completed") });
    return events;
  };

  /** `said`: whether the server itself says that this is the end. */
  const end = (said: boolean): AnswerEvent[] => {
    const events = begin();
    if (finish === "content_filter") {
      // As `response.incomplete` it would be asked for five times more.
      events.push(...closeItem("incomplete"));
      const message = "The model's server cut the answer off: its content filter did not let it pass.";
      events.push(...fail({ code: "invalid_prompt", message }));
    } else if (finish !== undefined && FAILED.has(finish)) {
      events.push(...fail(brokenAnswer("broke its answer off")));
    } else if (finish === undefined && !said) {
      events.push(...fail(brokenAnswer("ended the connection in the middle of its answer")));
    } else {
      events.push(...complete());
    }
    return events;
  };

  return {
    event: (data, name): readonly AnswerEvent[] => {
      if (state === "over" || data.trim() === "") return [];
      if (name === "error") return fail(explainErrorEvent(data));
      if (data.trim() === "[DONE]") return end(true);
      const value = parseJson(data);
      return isObject(value) ? read(value) : fail(brokenAnswer("sent a piece of its answer that is no JSON"));
    },
    whole: (answer): readonly AnswerEvent[] => {
      if (state === "over") return [];
      if (!isObject(answer)) return fail(brokenAnswer("sent an answer that is no JSON object"));
      const events = read(answer);
      return isOver() ? events : [...events, ...end(true)];
    },
    refused: (status, body, retryAfterSeconds): readonly AnswerEvent[] =>
      state === "over" ? [] : fail(explainRefusal(status, body, retryAfterSeconds)),
    end: (): readonly AnswerEvent[] => state === "over" ? [] : end(false),
  };

  function isOver(): boolean {
    return state === "over";
  }
}

function charsOf(piece: Piece): number {
  return piece.kind === "call" ? piece.arguments.length + (piece.name?.length ?? 0) : piece.text.length;
}
