/**
 * A scripted model: a server on loopback that speaks the streaming Responses API as the Codex CLI uses it.
 *
 * The test hands in the script, a function from the tool outputs that the model has seen to what it does next,
 * so a "model" can page with a cursor it was given, or have something happen between two of its calls. Every
 * request is kept: what Codex shows to a model is read off here.
 *
 * The wire was observed with @openai/codex 0.169.0 (2026-11): `POST {base}/responses`, answered by server-sent
 * events; `response.created`, one `response.output_item.done` for each item, `response.completed` with usage.
 * MCP tools are offered as `{"type":"namespace"}` and a call reaches one only with `namespace` and `name`.
 *
 * Must not know of agentos.
 *
 * @module
 */

import { z } from "zod";

/** One tool call that the model makes. */
export interface ModelCall {
  /** Comes back with the output; made up when not given. */
  readonly callId?: string;
  /** `mcp__<server>` for an MCP tool; undefined for a function of Codex itself. */
  readonly namespace?: string;
  readonly name: string;
  readonly arguments: unknown;
}

/** What the model says that a response used, in tokens. */
export interface ModelUsage {
  /** With the cached ones. */
  readonly input: number;
  readonly cached: number;
  /** With the reasoning. */
  readonly output: number;
  readonly reasoning: number;
  /** In US dollars; most providers do not say it. */
  readonly costUsd?: number;
}

/** What the model does in one response: calls tools, all at once, or says something and thereby ends the turn. */
export type ModelStep = ({ readonly calls: readonly ModelCall[] } | { readonly say: string }) & {
  /** A hundred in, of which twenty are cached, and ten out, when not given. */
  readonly usage?: ModelUsage;
};

/** What came back from a call, as the model sees it. */
export interface ToolOutput {
  readonly callId: string;
  readonly text: string;
}

/** Decides the next step from all outputs since the last user message, oldest first. */
export type ModelScript = (
  outputs: readonly ToolOutput[],
  request: ModelRequest,
) => ModelStep | Promise<ModelStep>;

/** How strict the model is. */
export interface ModelOptions {
  /** Answers 400 to every tool that is no function, and to calls with a namespace, as OpenRouter does. */
  readonly functionsOnly?: boolean;
}

/** One response that was sent. */
export interface ModelAnswer {
  readonly model: string;
  readonly usage: ModelUsage;
}

/** One recorded request to the model. */
export interface ModelRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly model: string;
  /** `namespace.name` for tools of a namespace, the plain name for functions, the type for anything else. */
  readonly tools: readonly string[];
  /** Descriptions of the namespaces: for an MCP server its `instructions`. */
  readonly namespaces: Readonly<Record<string, string>>;
  /** The last thing the user said. */
  readonly prompt: string;
  /** What the client itself told the model: its own instructions, and what a hook printed. */
  readonly told: readonly string[];
  readonly outputs: readonly ToolOutput[];
  /** Everything that users said, oldest first. */
  readonly said: readonly string[];
  /** How many images the conversation holds. */
  readonly images: number;
}

/** A running scripted model. */
export interface FakeModel {
  /** What goes into `base_url` of a Codex model provider. */
  readonly baseUrl: string;
  /** Grows while the model is used. */
  readonly requests: readonly ModelRequest[];
  /** Every response that was sent, in order. */
  readonly answers: readonly ModelAnswer[];
  /** What the script threw, if it did; Codex sees a failed response then. */
  readonly scriptErrors: readonly unknown[];
  close(): Promise<void>;
}

