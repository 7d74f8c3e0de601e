/**
 * The servers that are compared: each in a process of its own, its log going nowhere, ended with the bench.
 *
 * Ours and the SDK's pattern run on the Deno of the bench, so that a ratio is of programs and not of runtimes.
 *
 * @module
 */

import { join } from "node:path";
import { SOURCE_TREE } from "../../tests/attacks/victim.ts";
import { findExecutable, type Home, type Program } from "../../tests/e2e/agentos.ts";
import { installPackage, PROJECT_FOLDER } from "../../tests/e2e/install.ts";
import { freePort } from "../../tests/free_port.ts";
import type { Endpoint } from "./load.ts";

const FILESYSTEM = { name: "@modelcontextprotocol/server-filesystem", version: "2026.8.31" };
const BRIDGE = { name: "mcp-proxy", version: "6.7.19" };
const START_LIMIT_MS = 20_000;

/** A running server. */
export interface Server extends AsyncDisposable {
  readonly name: string;
  readonly pid: number;
  readonly endpoint: Endpoint;
}

/** Our server with tools that do nothing, from the source tree. */
export async function startOwn(home: Home): Promise<Server> {
  const state = join(home.folder, "own-state");
  await Deno.mkdir(state, { mode: 0o700 });
  return await start("agentos", { ...runScript("own_server.ts"), after: [state] }, {
    tokenFile: join(state, "token"),
  });
}

/** The SDK's stateless pattern, from the source tree. */
export async function startPattern(): Promise<Server> {
  return await start("the SDK's stateless pattern", runScript("sdk_stateless_server.ts"), {});
}

/** A program that only passes requests on. */
export async function startPassThrough(upstream: string, how: "pieces" | "unseen"): Promise<Server> {
  const script = runScript("pass_through_server.ts");
  return await start(`a pass-through (${how})`, { ...script, after: [upstream, how] }, {});
}

/** `agentos serve` as it is, from the source tree or as the executable. */
export async function startAgentos(home: Home, from: "source" | "executable"): Promise<Server> {
  const program = from === "source" ? SOURCE_TREE : { path: await findExecutable(), args: [] };
  const denoDir = Deno.env.get("DENO_DIR") ?? join(Deno.env.get("HOME") ?? "", ".cache", "deno");
  const state = join(home.folder, `${from}-state`);
  return await start(
    from === "source" ? "agentos from source" : "the executable",
    { path: program.path, args: [...program.args, "serve", "--root", home.root, "--port"] },
    {
      tokenFile: join(state, "token"),
      env: { ...home.env, AGENTOS_STATE: state, ...(from === "source" ? { DENO_DIR: denoDir } : {}) },
    },
  );
}

/** The reference filesystem server, which speaks over stdio only, behind a bridge. */
export async function startReference(home: Home): Promise<Server> {
  const modules = await installPackage(FILESYSTEM);
  const bridge = join(await installPackage(BRIDGE), "mcp-proxy", "dist", "bin", "mcp-proxy.mjs");
  const server = join(modules, "@modelcontextprotocol", "server-filesystem", "dist", "index.js");
  return await start("the reference filesystem server behind mcp-proxy", {
    path: "node",
    args: [bridge, "--host", "127.0.0.1", "--server", "stream", "--stateless", "--port"],
    after: ["--", "node", server, home.root],
  }, {});
}

/** A program that takes its port between its words. */
interface Launch extends Program {
  /** The words after the port. */
  readonly after?: readonly string[];
}

function runScript(name: string): Program {
  return { path: Deno.execPath(), args: ["run", "-A", join(PROJECT_FOLDER, "scripts", "bench", name)] };
}

async function start(
  name: string,
  { path, args, after = [] }: Launch,
  { tokenFile, env }: { readonly tokenFile?: string; readonly env?: Record<string, string> },
): Promise<Server> {
  const port = freePort();
  const child = new Deno.Command(path, {
    args: [...args, String(port), ...after],
    ...(env === undefined ? {} : { clearEnv: true, env: { PATH: Deno.env.get("PATH") ?? "", ...env } }),
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  let hasEnded = false;
  const ended = child.status.then(() => void (hasEnded = true));
  const stop = async (): Promise<void> => {
    // SIGTERM, because the bridge and agentos have processes of their own to end.
    if (!hasEnded) child.kill("SIGTERM");
    const guard = setTimeout(() => hasEnded || child.kill("SIGKILL"), 5_000);
    await ended;
    clearTimeout(guard);
  };
  const url = `http://127.0.0.1:${port}/mcp`;
  try {
    const deadline = Date.now() + START_LIMIT_MS;
    while (!await answers(url)) {
      if (hasEnded || Date.now() > deadline) throw new Error(`${name} did not start`);
      await new Promise((resume) => setTimeout(resume, 50));
    }
    const headers = tokenFile === undefined
      ? {}
      : { authorization: `Bearer ${(await Deno.readTextFile(tokenFile)).trim()}` };
    return { name, pid: child.pid, endpoint: { url, headers }, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** True when anything at all is answered. */
async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { method: "POST", body: "{}" });
    await response.body?.cancel();
    return response.status !== 503;
  } catch {
    return false; // not listening yet
  }
}
