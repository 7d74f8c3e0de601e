/**
 * The supervisor's end of one worker: does what it asks for, watches that it lives, and says how it ended.
 *
 * @module
 */

import type { RunProcess } from "../base/process.ts";
import type { Search } from "../tools/files/search/model.ts";
import type { KernelWall, ParkedThreads } from "./landlock.ts";
import { parseWorkerMessage, sendError, type SentError } from "./messages.ts";
import type { StaleCheck } from "./name_watch.ts";
import type { WorkerSound, WorkerThread } from "./worker_thread.ts";

/** So many unanswered questions mean that the worker does not live. */
const patiencePings = 3;

/** How a worker came to its end. */
export type WorkerEnd =
  /** It was told to end, and did. */
  | { readonly kind: "drained" }
  | { readonly kind: "crashed"; readonly reason: string }
  /** It no longer answers. It was told to end, but may hang on: see `supervise`. */
  | { readonly kind: "hung" }
  /** It could not start, for a reason that the user can do something about. */
  | { readonly kind: "refused"; readonly error: SentError };

/** What a worker is held with. */
export interface WorkerSpec {
  readonly thread: WorkerThread;
  readonly run: RunProcess;
  readonly search: Search;
  /** How often the worker is asked whether it lives, and its port whether it takes connections, in milliseconds. */
  readonly pulseMs: number;
  /** Called as the worker starts; what it answers says, at each pulse, why another worker has to take its place. */
  readonly watch?: (() => StaleCheck) | undefined;
  /** The socket is bound. */
  onListening(port: number): void;
  /** The socket was lost, and is taken again. */
  onLost(reason: string): void;
  /** Requests are answered. */
  onReady(wall: KernelWall): void;
}

/** A worker that is held. */
export interface WorkerLink {
  readonly ended: Promise<WorkerEnd>;
  /** Lets it finish what it does; then it ends as `drained`. */
  drain(): void;
  /** Stops whatever runs on its behalf. */
  stopCalls(): void;
  /** Ends it at once. */
  terminate(): void;
}

/** Takes a worker in hand whose thread was started just now. */
export function linkWorker(spec: WorkerSpec): WorkerLink {
  const { promise: ended, resolve: end } = Promise.withResolvers<WorkerEnd>();
  const calls = new Map<number, AbortController>();
  let parked: ParkedThreads | undefined;
  let unanswered = 0;
  let isReady = false;
  let port: number | undefined;

  const { thread } = spec;
  const stopCalls = (): void => calls.forEach((call) => call.abort());
  const call = async <Result>(
    id: number,
    work: (signal: AbortSignal) => Promise<Result>,
    answer: (outcome: { ok: true; result: Result } | { ok: false; error: SentError }) => void,
  ): Promise<void> => {
    const controller = new AbortController();
    calls.set(id, controller);
    try {
      answer({ ok: true, result: await work(controller.signal) });
    } catch (error) {
      answer({ ok: false, error: sendError(error) });
    } finally {
      calls.delete(id);
    }
  };

  const hear = (sound: WorkerSound): void => {
    if (sound.kind === "failed") return end({ kind: "crashed", reason: sound.reason });
    const message = parseWorkerMessage(sound.data);
    if (message === undefined) {
      return end({ kind: "crashed", reason: "it sent a message that nobody understands" });
    }
    switch (message.kind) {
      case "started":
        return;
      case "listening":
        port = message.port;
        return spec.onListening(port);
      case "lost":
        return spec.onLost(message.reason);
      case "ready":
        isReady = true;
        parked = message.parkedAt === undefined ? undefined : { address: message.parkedAt };
        return spec.onReady(message.wall);
      case "refused":
        return end({ kind: "refused", error: message.error });
      case "drained":
        return end({ kind: "drained" });
      case "pong":
        takesConnections(port).then((taken) => unanswered = taken ? 0 : unanswered);
        return;
      case "cancel":
        return calls.get(message.id)?.abort();
      case "run": {
        const { id, request } = message;
        call(
          id,
          (signal) => spec.run(request, signal),
          (outcome) => thread.say({ kind: "ran", id, outcome }),
        );
        return;
      }
      case "search": {
        const { id, request } = message;
        call(
          id,
          (signal) => spec.search(request, signal),
          (outcome) => thread.say({ kind: "searched", id, outcome }),
        );
        return;
      }
    }
  };
  const findStale = spec.watch?.();
  const pulse = setInterval(() => {
    // One that is not ready yet would have failed to start; it is replaced when it is.
    const stale = isReady ? findStale?.() : undefined;
    if (stale !== undefined) return end({ kind: "crashed", reason: stale });
    if (++unanswered > patiencePings) end({ kind: "hung" });
    else thread.say({ kind: "ping" });
  }, spec.pulseMs);
  ended.then(async () => {
    clearInterval(pulse);
    stopCalls();
    thread.terminate();
    if (parked !== undefined) (await import("./landlock.ts")).releaseParkedThreads(parked);
  });
  thread.listen(hear);

  return {
    ended,
    drain: () => thread.say({ kind: "drain" }),
    stopCalls,
    terminate: () => end({ kind: "drained" }),
  };
}

/** True when the port takes a connection, and as long as there is no port yet. */
async function takesConnections(port: number | undefined): Promise<boolean> {
  if (port === undefined) return true;
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}
