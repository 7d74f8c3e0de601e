/**
 * A scripted model behind a Chat Completions server that is strict: a request that is not as published, or that
 * llama.cpp, Ollama, LM Studio or vLLM would refuse, is answered with 400 and kept as a fault.
 *
 * It plays the same scripts as `fake_model.ts`; its answers are as published too, cut into pieces that end anywhere,
 * also inside a character.
 *
 * Must not know of agentos.
 *
 * @module
 */

import { z } from "zod";
import { assertPublished, findFault } from "../openai_schema.ts";
import type { ModelCall, ModelStep, ModelUsage, ToolOutput } from "./fake_model.ts";

/** One message of a request, as far as a test reads it. */
export interface ChatMessage {
  readonly role: string;
  /** All text of it. */
  readonly text: string;
  /** The addresses of its images. */
  readonly images: readonly string[];
  /** The thinking that came back with it. */
  readonly thinking: string | undefined;
  readonly calls: readonly { readonly id: string; readonly name: string; readonly arguments: string }[];
  /** The call that it answers. */
  readonly callId: string | undefined;
}

/** One request that was taken. */
export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly string[];
  /** Whatever else stood in the body. */
  readonly rest: Readonly<Record<string, unknown>>;
}

/** What the server does: what the model does, a refusal with a body of any form, or a stream of any text. */
export type ChatStep = ModelStep | {
  readonly refuse: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
} | { readonly stream: string };

/** Decides the next step from all outputs since the user spoke, oldest first. */
export type ChatScript = (outputs: readonly ToolOutput[], request: ChatRequest) => ChatStep;

/** A running server. */
export interface ChatModel extends AsyncDisposable {
  /** What goes into `base_url` of a provider whose wire is `chat`. */
  readonly baseUrl: string;
  readonly requests: readonly ChatRequest[];
  /** What was wrong with requests that were refused. */
  readonly faults: readonly string[];
}

/** What the model thinks before each step. */
export const THINKING = "Step by step… ✓";

/** Tokens of an answer whose script says nothing of them. */
const USAGE: ModelUsage = { input: 1000, cached: 600, output: 50, reasoning: 20 };

/** What every answer costs by this server, in USD. */
export const COST_USD = 0.0125;

const Part = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("text"), text: z.string() }),
  z.looseObject({ type: z.literal("image_url"), image_url: z.looseObject({ url: z.string() }) }),
]);
const Call = z.looseObject({
  id: z.string(),
  function: z.looseObject({ name: z.string(), arguments: z.string() }),
});
const Message = z.looseObject({
  role: z.string(),
  content: z.union([z.string(), z.array(Part)]).nullish(),
  reasoning_content: z.string().optional(),
  tool_calls: z.array(Call).default([]),
  tool_call_id: z.string().optional(),
});
const Body = z.looseObject({
  model: z.string(),
  messages: z.array(Message),
  tools: z.array(z.looseObject({ function: z.looseObject({ name: z.string() }) })).default([]),
});

