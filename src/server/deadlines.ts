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
  readonly dueAt: number;
  readonly expired: () => void;
}

/** Makes deadlines of one length; nothing ticks while none is running. */
export function makeDeadlines(afterMs: number): Deadlines {
  // All are of one length, so the order of starting is the order of ending.
  const running = new Set<Entry>();
  let isTicking = false;

  function tick(): void {
    const now = performance.now();
    for (const entry of running) {
      if (entry.dueAt > now) break;
      running.delete(entry);
      entry.expired();
    }
    isTicking = running.size > 0;
    if (isTicking) setTimeout(tick, afterMs / 10);
  }

  return {
    start(expired): () => void {
      const entry = { dueAt: performance.now() + afterMs, expired };
      running.add(entry);
      if (!isTicking) {
        isTicking = true;
        setTimeout(tick, afterMs / 10);
      }
      return () => void running.delete(entry);
    },
  };
}
