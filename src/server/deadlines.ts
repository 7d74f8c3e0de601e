/**
 * Many timers of one length for the price of one: a request starts and stops two of them, and `setTimeout` twice
 * would cost as much as parsing it.
 *
 * @module
 */

/** Calls back what is not stopped in time. */
export interface Deadlines {
  /** Calls back once, `afterMs` from now or a tenth later, unless the returned function is called before. */
  start(expired: () => void): () => void;
}

interface Entry {
  readonly startedAt: number;
  readonly expired: () => void;
}

/** So many ticks make one deadline. */
const TICKS = 10;

/** Makes deadlines of one length; nothing ticks while none is running. */
export function makeDeadlines(afterMs: number): Deadlines {
  // All are of one length, so the order of starting is the order of ending. Time is counted in ticks, because
  // asking the clock costs as much as all the rest.
  const running = new Set<Entry>();
  let now = 0;
  let isTicking = false;

  function tick(): void {
    now++;
    for (const entry of running) {
      // The first tick may follow the start at once.
      if (now - entry.startedAt <= TICKS) break;
      running.delete(entry);
      entry.expired();
    }
    isTicking = running.size > 0;
    if (isTicking) wait();
  }

  function wait(): void {
    // What is waited for keeps the process alive, not the waiting.
    Deno.unrefTimer(Number(setTimeout(tick, afterMs / TICKS)));
  }

  return {
    start(expired): () => void {
      const entry = { startedAt: now, expired };
      running.add(entry);
      if (!isTicking) {
        isTicking = true;
        wait();
      }
      return () => void running.delete(entry);
    },
  };
}
