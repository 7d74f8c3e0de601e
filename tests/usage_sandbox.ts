/**
 * A home with agents' logs, and `agentos usage` asked in it as a process.
 *
 * @module
 */

import { dirname, join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname ?? ".", "..");

/** How a run ended. */
export interface UsageResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A home of its own; disposing removes it. */
export interface UsageHome extends AsyncDisposable {
  /** Real path. */
  readonly home: string;
  /** The state folder, which is there from the first run on. */
  readonly state: string;
  /** Writes a log, or any file, and answers its path. */
  write(path: string, ...lines: readonly string[]): Promise<string>;
  /** Runs `agentos usage` in the home. */
  run(...args: readonly string[]): Promise<UsageResult>;
  /** What was answered, when all went well and nothing else was said. */
  ask(...args: readonly string[]): Promise<string>;
}

/**
 * Makes a home.
 *
 * @param logs a home to copy, for example that of a case
 */
export async function openUsageHome(logs?: string): Promise<UsageHome> {
  const home = Deno.realPathSync(await Deno.makeTempDir({ prefix: "agentos-usage-" }));
  if (logs !== undefined) await copyFolder(logs, home);
  const state = join(home, "state");
  const run = async (...args: readonly string[]): Promise<UsageResult> => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: usageWords(...args),
      cwd: home,
      env: usageEnv(home),
    }).output();
    const text = new TextDecoder();
    return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
  };
  return {
    home,
    state,
    run,
    async write(path, ...lines): Promise<string> {
      const file = join(home, path);
      await Deno.mkdir(dirname(file), { recursive: true });
      await Deno.writeTextFile(file, lines.map((line) => `${line}\n`).join(""));
      return file;
    },
    async ask(...args): Promise<string> {
      const { code, stdout, stderr } = await run(...args);
      if (code !== 0 || stderr !== "") {
        throw new Error(`agentos usage ${args.join(" ")}: exit ${code}, ${stderr}`);
      }
      return stdout;
    },
    [Symbol.asyncDispose]: () => Deno.remove(home, { recursive: true }),
  };
}

/**
 * Runs a module that imports the project's, written to a path, with no rights but those named.
 *
 * @param rights as in `--allow-…`
 */
export async function runScript(
  path: string,
  source: string,
  rights: readonly string[],
): Promise<Omit<UsageResult, "code">> {
  await Deno.writeTextFile(path, source);
  const allowed = rights.map((right) => `--allow-${right}`);
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-check", ...allowed, `--config=${ROOT}/deno.json`, path],
  }).output();
  const text = new TextDecoder();
  return { stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

/** The words behind the runtime's name that run `agentos usage`. */
export function usageWords(...args: readonly string[]): string[] {
  return ["run", "-qA", "--no-check", join(ROOT, "main.ts"), "usage", ...args];
}

/** The environment of a home, in which nothing of the test's own leads anywhere else. */
export function usageEnv(home: string): Record<string, string> {
  return {
    HOME: home,
    AGENTOS_STATE: join(home, "state"),
    DENO_DIR: Deno.env.get("DENO_DIR") ?? join(Deno.env.get("HOME") ?? "", ".cache", "deno"),
    TZ: "Europe/Berlin",
    NO_COLOR: "1",
    CODEX_HOME: "",
    CLAUDE_CONFIG_DIR: "",
  };
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(join(from, name), join(to, name));
    else await Deno.copyFile(join(from, name), join(to, name));
  }
}
