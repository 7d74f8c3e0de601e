/**
 * What a worker does once its socket is bound: opens the application behind the walls, lets the waiting requests in,
 * and listens to its supervisor.
 *
 * @module
 */

import { AppError } from "../base/errors.ts";
import type { ProcessRequest, ProcessResult } from "../base/process.ts";
import type { SearchRequest, SearchResult } from "../tools/files/search/model.ts";
import type { Handler } from "./gate.ts";
import type { Listener } from "./listener.ts";
import { sendError, type SupervisorMessage } from "./messages.ts";
import { openBehindWall } from "./open_behind_wall.ts";
import type { ServerSettings } from "./settings.ts";
import { openCalls } from "./supervisor_calls.ts";
import type { OpenApp, OpenedApp, SayToSupervisor } from "./worker.ts";

/** A worker whose socket is bound. */
export interface BoundWorker {
  readonly settings: ServerSettings;
  readonly listener: Listener;
  /** Lets the waiting requests in. */
  openGate(handle: Handler): void;
  readonly say: SayToSupervisor;
}

/** Starts to answer. The answer takes what the supervisor says. */
export function startAnswering(worker: BoundWorker, openApp: OpenApp): (message: SupervisorMessage) => void {
  const { settings, listener, openGate, say } = worker;
  const cancel = (id: number): void => say({ kind: "cancel", id });
  const runs = openCalls<ProcessRequest, ProcessResult>({
    send: (id, request) => say({ kind: "run", id, request }),
    cancel,
  });
  const searches = openCalls<SearchRequest, SearchResult>({
    send: (id, request) => say({ kind: "search", id, request }),
    cancel,
  });
  const open = async (): Promise<OpenedApp> => {
    const surroundings = { settings, port: listener.port, run: runs.call, search: searches.call };
    const { app, wall, parkedAt } = await openBehindWall(surroundings, openApp);
    say({ kind: "ready", wall, parkedAt });
    return app;
  };
  const opened = open();
  opened.then(({ handle }) => openGate(handle), (error: unknown) => {
    if (!(error instanceof AppError)) reportError(error);
    else say({ kind: "refused", error: sendError(error) });
  });
  /** Finishes what runs, then writes everything out. */
  const end = async (): Promise<void> => {
    await listener.shutdown();
    await (await opened).close();
  };
  return (message) => {
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
  };
}
