/**
 * What a Chat Completions server is asked: the part of the published request that every server in use takes.
 *
 * The shape is that of OpenAI's npm package (7.57.0, 2026-11), narrowed to what llama.cpp, Ollama, LM Studio and
 * vLLM read as well. Plain types rather than interfaces, so that a request is a JSON object to whoever sends it.
 *
 * @module
 */

/** The body of a `POST …/chat/completions`. */
export type ChatRequest = {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly stream: boolean;
  /** Only beside `stream: true`; without it a stream says nothing of usage. */
  readonly stream_options?: { readonly include_usage: true };
  /** Never empty: servers refuse an empty list, and `tool_choice` or `parallel_tool_calls` without one. */
  readonly tools?: readonly ChatTool[];
  /** A word only: llama.cpp takes the name of a tool for "auto", LM Studio refuses it. */
  readonly tool_choice?: "auto" | "none" | "required";
  readonly parallel_tool_calls?: boolean;
  readonly temperature?: number;
  readonly top_p?: number;
  /** In tokens. The older name of `max_completion_tokens`, and the only one that Ollama and LM Studio read. */
  readonly max_tokens?: number;
  readonly reasoning_effort?: "none" | "low" | "medium" | "high";
  readonly response_format?: ChatFormat;
  readonly user?: string;
};

/** One message; those that hold nothing but text have a plain string, which older servers ask for. */
export type ChatMessage =
  | { readonly role: "system"; readonly content: string }
  | { readonly role: "user"; readonly content: string | readonly ChatPart[] }
  | ChatAssistantMessage
  | { readonly role: "tool"; readonly tool_call_id: string; readonly content: string };

/** What the model said and called in one go. */
export type ChatAssistantMessage =
  & {
    readonly role: "assistant";
    /** Empty rather than null when it only called: templates print null as a word. */
    readonly content: string;
    readonly tool_calls?: readonly ChatToolCall[];
  }
  & {
    readonly [
      /** Its thinking, under the name that the server itself used for it. */
      reasoning in ReasoningField
    ]?: string;
  };

/** A call that the model made; `arguments` is always the text of a JSON object. */
export type ChatToolCall = {
  readonly id: string;
  readonly type: "function";
  readonly function: { readonly name: string; readonly arguments: string };
};

/** A piece of what a user says. */
export type ChatPart =
  | { readonly type: "text"; readonly text: string }
  | {
    readonly type: "image_url";
    readonly image_url: { readonly url: string; readonly detail?: "auto" | "low" | "high" };
  }
  | {
    readonly type: "input_audio";
    readonly input_audio: { readonly data: string; readonly format: "wav" | "mp3" };
  }
  | { readonly type: "file"; readonly file: { readonly file_data: string; readonly filename?: string } };

/** A tool on offer. */
export type ChatTool = {
  readonly type: "function";
  readonly function: {
    readonly name: string;
    readonly description?: string;
    readonly parameters: Readonly<Record<string, unknown>>;
    /** Left out when false: not every server knows it. */
    readonly strict?: true;
  };
};

/** The form that the answer must have. */
export type ChatFormat =
  | { readonly type: "json_object" }
  | {
    readonly type: "json_schema";
    readonly json_schema: {
      readonly name: string;
      readonly description?: string;
      readonly schema: Readonly<Record<string, unknown>>;
      readonly strict?: boolean;
    };
  };

/**
 * Where servers put a model's thinking, and look for it, in the order in which it is looked for: the first is that of
 * llama.cpp, DeepSeek and vLLM until 2026-01, the second that of Ollama, OpenRouter and vLLM since (llama.cpp run, the
 * others read in their sources and trackers, 2026-11). A message that carries both says the same twice.
 */
export const REASONING_FIELDS = ["reasoning_content", "reasoning"] as const;

/** One of them. */
export type ReasoningField = typeof REASONING_FIELDS[number];
