/**
 * The items of an answer while they grow: each tells its own events, from `output_item.added` to
 * `output_item.done`, and is the finished item in the end.
 *
 * @module
 */

import type {
  AnswerEvent,
  CallItem,
  ItemStatus,
  MessageItem,
  MessagePart,
  OutputItem,
  ReasoningItem,
} from "./events.ts";
import type { ReasoningField } from "./model.ts";
import { isNoArguments } from "./json_text.ts";
import { packThinking } from "./thinking.ts";

/** How an item ended. */
export interface Closed {
  readonly events: readonly AnswerEvent[];
  readonly item: OutputItem;
}

/** A message that the model is saying. */
export interface OpenMessage {
  /** The model says more. */
  say(delta: string): readonly AnswerEvent[];
  close(status: ItemStatus): Closed;
}

/** Opens a message of one part; its first event is the item itself. */
export function openMessage(id: string, outputIndex: number): OpenMessage {
  const place = { item_id: id, output_index: outputIndex, content_index: 0 };
  let text = "";
  let isAdded = false;
  const part = (): MessagePart => ({ type: "output_text", text, annotations: [] });
  const item = (status: ItemStatus): MessageItem => ({
    type: "message",
    id,
    role: "assistant",
    status,
    content: isAdded ? [part()] : [],
  });
  return {
    say: (delta): AnswerEvent[] => {
      const events: AnswerEvent[] = [];
      if (!isAdded) {
        events.push(
          { type: "response.output_item.added", output_index: outputIndex, item: item("in_progress") },
          { type: "response.content_part.added", ...place, part: part() },
        );
        isAdded = true;
      }
      text += delta;
      events.push({ type: "response.output_text.delta", ...place, delta, logprobs: [] });
      return events;
    },
    close: (status): Closed => {
      const closed = item(status);
      return {
        events: [
          { type: "response.output_text.done", ...place, text, logprobs: [] },
          { type: "response.content_part.done", ...place, part: part() },
          { type: "response.output_item.done", output_index: outputIndex, item: closed },
        ],
        item: closed,
      };
    },
  };
}

/** Thinking that goes on. */
export interface OpenThinking {
  /** The model thinks further. */
  think(delta: string): readonly AnswerEvent[];
  close(status: ItemStatus): Closed;
}

/**
 * Opens a reasoning item.
 *
 * @param packedAs where the server wants the thinking to come back; undefined when it is not to be kept for that
 */
export function openThinking(
  id: string,
  outputIndex: number,
  packedAs: ReasoningField | undefined,
): OpenThinking {
  const place = { item_id: id, output_index: outputIndex, content_index: 0 };
  let text = "";
  let isAdded = false;
  const item = (status: ItemStatus): ReasoningItem => ({
    type: "reasoning",
    id,
    summary: [],
    content: text === "" ? [] : [{ type: "reasoning_text", text }],
    ...(packedAs === undefined || text === ""
      ? {}
      : { encrypted_content: packThinking({ field: packedAs, text }) }),
    status,
  });
  return {
    think: (delta): AnswerEvent[] => {
      const events: AnswerEvent[] = [];
      if (!isAdded) {
        isAdded = true;
        events.push(
          { type: "response.output_item.added", output_index: outputIndex, item: item("in_progress") },
          { type: "response.content_part.added", ...place, part: { type: "reasoning_text", text: "" } },
        );
      }
      text += delta;
      events.push({ type: "response.reasoning_text.delta", ...place, delta });
      return events;
    },
    close: (status): Closed => {
      const closed = item(status);
      return {
        events: [
          { type: "response.reasoning_text.done", ...place, text },
          { type: "response.content_part.done", ...place, part: { type: "reasoning_text", text } },
          { type: "response.output_item.done", output_index: outputIndex, item: closed },
        ],
        item: closed,
      };
    },
  };
}

/** A call that the model is making. */
export interface OpenCall {
  /** The arguments so far. */
  readonly arguments: string;
  /** More arguments come. */
  add(delta: string): readonly AnswerEvent[];
  close(): Closed;
  /** The call as it was cut off: nobody is told to carry it out. */
  cut(): CallItem;
}

/** Starts a call whose name is known; `opened` is its first event. */
export function openCall(
  id: string,
  outputIndex: number,
  called: { readonly callId: string; readonly name: string },
): { readonly opened: AnswerEvent; readonly call: OpenCall } {
  const place = { item_id: id, output_index: outputIndex };
  const { callId, name } = called;
  let args = "";
  let waiting = "";
  let mayBeNull = true;
  const item = (status: ItemStatus): CallItem => ({
    type: "function_call",
    id,
    call_id: callId,
    name,
    arguments: args,
    status,
  });
  const tell = (delta: string): AnswerEvent[] =>
    delta === "" ? [] : [{ type: "response.function_call_arguments.delta", ...place, delta }];
  const call: OpenCall = {
    get arguments() {
      return args;
    },
    add: (delta): AnswerEvent[] => {
      args += delta;
      waiting += delta;
      // What may become null must wait, because what was told cannot be taken back. What once is another value stays so.
      mayBeNull &&= "null".startsWith(args.trim());
      if (mayBeNull) return [];
      const told = waiting;
      waiting = "";
      return tell(told);
    },
    close: (): Closed => {
      if (isNoArguments(args)) {
        args = "{}";
        waiting = args;
      }
      const events = tell(waiting);
      const closed = item("completed");
      events.push(
        { type: "response.function_call_arguments.done", ...place, arguments: args },
        { type: "response.output_item.done", output_index: outputIndex, item: closed },
      );
      return { events, item: closed };
    },
    cut: () => item("incomplete"),
  };
  const opened = {
    type: "response.output_item.added",
    output_index: outputIndex,
    item: item("in_progress"),
  } as const;
  return { opened, call };
}
