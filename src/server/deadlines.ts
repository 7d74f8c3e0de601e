/**
 * Many timers of one length for the price of one: a request starts and stops two of them, and `setTimeout` twice
 * would cost as much as parsing it.
 *
 * @module
 */

/** Calls back what is not stopped in time. */
export interface Deadlines {
  /** Calls back once, `afterMs` from now or a quarter later, unless the returned function is called before. */
  start(expired: () => void): () => void;
}

/** One that runs, in a ring of all that do: into a `Set` and out of it costs as much as all the rest. */
class Entry {
  readonly startedAt: number;
  readonly expired: () => void;
  before: Entry = this;
  after: Entry = this;

  constructor(startedAt: number, expired: () => void) {
    this.startedAt = startedAt;
    this.expired = expired;
  }

  insertBefore(next: Entry): void {
    this.before = next.before;
    this.after = next;
    next.before.after = this;
    next.before = this;
  }

  /** Leaves an entry that stands alone, so that leaving twice does nothing. */
  leave(): void {
    this.before.after = this.after;
    this.after.before = this.before;
    this.before = this;
    this.after = this;
  }
}

/** So many ticks make one deadline. Few: of short deadlines, ticking is what costs. */
const TICKS = 4;

/** Makes deadlines of one length; nothing ticks while none is running. */
export function makeDeadlines(afterMs: number): Deadlines {
  // All are of one length, so the order of starting is the order of ending. Time is counted in ticks, because
  // asking the clock costs as much as all the rest.
  const ring = new Entry(0, () => undefined);
  let now = 0;
  let ticking: ReturnType<typeof setInterval> | undefined;

  function tick(): void {
    now++;
    // The first tick may follow the start at once.
    while (ring.after !== ring && now - ring.after.startedAt > TICKS) {
      const entry = ring.after;
      entry.leave();
      entry.expired();
    }
    if (ring.after !== ring) return;
    clearInterval(ticking);
    ticking = undefined;
  }

  function startTicking(): ReturnType<typeof setInterval> {
    const started = setInterval(tick, afterMs / TICKS);
    // What is waited for keeps the process alive, not the waiting.
    Deno.unrefTimer(Number(started));
    return started;
  }

  return {
    start(expired): () => void {
      const entry = new Entry(now, expired);
      entry.insertBefore(ring);
      ticking ??= startTicking();
      return () => entry.leave();
    },
  };
}
