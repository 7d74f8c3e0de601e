/**
 * The searching process: takes searches from its parent, lets its Workers do them, and answers. Its own thread
 * only passes messages, so it can always answer, stop and end; it ends when its parent does.
 *
 * @module
 */

import { AppError } from "../../base/errors.ts";
import { Collector } from "../../tools/files/search/batch.ts";
import { readCursor } from "../../tools/files/search/cursor.ts";
import type { SearchRequest, SearchResult, SearchScope } from "../../tools/files/search/model.ts";
import { makePattern } from "../../tools/files/search/pattern.ts";
import { type Outcome, sendError } from "../messages.ts";
import { readLines } from "./line_stream.ts";
import type { FromSearchProcess, ToSearchProcess } from "./protocol.ts";
import { type SearchThreads, startThreads } from "./thread_pool.ts";
import type { FromSearchWorker } from "./threads.ts";

/** Between asking the threads to stop and taking one for caught in an expression. */
const stopPatienceMs = 500;

/**
 * Serves searches until stdin ends.
 *
 * @param answer writes one line to stdout
 */
export async function runSearchProcess(
  input: ReadableStream<Uint8Array>,
  answer: (line: string) => void,
): Promise<void> {
  const say = (message: FromSearchProcess): void => answer(JSON.stringify(message));
  let running: RunningSearch | undefined;
  let opened: { readonly scope: SearchScope; readonly threads: Promise<SearchThreads> } | undefined;
  for await (const line of readLines(input)) {
    // The parent is the same build and trusted, so what it says is taken for what it is said to be.
    const message: ToSearchProcess = JSON.parse(line);
    switch (message.kind) {
      case "open":
        opened = {
          scope: message.scope,
          threads: startThreads(message.scope, (said) => running?.hear(said)),
        };
        break;
      case "search":
        if (opened === undefined) throw new TypeError("A search came before the scope");
        running = new RunningSearch(message.request, opened.scope, await opened.threads, say);
        running.start();
        break;
      case "stop":
        running?.stop();
        break;
    }
  }
}

/** One search, from its request to `idle`. */
class RunningSearch {
  readonly #request: SearchRequest;
  readonly #threads: SearchThreads;
  readonly #say: (message: FromSearchProcess) => void;
  readonly #collector: Collector;
  readonly #startedMs = performance.now();
  readonly #timers: ReturnType<typeof setTimeout>[] = [];
  #answered = false;
  #timedOut = false;
  #scanned = 0;
  #batches: number | undefined;
  #done = false;

  constructor(
    request: SearchRequest,
    scope: SearchScope,
    threads: SearchThreads,
    say: (message: FromSearchProcess) => void,
  ) {
    this.#request = request;
    this.#threads = threads;
    this.#say = say;
    this.#collector = new Collector(request, scope);
  }

  start(): void {
    try {
      makePattern(this.#request);
      readCursor(this.#request);
    } catch (error) {
      this.#answer({ ok: false, error: sendError(error) });
      return this.#rest();
    }
    this.#say({ kind: "begun" });
    this.#after(this.#request.timeoutMs, () => {
      this.#timedOut = true;
      this.#threads.stop();
      this.#after(stopPatienceMs, () => this.#answer(this.#caught()));
    });
    this.#threads.search(this.#request);
  }

  /** Nobody waits any more. */
  stop(): void {
    this.#answered = true;
    this.#threads.stop();
  }

  hear(message: FromSearchWorker): void {
    switch (message.kind) {
      case "scanned":
        this.#scanned++;
        if (this.#collector.add(message.batch) && !this.#answered) {
          this.#answer({ ok: true, result: this.#result() });
          this.#threads.stop();
        }
        break;
      case "failed":
        this.#answer({ ok: false, error: message.error });
        this.#threads.stop();
        break;
      case "walked":
        this.#batches = message.batches;
        break;
      case "listening":
      case "ready":
        return;
    }
    if (this.#scanned !== this.#batches || this.#done) return;
    if (!this.#answered) this.#answer({ ok: true, result: this.#result() });
    this.#rest();
  }

  #result(): SearchResult {
    return this.#collector.result(this.#timedOut, Math.round(performance.now() - this.#startedMs));
  }

  /** A file holds a thread up. What was done before it is answered; only a search that begins with it gets nowhere. */
  #caught(): Outcome<SearchResult> {
    if (this.#collector.hasProgress) return { ok: true, result: this.#result() };
    const seconds = this.#request.timeoutMs / 1000;
    const error = new AppError(
      "search.timeout",
      `The expression did not come to an end on one file, or a few, within ${seconds} s`,
      {
        hint:
          "Take nested repetition out of the expression, such as (a+)+, leave large files out with path or glob, or search for literal text.",
      },
    );
    return { ok: false, error: sendError(error) };
  }

  #answer(outcome: Outcome<SearchResult>): void {
    if (this.#answered) return;
    this.#answered = true;
    this.#say({ kind: "answer", outcome });
  }

  #rest(): void {
    this.#done = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#say({ kind: "idle" });
  }

  #after(ms: number, act: () => void): void {
    this.#timers.push(setTimeout(act, ms));
  }
}
