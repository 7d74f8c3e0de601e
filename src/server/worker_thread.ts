/**
 * A worker's thread: made with its grant and its settings, and listened to when whoever made it is ready to.
 *
 * Making a thread takes longer than all else that a start takes, and stops the thread that asks for it. So this is
 * small, and `serve.ts` loads the supervisor only when the first thread is on its way.
 *
 * @module
 */

import type { SupervisorMessage } from "./messages.ts";
import { computeGrant, toWorkerPermissions } from "./permissions.ts";
import type { ServerSettings } from "./settings.ts";
import { nameWorker } from "./worker_name.ts";

/** What comes out of a worker: something it said, untested, or its end by an error that nobody caught. */
export type WorkerSound =
  | { readonly kind: "said"; readonly data: unknown }
  | { readonly kind: "failed"; readonly reason: string };

/** A thread that was started. */
export interface WorkerThread {
  /** Hands over everything that has come out of it, and then whatever does. To be called once. */
  listen(hear: (sound: WorkerSound) => void): void;
  say(message: SupervisorMessage): void;
  terminate(): void;
}

/**
 * Starts a worker's thread; until it is there, nothing else runs here.
 *
 * @param module URL of the module that it runs
 */
export function startThread(settings: ServerSettings, module: string): WorkerThread {
  trustSystemCertificates(settings);
  const worker = new Worker(module, {
    type: "module",
    name: nameWorker(settings),
    deno: { permissions: toWorkerPermissions(computeGrant(settings)) },
  });
  const unheard: WorkerSound[] = [];
  let hear = (sound: WorkerSound): void => void unheard.push(sound);
  worker.onmessage = ({ data }) => hear({ kind: "said", data });
  worker.onerror = (event) => {
    event.preventDefault();
    hear({ kind: "failed", reason: event.message });
  };
  return {
    listen(listener): void {
      hear = listener;
      unheard.splice(0).forEach(listener);
    },
    say: (message) => worker.postMessage(message),
    terminate: () => worker.terminate(),
  };
}

/**
 * Lets the gateway trust what this system trusts, a company's own certificates among it: Deno 2.4.2 knows Mozilla's list
 * only, unless this variable says more before the first connection (seen 2026-11; 2.9.6 needs no telling).
 */
function trustSystemCertificates({ gateway }: ServerSettings): void {
  if (gateway.providers.length === 0 || Deno.env.get("DENO_TLS_CA_STORE") !== undefined) return;
  Deno.env.set("DENO_TLS_CA_STORE", "system,mozilla");
}
