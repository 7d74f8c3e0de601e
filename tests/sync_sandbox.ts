/**
 * A Codex home, a home repo and a state folder that belong to one test, and the commands run in them as a user would.
 *
 * By default the source tree is run; a test of the executable hands its path in.
 *
 * @module
 */

import { join, resolve } from "node:path";
import { type ProgramResult, runProgram } from "./e2e/program.ts";

const ROOT = resolve(import.meta.dirname ?? ".", "..");

/** Folders that are gone when the sandbox is disposed, and the program that works in them. */
export interface SyncSandbox extends AsyncDisposable {
  /** Holds all the others; real path. */
  readonly folder: string;
  /** HOME. */
  readonly userHome: string;
  /** CODEX_HOME by default: `.codex` below HOME; not made yet. */
  readonly home: string;
  /** `.agentos` below HOME; not made yet. */
  readonly state: string;
  /** A home repo with a portfolio and nothing else. */
  readonly repo: string;
  /** The whole PATH: git, and whatever a test puts there. */
  readonly bin: string;
  readonly env: Readonly<Record<string, string>>;
  /** How `agentos` is called: the program, and the words before its own. */
  readonly call: readonly [string, ...string[]];
  /** Runs `agentos` with these words, in HOME. */
  run(...args: readonly string[]): Promise<ProgramResult>;
  /** The same, ended after so many milliseconds, which throws. */
  runFor(timeoutMs: number, ...args: readonly string[]): Promise<ProgramResult>;
  /** The same where no file may grow beyond so many KiB, as on a disk that is full. Needs a Unix shell. */
  runOnFullDisk(maxKib: number, ...args: readonly string[]): Promise<ProgramResult>;
  /** The same with another home repo. */
  runWith(repo: string, ...args: readonly string[]): Promise<ProgramResult>;
}

/** How to run agentos. */
export interface SandboxOptions {
  /** The compiled executable; by default the source tree is run. */
  readonly executable?: string;
  /** Besides HOME, PATH and where the runtime keeps its cache. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Makes the folders. */
export async function openSyncSandbox({ executable, env = {} }: SandboxOptions = {}): Promise<SyncSandbox> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "agentos-sync-" }));
  const userHome = join(folder, "user");
  const repo = join(folder, "repo");
  const bin = join(folder, "bin");
  for (const path of [userHome, bin, join(repo, "context-portfolio"), join(repo, "clients", "codex")]) {
    await Deno.mkdir(path, { recursive: true });
  }
  await Deno.symlink(await findProgram("git"), join(bin, "git"));
  const environment = {
    HOME: userHome,
    PATH: bin,
    TMPDIR: folder,
    LANG: "C.UTF-8",
    DENO_DIR: Deno.env.get("DENO_DIR") ?? join(Deno.env.get("HOME") ?? "", ".cache", "deno"),
    AGENTOS_REPO: repo,
    ...env,
  };
  const program = executable === undefined
    ? { path: Deno.execPath(), args: ["run", "-A", "--quiet", join(ROOT, "main.ts")] }
    : { path: executable, args: [] };
  const run = (
    env: Readonly<Record<string, string>>,
    args: readonly string[],
    timeoutMs?: number,
  ): Promise<ProgramResult> =>
    runProgram({
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      path: program.path,
      args: [...program.args, ...args],
      cwd: userHome,
      env: { ...environment, ...env },
    });
  return {
    folder,
    userHome,
    home: join(userHome, ".codex"),
    state: join(userHome, ".agentos"),
    repo,
    bin,
    env: environment,
    call: [program.path, ...program.args],
    runOnFullDisk: (maxKib, ...args) =>
      runProgram({
        path: "/bin/sh",
        // POSIX counts in blocks of 512 bytes. Without the trap the program would be ended by a signal.
        args: [
          "-c",
          `trap "" XFSZ; ulimit -f ${maxKib * 2}; exec "$@"`,
          "sh",
          program.path,
          ...program.args,
          ...args,
        ],
        cwd: userHome,
        env: environment,
      }),
    run: (...args) => run({}, args),
    runFor: (timeoutMs, ...args) => run({}, args, timeoutMs),
    runWith: (otherRepo, ...args) => run({ AGENTOS_REPO: otherRepo }, args),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/** Copies the project's own client files into a repo, as `agentos init` would. */
export async function copyClientFiles(repo: string): Promise<void> {
  for (const folder of ["clients/codex", "clients/shared"]) {
    await copyFolder(join(ROOT, folder), join(repo, folder));
  }
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const entry of Deno.readDir(from)) {
    if (entry.isDirectory) await copyFolder(join(from, entry.name), join(to, entry.name));
    else if (!entry.name.endsWith(".ts")) await Deno.copyFile(join(from, entry.name), join(to, entry.name));
  }
}

/** Every file below a folder by its path, as Latin-1 so that each byte counts; folders end with `/`. */
export function snapshot(folder: string): Readonly<Record<string, string>> {
  const files: Record<string, string> = {};
  const visit = (below: string): void => {
    for (const entry of Deno.readDirSync(join(folder, below))) {
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory) {
        files[`${path}/`] = "";
        visit(path);
      } else if (entry.isSymlink) files[path] = `-> ${Deno.readLinkSync(join(folder, path))}`;
      else files[path] = new TextDecoder("latin1").decode(Deno.readFileSync(join(folder, path)));
    }
  };
  visit("");
  return files;
}

/** Where a program of this machine stands, followed through links, so that a PATH of one folder can hold it. */
export async function findProgram(name: string): Promise<string> {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    try {
      return await Deno.realPath(join(folder, name));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  throw new Error(`${name} is not on PATH`);
}

/** Runs jobs, at most so many at once. */
export async function inTurns<Item>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<unknown>,
): Promise<void> {
  const rest = [...items];
  const worker = async (): Promise<void> => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
