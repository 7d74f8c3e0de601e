/**
 * The gate: lets requests wait between the moment the socket is bound and the moment the server is ready.
 *
 * @module
 */

/** Answers one request. */
export type Handler = (request: Request, info: Deno.ServeHandlerInfo) => Response | Promise<Response>;

/** A handler that can be opened once, and shows the open one from then on. */
export interface Gate {
  readonly handle: Handler;
  /** Lets the waiting requests in, in the order they came. */
  open(handler: Handler): void;
}

/**
 * Makes a closed gate.
 *
 * @param maxWaiting more requests than these are told to come again in a second
 */
export function makeGate(maxWaiting: number): Gate {
  let handler: Handler | undefined;
  let letIn = (): void => undefined;
  const opened = new Promise<void>((resolve) => letIn = resolve);
  let waiting = 0;
  return {
    handle(request, info): Response | Promise<Response> {
      if (handler !== undefined) return handler(request, info);
      if (waiting >= maxWaiting) {
        return new Response("The server is starting.\n", { status: 503, headers: { "retry-after": "1" } });
      }
      waiting++;
      return opened.then(() => handler?.(request, info) ?? new Response(null, { status: 503 }));
    },
    open(opener): void {
      handler = opener;
      letIn();
    },
  };
}
