/**
 * Starts the compiled executable as a user would, in a home of its own that is gone afterwards.
 *
 * What is run is `.build/agentos`, or the program that AGENTOS_EXECUTABLE names.
 *
 * @module
 */

import { join } from "node:path";
import { PROJECT_FOLDER } from "./install.ts";
import { runGit } from "./program.ts";

/** Folders that belong to one test. */
export interface Home extends AsyncDisposable {
  /** The folder that holds all the others; real path. */
  readonly folder: string;
  /** HOME of every program in the test; has a git identity. */
  readonly home: string;
  /** The state folder that follows from HOME. */
  readonly state: string;
  /** An empty folder to be granted as a root. */
  readonly root: string;
  /** HOME and TMPDIR, the latter apart from every other folder. */
  readonly env: Readonly<Record<string, string>>;
}

/** Makes the folders; disposing removes them. */
export async function makeHome(): Promise<Home> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "agentos-e2e-" }));
  const home = join(folder, "home");
  const root = join(folder, "work");
  const temporary = join(folder, "tmp");
  for (const path of [home, root, temporary]) await Deno.mkdir(path);
  await Deno.writeTextFile(
    join(home, ".gitconfig"),
    "[user]\n\tname = Ada Example\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n",
  );
  return {
    folder,
    home,
    root,
    state: join(home, ".agentos"),
    env: { HOME: home, TMPDIR: temporary, LANG: "C.UTF-8" },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/** A repository inside the root with one commit, and a bare remote beside it, also inside the root. */
export async function makeRepository(
  home: Home,
): Promise<{ readonly folder: string; readonly remote: string }> {
  const folder = join(home.root, "project");
  const remote = join(home.root, "project.git");
  await runGit(home.root, home.env, "init", "--quiet", "--bare", remote);
  await runGit(home.root, home.env, "init", "--quiet", folder);
  await Deno.writeTextFile(join(folder, "README.md"), "# Project\n\nThe first line of prose.\n");
  await runGit(folder, home.env, "add", "-A");
  await runGit(folder, home.env, "commit", "--quiet", "-m", "Start");
  await runGit(folder, home.env, "remote", "add", "origin", remote);
  await runGit(folder, home.env, "push", "--quiet", "--set-upstream", "origin", "main");
  return { folder, remote };
}

/** A running server. */
export interface Agentos extends AsyncDisposable {
  readonly port: number;
  /** Of the process that is running now. */
  pid(): number;
  /** The MCP endpoint. */
  readonly url: string;
  /** The token as it stands in the state folder now. */
  token(): Promise<string>;
  /** All that the server has said so far, both streams. */
  said(): string;
  /** Stops by SIGTERM. @throws {Error} when it does not end within 10 s or not with exit code 0 */
  stop(): Promise<void>;
  /** Stops, and starts again on the same port. */
  restart(): Promise<void>;
}

/** Flags after `agentos serve`, without `--port`; by default one writable root. */
export interface ServeOptions {
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The program and the words before `serve`; by default the compiled executable. */
  readonly program?: Program;
}

/** A way to run agentos. */
export interface Program {
  readonly path: string;
  readonly args: readonly string[];
}

/**
 * Finds the executable under test.
 *
 * @throws {Error} saying how to build it when it is not there
 */
export async function findExecutable(): Promise<string> {
  const path = Deno.env.get("AGENTOS_EXECUTABLE") ?? join(PROJECT_FOLDER, ".build", "agentos");
  try {
    await Deno.stat(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(`There is no executable at ${path}. Build it first: deno task build`);
  }
  return path;
}

/** Starts `agentos serve` on a free port and waits until it answers. Disposing stops it. */
export async function startAgentos(home: Home, options: ServeOptions = {}): Promise<Agentos> {
  const flags = options.flags ?? ["--root", home.root];
  const program = options.program ?? { path: await findExecutable(), args: [] };
  const serve = (port: number): Promise<Running> =>
    launch(home, program, ["--port", String(port), ...flags], options.env ?? {});
  let running = await serve(0);
  const { port } = running;
  return {
    port,
    pid: () => running.pid,
    url: `http://127.0.0.1:${port}/mcp`,
    token: async () => (await Deno.readTextFile(join(home.state, "token"))).trim(),
    said: () => running.said(),
    stop: () => running.stop(),
    async restart(): Promise<void> {
      await running.stop();
      running = await serve(port);
    },
    [Symbol.asyncDispose]: () => running.stop(),
  };
}

interface Running {
  readonly port: number;
  readonly pid: number;
  said(): string;
  stop(): Promise<void>;
}

async function launch(
  home: Home,
  program: Program,
  flags: readonly string[],
  env: Record<string, string>,
): Promise<Running> {
  const child = new Deno.Command(program.path, {
    args: [...program.args, "serve", ...flags],
    cwd: home.home,
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH") ?? "", ...home.env, ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let text = "";
  let ended: Deno.CommandStatus | undefined;
  const collect = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> => {
    for await (const chunk of stream.pipeThrough(new TextDecoderStream())) text += chunk;
  };
  const streams = Promise.all([collect(child.stdout), collect(child.stderr)]);
  const status = child.status.then((value) => ended = value);

  const stop = async (): Promise<void> => {
    if (ended === undefined) child.kill("SIGTERM");
    let overrun = false;
    const guard = setTimeout(() => {
      overrun = true;
      child.kill("SIGKILL");
    }, 10_000);
    const { code } = await status;
    clearTimeout(guard);
    await streams;
    if (overrun) throw new Error(`agentos did not stop within 10 s of SIGTERM; it said:\n${text}`);
    if (code !== 0) throw new Error(`agentos ended with exit code ${code}; it said:\n${text}`);
  };

  const deadline = Date.now() + 20_000;
  for (;;) {
    const port = Number(/http:\/\/127\.0\.0\.1:(\d+)/.exec(text)?.[1]);
    if (port > 0 && await answersHealth(port)) return { port, pid: child.pid, said: () => text, stop };
    if (ended !== undefined || Date.now() > deadline) {
      await stop();
      throw new Error(`agentos did not come up; it said:\n${text}`);
    }
    await new Promise((resume) => setTimeout(resume, 20));
  }
}

async function answersHealth(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/health`);
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false; // not listening yet
  }
}
