/**
 * `POST /mcp`: Streamable HTTP (MCP 2025-03-26, 2025-06-18, 2025-11-25) without sessions and with JSON answers.
 *
 * Every request stands alone, so a restarted server is not noticed and nothing is kept for a client that left.
 *
 * @module
 */

import type { JSONRPCRequest, RequestId } from "@modelcontextprotocol/sdk/types";
import { AppError } from "../base/errors.ts";
import { utf8Bytes } from "../base/json_size.ts";
import { answerError, answerJsonText, answerNothing } from "./answers.ts";
import { readBody, refuseMediaType } from "./body.ts";
import { makeDeadlines } from "./deadlines.ts";
import { type Mcp, PROTOCOL_VERSIONS, type RequestScope } from "./mcp.ts";
import { classifyMessage, type Message, renderRpcError, RPC } from "./rpc.ts";
import type { ToolCallOutcome } from "./tool_call.ts";

/** Messages in one batch; the SDK's own transports allow as many. */
const MAX_BATCH = 100;

/** The only revision with batches; also what a request without a version header means. */
const BATCH_VERSION = "2025-03-26";

/**
 * Listening for a client that leaves costs a third of a quick call, so only calls that take longer are watched.
 */
const watches = makeDeadlines(20);

/** What the endpoint tells of one request. */
export interface McpNotes {
  /** A tool call with the size of its answer in UTF-8. */
  readonly onToolCall: (outcome: ToolCallOutcome, sizeBytes: number) => void;
  /** The methods of the request's messages, as far as they could be read. */
  readonly onMethods: (methods: readonly string[]) => void;
}

/** The scope of a request but for the notes that the endpoint makes itself. */
export type EndpointScope = Omit<RequestScope, "onToolCall">;

/**
 * Answers a request to `/mcp` that has passed guard and token.
 *
 * @throws {AppError} http.media_type, http.too_large, http.timeout, http.bad_request
 */
export async function answerMcp(
  mcp: Mcp,
  request: Request,
  scope: EndpointScope,
  notes: McpNotes,
): Promise<Response> {
  if (request.method !== "POST") return refuseMethod();
  if (!acceptsJson(request.headers.get("accept"))) return refuseAccept();
  const wrongType = refuseMediaType(request.headers);
  if (wrongType !== undefined) throw wrongType;

  const body = parseJson(await readBody(request));
  if (body === undefined) return answerRpcError(RPC.parseError, "Parse error: the body is not JSON.");
  const isBatch = Array.isArray(body.value);
  const messages = isBatch ? body.value.map(classifyMessage) : [classifyMessage(body.value)];
  notes.onMethods(messages.map(methodOf));

  const version = request.headers.get("mcp-protocol-version");
  const isInitialize = messages.some((message) => methodOf(message) === "initialize");
  const [first] = messages;
  if (version !== null && !isInitialize && !PROTOCOL_VERSIONS.some((known) => known === version)) {
    const supported = PROTOCOL_VERSIONS.join(", ");
    return answerRpcError(
      RPC.unsupportedVersion,
      `Bad Request: Unsupported protocol version (supported versions: ${supported})`,
      !isBatch && first?.kind === "request" ? first.request.id : null,
    );
  }
  if (!isBatch && first !== undefined) {
    if (first.kind === "wrong") return answerRpcError(RPC.invalidRequest, NOT_A_MESSAGE, first.id);
    const answer = await answerMessage(mcp, request, first, scope, notes);
    return answer === undefined ? answerNothing(202) : answerJsonText(200, answer);
  }
  const wrongBatch = refuseBatch(messages.length, version, isInitialize);
  if (wrongBatch !== undefined) return answerRpcError(RPC.invalidRequest, wrongBatch);
  const answers = await Promise.all(
    messages.map((message) => answerMessage(mcp, request, message, scope, notes)),
  );
  const due = answers.filter((answer) => answer !== undefined);
  return due.length === 0 ? answerNothing(202) : answerJsonText(200, `[${due.join(",")}]`);
}

const NOT_A_MESSAGE = "Invalid Request: not a JSON-RPC 2.0 message.";

function methodOf(message: Message): string {
  switch (message.kind) {
    case "request":
      return message.request.method;
    case "oneWay":
      return message.method ?? "response";
    case "wrong":
      return "none";
  }
}

/** The JSON text that answers one message; undefined when none is due. Not async: a promise less for each call. */
function answerMessage(
  mcp: Mcp,
  request: Request,
  message: Message,
  scope: EndpointScope,
  notes: McpNotes,
): Promise<string | undefined> {
  switch (message.kind) {
    case "request":
      return runRequest(mcp, request, message.request, scope, notes);
    case "oneWay":
      // `notifications/cancelled` ends here like every notification. It names an id that its sender chose, and
      // other clients choose the same ones: without sessions nobody can say whose call is meant. A client that
      // wants a call stopped closes its request, which is watched.
      return Promise.resolve(undefined);
    case "wrong":
      return Promise.resolve(renderRpcError(message.id, RPC.invalidRequest, NOT_A_MESSAGE));
  }
}

async function runRequest(
  mcp: Mcp,
  request: Request,
  message: JSONRPCRequest,
  scope: EndpointScope,
  notes: McpNotes,
): Promise<string | undefined> {
  let call: ToolCallOutcome | undefined;
  let hasLeft = false;
  const exchange = mcp.exchange(message, {
    ...scope,
    onToolCall(outcome): void {
      // A tool whose client left ends when it notices; nobody waits for it here any more.
      if (hasLeft) notes.onToolCall(outcome, 0);
      else call = outcome;
    },
  });
  const stopWatching = whenGone(request, () => {
    hasLeft = true;
    exchange.cancel("the client closed the request");
  });
  try {
    const answer = await exchange.answer;
    if (call !== undefined) notes.onToolCall(call, utf8Bytes(answer ?? ""));
    return answer;
  } finally {
    stopWatching();
  }
}

/** Calls back when the client goes away, until the returned function is called. */
function whenGone(request: Request, gone: () => void): () => void {
  let signal: AbortSignal | undefined;
  const stop = watches.start(() => {
    signal = request.signal;
    if (signal.aborted) gone();
    else signal.addEventListener("abort", gone, { once: true });
  });
  return () => {
    stop();
    signal?.removeEventListener("abort", gone);
  };
}

function refuseBatch(length: number, version: string | null, isInitialize: boolean): string | undefined {
  if (version !== null && version !== BATCH_VERSION) return `Invalid Request: ${version} has no batches.`;
  if (length === 0) return "Invalid Request: an empty batch.";
  if (length > MAX_BATCH) return `Invalid Request: a batch of more than ${MAX_BATCH} messages.`;
  if (isInitialize) return "Invalid Request: initialize must come alone.";
  return undefined;
}

/**
 * The specification asks clients to accept both JSON and event streams; only JSON is ever answered, so only that
 * is asked for, and a client that says nothing takes what it gets.
 */
function acceptsJson(accept: string | null): boolean {
  return accept === null || accept === "" || /(?:application\/(?:json|\*)|\*\/\*)(?![\w.+-])/i.test(accept);
}

function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function answerRpcError(code: number, message: string, id: RequestId | null = null): Response {
  return answerJsonText(400, renderRpcError(id, code, message));
}

function refuseMethod(): Response {
  const message = "This server keeps no sessions and opens no streams.";
  return answerError(new AppError("http.method", message), { allow: "POST" });
}

function refuseAccept(): Response {
  return answerJsonText(
    406,
    renderRpcError(null, RPC.invalidRequest, "Not Acceptable: answers are application/json."),
  );
}
