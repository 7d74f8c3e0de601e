/**
 * An answer that failed before it began, for a client that reads events. Pure.
 *
 * @module
 */

import type { ResponsesEvent } from "./wire.ts";

/**
 * Its only event.
 *
 * @param code decides what the client does about it: see `FailureCode` of the chat wire
 */
export function failedAnswer(code: string, message: string): ResponsesEvent {
  return {
    type: "response.failed",
    response: { id: "", object: "response", status: "failed", output: [], error: { code, message } },
  };
}
