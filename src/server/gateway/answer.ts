/**
 * What a client receives of a provider's stream: the same text with the names of tools restored, or, on another wire,
 * the events that were made of it. Pure: text in, text out, one object for one answer, so nothing of one request can
 * reach another.
 *
 * Text is never held back: what is whole goes on at once, and nearly all of it as it came.
 *
 * @module
 */

import { isObject, type JsonObject, textOf } from "../../base/json_fields.ts";
import { restoreEvent } from "./restore.ts";
import { cutBlocks, OversizeBlock, readFields, renderEvent, replaceData, splitBlocks } from "./sse.ts";
import type { ToolNames } from "./tool_names.ts";
import type { ResponsesEvent, Translation } from "./wire.ts";

/** What is noticed of an answer while it passes. */
export interface AnswerWatch {
  /** The first thing that the model said or did; once. */
  onFirstOutput(): void;
  /** The response as its last event has it; once. */
  onEnd(response: JsonObject, type: string): void;
  /** The stream was broken, and how; the client has been told. */
  onBroken(reason: BrokenReason): void;
}

/** Ways for a stream to break. */
export type BrokenReason = "cut_off" | "malformed" | "oversize" | "silent";

/** One answer on its way. */
export interface Answer {
  /** Takes a piece of the provider's stream and gives what the client is to receive now; may be empty. */
  push(text: string): string;
  /** The provider's stream is over: the rest, and `response.failed` when no end had come. */
  end(): string;
  /** Breaks it off: `response.failed` when no end had come, and nothing ever after. */
  fail(reason: BrokenReason, sentence: string): string;
  /** The client has all that it will get. */
  readonly isOver: boolean;
}

/** One event may hold a whole answer, with images; a provider that never ends one must not fill the memory. */
export const MAX_EVENT_LENGTH = 32 * 1024 * 1024;

/**
 * What must be looked into: events that have a call, begin or end a response, or report an error. Whatever spells the
 * same with escapes is looked into as well.
 */
const TELLING =
  /function_call|response\.(?:created|completed|incomplete|failed)|event: ?error|"error"|\\u00[4-7]/;

/** What most blocks of an answer begin with. */
const TEXT_DELTA = "event: response.output_text.delta\n";

/** True for nothing but words that the model says; known at half the cost of looking for all that is not. */
function isMereText(text: string): boolean {
  for (let at = 0; at < text.length;) {
    if (!text.startsWith(TEXT_DELTA, at)) return false;
    const end = text.indexOf("\n\n", at + TEXT_DELTA.length);
    if (end < 0) return false;
    at = end + 2;
  }
  return true;
}

const OUTPUT = /\.delta|output_item/;

const ENDS: ReadonlySet<string> = new Set(["response.completed", "response.incomplete", "response.failed"]);

/**
 * Opens the answer to one request.
 *
 * @param names those of the request
 * @param translation that of the wire; undefined when the provider speaks Responses itself
 */
