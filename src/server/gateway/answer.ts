/**
 * What a client receives of a provider's stream: the same bytes with the names of tools restored, or, on another wire,
 * the events that were made of it. Pure: bytes in, bytes out, one object for one answer, so nothing of one request can
 * reach another.
 *
 * Nothing is held back but half a block: what is whole goes on at once, and nearly all of it as it came.
 *
 * @module
 */

import { isObject, type JsonObject, textOf } from "../../base/json_fields.ts";
import { endOfDeltas } from "./deltas.ts";
import { restoreEvent } from "./restore.ts";
import {
  blockEnd,
  type Bytes,
  cutBlocks,
  joinPieces,
  NO_BYTES,
  OversizeBlock,
  readFields,
  renderEvent,
  replaceData,
  splitBlocks,
} from "./sse.ts";
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
  push(piece: Bytes): Bytes;
  /** The provider's stream is over: the rest, and `response.failed` when no end had come. */
  end(): Bytes;
  /** Breaks it off: `response.failed` when no end had come, and nothing ever after. */
  fail(reason: BrokenReason, sentence: string): Bytes;
  /** The client has all that it will get. */
  readonly isOver: boolean;
}

/** One event may hold a whole answer, with images; a provider that never ends one must not fill the memory. */
const MAX_EVENT_BYTES = 32 * 1024 * 1024;

/**
 * What must be looked into of all that is no delta: events that have a call, begin or end a response, or report an
 * error. Whatever spells the same with escapes is looked into as well.
 */
const TELLING =
  /function_call|response\.(?:created|completed|incomplete|failed|error)|event: ?error|"error"|\\u00[4-7]/;

/** No field of the standard; llama.cpp sent its errors so before it sent them as data. */
const ERROR_LINE = /^error: ?(.+)/m;

const OUTPUT = /\.delta|output_item/;

const encoder = new TextEncoder();
/** Keeps a mark at the beginning. Blocks are whole, so no character is cut in two. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Events that say what went wrong. The second is OpenRouter's (docs, 2026-11); servers that fail in the middle of an answer
 * often send the error alone, without any type.
 */
const COMPLAINTS: ReadonlySet<string> = new Set(["error", "response.error", ""]);

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
  maxEventBytes: number = MAX_EVENT_BYTES,
): Answer {
  const cutter = cutBlocks(maxEventBytes);
  let sequence = 0;
  let isOver = false;
  let hasOutput = false;
  let hasEnded = false;
  let begun: JsonObject = {};
  let complaint: string | undefined;

  function notice(event: JsonObject, type: string): void {
    const response = isObject(event["response"]) ? event["response"] : undefined;
    if (response !== undefined && type === "response.created") begun = response;
    if (COMPLAINTS.has(type)) complaint = messageOf(event) ?? complaint;
    if (!ENDS.has(type) || hasEnded) return;
    hasEnded = true;
    watch.onEnd(response ?? begun, type);
  }

  function noticeOutput(text: string): void {
    if (hasOutput || !OUTPUT.test(text)) return;
    hasOutput = true;
    watch.onFirstOutput();
  }

  /** Whole blocks; the very same bytes when none of them had to change. */
  function passOn(blocks: Bytes): Bytes {
    const passed: Bytes[] = [];
    let kept = 0;
    for (let at = 0; !isOver;) {
      const start = endOfDeltas(blocks, at);
      if (start > at) noticeOutput(".delta");
      if (start === blocks.length) break;
      at = blockEnd(blocks, start);
      const block = decoder.decode(blocks.subarray(start, at));
      noticeOutput(block);
      const sent = TELLING.test(block) ? passTelling(block) : block;
      if (sent === block) continue;
      passed.push(blocks.subarray(kept, start), encoder.encode(sent));
      kept = at;
    }
    if (kept === 0) return blocks;
    if (!isOver) passed.push(blocks.subarray(kept));
    return joinPieces(passed);
  }

  function passTelling(block: string): string {
    const fields = readFields(block);
    if (fields.data === undefined || fields.data === "[DONE]") return block;
    const event = parseEvent(fields.data);
    if (event === undefined) return breakOff("malformed", "The provider sent an event that is not JSON.");
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

  function translate(blocks: Bytes, by: Translation): Bytes {
    let sent = "";
    for (const bytes of splitBlocks(blocks)) {
      const block = decoder.decode(bytes);
      const told = readTold(block);
      if (told === undefined) {
        // A comment keeps the line alive, all the way. A piece may have ended inside the CRLF before it, or its own.
        const comment = block.trim();
        if (!hasEnded && comment.startsWith(":")) sent += `${comment}\n\n`;
        continue;
      }
      sent += send(by.event(told.data, told.name));
    }
    return encoder.encode(sent);
  }

  /** The text of {@link Answer.fail}. */
  function breakOff(reason: BrokenReason, sentence: string): string {
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

  const fail: Answer["fail"] = (reason, sentence) => encoder.encode(breakOff(reason, sentence));

  const handle = (blocks: Bytes): Bytes =>
    translation === undefined ? passOn(blocks) : translate(blocks, translation);

  return {
    push(piece): Bytes {
      if (isOver) return NO_BYTES;
      try {
        const blocks = cutter.push(piece);
        return blocks.length === 0 ? NO_BYTES : handle(blocks);
      } catch (error) {
        if (!(error instanceof OversizeBlock)) throw error;
        return fail("oversize", `The provider sent an event of more than ${maxEventBytes} bytes.`);
      }
    },
    end(): Bytes {
      if (isOver) return NO_BYTES;
      // Some servers forget the empty line after their last event; half an event is none.
      const rest = decoder.decode(cutter.rest());
      const last = isWholeEvent(rest) ? handle(encoder.encode(`${rest}\n\n`)) : NO_BYTES;
      const owed = translation === undefined || hasEnded ? "" : send(translation.end());
      const failure = hasEnded
        ? ""
        : breakOff("cut_off", complaint ?? "The provider's answer broke off before its end.");
      isOver = true;
      return joinPieces([last, encoder.encode(owed + failure)]);
    },
    fail,
    get isOver(): boolean {
      return isOver;
    },
  };
}

function isWholeEvent(block: string): boolean {
  const data = readTold(block)?.data;
  return data !== undefined && (data === "[DONE]" || parseEvent(data) !== undefined);
}

/** What a block tells; nothing when it is a comment or a field alone. */
function readTold(block: string): { readonly data: string; readonly name?: string } | undefined {
  const { event, data } = readFields(block);
  if (data !== undefined) return { data, ...(event === undefined ? {} : { name: event }) };
  const error = ERROR_LINE.exec(block)?.[1];
  return error === undefined ? undefined : { data: error, name: "error" };
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
  return message?.slice(0, 2000).toWellFormed();
}
