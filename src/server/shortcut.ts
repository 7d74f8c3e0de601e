/**
 * The shortcut past the SDK for the two methods that make up nearly all traffic.
 *
 * The SDK's server holds every message against three schemas before it looks at the method, and wraps the call in
 * a dozen objects; together that costs as much as a quick call. `tools/list` and `tools/call` are answered by the
 * same functions without it. A test sends the same requests both ways and compares.
 *
 * @module
 */

import type { JSONRPCRequest, Result } from "@modelcontextprotocol/sdk/types";
import { isObject } from "../base/json_fields.ts";
import type { Exchange } from "./mux_transport.ts";
import { type ResponseWriter, RPC, RpcError } from "./rpc.ts";

/** True for a request that means the same without the SDK: one of the two methods, and no task (MCP 2025-11-25). */
export function hasShortcut({ method, params }: JSONRPCRequest): boolean {
  if (method === "tools/list") return true;
  return method === "tools/call" && !(isObject(params) && Object.hasOwn(params, "task"));
}

/**
 * Runs a request that {@link hasShortcut}.
 *
 * @param run throws `RpcError`s alone
 */
export function takeShortcut(
  id: JSONRPCRequest["id"],
  run: (signal: AbortSignal) => Promise<Result>,
  writer: ResponseWriter,
): Exchange {
  const controller = new AbortController();
  let cancel = (): void => undefined;
  const answer = new Promise<string | undefined>((resolve) => {
    cancel = () => resolve(undefined);
    run(controller.signal).then(
      (result) => resolve(writer.writeResult(id, result)),
      (thrown) => resolve(writer.writeError(id, describe(thrown))),
    );
  });
  return {
    answer,
    cancel(reason): void {
      controller.abort(reason);
      cancel();
    },
  };
}

/** As the SDK describes what a handler throws. */
function describe(thrown: unknown): { code: number; message: string; data?: unknown } {
  if (!(thrown instanceof RpcError)) return { code: RPC.internal, message: "Internal error" };
  const { code, message, data } = thrown;
  return data === undefined ? { code, message } : { code, message, data };
}