const TextPart = z.looseObject({ text: z.string().optional() });
const Content = z.union([z.string(), z.array(TextPart)]);
const InputItem = z.looseObject({
  type: z.string().optional(),
  role: z.string().optional(),
  call_id: z.string().optional(),
  content: Content.nullish(),
  namespace: z.string().optional(),
  output: z.union([Content, z.looseObject({ content: Content })]).optional(),
});
const ToolOffer = z.looseObject({ type: z.string(), name: z.string().optional() });
const NamespaceOffer = z.looseObject({
  type: z.literal("namespace"),
  name: z.string(),
  description: z.string().default(""),
  tools: z.array(z.looseObject({ name: z.string() })),
});
const ResponsesBody = z.looseObject({
  model: z.string(),
  input: z.array(InputItem),
  tools: z.array(z.unknown()).default([]),
});

/** Starts a model on a free port of 127.0.0.1. */
export function startFakeModel(script: ModelScript, options: ModelOptions = {}): FakeModel {
  const requests: ModelRequest[] = [];
  const answers: ModelAnswer[] = [];
  const scriptErrors: unknown[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    if (request.method !== "POST" || !new URL(request.url).pathname.endsWith("/responses")) {
      await request.body?.cancel();
      return Response.json({ error: { message: "the scripted model serves POST /responses" } }, {
        status: 404,
      });
    }
    const body: unknown = await request.json();
    const recorded = parseModelRequest(body, Object.fromEntries(request.headers));
    requests.push(recorded);
    const strange = options.functionsOnly === true ? findStrange(body) : undefined;
    if (strange !== undefined) {
      const error = { code: "invalid_prompt", message: `Invalid Responses API request: ${strange}` };
      return Response.json({ error }, { status: 400 });
    }
    try {
      const step = await script(recorded.outputs, recorded);
      const usage = step.usage ?? DEFAULT_USAGE;
      answers.push({ model: recorded.model, usage });
      return streamResponse(recorded.model, step, usage);
    } catch (error) {
      scriptErrors.push(error);
      return Response.json({ error: { message: `the script failed: ${error}` } }, { status: 400 });
    }
  });
  return {
    baseUrl: `http://127.0.0.1:${server.addr.port}/v1`,
    requests,
    answers,
    scriptErrors,
    close: () => server.shutdown(),
  };
}

/** Calls a tool and waits for what the model is shown of its answer. */
export type CallTool = (call: Omit<ModelCall, "callId">) => Promise<string>;

/**
 * Turns a plain async function into a script: each awaited call is one response of the model, calls made together
 * (`Promise.all`) are one response with parallel calls, and what the function returns is said at the end.
 */
export function converse(
  play: (call: CallTool) => Promise<string>,
): (outputs: readonly ToolOutput[]) => Promise<ModelStep> {
  const waiting = new Map<string, PromiseWithResolvers<string>>();
  let asked: ModelCall[] = [];
  let moved = Promise.withResolvers<void>();
  let playing: Promise<string> | undefined;
  let last: ModelStep | undefined;

  const call: CallTool = (wanted) => {
    const callId = `call_${crypto.randomUUID()}`;
    const answer = Promise.withResolvers<string>();
    waiting.set(callId, answer);
    asked.push({ ...wanted, callId });
    moved.resolve();
    return answer.promise;
  };

  return async (outputs) => {
    const fresh = outputs.filter((output) => waiting.has(output.callId));
    // Nothing new: the client repeats its request, so it is told the same again.
    if (fresh.length === 0 && last !== undefined) return last;
    moved = Promise.withResolvers();
    for (const { callId, text } of fresh) {
      waiting.get(callId)?.resolve(text);
      waiting.delete(callId);
    }
    playing ??= play(call);
    const ended = playing.then((text) => ({ say: text }));
    const next = moved.promise.then(async () => {
      await new Promise((resume) => setTimeout(resume)); // let calls that belong together come together
      const calls = asked;
      asked = [];
      return { calls };
    });
    last = await Promise.race([ended, next]);
    return last;
  };
}

