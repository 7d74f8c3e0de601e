/**
 * The inside end of a Worker's message channel, typed without the worker library, which does not go together
 * with the main thread's in one program.
 *
 * @module
 */

/** Sends to whoever started this Worker. Plain data only. */
export function postToParent(message: unknown): void {
  if (!("postMessage" in globalThis) || typeof globalThis.postMessage !== "function") {
    throw new TypeError("Not inside a Worker");
  }
  globalThis.postMessage(message);
}

/** Hands each message from whoever started this Worker to `receive`; it is unknown until narrowed. */
export function receiveFromParent(receive: (message: unknown) => void): void {
  globalThis.addEventListener("message", (event) => {
    if (event instanceof MessageEvent) receive(event.data);
  });
}
