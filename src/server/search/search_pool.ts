/**
 * `createSearch`: searching as the rest of the server sees it. Processes start when they are first needed and stay
 * warm; each does one search at a time, so that ending one that hangs never costs another its answer.
 *
 * @module
 */

import { AppError } from "../../base/errors.ts";
import type { Search, SearchResult, SearchScope } from "../../tools/files/search/model.ts";
import { SearchProcess, type SearchProgram } from "./search_process.ts";

/** More searches than this at once wait for their turn. */
const mostProcesses = 2;
/** A second process that found nothing to do for so long is ended. */
const spareIdleMs = 30_000;

/** Waiting so long for a process that has just answered is better than starting another. */
const windingMs = 100;

/** Searching, and its end. */
export interface SearchPool {
  readonly search: Search;
  /** Ends all processes; searches that run fail. */
  close(): Promise<void>;
}

/** Makes the search of a server. Nothing is started yet. */
export function createSearch(program: SearchProgram, scope: SearchScope): SearchPool {
  const all = new Set<SearchProcess>();
  /** Those that rest, each with the timer that ends it if it is not needed. */
  const idle = new Map<SearchProcess, ReturnType<typeof setTimeout> | undefined>();
  const queue: (() => void)[] = [];
  let closed = false;

  function takeIdle(): SearchProcess | undefined {
    for (const [searcher, timer] of idle) {
      idle.delete(searcher);
      clearTimeout(timer);
      if (!searcher.isEnded) return searcher;
    }
    return undefined;
  }

  /** True for one that has answered and will rest in a moment. */
  function isWinding(searcher: SearchProcess): boolean {
    return !searcher.isEnded && !searcher.isAsked && !idle.has(searcher);
  }

  function start(): SearchProcess | undefined {
    if (all.size >= mostProcesses) return undefined;
    const fresh = new SearchProcess(program, scope);
    all.add(fresh);
    fresh.ended.finally(() => {
      all.delete(fresh);
      queue.shift()?.();
    });
    return fresh;
  }

  function giveBack(searcher: SearchProcess): void {
    if (searcher.isEnded) return;
    const isSpare = all.size > 1;
    idle.set(searcher, isSpare ? setTimeout(() => endSpare(searcher), spareIdleMs) : undefined);
    queue.shift()?.();
  }

  function endSpare(searcher: SearchProcess): void {
    if (all.size === 1) return;
    idle.delete(searcher);
    searcher.end();
  }

  async function acquire(timeoutMs: number, signal: AbortSignal): Promise<SearchProcess> {
    const deadlineMs = performance.now() + timeoutMs;
    for (let mayStart = ![...all].some(isWinding);; mayStart = true) {
      if (signal.aborted) throw new AppError("tool.cancelled", "The search was cancelled");
      if (closed) throw new AppError("search.failed", "The server is stopping");
      const searcher = takeIdle() ?? (mayStart ? start() : undefined);
      if (searcher !== undefined) return searcher;
      const leftMs = deadlineMs - performance.now();
      if (leftMs <= 0) {
        throw new AppError("search.timeout", "Other searches took all the time that this one could wait", {
          hint: "Call again.",
        });
      }
      await awaitTurn(mayStart ? leftMs : Math.min(leftMs, windingMs), signal);
    }
  }

  /** Until a process may be free, the time is over, or nobody waits any more. */
  function awaitTurn(patienceMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const go = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", go);
        const at = queue.indexOf(go);
        if (at !== -1) queue.splice(at, 1);
        resolve();
      };
      const timer = setTimeout(go, patienceMs);
      signal.addEventListener("abort", go);
      queue.push(go);
    });
  }

  return {
    async search(request, signal): Promise<SearchResult> {
      const searcher = await acquire(request.timeoutMs, signal);
      const { result, rested } = searcher.ask(request, signal);
      rested.then(() => giveBack(searcher));
      return await result;
    },
    async close(): Promise<void> {
      closed = true;
      for (const timer of idle.values()) clearTimeout(timer);
      for (const waiting of queue.splice(0)) waiting();
      for (const searcher of all) searcher.end();
      await Promise.all([...all].map(({ ended }) => ended));
    },
  };
}
