/**
 * The events of the Responses API that an answer is told in, and the items in them.
 *
 * The shapes are those of OpenAI's npm package (7.57.0, 2026-11), and hold for the tests against its published
 * types; `sequence_number` is given when an event is sent. Plain types rather than interfaces, so that an event is
 * a JSON object to whoever sends it.
 *
 * @module
 */

/** Whether an item is whole. */
export type ItemStatus = "in_progress" | "completed" | "incomplete";

/** A part of what the model said. */
export type MessagePart = {
  readonly type: "output_text";
  readonly text: string;
  readonly annotations: readonly [];
};

/** The model's raw thinking. */
export type ThinkingPart = { readonly type: "reasoning_text"; readonly text: string };

/** What the model said. */
export type MessageItem = {
  readonly type: "message";
  readonly id: string;
  readonly role: "assistant";
  readonly status: ItemStatus;
  readonly content: readonly MessagePart[];
};

/** What it thought; a summary of that does not exist here. */
export type ReasoningItem = {
  readonly type: "reasoning";
  readonly id: string;
  readonly summary: readonly [];
  readonly content: readonly ThinkingPart[];
  readonly encrypted_content?: string;
  readonly status: ItemStatus;
};

/** What it calls. */
export type CallItem = {
  readonly type: "function_call";
  readonly id: string;
  readonly call_id: string;
  readonly name: string;
  readonly arguments: string;
  readonly status: ItemStatus;
};

/** Anything that the model puts out. */
export type OutputItem = MessageItem | ReasoningItem | CallItem;

/** Where in the answer an event happens. */
type At = { readonly item_id: string; readonly output_index: number };
type AtPart = At & { readonly content_index: number };

/** Token counts in the names of the Responses API, with the provider's own price when it names one (USD). */
export type ResponsesUsage = {
  readonly input_tokens: number;
  readonly input_tokens_details: { readonly cached_tokens: number; readonly cache_write_tokens: number };
  readonly output_tokens: number;
  readonly output_tokens_details: { readonly reasoning_tokens: number };
  readonly total_tokens: number;
  readonly cost?: number;
};

/** Why an answer failed; `code` decides what a client does about it. */
export type ResponsesError = { readonly code: FailureCode; readonly message: string };

/**
 * What the Codex CLI does at each (0.169.0, run 2026-11): `invalid_prompt` shows the message and stops,
 * `context_length_exceeded` stops with a sentence of its own (or shortens the history, when it is compacting),
 * `server_error` tries five times more, `rate_limit_exceeded` too, after as long as the message says.
 */
export type FailureCode =
  | "invalid_prompt"
  | "context_length_exceeded"
  | "server_error"
  | "rate_limit_exceeded";

/**
 * The answer as a whole. What the request asked for is not repeated in it: clients know, and a repetition of all
 * tools would be most of every short answer.
 */
export type ResponsesAnswer = {
  readonly id: string;
  readonly object: "response";
  /** Seconds since 1970. */
  readonly created_at: number;
  readonly status: "in_progress" | "completed" | "incomplete" | "failed";
  readonly model: string;
  readonly output: readonly OutputItem[];
  readonly error: ResponsesError | null;
  readonly incomplete_details: { readonly reason: "max_output_tokens" } | null;
  readonly usage: ResponsesUsage | null;
  readonly instructions: null;
  readonly metadata: null;
  readonly parallel_tool_calls: boolean;
  readonly temperature: number | null;
  readonly tool_choice: "auto";
  readonly tools: readonly [];
  readonly top_p: number | null;
};

/** One event. */
export type AnswerEvent =
  | {
    readonly type:
      | "response.created"
      | "response.in_progress"
      | "response.completed"
      | "response.incomplete"
      | "response.failed";
    readonly response: ResponsesAnswer;
  }
  | {
    readonly type: "response.output_item.added" | "response.output_item.done";
    readonly output_index: number;
    readonly item: OutputItem;
  }
  | AtPart & {
    readonly type: "response.content_part.added" | "response.content_part.done";
    readonly part: MessagePart | ThinkingPart;
  }
  | AtPart & {
    readonly type: "response.output_text.delta";
    readonly delta: string;
    readonly logprobs: readonly [];
  }
  | AtPart & {
    readonly type: "response.output_text.done";
    readonly text: string;
    readonly logprobs: readonly [];
  }
  | AtPart & {
    readonly type: "response.reasoning_text.delta";
    readonly delta: string;
  }
  | AtPart & { readonly type: "response.reasoning_text.done"; readonly text: string }
  | At & { readonly type: "response.function_call_arguments.delta"; readonly delta: string }
  | At & { readonly type: "response.function_call_arguments.done"; readonly arguments: string };
