/**
 * Lets the answers of one turn of the event loop go out together.
 *
 * An answer that is sent wakes whoever waits for it, and maybe a processor. When requests come in crowds, each would be
 * answered before the next one is looked at, and every answer would pay for a wake-up: a sixth of a quick call (eight
 * connections, Linux, Deno 2.9.6, measured 2026-11). So in a crowd an answer waits for all that runs in its turn. After a
 * turn of one request, or one that took long, answers go at once.
 *
 * @module
 */

/** Crowds of requests, and the turns of the event loop that they come in. */
export interface Crowds {
  /** Says that a request came. */
  begin(): void;
  /** When its answer may go: now, or, in a crowd, when the turn ends. */
  end(): Promise<void> | undefined;
}

/**
 * Starts to watch for crowds; nothing runs while no request comes.
 *
 * @param deno the runtime's version
 */
export function watchCrowds(deno: string = Deno.version.deno): Crowds {
  return seesTurnsEnd(deno) ? watchTurns() : { begin: () => undefined, end: () => undefined };
}

/** In Deno 2.4.2 `setImmediate` is a timer of a millisecond, in 2.9.6 it takes 12 microseconds. */
function seesTurnsEnd(deno: string): boolean {
  const [major = 0, minor = 0] = deno.split(".").map(Number);
  return major > 2 || (major === 2 && minor >= 9);
}

/** A turn that takes longer has work in it that no quick answer should wait for, when the next one is like it. */
const LONG_TURN_MS = 3;

function watchTurns(): Crowds {
  let came = 0;
  let beganMs = 0;
  /** In the latest turn in which any came, it was more than one, and all was quick. */
  let isCrowded = false;
  /** What answers wait for, when any does. */
  let turn: PromiseWithResolvers<void> | undefined;

  function endTurn(): void {
    isCrowded = came > 1 && performance.now() - beganMs < LONG_TURN_MS;
    came = 0;
    turn?.resolve();
    turn = undefined;
  }

  return {
    begin(): void {
      if (came++ > 0) return;
      beganMs = performance.now();
      setImmediate(endTurn);
    },
    end: () => isCrowded && came > 0 ? (turn ??= Promise.withResolvers<void>()).promise : undefined,
  };
}
