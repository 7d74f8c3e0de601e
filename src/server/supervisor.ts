/**
 * The supervisor: keeps a worker running, and ends it in good order when the system or the user asks.
 *
 * A worker that crashes is replaced after a growing pause. SIGTERM, SIGINT (Ctrl-C) and SIGHUP (the terminal was
 * closed) let requests finish for up to five seconds and then end with 0: the user asked for the end and got it,
 * so a service manager must not count it as a failure. A second signal ends at once, with 130.
 *
 * A worker that no longer answers is replaced too, but Deno 2.9.6 cannot end a thread that is caught in a loop
 * (seen 2026-11; 2.4.2 can, in some seconds). Where it keeps the port, the whole process must go.
 *
 * @module
 */

import { AppError } from "../base/errors.ts";
import type { RunProcess } from "../base/process.ts";
import type { Search } from "../tools/files/search/model.ts";
import { nextDelay } from "./backoff.ts";
import type { KernelWall } from "./landlock.ts";
import type { StaleCheck } from "./name_watch.ts";
import { receiveError } from "./messages.ts";
import type { ServerSettings } from "./settings.ts";
import { linkWorker, type WorkerEnd, type WorkerLink } from "./worker_link.ts";
import { startThread, type WorkerThread } from "./worker_thread.ts";

/** Running programs are stopped this long after the signal, so that their calls still get an answer. */
const stopCallsAfterMs = 4_000;
/** The end, whatever is still running. */
const drainLimitMs = 5_000;

/** A worker that no longer answers has this long to let go of its port. */
const letGoMs = 5_000;
/** Often enough to notice within a minute, rarely enough to cost nothing. */
const usualPulseMs = 10_000;

/** What the supervisor has to tell. */
export type SupervisorEvent =
  | { readonly kind: "listening"; readonly port: number }
  | { readonly kind: "ready"; readonly wall: KernelWall }
  | { readonly kind: "lost"; readonly reason: string }
  | { readonly kind: "crashed"; readonly reason: string; readonly restartInMs: number }
  | { readonly kind: "restarted"; readonly port: number }
  | { readonly kind: "draining"; readonly signal: Deno.Signal }
  /** With requests that still ran: their time was up. */
  | { readonly kind: "ended" };

/** What is supervised, and with what. */
export interface Supervision {
  readonly settings: ServerSettings;
  /** URL of the worker's module: the executable's own main module. */
  readonly workerModule: string;
  /** The first worker's thread, started already; the supervisor starts those to come. */
  readonly firstThread: WorkerThread;
  readonly run: RunProcess;
  readonly search: Search;
  /** How often the worker is asked whether it lives, in milliseconds; 10 seconds when left out. */
  readonly pulseMs?: number | undefined;
  /** See `WorkerSpec`. */
  readonly watch?: (() => StaleCheck) | undefined;
  report(event: SupervisorEvent): void;
}

/**
 * Runs the server until a signal ends it.
 *
 * @throws {AppError} what keeps the first worker from starting; serve.worker_failed when it crashes before
 * it is ready, or hangs and cannot be ended
 */
export async function supervise(supervision: Supervision): Promise<void> {
  const { report } = supervision;
  let link: WorkerLink | undefined;
  const signals = watchSignals(drain, () => {
    link?.stopCalls();
    Deno.exit(130);
  });
  function drain(signal: Deno.Signal): void {
    report({ kind: "draining", signal });
    link?.drain();
    setTimeout(() => link?.stopCalls(), stopCallsAfterMs);
    setTimeout(() => {
      if (link === undefined) return;
      report({ kind: "ended" });
      link.terminate();
    }, drainLimitMs);
  }
  // A port that was chosen freely is kept for the workers to come.
  let settings = supervision.settings;
  let thread = supervision.firstThread;
  let wasReady = false;
  let hungAt: number | undefined;
  try {
    for (let delayMs = 0;;) {
      const startedAt = performance.now();
      const again = wasReady;
      link = linkWorker({
        ...supervision,
        thread,
        pulseMs: supervision.pulseMs ?? usualPulseMs,
        onListening(port): void {
          settings = { ...settings, port };
          if (!again) report({ kind: "listening", port });
        },
        onLost: (reason) => report({ kind: "lost", reason }),
        onReady(wall): void {
          wasReady = true;
          hungAt = undefined;
          report(again ? { kind: "restarted", port: settings.port } : { kind: "ready", wall });
        },
      });
      if (signals.received.aborted) link.drain();
      const end = await link.ended;
      link = undefined;
      if (end.kind === "drained" || signals.received.aborted) return;
      if (!wasReady) throw startError(end);
      if (end.kind === "hung") hungAt = performance.now();
      if (end.kind === "refused" && hungAt !== undefined && performance.now() - hungAt > letGoMs) {
        throw stuckError();
      }
      delayMs = nextDelay(delayMs, performance.now() - startedAt);
      report({ kind: "crashed", reason: reasonOf(end), restartInMs: delayMs });
      await pause(delayMs, signals.received);
      if (signals.received.aborted) return;
      thread = startThread(settings, supervision.workerModule);
    }
  } finally {
    signals.close();
  }
}

function stuckError(): AppError {
  return new AppError(
    "serve.worker_failed",
    "The server's worker hangs, and only a new process can replace it",
    {
      hint: "Start agentos again; a service manager does that by itself.",
    },
  );
}

function startError(end: Exclude<WorkerEnd, { kind: "drained" }>): AppError {
  if (end.kind === "refused") return receiveError(end.error);
  return new AppError("serve.worker_failed", `The server's worker failed to start: ${reasonOf(end)}`);
}

function reasonOf(end: Exclude<WorkerEnd, { kind: "drained" }>): string {
  switch (end.kind) {
    case "refused":
      return end.error.message;
    case "hung":
      return "it no longer answers";
    case "crashed":
      return end.reason.replace(/^Uncaught (\(in promise\) )?/, "");
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}

/** Calls `first` at the first signal and `second` at every other. */
function watchSignals(
  first: (signal: Deno.Signal) => void,
  second: () => void,
): { readonly received: AbortSignal; close(): void } {
  const controller = new AbortController();
  const names: readonly Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT", "SIGBREAK"]
    : ["SIGINT", "SIGTERM", "SIGHUP"];
  const listeners = names.map((name) => {
    const listener = (): void => {
      if (controller.signal.aborted) return second();
      controller.abort();
      first(name);
    };
    Deno.addSignalListener(name, listener);
    return { name, listener };
  });
  return {
    received: controller.signal,
    close: () => listeners.forEach(({ name, listener }) => Deno.removeSignalListener(name, listener)),
  };
}
