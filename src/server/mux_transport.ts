/**
 * One SDK server for every client: a transport that gives each request an id of its own.
 *
 * The SDK's documented stateless pattern builds a server per request, most of whose cost is building it. Sharing
 * one needs this file: two clients both send id 1, and without a remap the second answer goes to the first
 * client (CVE-2026-25536). Here every request is renumbered on the way in and gets its sender's id back on the
 * way out, and nothing but requests ever reaches the shared server: a `notifications/cancelled` from outside
 * would name one of our ids and stop a stranger's call.
 *
 * Knows nothing of HTTP and nothing of tools.
 *
 * @module
 */

import type { Transport } from "@modelcontextprotocol/sdk/shared/transport";
import type {
  JSONRPCMessage,
  JSONRPCRequest,
  MessageExtraInfo,
  RequestId,
} from "@modelcontextprotocol/sdk/types";
import type { ResponseWriter } from "./rpc.ts";

/** One request on its way through the server. */
export interface Exchange {
  /** The JSON text of the response, with its sender's id; undefined when the request was cancelled. */
  readonly answer: Promise<string | undefined>;
  /** Aborts the handler's signal. No answer will come. */
  cancel(reason: string): void;
}

interface Pending<Context> {
  readonly id: RequestId;
  readonly context: Context;
  settle(answer: string | undefined): void;
}

/** The transport. `Context` is whatever the caller wants to find again in a request handler. */
export class MuxTransport<Context> implements Transport {
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: (<T extends JSONRPCMessage>(message: T, extra?: MessageExtraInfo) => void) | undefined;

  readonly #pending = new Map<RequestId, Pending<Context>>();
  readonly #writer: ResponseWriter;
  // The SDK ignores the cancellation of request 0.
  #lastId = 0;

  constructor(writer: ResponseWriter) {
    this.#writer = writer;
  }

  /** Sends a request into the server. The caller has checked it: the SDK drops what is none. */
  exchange(request: JSONRPCRequest, context: Context): Exchange {
    const own = ++this.#lastId;
    const answer = new Promise<string | undefined>((resolve) => {
      this.#pending.set(own, { id: request.id, context, settle: resolve });
    });
    this.onmessage?.({ ...request, id: own });
    return { answer, cancel: (reason) => this.#cancel(own, reason) };
  }

  /** The context of a running request, by the id its handler sees. */
  contextOf(id: RequestId): Context | undefined {
    return this.#pending.get(id)?.context;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  /** Called by the SDK with each response. A stateless server has nobody to send anything else to. */
  send(message: JSONRPCMessage): Promise<void> {
    if ("method" in message || message.id === undefined) return Promise.resolve();
    const pending = this.#pending.get(message.id);
    if (pending === undefined) return Promise.resolve();
    this.#pending.delete(message.id);
    pending.settle(
      "result" in message
        ? this.#writer.writeResult(pending.id, message.result)
        : this.#writer.writeError(pending.id, message.error),
    );
    return Promise.resolve();
  }

  close(): Promise<void> {
    for (const pending of this.#pending.values()) pending.settle(undefined);
    this.#pending.clear();
    this.onclose?.();
    return Promise.resolve();
  }

  #cancel(own: number, reason: string): void {
    const pending = this.#pending.get(own);
    if (pending === undefined) return;
    this.onmessage?.({
      jsonrpc: "2.0",
      method: "notifications/cancelled",
      params: { requestId: own, reason },
    });
    this.#pending.delete(own);
    pending.settle(undefined);
  }
}