export function openAnswer(
  names: ToolNames,
  translation: Translation | undefined,
  watch: AnswerWatch,
  maxEventLength: number = MAX_EVENT_LENGTH,
): Answer {
  const cutter = cutBlocks(maxEventLength);
  let sequence = 0;
  let isOver = false;
  let hasOutput = false;
  let hasEnded = false;
  let begun: JsonObject = {};
  let complaint: string | undefined;

  function notice(event: JsonObject, type: string): void {
    const response = isObject(event["response"]) ? event["response"] : undefined;
    if (response !== undefined && type === "response.created") begun = response;
    if (type === "error") complaint = messageOf(event);
    if (!ENDS.has(type) || hasEnded) return;
    hasEnded = true;
    watch.onEnd(response ?? begun, type);
  }

  function noticeOutput(text: string): void {
    if (hasOutput || !OUTPUT.test(text)) return;
    hasOutput = true;
    watch.onFirstOutput();
  }

  function passOn(text: string): string {
    if (text === "") return "";
    noticeOutput(text);
    if (isMereText(text) || !TELLING.test(text)) return text;
    let passed = "";
    for (const block of splitBlocks(text)) {
      passed += TELLING.test(block) ? passTelling(block) : block;
      if (isOver) return passed;
    }
    return passed;
  }

  function passTelling(block: string): string {
    const fields = readFields(block);
    if (fields.data === undefined || fields.data === "[DONE]") return block;
    const event = parseEvent(fields.data);
    if (event === undefined) return fail("malformed", "The provider sent an event that is not JSON.");
    const type = textOf(event["type"]) ?? fields.event ?? "";
    const restored = restoreEvent(event, names);
    notice(restored, type);
    if (typeof event["sequence_number"] === "number") sequence = event["sequence_number"] + 1;
    return restored === event ? block : replaceData(block, JSON.stringify(restored));
  }

  function send(events: readonly ResponsesEvent[]): string {
    let text = "";
    for (const event of events) {
      if (hasEnded) break;
      const restored = restoreEvent(event, names);
      notice(restored, event.type);
      noticeOutput(event.type);
      text += renderEvent(event.type, JSON.stringify({ ...restored, sequence_number: sequence++ }));
    }
    return text;
  }

  function translate(text: string, by: Translation): string {
    let sent = "";
    for (const block of splitBlocks(text)) {
      const { data } = readFields(block);
      if (data === undefined) {
        // A comment keeps the line alive, all the way. A piece may have ended inside the CRLF before it, or its own.
        const comment = block.trim();
        if (!hasEnded && comment.startsWith(":")) sent += `${comment}\n\n`;
        continue;
      }
      sent += send(by.event(data));
    }
    return sent;
  }

  function fail(reason: BrokenReason, sentence: string): string {
    if (isOver) return "";
    isOver = true;
    if (hasEnded) return "";
    watch.onBroken(reason);
    const response = {
      id: textOf(begun["id"]) ?? "",
      object: "response",
      created_at: begun["created_at"] ?? 0,
      model: begun["model"] ?? "",
      status: "failed",
      output: [],
      error: { code: `gateway_${reason}`, message: sentence },
    };
    hasEnded = true;
    const event = { type: "response.failed", sequence_number: sequence++, response };
    return renderEvent("response.failed", JSON.stringify(event));
  }

  const handle = (text: string): string =>
    translation === undefined ? passOn(text) : translate(text, translation);

  return {
    push(text): string {
      if (isOver) return "";
      try {
        return handle(cutter.push(text));
      } catch (error) {
        if (!(error instanceof OversizeBlock)) throw error;
        return fail("oversize", `The provider sent an event of more than ${maxEventLength} characters.`);
      }
    },
    end(): string {
      if (isOver) return "";
      // Some servers forget the empty line after their last event; half an event is none.
      const rest = cutter.rest();
      const last = isWholeEvent(rest) ? handle(`${rest}\n\n`) : "";
      const owed = translation === undefined || hasEnded ? "" : send(translation.end());
      const failure = hasEnded
        ? ""
        : fail("cut_off", complaint ?? "The provider's answer broke off before its end.");
      isOver = true;
      return last + owed + failure;
    },
    fail,
    get isOver(): boolean {
      return isOver;
    },
  };
}

function isWholeEvent(block: string): boolean {
  const { data } = readFields(block);
  return data !== undefined && (data === "[DONE]" || parseEvent(data) !== undefined);
}

function parseEvent(data: string): JsonObject | undefined {
  try {
    const event: unknown = JSON.parse(data);
    return isObject(event) ? event : undefined;
  } catch {
    return undefined;
  }
}

/** What an error event says: `{"error":{"message"}}`, or the message by itself. */
function messageOf(event: JsonObject): string | undefined {
  const { error } = event;
  const message = (isObject(error) ? textOf(error["message"]) : textOf(error)) ?? textOf(event["message"]);
  return message?.slice(0, 2000);
}
