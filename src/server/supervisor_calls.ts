/**
 * Calls from the worker to its supervisor: each has a number, an answer, and can be stopped.
 *
 * @module
 */

import { AppError } from "../base/errors.ts";
import { type Outcome, receiveError } from "./messages.ts";

/** One kind of call. */
export interface SupervisorCalls<Request, Result> {
  /** Asks the supervisor and waits; aborting the signal stops the work there. */
  call(request: Request, signal: AbortSignal): Promise<Result>;
  /** Gives the answer to whoever waits for it. */
  settle(id: number, outcome: Outcome<Result>): void;
}

/** What travels. */
export interface CallPosts<Request> {
  send(id: number, request: Request): void;
  cancel(id: number): void;
}

let lastId = 0;

/** Opens one kind of call; ids are unique over all kinds. */
export function openCalls<Request, Result>(posts: CallPosts<Request>): SupervisorCalls<Request, Result> {
  const waiting = new Map<number, (outcome: Outcome<Result>) => void>();
  return {
    call: (request, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(new AppError("tool.cancelled", "The call was cancelled"));
        const id = ++lastId;
        const cancel = (): void => posts.cancel(id);
        signal.addEventListener("abort", cancel, { once: true });
        waiting.set(id, (outcome) => {
          signal.removeEventListener("abort", cancel);
          if (outcome.ok) resolve(outcome.result);
          else reject(receiveError(outcome.error));
        });
        posts.send(id, request);
      }),
    settle(id, outcome): void {
      waiting.get(id)?.(outcome);
      waiting.delete(id);
    },
  };
}
