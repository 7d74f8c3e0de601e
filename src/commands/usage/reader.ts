/**
 * A thread that reads logs beside the command's own. It may read files and do nothing else.
 *
 * @module
 */

import { CLIENTS } from "../../../clients/mod.ts";
import { postToParent, receiveFromParent } from "../../server/worker_channel.ts";
import { LISTENING, type ReaderJob, serveReader } from "../../usage/readers.ts";

/** Names the thread, so that main.ts knows what it was started for. */
const READER = "usage";

/** Starts such a thread. */
export function startReader(): Worker {
  return new Worker(Deno.mainModule, {
    type: "module",
    name: READER,
    deno: {
      permissions: {
        read: true,
        ffi: false,
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

/** Runs in the thread; main.ts calls this when it finds itself in a Worker of that name. */
export function serveReads(): void {
  receiveFromParent<ReaderJob>(async (job) => {
    const facet = await CLIENTS[job.client]?.usage?.();
    if (facet !== undefined) await serveReader(facet, job, postToParent);
  });
  postToParent(LISTENING);
}