/** Starts the server on a free port of 127.0.0.1. Disposing ends it. */
export function startChatModel(script: ChatScript): ChatModel {
  const requests: ChatRequest[] = [];
  const faults: string[] = [];
  const refuse = (status: number, message: string): Response =>
    Response.json({ error: { message, type: "invalid_request_error", param: null, code: null } }, { status });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname } = new URL(request.url);
    if (request.method !== "POST" || pathname !== "/v1/chat/completions") {
      await request.body?.cancel();
      return refuse(404, `there is no ${request.method} ${pathname}`);
    }
    const body: unknown = await request.json();
    const fault = findFault("ChatRequest", body) ?? findMisplaced(Body.parse(body).messages);
    if (fault !== undefined) {
      faults.push(fault);
      return refuse(400, fault);
    }
    const taken = readRequest(Body.parse(body));
    requests.push(taken);
    const step = script(outputsOf(taken.messages), taken);
    if ("refuse" in step) return Response.json(step.body, { status: step.refuse, ...headersOf(step) });
    const stream = "stream" in step
      ? step.stream
      : renderChunks(taken.model, step, requests.length).map((one) => `data: ${one}\n\n`).join("");
    return new Response(sendInPieces(`: hello\n\n${stream}`), {
      headers: { "content-type": "text/event-stream; charset=utf-8" },
    });
  });
  return {
    baseUrl: `http://127.0.0.1:${server.addr.port}/v1`,
    requests,
    faults,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function headersOf({ headers }: { readonly headers?: Readonly<Record<string, string>> }): ResponseInit {
  return headers === undefined ? {} : { headers };
}

/** What the schema does not say and every server checks: whose turn it is. */
function findMisplaced(messages: readonly z.output<typeof Message>[]): string | undefined {
  let open: string[] = [];
  for (const [at, { role, tool_call_id, tool_calls, content }] of messages.entries()) {
    const before = messages[at - 1]?.role;
    if (role === "tool") {
      if (tool_call_id !== open.shift()) return `message ${at} answers no call before it`;
      continue;
    }
    if (open.length > 0) return `message ${at} comes before the output of ${open.join(", ")}`;
    if (role === "system" && at > 0) return "System message must be at the beginning.";
    if (role === before) return `Conversation roles must alternate: message ${at} is of ${role} again`;
    if (role === "assistant" && tool_calls.length === 0 && !content) return `message ${at} says nothing`;
    if (!["system", "user", "assistant"].includes(role)) return `Unexpected message role: ${role}`;
    open = tool_calls.map(({ id }) => id);
    for (const call of tool_calls) {
      const args = z.record(z.string(), z.unknown()).safeParse(parseJson(call.function.arguments));
      if (!args.success) return `message ${at}: the arguments of ${call.function.name} are no JSON object`;
    }
  }
  return open.length > 0 ? `there is no output of ${open.join(", ")}` : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readRequest({ model, messages, tools, ...rest }: z.output<typeof Body>): ChatRequest {
  return {
    model,
    messages: messages.map(readMessage),
    tools: tools.map((tool) => tool.function.name),
    rest,
  };
}

function readMessage(message: z.output<typeof Message>): ChatMessage {
  const { content } = message;
  const parts = typeof content === "string" ? [{ type: "text" as const, text: content }] : content ?? [];
  return {
    role: message.role,
    text: parts.flatMap((part) => part.type === "text" ? [part.text] : []).join("\n"),
    images: parts.flatMap((part) => part.type === "image_url" ? [part.image_url.url] : []),
    thinking: message.reasoning_content,
    calls: message.tool_calls.map(({ id, function: { name, arguments: args } }) => ({
      id,
      name,
      arguments: args,
    })),
    callId: message.tool_call_id,
  };
}

/** All outputs since the user spoke; a message that only shows a tool's image is not the user's. */
function outputsOf(messages: readonly ChatMessage[]): readonly ToolOutput[] {
  const lastUser = messages.findLastIndex(({ role, images }) => role === "user" && images.length === 0);
  return messages.slice(lastUser + 1).flatMap(({ callId, text }) =>
    callId === undefined ? [] : [{ callId, text }]
  );
}

/** The answer in chunks as published, ended by `[DONE]`; parallel calls come in turns. */
function renderChunks(model: string, step: ModelStep, count: number): readonly string[] {
  const id = `chatcmpl-${count}`;
  const base = { id, object: "chat.completion.chunk", created: 1_790_000_000, model };
  const chunk = (delta: object, finish_reason: string | null = null): object => ({
    ...base,
    choices: [{ index: 0, delta, finish_reason }],
  });
  const spoken = "calls" in step ? renderCalls(step.calls) : cut(step.say).map((content) => ({ content }));
  const published = [
    chunk({ role: "assistant", content: "" }),
    ...spoken.map((delta) => chunk(delta)),
    chunk({}, "calls" in step ? "tool_calls" : "stop"),
  ];
  const usage = renderUsage(step.usage ?? USAGE);
  const last = { ...base, choices: [] };
  for (const one of [...published, { ...last, usage }]) assertPublished("ChatChunk", one);
  // Where thinking and a price stand nobody published; these are the places in use.
  const thinking = cut(THINKING).map((reasoning_content) => chunk({ reasoning_content }));
  published.splice(1, 0, ...thinking);
  published.push({ ...last, usage: { ...usage, cost: COST_USD } });
  return [...published.map((one) => JSON.stringify(one)), "[DONE]"];
}

function renderUsage({ input, cached, output, reasoning }: ModelUsage): object {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached },
    completion_tokens_details: { reasoning_tokens: reasoning },
  };
}

function renderCalls(calls: readonly ModelCall[]): readonly object[] {
  const heads = calls.map(({ callId, name }, index) => ({
    tool_calls: [{
      index,
      id: callId ?? `call_${crypto.randomUUID()}`,
      type: "function",
      function: { name, arguments: "" },
    }],
  }));
  const bodies = calls.map((call) => cut(JSON.stringify(call.arguments)));
  const rounds = Math.max(0, ...bodies.map(({ length }) => length));
  const parts = Array.from({ length: rounds }, (_, round) =>
    bodies.flatMap((pieces, index) => {
      const piece = pieces[round];
      return piece === undefined ? [] : [{ tool_calls: [{ index, function: { arguments: piece } }] }];
    })).flat();
  return [...heads, ...parts];
}

/** Pieces of a few characters. */
function cut(text: string): readonly string[] {
  return text.match(/.{1,5}/gsu) ?? [];
}

/** Sends a text in pieces of 97 bytes. */
function sendInPieces(text: string): ReadableStream<Uint8Array<ArrayBuffer>> {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  return new ReadableStream({
    pull(controller): void {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at += 97));
    },
  });
}
