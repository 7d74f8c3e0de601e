/**
 * The worker: the thread that answers requests, behind every wall there is.
 *
 * It binds the socket first and lets requests wait, then loads and opens everything, then gives up what it no
 * longer needs, and only then answers. It runs no programs and knows no environment: it asks its supervisor.
 *
 * @module
 */

import { AppError } from "../base/errors.ts";
import type { ProcessRequest, ProcessResult, RunProcess } from "../base/process.ts";
import type { Search, SearchRequest, SearchResult } from "../tools/files/search/model.ts";
import { type Handler, makeGate } from "./gate.ts";
import type { KernelWall } from "./landlock.ts";
import { listen, type Listener } from "./listener.ts";
import { readWorkerName, sendError, type SupervisorMessage, type WorkerMessage } from "./messages.ts";
import type { ServerSettings } from "./settings.ts";
import { openCalls } from "./supervisor_calls.ts";
import { ownName, postToParent, receiveFromParent } from "./worker_channel.ts";

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

const say = (message: WorkerMessage): void => postToParent(message);

const openServerApp: OpenApp = async (surroundings) => (await import("./open_app.ts")).openApp(surroundings);

/** Runs the worker; main.ts calls this when it finds itself in one. Its name says what to serve. */
export function startWorker(openApp: OpenApp = openServerApp): void {
  const cancel = (id: number): void => say({ kind: "cancel", id });
  const runs = openCalls<ProcessRequest, ProcessResult>({
    send: (id, request) => say({ kind: "run", id, request }),
    cancel,
  });
  const searches = openCalls<SearchRequest, SearchResult>({
    send: (id, request) => say({ kind: "search", id, request }),
    cancel,
  });
  let end = (): Promise<void> => Promise.resolve();
  receiveFromParent<SupervisorMessage>((message) => {
    switch (message.kind) {
      case "ran":
        return runs.settle(message.id, message.outcome);
      case "searched":
        return searches.settle(message.id, message.outcome);
      case "ping":
        return say({ kind: "pong" });
      case "drain":
        end().finally(() => say({ kind: "drained" }));
        return;
    }
  });
  end = serve(readWorkerName(ownName()), { run: runs.call, search: searches.call }, openApp);
}

/** Binds the socket at once and starts the rest. Answers how to end: finish what runs, then write everything out. */
function serve(
  settings: ServerSettings,
  calls: { readonly run: RunProcess; readonly search: Search },
  openApp: OpenApp,
): () => Promise<void> {
  const gate = makeGate(maxWaiting);
  let listener: Listener;
  try {
    listener = listen(settings.port, gate.handle, (reason) => say({ kind: "lost", reason }));
  } catch (error) {
    say({ kind: "refused", error: sendError(bindError(error, settings.port)) });
    return () => Promise.resolve();
  }
  const { port } = listener;
  say({ kind: "listening", port });
  const opened = open({ settings, port, ...calls }, openApp);
  opened.then(({ handle }) => gate.open(handle), (error: unknown) => {
    if (!(error instanceof AppError)) reportError(error);
    else say({ kind: "refused", error: sendError(error) });
  });
  return async () => {
    await listener.shutdown();
    await (await opened).close();
  };
}

async function open(surroundings: Omit<AppSurroundings, "wall">, openApp: OpenApp): Promise<OpenedApp> {
  const { openBehindWall } = await import("./open_behind_wall.ts");
  const { app, wall, parkedAt } = await openBehindWall(surroundings, openApp);
  say({ kind: "ready", wall, parkedAt });
  return app;
}

function bindError(error: unknown, port: number): unknown {
  if (error instanceof Deno.errors.AddrInUse) {
    return new AppError("serve.port_taken", `Port ${port} is taken`, { cause: error });
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return new AppError("serve.port_taken", `Port ${port} may not be used: ${error.message}`, {
      hint: "Choose a --port above 1023.",
      cause: error,
    });
  }
  return error;
}
