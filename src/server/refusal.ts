/**
 * Why a worker cannot start, as it tells its supervisor. Loaded only then.
 *
 * @module
 */

import { AppError } from "../base/errors.ts";
import { sendError, type WorkerMessage } from "./messages.ts";

/** What a worker says that cannot bind its port. */
export function refuseToListen(error: unknown, port: number): WorkerMessage {
  return { kind: "refused", error: sendError(explainBind(error, port)) };
}

function explainBind(error: unknown, port: number): unknown {
  if (error instanceof Deno.errors.AddrInUse) {
    return new AppError("serve.port_taken", `Port ${port} is taken`, { cause: error });
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return new AppError("serve.port_taken", `Port ${port} may not be used: ${error.message}`, {
      hint: "Choose a --port above 1023.",
      cause: error,
    });
  }
  return error;
}
