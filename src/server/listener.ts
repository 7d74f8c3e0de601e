/**
 * The listening socket, and what to do when the system has no more files to give.
 *
 * Deno.serve (2.4.2, 2.9.6) closes no slow or idle connection by itself, and its accept loop ends for good when a
 * socket cannot be opened (2.4.2 says so only when its last connection has ended). Then every connection is dropped, which frees what they held, and listening starts
 * anew: a flood costs its neighbours a cut connection, never the server.
 *
 * @module
 */

import type { Handler } from "./gate.ts";

/** Between losing the socket and taking it again; short, and long enough that a flood cannot make the thread spin. */
const againAfterMs = 250;

/** A socket that is listened on until it is shut down. */
export interface Listener {
  /** The port that was bound. */
  readonly port: number;
  /** Takes no new connection and waits for the requests that run. */
  shutdown(): Promise<void>;
}

/**
 * Listens on 127.0.0.1.
 *
 * @param onLost told each time the socket was lost, with the reason; it is taken again by itself
 * @throws what `Deno.serve` throws when the port cannot be bound now
 */
export function listen(port: number, handle: Handler, onLost: (reason: string) => void): Listener {
  let ended = false;
  let controller = new AbortController();
  let server = serve(port);

  function serve(port: number): Deno.HttpServer<Deno.NetAddr> {
    const { signal } = controller;
    const server = Deno.serve({ hostname: "127.0.0.1", port, signal, onListen: () => undefined }, handle);
    server.finished.catch(lose);
    return server;
  }

  function lose(error: unknown): void {
    controller.abort();
    if (ended) return;
    // Not `messageOf`: whatever this file loads holds up the socket.
    onLost(error instanceof Error ? error.message : String(error));
    setTimeout(() => {
      if (ended) return;
      controller = new AbortController();
      // Where this throws the worker crashes, and its supervisor starts another one.
      server = serve(bound);
    }, againAfterMs);
  }

  const bound = server.addr.port;
  return {
    port: bound,
    async shutdown(): Promise<void> {
      ended = true;
      // A server that was lost has nothing left to wait for.
      await server.shutdown().catch(() => undefined);
    },
  };
}
