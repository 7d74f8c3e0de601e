/**
 * The worker: the thread that answers requests, behind every wall there is.
 *
 * It binds the socket first and lets requests wait, then loads and opens everything, then gives up what it no
 * longer needs, and only then answers. It runs no programs and knows no environment: it asks its supervisor.
 *
 * What this file loads holds up the socket; all else is loaded once it is bound.
 *
 * @module
 */

import type { RunProcess } from "../base/process.ts";
import type { Search } from "../tools/files/search/model.ts";
import { type Handler, makeGate } from "./gate.ts";
import type { KernelWall } from "./landlock.ts";
import { listen, type Listener } from "./listener.ts";
import type { SupervisorMessage, WorkerMessage } from "./messages.ts";
import type { ServerSettings } from "./settings.ts";
import { ownName, postToParent, receiveFromParent } from "./worker_channel.ts";
import { readWorkerName } from "./worker_name.ts";

/** Requests that may wait while the server starts; more are told to come again. */
const maxWaiting = 256;

/** What the application is handed. */
export interface AppSurroundings {
  readonly settings: ServerSettings;
  /** The port that was bound. */
  readonly port: number;
  readonly run: RunProcess;
  readonly search: Search;
  /** Whether the kernel wall stands; known before the first request. */
  wall(): KernelWall;
}

/** What answers requests once it is open. */
export interface OpenedApp {
  readonly handle: Handler;
  /** Writes out what is still to be written; called when no request runs any more. */
  close(): void | Promise<void>;
}

/** Opens everything that needs more rights than answering does: modules, database, token, log files. */
export type OpenApp = (surroundings: AppSurroundings) => Promise<OpenedApp>;

/** The worker's way to its supervisor. */
export type SayToSupervisor = (message: WorkerMessage) => void;

const say: SayToSupervisor = (message) => postToParent(message);

const openServerApp: OpenApp = async (surroundings) => (await import("./open_app.ts")).openApp(surroundings);

/**
 * Runs the worker; main.ts calls this when it finds itself in one. Its name says what to serve.
 *
 * Binds the socket at once; the rest follows.
 */
export function startWorker(openApp: OpenApp = openServerApp): void {
  // The first message that a thread hears takes it a millisecond longer than the next: `listening` is the next.
  say({ kind: "started" });
  const settings = readWorkerName(ownName());
  const gate = makeGate(maxWaiting);
  let listener: Listener;
  try {
    listener = listen(settings.port, gate.handle, (reason) => say({ kind: "lost", reason }));
  } catch (error) {
    import("./refusal.ts").then(({ refuseToListen }) => say(refuseToListen(error, settings.port)));
    return;
  }
  say({ kind: "listening", port: listener.port });
  const rest = import("./answering.ts").then(({ startAnswering }) =>
    startAnswering({ settings, listener, openGate: gate.open, say }, openApp)
  );
  receiveFromParent<SupervisorMessage>(async (message) => (await rest)(message));
}
