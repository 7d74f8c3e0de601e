/**
 * A port that nobody listens on, for tests and measurements that must name one.
 *
 * @module
 */

/** A port of this machine that was free a moment ago. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
