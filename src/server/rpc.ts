/**
 * The little of JSON-RPC that stands outside the SDK: error codes, the error a handler throws, and the answer to
 * a message that never became a request.
 *
 * @module
 */

import type { JSONRPCRequest, RequestId } from "@modelcontextprotocol/sdk/types";
import * as sdk from "@modelcontextprotocol/sdk/types.js";
import type { JsonObject } from "../tools/define.ts";

/** JSON-RPC 2.0 codes, and `resourceNotFound` of MCP 2025-03-26 to 2025-11-25. */
export const RPC = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  unsupportedVersion: -32000,
  resourceNotFound: -32002,
} as const;

/** What a request handler throws to answer a JSON-RPC error; the SDK copies `code`, `message` and `data`. */
export class RpcError extends Error {
  override readonly name = "RpcError";
  readonly code: number;
  readonly data: JsonObject | undefined;

  constructor(code: number, message: string, data?: JsonObject) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** The JSON text of an error response. `id` is null when the request's own could not be read. */
export function renderRpcError(id: RequestId | null, code: number, message: string): string {
  return JSON.stringify({ jsonrpc: "2.0", id, error: { code, message } });
}

/** What came as a message. */
export type Message =
  | { readonly kind: "request"; readonly request: JSONRPCRequest }
  /** A notification or a response: taken, and answered by nothing. */
  | { readonly kind: "oneWay"; readonly method: string | undefined }
  /** No JSON-RPC; with its id where it has one. */
  | { readonly kind: "wrong"; readonly id: RequestId | null };

/** Tells what a parsed message is. */
export function classifyMessage(value: unknown): Message {
  if (isRpcRequest(value)) return { kind: "request", request: value };
  if (!isJsonObject(value)) return { kind: "wrong", id: null };
  const { jsonrpc, id, method } = value;
  if (jsonrpc === "2.0") {
    if (typeof method === "string" && !Object.hasOwn(value, "id")) return { kind: "oneWay", method };
    const isResponse = Object.hasOwn(value, "result") || isJsonObject(value.error);
    if (method === undefined && isRpcId(id) && isResponse) return { kind: "oneWay", method: undefined };
  }
  return { kind: "wrong", id: isRpcId(id) ? id : null };
}

/**
 * The SDK's own check of a request. What passes it is answered; anything else would be dropped in silence.
 *
 * The type is written out because the package has none where its module is (`types.js`, 1.32.2).
 */
const isRpcRequest: (value: unknown) => value is JSONRPCRequest = sdk.isJSONRPCRequest;

function isRpcId(id: unknown): id is RequestId {
  return typeof id === "string" || Number.isSafeInteger(id);
}

/** True for an object that is neither null nor an array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The string stored under a key of the value's own; undefined for anything else, also for inherited names. */
export function stringAt(value: unknown, key: string): string | undefined {
  if (!isJsonObject(value) || !Object.hasOwn(value, key)) return undefined;
  const found = value[key];
  return typeof found === "string" ? found : undefined;
}
