/**
 * What the main thread of a searching process and its Workers say to each other. All of it is the same build.
 *
 * One Worker, the walker, goes through the folders and cuts the work into batches. It hands batches to the
 * others through a port of their own as long as they have little to do, and scans the rest itself. Everything
 * found goes to the main thread.
 *
 * A Worker does not look at its messages while it works, so stopping, and how much each helper still has to do,
 * stand in memory that all share.
 *
 * @module
 */

import type { Batch, ScannedBatch } from "../../tools/files/search/batch.ts";
import type { SearchRequest, SearchScope } from "../../tools/files/search/model.ts";
import type { KernelWall } from "../landlock.ts";
import type { SentError } from "../messages.ts";

/** `Worker`'s name; main.ts starts the right module by it. */
export const SEARCH_WORKER = "search";

/** From the main thread to a Worker. */
export type ToSearchWorker =
  | {
    readonly kind: "open";
    readonly scope: SearchScope;
    /** One `Int32Array` of {@link Shared.bytes}. */
    readonly shared: SharedArrayBuffer;
    readonly role:
      | { readonly kind: "walker"; readonly helpers: readonly MessagePort[] }
      | { readonly kind: "helper"; readonly index: number; readonly walker: MessagePort };
  }
  /** To the walker only. */
  | { readonly kind: "search"; readonly request: SearchRequest };

/** From the walker to a helper. */
export type ToHelper =
  | { readonly kind: "task"; readonly request: SearchRequest }
  | { readonly kind: "batch"; readonly batch: Batch };

/** From a Worker to the main thread. */
export type FromSearchWorker =
  /** It listens; what is sent before that is lost. */
  | { readonly kind: "listening" }
  | { readonly kind: "ready"; readonly wall: KernelWall }
  | { readonly kind: "scanned"; readonly batch: ScannedBatch }
  /** The search cannot go on. */
  | { readonly kind: "failed"; readonly error: SentError }
  /** The walker is done; so many batches were or will be scanned. */
  | { readonly kind: "walked"; readonly batches: number };

/** The memory that all threads share. */
export class SharedState {
  readonly #words: Int32Array;

  constructor(shared: SharedArrayBuffer) {
    this.#words = new Int32Array(shared);
  }

  /** How many bytes so many helpers need. */
  static bytes(helpers: number): number {
    return (1 + helpers) * Int32Array.BYTES_PER_ELEMENT;
  }

  get isStopped(): boolean {
    return Atomics.load(this.#words, 0) !== 0;
  }

  set isStopped(stopped: boolean) {
    Atomics.store(this.#words, 0, stopped ? 1 : 0);
  }

  /** Batches that a helper has been handed and has not finished. */
  pending(helper: number): number {
    return Atomics.load(this.#words, 1 + helper);
  }

  addPending(helper: number, count: 1 | -1): void {
    Atomics.add(this.#words, 1 + helper, count);
  }
}
