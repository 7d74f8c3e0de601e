/**
 * Taking turns: work on the same thing runs one after the other, in the order in which it was asked for.
 *
 * @module
 */

/** Runs `work` when everything asked for earlier under the same key has ended, however it ended. */
export type TakeTurn = <Result>(key: string, work: () => Promise<Result>) => Promise<Result>;

/** A fresh set of queues, empty while nobody works. */
export function createTurns(): TakeTurn {
  const lastTurns = new Map<string, Promise<unknown>>();
  return async (key, work) => {
    const before = lastTurns.get(key);
    const turn = (async () => {
      await before?.catch(() => undefined);
      return await work();
    })();
    lastTurns.set(key, turn);
    try {
      return await turn;
    } finally {
      if (lastTurns.get(key) === turn) lastTurns.delete(key);
    }
  };
}
