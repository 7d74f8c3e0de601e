/**
 * Calls per second: our server against the SDK's stateless pattern, and against the reference filesystem server behind a
 * Streamable HTTP bridge.
 *
 * The pattern runs on the Deno of the bench, and so does ours from the source tree, so that the ratio is of programs and not of
 * runtimes; the executable's own numbers stand in the detail.
 *
 * @module
 */

import { join } from "node:path";
import { type Home, makeHome, startAgentos } from "../../tests/e2e/agentos.ts";
import { SOURCE_TREE } from "../../tests/attacks/victim.ts";
import { installPackage, PROJECT_FOLDER } from "../../tests/e2e/install.ts";
import { type Endpoint, type Load, loadEndpoint } from "./load.ts";
import { type Finding, median } from "./measure.ts";

const FILESYSTEM = { name: "@modelcontextprotocol/server-filesystem", version: "2026.8.31" };
const BRIDGE = { name: "mcp-proxy", version: "6.7.19" };
const ROUNDS = 3;
const SECONDS = 4;

interface Server extends AsyncDisposable {
  readonly name: string;
  readonly endpoint: Endpoint;
  /** What a call of 10 kB reading is sent with. */
  readonly read: { readonly name: string; readonly arguments: unknown };
}

/** Measures tools/list and a read of 10 kB. */
export async function benchMcp(): Promise<readonly Finding[]> {
  await using home = await makeHome();
  const file = join(home.root, "ten.txt");
  // Lines of prose-like length, as files have them.
  await Deno.writeTextFile(
    file,
    `${"the quick brown fox jumps over the lazy dog, twice a day".padEnd(79, ".")}\n`.repeat(112),
  );
  await using ours = await startOurs(home, file, "agentos from source", true);
  await using executable = await startOurs(home, file, "the executable", false);
  await using pattern = await startPattern(file);
  await using reference = await startReference(home, file);
  const servers = [ours, executable, pattern, reference];
  const list = await measure(servers, () => ({ method: "tools/list", params: {} }));
  const read = await measure(servers, (server) => ({ method: "tools/call", params: server.read }));
  return [
    faster("tools/list, calls per second", list, ours, pattern, 10),
    faster("reading 10 kB, calls per second", read, ours, pattern, 8),
    slower("reading 10 kB, 99th percentile", read, ours, pattern, 0.5),
    faster("tools/list, the executable", list, executable, reference, undefined),
    faster("reading 10 kB, the executable", read, executable, reference, undefined),
  ];
}

async function measure(
  servers: readonly Server[],
  call: (server: Server) => { readonly method: string; readonly params: unknown },
): Promise<ReadonlyMap<Server, Load>> {
  const loads = new Map<Server, Load[]>(servers.map((server) => [server, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const server of servers) {
      const { method, params } = call(server);
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
  most: number,
): Finding {
  const [left, right] = [loads.get(ours)?.p99Ms ?? 0, loads.get(theirs)?.p99Ms ?? 0];
  return {
    what,
    against: theirs.name,
    ratio: left / right,
    bar: { kind: "at most", value: most },
    detail: `${left.toFixed(1)} ms against ${right.toFixed(1)} ms`,
  };
}

async function startOurs(home: Home, file: string, name: string, isSource: boolean): Promise<Server> {
  const denoDir = Deno.env.get("DENO_DIR") ?? join(Deno.env.get("HOME") ?? "", ".cache", "deno");
  const server = await startAgentos(
    home,
    isSource ? { program: SOURCE_TREE, env: { DENO_DIR: denoDir } } : {},
  );
  return {
    name,
    endpoint: { url: server.url, headers: { authorization: `Bearer ${await server.token()}` } },
    read: { name: "agentOS_fs_read", arguments: { path: file } },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function startPattern(file: string): Promise<Server> {
  const script = join(PROJECT_FOLDER, "scripts", "bench", "sdk_stateless_server.ts");
  const child = await launch("the SDK's stateless pattern", Deno.execPath(), ["run", "-A", script, "0"], {});
  return {
    name: "the SDK's stateless pattern",
    endpoint: { url: child.said, headers: {} },
    read: { name: "agentOS_fs_read", arguments: { path: file } },
    [Symbol.asyncDispose]: child.stop,
  };
}

async function startReference(home: Home, file: string): Promise<Server> {
  const modules = await installPackage(FILESYSTEM);
  const bridge = await installPackage(BRIDGE);
  const port = freePort();
  const child = await launch("the reference filesystem server", "node", [
    join(bridge, "mcp-proxy", "dist", "bin", "mcp-proxy.mjs"),
    "--host",
    "127.0.0.1",
    "--port",
    String(port),
    "--server",
    "stream",
    "--stateless",
    "--",
    "node",
    join(modules, "@modelcontextprotocol", "server-filesystem", "dist", "index.js"),
    home.root,
  ], { waitFor: `http://127.0.0.1:${port}/mcp` });
  return {
    name: "the reference filesystem server behind mcp-proxy",
    endpoint: { url: `http://127.0.0.1:${port}/mcp`, headers: {} },
    read: { name: "read_text_file", arguments: { path: file } },
    [Symbol.asyncDispose]: child.stop,
  };
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Starts a server and waits for its address: printed as its first line, or answering at `waitFor`. */
async function launch(
  name: string,
  path: string,
  args: readonly string[],
  { waitFor }: { readonly waitFor?: string },
): Promise<{ readonly said: string; readonly stop: () => Promise<void> }> {
  const child = new Deno.Command(path, {
    args: [...args],
    stdin: "null",
    stdout: waitFor === undefined ? "piped" : "null",
    stderr: "null",
  }).spawn();
  const stop = async (): Promise<void> => {
    child.kill("SIGKILL");
    await child.status;
  };
  const deadline = Date.now() + 20_000;
  if (waitFor === undefined) {
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const { value = "" } = await reader.read();
    return {
      said: value.trim(),
      stop: async () => {
        await stop();
        await reader.cancel().catch(() => {});
      },
    };
  }
  while (Date.now() < deadline) {
    try {
      const response = await fetch(waitFor, { method: "POST", body: "{}" });
      await response.body?.cancel();
      return { said: waitFor, stop };
    } catch {
      await new Promise((resume) => setTimeout(resume, 100));
    }
  }
  await stop();
  throw new Error(`${name} did not start`);
}
