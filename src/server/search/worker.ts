/**
 * A thread of a searching process. It may read below the roots and do nothing else: it holds no other right, and
 * on Linux the kernel keeps it there.
 *
 * @module
 */

import { type Batch, NO_COUNTS, scanBatch, type ScannedBatch } from "../../tools/files/search/batch.ts";
import { divideSearch } from "../../tools/files/search/divide.ts";
import type { SearchRequest, SearchScope } from "../../tools/files/search/model.ts";
import { makePattern } from "../../tools/files/search/pattern.ts";
import { makeScanner } from "../../tools/files/search/scan.ts";
import { type FileCalls, makeReader, type ReadContent } from "../../tools/files/search/file_content.ts";
import { type KernelWall, lockDownThread } from "../landlock.ts";
import { sendError } from "../messages.ts";
import { openLibcFiles } from "./libc_files.ts";
import { postToParent, receiveFromParent } from "../worker_channel.ts";
import { type FromSearchWorker, SharedState, type ToHelper, type ToSearchWorker } from "./threads.ts";

/** A helper is handed no more than this ahead: what stands in its queue cannot be given to anybody else. */
const aheadOfHelper = 2;

type ScanOneBatch = (batch: Batch) => ScannedBatch;

const say = (message: FromSearchWorker): void => postToParent(message);

/** Runs the thread; main.ts calls this when it finds itself in a Worker of that name. */
export function startSearchWorker(): void {
  let search = (_request: SearchRequest): void => {};
  receiveFromParent<ToSearchWorker>(async (message) => {
    if (message.kind === "search") return search(message.request);
    const { scope, shared, role } = message;
    const state = new SharedState(shared);
    const { wall, files } = await openBehindWall(scope);
    const read = makeReader(files);
    const makeScan = (request: SearchRequest): ScanOneBatch => makeBatchScanner(request, state, read);
    if (role.kind === "walker") search = makeWalker(scope, state, role.helpers, makeScan);
    else help(role.walker, role.index, state, makeScan);
    say({ kind: "ready", wall });
  });
  say({ kind: "listening" });
}

/** Gives up every right but reading below the roots, and answers how to read there. */
async function openBehindWall(scope: SearchScope): Promise<{ wall: KernelWall; files: FileCalls }> {
  // Opened first: behind the wall the library could not be found any more.
  const libcFiles = Deno.build.os === "linux" ? openLibcFiles() : undefined;
  // Files are read with synchronous calls, so this thread is the only one to hold.
  const wall = lockDownThread({ read: scope.roots, write: [], listenPort: undefined, connectPorts: [] });
  Deno.permissions.revokeSync({ name: "ffi" });
  if (wall.state === "on" && libcFiles !== undefined) return { wall, files: libcFiles };
  const { NODE_FILES } = await import("../../tools/files/search/node_files.ts");
  return { wall, files: NODE_FILES };
}

function makeWalker(
  scope: SearchScope,
  state: SharedState,
  helpers: readonly MessagePort[],
  makeScan: (request: SearchRequest) => ScanOneBatch,
): (request: SearchRequest) => void {
  const tell = (helper: number, message: ToHelper): void => helpers[helper]?.postMessage(message);
  return (request) => {
    let batches = 0;
    try {
      const scan = makeScan(request);
      for (const helper of helpers.keys()) tell(helper, { kind: "task", request });
      divideSearch(request, scope, (batch) => {
        if (state.isStopped) return false;
        const helper = helpers.findIndex((_, index) => state.pending(index) < aheadOfHelper);
        if (helper === -1) {
          say({ kind: "scanned", batch: scan(batch) });
        } else {
          state.addPending(helper, 1);
          tell(helper, { kind: "batch", batch });
        }
        batches++;
        return true;
      });
    } catch (error) {
      say({ kind: "failed", error: sendError(error) });
    }
    say({ kind: "walked", batches });
  };
}

function help(
  walker: MessagePort,
  index: number,
  state: SharedState,
  makeScan: (request: SearchRequest) => ScanOneBatch,
): void {
  let scan: ScanOneBatch | undefined;
  walker.onmessage = (event: MessageEvent<ToHelper>) => {
    const message = event.data;
    if (message.kind === "task") {
      scan = undefined;
      scan = makeScan(message.request);
      return;
    }
    const { number, start } = message.batch;
    const nothing = { matches: [], counts: NO_COUNTS, last: undefined, whole: false };
    let batch: ScannedBatch = { number, start, ...nothing };
    try {
      if (scan !== undefined) batch = scan(message.batch);
    } catch (error) {
      say({ kind: "failed", error: sendError(error) });
    }
    state.addPending(index, -1);
    say({ kind: "scanned", batch });
  };
}

function makeBatchScanner(request: SearchRequest, state: SharedState, read: ReadContent): ScanOneBatch {
  const scan = makeScanner({ pattern: makePattern(request), contextLines: request.contextLines }, read);
  return (batch) => scanBatch(batch, scan, request.maxResults, () => state.isStopped);
}
