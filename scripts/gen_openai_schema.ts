/**
 * `deno task gen:openai-schema`: builds `tests/openai_schema.json`, against which tests hold every request that the
 * gateway makes of a Chat Completions server and every event that it makes of its answers.
 *
 * The schema is made from the types in OpenAI's own package for TypeScript, which are made from the published API. Only
 * the events and items are taken that the gateway deals in; unknown fields are refused, but three that are in use
 * and not published: a message's thinking, the price of an answer, and the code of a conversation that is too long.
 *
 * @module
 */

import { join, resolve } from "node:path";

const TARGET = join(resolve(import.meta.dirname ?? ".", ".."), "tests", "openai_schema.json");

/** Apache-2.0, github.com/openai/openai-node. */
const SOURCE = "openai@7.57.0";
/** MIT, github.com/vega/ts-json-schema-generator. */
const GENERATOR = "ts-json-schema-generator@2.10.0";

/**
 * What is taken. The whole of a response names every tool and item there is, and two fields that only the package
 * itself or OpenAI's own accounts have; here it is what an answer to a function-calling client can be.
 */
const ENTRY = `
import type * as Chat from "openai/resources/chat/completions";
import type * as R from "openai/resources/responses/responses";
type Item = R.ResponseOutputMessage | R.ResponseReasoningItem | R.ResponseFunctionToolCall;
type WithAnswer<Event> = Omit<Event, "response"> & { response: ResponsesAnswer };
type WithItem<Event> = Omit<Event, "item"> & { item: Item };
export type ChatRequest =
  & Omit<Chat.ChatCompletionCreateParamsStreaming, "stream" | "audio" | "web_search_options" | "moderation"
    | "prediction" | "messages">
  & { stream?: boolean | null; messages: (Exclude<Chat.ChatCompletionMessageParam, { role: "assistant" }>
    | Chat.ChatCompletionAssistantMessageParam & { reasoning_content?: string; reasoning?: string })[] };
export type ChatChunk = Omit<Chat.ChatCompletionChunk, "moderation">;
export type ChatAnswer = Omit<Chat.ChatCompletion, "moderation">;
export type ResponsesAnswer =
  & Pick<R.Response, "id" | "created_at" | "incomplete_details" | "metadata" | "model" | "object"
    | "parallel_tool_calls" | "temperature" | "top_p" | "status">
  & { instructions: string | null; output: Item[]; tool_choice: "auto"; tools: R.FunctionTool[];
    usage?: R.ResponseUsage & { cost?: number } | null;
    error: R.ResponseError | { code: "context_length_exceeded"; message: string } | null };
export type ResponsesEvent =
  | WithAnswer<R.ResponseCreatedEvent> | WithAnswer<R.ResponseInProgressEvent> | WithAnswer<R.ResponseCompletedEvent>
  | WithAnswer<R.ResponseIncompleteEvent> | WithAnswer<R.ResponseFailedEvent>
  | WithItem<R.ResponseOutputItemAddedEvent> | WithItem<R.ResponseOutputItemDoneEvent>
  | R.ResponseContentPartAddedEvent | R.ResponseContentPartDoneEvent
  | R.ResponseTextDeltaEvent | R.ResponseTextDoneEvent | R.ResponseRefusalDeltaEvent | R.ResponseRefusalDoneEvent
  | R.ResponseReasoningTextDeltaEvent | R.ResponseReasoningTextDoneEvent
  | R.ResponseFunctionCallArgumentsDeltaEvent | R.ResponseFunctionCallArgumentsDoneEvent;
`;

const TSCONFIG = {
  compilerOptions: {
    strict: true,
    skipLibCheck: true,
    module: "nodenext",
    moduleResolution: "nodenext",
    target: "es2022",
    types: [],
  },
  files: ["entry.ts"],
};

async function build(folder: string): Promise<string> {
  await Deno.writeTextFile(join(folder, "package.json"), '{"type":"module"}');
  await Deno.writeTextFile(join(folder, "entry.ts"), ENTRY);
  await Deno.writeTextFile(join(folder, "tsconfig.json"), JSON.stringify(TSCONFIG));
  await run(folder, "npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", SOURCE, GENERATOR);
  const flags = [
    "--path",
    "entry.ts",
    "--tsconfig",
    "tsconfig.json",
    "--expose",
    "export",
    "--jsDoc",
    "none",
  ];
  await run(folder, "npx", "ts-json-schema-generator", ...flags, "--out", "schema.json");
  const { definitions } = JSON.parse(await Deno.readTextFile(join(folder, "schema.json")));
  // One definition per line, so that a new version of the API is a diff that people can read.
  const lines = Object.entries(definitions).toSorted(([a], [b]) => a < b ? -1 : 1)
    .map(([name, schema]) => `${JSON.stringify(name)}: ${JSON.stringify(schema)}`);
  return `{"$comment": "From ${SOURCE} (Apache-2.0) by scripts/gen_openai_schema.ts.", "definitions": {\n${
    lines.join(",\n")
  }\n}}\n`;
}

async function run(folder: string, program: string, ...args: string[]): Promise<void> {
  const { code } = await new Deno.Command(program, { args, cwd: folder, stdout: "null" }).output();
  if (code !== 0) throw new Error(`${program} ended with exit code ${code}`);
}

if (import.meta.main) {
  const folder = await Deno.makeTempDir({ prefix: "agentos-openai-schema-" });
  try {
    await Deno.writeTextFile(TARGET, await build(folder));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
