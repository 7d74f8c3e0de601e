/**
 * The wires: how a provider wants to be asked, and how its answers become events of the Responses API, which is
 * what the gateway's clients speak.
 *
 * A wire is pure: values in, values out. It sees no header, no key, no socket; names of tools are flat when it is
 * asked, and are made whole again after it has answered.
 *
 * @module
 */

import type { JsonObject } from "../../base/json_fields.ts";

/** An event of the Responses API as JSON, without `sequence_number`, which is given when it is sent. */
export interface ResponsesEvent extends JsonObject {
  readonly type: string;
}

/** One kind of wire. */
export interface Wire {
  /**
   * Says how to ask for this.
   *
   * @param request the body of a `POST …/responses`; every tool in it is a function
   * @throws {AppError} gateway.request when it cannot be said on this wire at all
   */
  ask(request: JsonObject): Asked;
}

/** One request on its way to a provider. */
export interface Asked {
  /** Below the provider's base URL, such as `/responses`. */
  readonly path: string;
  readonly body: JsonObject;
  /** What the provider does not get, for the log: kinds and names, never contents. */
  readonly dropped: readonly string[];
  /** Made for the answer to this request alone; undefined when the provider speaks Responses itself. */
  readonly translation: Translation | undefined;
}

/**
 * Turns one answer into events of the Responses API, from `response.created` to exactly one of
 * `response.completed`, `response.incomplete` and `response.failed`.
 *
 * Nothing here throws: what cannot be understood becomes `response.failed` with a sentence that its reader can act
 * on, and everything after that is ignored.
 */
export interface Translation {
  /**
   * Answers at once what one server-sent event says; nothing waits for later.
   *
   * @param data `[DONE]` too
   * @param name where the event has one
   */
  event(data: string, name?: string): readonly ResponsesEvent[];
  /** The whole answer of a provider that did not stream. */
  whole(answer: unknown): readonly ResponsesEvent[];
  /**
   * The provider refused: an answer with an HTTP status of 400 and above.
   *
   * @param body what came with it, or its beginning
   * @param retryAfterSeconds what the header `Retry-After` says, when there is one
   */
  refused(status: number, body: string, retryAfterSeconds: number | undefined): readonly ResponsesEvent[];
  /** The stream is over: whatever is still owed, `response.failed` when the answer broke off. */
  end(): readonly ResponsesEvent[];
}

/** The provider's own wire is the client's: nothing to translate. */
const responses: Wire = {
  ask: (request) => ({ path: "/responses", body: request, dropped: [], translation: undefined }),
};

/** Every wire by the name that `config.toml` uses; loaded when a provider speaks it. */
export const WIRES = {
  responses: (): Promise<Wire> => Promise.resolve(responses),
  chat: async (): Promise<Wire> => (await import("./chat/wire.ts")).chat,
} as const;

/** The name of a wire. */
export type WireName = keyof typeof WIRES;
