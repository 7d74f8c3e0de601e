/**
 * Calls per second: our server against the SDK's stateless pattern, and against the reference filesystem server behind
 * a Streamable HTTP bridge.
 *
 * A call of a tool that does nothing shows what the server costs, and is held to the bar. Reading 10 kB is shown
 * beside it as it is: our tool checks the path, hashes, counts and answers ranges, the pattern's reads the file.
 *
 * @module
 */

import { join } from "node:path";
import { makeHome } from "../../tests/e2e/agentos.ts";
import { EXAMPLE_CALL } from "./example_tools.ts";
import { callOnce, type Load, loadEndpoint } from "./load.ts";
import { type Finding, median } from "./measure.ts";
import { type Server, startAgentos, startOwn, startPattern, startReference } from "./servers.ts";

const ROUNDS = 5;
const SECONDS = 3;

/** One method with its params, as a server is asked for it. */
interface Ask {
  readonly method: string;
  readonly params: unknown;
}

/** Measures a call that does nothing, tools/list and a read of 10 kB. */
export async function benchMcp(): Promise<readonly Finding[]> {
  await using home = await makeHome();
  const file = join(home.root, "ten.txt");
  // Lines of prose-like length, as files have them.
  await Deno.writeTextFile(
    file,
    `${"the quick brown fox jumps over the lazy dog, twice a day".padEnd(79, ".")}\n`.repeat(112),
  );
  const read = (name: string): Ask => ({ method: "tools/call", params: { name, arguments: { path: file } } });
  const list: Ask = { method: "tools/list", params: {} };
  const nothing: Ask = { method: "tools/call", params: EXAMPLE_CALL };

  await using pattern = await startPattern();
  return [
    ...await benchOwn(pattern, nothing),
    ...await benchReal(pattern),
  ];

  /** What a call costs beside its tool. */
  async function benchOwn(pattern: Server, nothing: Ask): Promise<readonly Finding[]> {
    await using own = await startOwn(home);
    const calls = await measure([[own, nothing], [pattern, nothing]]);
    return [
      faster("a call that does nothing, calls per second", calls, own, pattern, 8),
      slower("a call that does nothing, 99th percentile", calls, own, pattern, 0.5),
    ];
  }

  async function benchReal(pattern: Server): Promise<readonly Finding[]> {
    await using source = await startAgentos(home, "source");
    await using executable = await startAgentos(home, "executable");
    await using reference = await startReference(home);
    const lists = await measure([[source, list], [executable, list], [pattern, list], [reference, list]]);
    const ours = read("agentOS_fs_read");
    const reads = await measure([[source, ours], [executable, ours], [pattern, ours], [
      reference,
      read("read_text_file"),
    ]]);
    return [
      faster("tools/list, calls per second", lists, source, pattern, 10),
      faster("reading 10 kB, calls per second", reads, source, pattern, undefined),
      slower("reading 10 kB, 99th percentile", reads, source, pattern, undefined),
      faster("tools/list, the executable", lists, executable, reference, undefined),
      faster("reading 10 kB, the executable", reads, executable, reference, undefined),
    ];
  }
}

/** Loads the servers in turns, so that what else the machine does is fair to all of them. */
async function measure(asks: readonly (readonly [Server, Ask])[]): Promise<ReadonlyMap<Server, Load>> {
  const loads = new Map<Server, Load[]>(asks.map(([server]) => [server, []]));
  for (const [{ endpoint }, { method, params }] of asks) {
    await callOnce(endpoint, method, params);
    await loadEndpoint(endpoint, method, params, 1);
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const [server, { method, params }] of asks) {
      loads.get(server)?.push(await loadEndpoint(server.endpoint, method, params, SECONDS));
    }
  }
  const middle = (numbers: readonly number[]): number =>
    median([...numbers].sort((left, right) => left - right));
  return new Map([...loads].map(([server, all]) => [server, {
    callsPerSecond: middle(all.map(({ callsPerSecond }) => callsPerSecond)),
    p50Ms: middle(all.map(({ p50Ms }) => p50Ms)),
    p99Ms: middle(all.map(({ p99Ms }) => p99Ms)),
  }]));
}

function faster(
  what: string,
  loads: ReadonlyMap<Server, Load>,
  ours: Server,
  theirs: Server,
  least: number | undefined,
): Finding {
  const [left, right] = [loads.get(ours)?.callsPerSecond ?? 0, loads.get(theirs)?.callsPerSecond ?? 0];
  return {
    what,
    against: theirs.name,
    ratio: left / right,
    bar: least === undefined ? undefined : { kind: "at least", value: least },
    detail: `${left.toFixed(0)} against ${right.toFixed(0)} calls per second`,
  };
}

function slower(
  what: string,
  loads: ReadonlyMap<Server, Load>,
  ours: Server,
  theirs: Server,
  most: number | undefined,
): Finding {
  const [left, right] = [loads.get(ours)?.p99Ms ?? 0, loads.get(theirs)?.p99Ms ?? 0];
  return {
    what,
    against: theirs.name,
    ratio: left / right,
    bar: most === undefined ? undefined : { kind: "at most", value: most },
    detail: `${left.toFixed(1)} ms against ${right.toFixed(1)} ms`,
  };
}
