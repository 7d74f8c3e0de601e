/**
 * The inside end of a Worker's message channel, typed without the worker library, which does not go together
 * with the main thread's in one program.
 *
 * @module
 */

/** Sends to whoever started this Worker. Plain data only. */
export function postToParent(message: unknown): void {
  const scope: object = globalThis;
  if (!("postMessage" in scope) || typeof scope.postMessage !== "function") {
    throw new TypeError("Not inside a Worker");
  }
  scope.postMessage(message);
}

/**
 * Hands each message from whoever started this Worker to `receive`. The starter is the same build and trusted, so
 * its messages are taken for what they are said to be.
 */
export function receiveFromParent<Message>(receive: (message: Message) => void): void {
  globalThis.addEventListener("message", (event) => {
    if (event instanceof MessageEvent) receive(event.data);
  });
}

/** The name that this Worker was given: it is there before any message could be. */
export function ownName(): string {
  const scope: object = globalThis;
  return "name" in scope && typeof scope.name === "string" ? scope.name : "";
}
