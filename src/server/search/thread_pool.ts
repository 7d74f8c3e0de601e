/**
 * Starts the Workers of a searching process behind their walls, and speaks to them as one.
 *
 * @module
 */

import type { SearchRequest, SearchScope } from "../../tools/files/search/model.ts";
import type { KernelWall } from "../landlock.ts";
import { type FromSearchWorker, SEARCH_WORKER, SharedState, type ToSearchWorker } from "./threads.ts";

/** More threads find their files no faster: one of them walks for all. */
const mostThreads = 4;

/** Running threads. */
export interface SearchThreads {
  search(request: SearchRequest): void;
  /** Makes every thread stop at the next file. */
  stop(): void;
}

/** Starts as many threads as there are cores; `hear` takes what they say from then on. */
export async function startThreads(
  scope: SearchScope,
  hear: (message: FromSearchWorker) => void,
): Promise<SearchThreads> {
  // Deno asks itself for each file whether a listed folder holds it, which costs more than opening it does; where
  // the kernel keeps the thread inside the roots, that question is left out.
  const behindWall = Deno.build.os === "linux" ? await startWorkers(scope, true, hear) : undefined;
  const started = behindWall?.isWalled === true ? behindWall : undefined;
  if (started === undefined) behindWall?.terminate();
  return (started ?? await startWorkers(scope, [...scope.roots], hear)).threads;
}

interface Started {
  readonly threads: SearchThreads;
  /** True when the kernel keeps each of them inside the roots. */
  readonly isWalled: boolean;
  terminate(): void;
}

async function startWorkers(
  scope: SearchScope,
  read: true | string[],
  hear: (message: FromSearchWorker) => void,
): Promise<Started> {
  const count = Math.max(1, Math.min(navigator.hardwareConcurrency, mostThreads));
  const workers = Array.from({ length: count }, () => newWorker(read));
  const started = workers.map((worker) => listenTo(worker, hear));
  await Promise.all(started.map(({ listening }) => listening));
  const shared = new SharedArrayBuffer(SharedState.bytes(count - 1));
  const state = new SharedState(shared);
  const [walker, ...helpers] = workers;
  const channels = helpers.map(() => new MessageChannel());
  for (const [index, helper] of helpers.entries()) {
    const port = channels[index]?.port2;
    if (port === undefined) continue;
    post(helper, { kind: "open", scope, shared, role: { kind: "helper", index, walker: port } }, [port]);
  }
  const ports = channels.map(({ port1 }) => port1);
  if (walker !== undefined) {
    post(walker, { kind: "open", scope, shared, role: { kind: "walker", helpers: ports } }, ports);
  }
  const walls = await Promise.all(started.map(({ ready }) => ready));
  return {
    threads: {
      search(request): void {
        state.isStopped = false;
        if (walker !== undefined) post(walker, { kind: "search", request }, []);
      },
      stop(): void {
        state.isStopped = true;
      },
    },
    isWalled: walls.every(({ state }) => state === "on"),
    terminate: () => workers.forEach((worker) => worker.terminate()),
  };
}

function newWorker(read: true | string[]): Worker {
  return new Worker(Deno.mainModule, {
    type: "module",
    name: SEARCH_WORKER,
    deno: {
      permissions: {
        read,
        ffi: true,
        write: false,
        net: false,
        run: false,
        env: false,
        sys: false,
        import: false,
      },
    },
  });
}

function post(worker: Worker, message: ToSearchWorker, transfer: Transferable[]): void {
  worker.postMessage(message, transfer);
}

/** An error in a thread is left uncaught: it ends the process, and the parent starts another. */
function listenTo(
  worker: Worker,
  hear: (message: FromSearchWorker) => void,
): { readonly listening: Promise<void>; readonly ready: Promise<KernelWall> } {
  const listening = Promise.withResolvers<void>();
  const ready = Promise.withResolvers<KernelWall>();
  worker.onmessage = ({ data }: MessageEvent<FromSearchWorker>): void => {
    if (data.kind === "listening") listening.resolve();
    else if (data.kind === "ready") ready.resolve(data.wall);
    else hear(data);
  };
  return { listening: listening.promise, ready: ready.promise };
}