/** Reads what a test may want to know out of one request body. */
export function parseModelRequest(body: unknown, headers: Readonly<Record<string, string>>): ModelRequest {
  const { model, input, tools } = ResponsesBody.parse(body);
  const lastUser = input.findLastIndex((item) => item.role === "user");
  const outputs = input.slice(lastUser + 1).flatMap((item) =>
    item.call_id !== undefined && item.output !== undefined
      ? [{ callId: item.call_id, text: readOutput(item.output) }]
      : []
  );
  const offered: string[] = [];
  const namespaces: Record<string, string> = {};
  for (const raw of tools) {
    const namespace = NamespaceOffer.safeParse(raw);
    if (namespace.success) {
      namespaces[namespace.data.name] = namespace.data.description;
      offered.push(...namespace.data.tools.map((tool) => `${namespace.data.name}.${tool.name}`));
    } else {
      const tool = ToolOffer.parse(raw);
      offered.push(tool.name ?? tool.type);
    }
  }
  const prompt = readContent(input[lastUser]?.content ?? "");
  const told = input.filter(({ role }) => role === "developer").map(({ content }) =>
    readContent(content ?? "")
  );
  const said = input.filter(({ role }) => role === "user").map(({ content }) => readContent(content ?? ""));
  const images = JSON.stringify(input).split('"type":"input_image"').length - 1;
  return { headers, model, tools: offered, namespaces, prompt, told, outputs, said, images };
}

/** What a provider that knows only functions refuses in a request; undefined when there is nothing. */
function findStrange(body: unknown): string | undefined {
  const { input, tools } = ResponsesBody.parse(body);
  const offered = z.array(ToolOffer).parse(tools);
  const tool = offered.find(({ type, name }) => type !== "function" || !/^[\w-]{1,64}$/.test(name ?? ""));
  if (tool !== undefined) return `tools: ${tool.type} ${tool.name ?? ""}`;
  const known = ["message", "reasoning", "function_call", "function_call_output"];
  const item = input.find(({ type, namespace }) =>
    !known.includes(type ?? "message") || namespace !== undefined
  );
  return item === undefined ? undefined : `input: ${item.type}`;
}

function readOutput(output: z.output<typeof Content> | { content: z.output<typeof Content> }): string {
  return typeof output === "object" && "content" in output
    ? readContent(output.content)
    : readContent(output);
}

function readContent(content: z.output<typeof Content>): string {
  return typeof content === "string" ? content : content.map((part) => part.text ?? "").join("\n");
}

const DEFAULT_USAGE: ModelUsage = { input: 100, cached: 20, output: 10, reasoning: 0 };

function streamResponse(
  model: string,
  step: ModelStep,
  { input, cached, output, reasoning, costUsd }: ModelUsage,
): Response {
  const id = `resp_${crypto.randomUUID()}`;
  const items = "calls" in step ? step.calls.map(renderCall) : [renderMessage(step.say)];
  const base = { id, object: "response", created_at: Math.floor(Date.now() / 1000), model };
  const usage = {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cached },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + output,
    ...(costUsd === undefined ? {} : { cost: costUsd }),
  };
  const events = [
    { type: "response.created", response: { ...base, status: "in_progress", output: [] } },
    ...items.map((item, output_index) => ({ type: "response.output_item.done", output_index, item })),
    { type: "response.completed", response: { ...base, status: "completed", output: items, usage } },
  ];
  const text = events.map((event, sequence_number) =>
    `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number })}\n\n`
  );
  return new Response(text.join(""), { headers: { "content-type": "text/event-stream" } });
}

function renderCall(call: ModelCall): Record<string, unknown> {
  return {
    type: "function_call",
    id: `fc_${crypto.randomUUID()}`,
    call_id: call.callId ?? `call_${crypto.randomUUID()}`,
    name: call.name,
    ...(call.namespace === undefined ? {} : { namespace: call.namespace }),
    arguments: JSON.stringify(call.arguments),
    status: "completed",
  };
}

function renderMessage(text: string): Record<string, unknown> {
  return {
    type: "message",
    id: `msg_${crypto.randomUUID()}`,
    role: "assistant",
    status: "completed",
    content: [{ type: "output_text", text, annotations: [] }],
  };
}
