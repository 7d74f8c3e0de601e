/**
 * Memory: how far the server's resident set grows over 300 000 calls, warm to end (Linux).
 *
 * @module
 */

import { join } from "node:path";
import { makeHome } from "../../tests/e2e/agentos.ts";
import { callOnce, loadEndpoint } from "./load.ts";
import type { Finding } from "./measure.ts";
import { readResidentMb } from "./process_memory.ts";
import { startAgentos } from "./servers.ts";

const CALLS = 300_000;
const ALLOWED_MB = 20;

/** Measures resident memory after a warm-up and after all calls. */
export async function benchMemory(): Promise<readonly Finding[]> {
  await using home = await makeHome();
  await Deno.writeTextFile(join(home.root, "small.txt"), "a line\n".repeat(20));
  await using server = await startAgentos(home, "executable");
  const params = { name: "agentOS_fs_read", arguments: { path: join(home.root, "small.txt") } };
  await callOnce(server.endpoint, "tools/call", params);
  const load = async (seconds: number): Promise<number> =>
    (await loadEndpoint(server.endpoint, "tools/call", params, seconds)).callsPerSecond * seconds;
  let calls = await load(15);
  const before = readResidentMb(server.pid);
  while (calls < CALLS) calls += await load(20);
  // What the collector and the ledger still hold right after a load is no growth.
  await new Promise((resume) => setTimeout(resume, 3_000));
  await load(1);
  const grown = readResidentMb(server.pid) - before;
  return [{
    what: `resident memory, growth over ${Math.round(calls / 1000)} 000 calls`,
    against: `${ALLOWED_MB} MB`,
    ratio: Math.max(0, grown) / ALLOWED_MB,
    bar: { kind: "at most", value: 1 },
    detail: `${grown.toFixed(1)} MB over ${before.toFixed(0)} MB`,
  }];
}
