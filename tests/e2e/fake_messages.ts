/**
 * A scripted model that speaks Anthropic's Messages API as Claude Code uses it: a server on loopback.
 *
 * The wire was observed with @anthropic-ai/claude-code 2.1.330 (2026-11): `POST {base}/v1/messages?beta=true`, streamed;
 * `message_start` holds the usage with a first count of output tokens, `message_delta` the final one. It needs no log-in
 * with ANTHROPIC_API_KEY and ANTHROPIC_BASE_URL set.
 *
 * Must not know of agentos.
 *
 * @module
 */

import { z } from "zod";

/** What the model says that a response used; the parts of the input stand side by side. */
export interface MessageUsage {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
  readonly output: number;
}

/** What the model does in one response. */
export interface MessageStep {
  readonly say: string;
  /** A tool that it calls besides. */
  readonly call?: { readonly name: string; readonly input: unknown };
  readonly usage: MessageUsage;
}

/** What a script is told of a request. */
export interface MessageRequest {
  readonly model: string;
  /** The text of the last message, with a word for each part that is no text. */
  readonly last: string;
  readonly tools: readonly string[];
}

/** A running scripted model. */
export interface FakeMessages extends AsyncDisposable {
  /** What goes into ANTHROPIC_BASE_URL. */
  readonly baseUrl: string;
  /** Every response that was sent, in order. */
  readonly answers: readonly { readonly model: string; readonly usage: MessageUsage }[];
}

const Part = z.looseObject({ type: z.string(), text: z.string().optional() });
const Body = z.looseObject({
  model: z.string(),
  stream: z.literal(true),
  messages: z.array(z.looseObject({ content: z.union([z.string(), z.array(Part)]) })),
  tools: z.array(z.looseObject({ name: z.string() })).default([]),
});

/**
 * Starts a model on a free port of 127.0.0.1.
 *
 * @param namesRequests false for one that gives its responses no request id, as gateways do
 */
export function startFakeMessages(
  script: (request: MessageRequest) => MessageStep,
  namesRequests = true,
): FakeMessages {
  const answers: { model: string; usage: MessageUsage }[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    if (!new URL(request.url).pathname.endsWith("/v1/messages")) {
      await request.body?.cancel();
      return Response.json({ type: "error", error: { type: "not_found_error", message: "no" } }, {
        status: 404,
      });
    }
    const { model, messages, tools } = Body.parse(await request.json());
    const content = messages.at(-1)?.content ?? "";
    const last = typeof content === "string"
      ? content
      : content.map(({ type, text }) => text ?? type).join("\n");
    const step = script({ model, last, tools: tools.map(({ name }) => name) });
    answers.push({ model, usage: step.usage });
    const headers = new Headers({ "content-type": "text/event-stream" });
    if (namesRequests) headers.set("request-id", `req_${answers.length}`);
    return new Response(renderEvents(`msg_${answers.length}`, model, step), { headers });
  });
  return {
    baseUrl: `http://127.0.0.1:${server.addr.port}`,
    answers,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function renderEvents(id: string, model: string, { say, call, usage }: MessageStep): string {
  const stop = { stop_reason: call === undefined ? "end_turn" : "tool_use", stop_sequence: null };
  const events: Record<string, unknown>[] = [
    {
      type: "message_start",
      message: {
        id,
        type: "message",
        role: "assistant",
        model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: {
          input_tokens: usage.input,
          cache_read_input_tokens: usage.cacheRead,
          cache_creation_input_tokens: usage.cacheWrite5m + usage.cacheWrite1h,
          cache_creation: {
            ephemeral_5m_input_tokens: usage.cacheWrite5m,
            ephemeral_1h_input_tokens: usage.cacheWrite1h,
          },
          output_tokens: 1,
        },
      },
    },
    ...renderBlock(0, { type: "text", text: "" }, { type: "text_delta", text: say }),
    ...(call === undefined ? [] : renderBlock(
      1,
      { type: "tool_use", id: `toolu_${id}`, name: call.name, input: {} },
      { type: "input_json_delta", partial_json: JSON.stringify(call.input) },
    )),
    { type: "message_delta", delta: stop, usage: { output_tokens: usage.output } },
    { type: "message_stop" },
  ];
  return events.map((event) => `event: ${event["type"]}\ndata: ${JSON.stringify(event)}\n\n`).join("");
}

function renderBlock(
  index: number,
  content_block: object,
  delta: object,
): readonly Record<string, unknown>[] {
  return [
    { type: "content_block_start", index, content_block },
    { type: "content_block_delta", index, delta },
    { type: "content_block_stop", index },
  ];
}
