/**
 * `deno task build`: the source tree becomes one executable, `.build/agentos`.
 *
 * First everything is bundled, which halves its start, then compiled. The running Deno compiles where its own
 * runtime can be downloaded; where only an npm registry can be reached, `npm_runtime.ts` stands in.
 *
 *     deno task build [--output FILE] [--runtime auto|native|npm]
 *
 * `scripts/release.ts` builds for every platform with the same functions.
 *
 * @module
 */

import { basename, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { AppError } from "../src/base/errors.ts";
import { reportFailure } from "../src/cli/failure.ts";
import { openOutput, type Output } from "../src/cli/output.ts";
import { V8_FLAGS } from "../src/server/search/v8_flags.ts";
import { type Compiler, fetchNpmRuntime } from "./npm_runtime.ts";

const ROOT = resolve(import.meta.dirname ?? ".", "..");
const FOLDER = join(ROOT, ".build");

/**
 * Files that the program reads at run time, beside the module that reads them: as text in a module, a large one takes
 * longer to be parsed than to be read (380 kB: 6 ms against 0.3, Deno 2.4.2, measured 2026-11).
 */
const EMBEDDED_FILES = ["src/usage/prices.json"];

/** The oldest Deno whose `deno bundle` understands every package in use. */
const OLDEST = [2, 9, 6];

/**
 * Every permission that some command needs; each command gives up what it does not need when it starts. They
 * are named one by one because in Deno 2.4.2 nothing can be taken back from `--allow-all` (seen 2026-11).
 */
const PERMISSIONS = ["read", "write", "net", "env", "run", "ffi", "sys"].map((kind) => `--allow-${kind}`);

const COMPILE_FLAGS = [
  ...PERMISSIONS,
  "--no-prompt",
  "--no-check",
  "--no-config",
  "--no-lock",
  // The cache would be a file of a guessable name in the temporary folder, which any user of the machine can put there
  // first, and V8 would run what it holds. Leaving it out costs no measurable time.
  "--no-code-cache",
  "--unstable-worker-options",
  // Without it Deno 2.9 warns, once, about requests that are watched for a client that leaves.
  "--unstable-no-legacy-abort",
  // A user's pattern that backtracks too much is run again by an engine whose time is linear in the text.
  `--v8-flags=${V8_FLAGS}`,
];

interface BuildFlags {
  /** Where the executable goes; an absolute path. */
  readonly output: string;
  readonly runtime: "auto" | "native" | "npm";
}

/** Builds, and says on stderr what it did. */
async function build(flags: BuildFlags, output: Output): Promise<void> {
  requireDeno(Deno.version.deno);
  const bundle = join(FOLDER, "bundle");
  const program = await bundleTree(bundle);
  const compiler = await chooseCompiler(flags.runtime, output);
  await compile(compiler, program, flags.output);
  const { size } = await Deno.stat(flags.output);
  output.talk(
    `built ${flags.output} (${(size / 1e6).toFixed(1)} MB, deno ${compiler.version}, ${Deno.build.target})`,
  );
}

/**
 * Makes sure that this Deno can build.
 *
 * @throws {AppError} config.invalid
 */
export function requireDeno(version: string): void {
  const parts = version.split(/[.+-]/).map(Number);
  const differing = OLDEST.findIndex((part, index) => part !== parts[index]);
  if (differing === -1 || (parts[differing] ?? 0) > (OLDEST[differing] ?? 0)) return;
  throw new AppError("config.invalid", `Deno ${version} is too old to build agentos`, {
    hint: `Run "npx -y deno@${OLDEST.join(".")} task build".`,
  });
}

/** What is compiled. */
export interface Program {
  /** The module that runs. */
  readonly entry: string;
  /** What it reads beside itself. */
  readonly files: readonly string[];
}

/** The source tree as a bundle: `main.js`, its parts and what they read, in a folder that is emptied first. */
export async function bundleTree(folder: string): Promise<Program> {
  await Deno.remove(folder, { recursive: true }).catch(ignoreMissing);
  await runDeno({ deno: Deno.execPath(), version: Deno.version.deno, env: {} }, [
    "bundle",
    "--quiet",
    "--frozen",
    "--platform=deno",
    "--minify",
    "--code-splitting",
    `--outdir=${folder}`,
    "main.ts",
  ]);
  const files = EMBEDDED_FILES.map((path) => join(folder, basename(path)));
  for (const [index, path] of files.entries()) {
    await Deno.copyFile(join(ROOT, EMBEDDED_FILES[index] ?? ""), path);
  }
  // The executable records these times; without them, the same source gives the same bytes.
  for await (const { name } of Deno.readDir(folder)) await Deno.utime(join(folder, name), 0, 0);
  return { entry: join(folder, "main.js"), files };
}

/** The running Deno when it has, or can download, its runtime; else the one from npm. */
export async function chooseCompiler(runtime: BuildFlags["runtime"], output: Output): Promise<Compiler> {
  const native = { deno: Deno.execPath(), version: Deno.version.deno, env: {} };
  if (runtime === "native") return native;
  if (runtime === "auto") {
    const obstacle = await findObstacle(native.version, Deno.build.target);
    if (obstacle === undefined) return native;
    output.talk(`note: ${obstacle}; using an older Deno from npm instead`);
  }
  return await fetchNpmRuntime(join(FOLDER, "cache"));
}

/** Why the runtime for a platform cannot be had in this version, or undefined when it can. */
export async function findObstacle(version: string, target: string): Promise<string | undefined> {
  if (Deno.env.get("DENORT_BIN") !== undefined && target === Deno.build.target) return undefined;
  const url = `https://dl.deno.land/release/v${version}/denort-${target}.zip`;
  try {
    const response = await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(5000) });
    await response.body?.cancel();
    return response.ok
      ? undefined
      : `the runtime of Deno ${version} cannot be downloaded (${response.status})`;
  } catch {
    return `the runtime of Deno ${version} cannot be downloaded (no answer from dl.deno.land)`;
  }
}

/**
 * Compiles beside the target and moves it there, so that a running executable is replaced and not overwritten.
 *
 * @param platform as Deno names it (`aarch64-apple-darwin`); this machine's when left out
 */
export async function compile(
  compiler: Compiler,
  { entry, files }: Program,
  target: string,
  platform: string = Deno.build.target,
): Promise<void> {
  await Deno.mkdir(dirname(target), { recursive: true });
  const fresh = `${target}.new${platform.includes("windows") ? ".exe" : ""}`;
  const flags = [
    ...platform === Deno.build.target ? [] : [`--target=${platform}`],
    ...files.map((path) => `--include=${path}`),
    `--output=${fresh}`,
  ];
  await runDeno(compiler, ["compile", "--quiet", ...COMPILE_FLAGS, ...flags, entry]);
  await Deno.rename(fresh, target);
}

async function runDeno(compiler: Compiler, args: readonly string[]): Promise<void> {
  const command = new Deno.Command(compiler.deno, {
    args: [...args],
    cwd: ROOT,
    env: { ...compiler.env, DENO_NO_UPDATE_CHECK: "1" },
    stdin: "null",
  });
  const { code } = await command.spawn().status;
  if (code !== 0) {
    throw new AppError("config.invalid", `deno ${args[0]} ended with exit code ${code}`, {
      hint: "Read the message above.",
    });
  }
}

/** For `catch`: what is not there need not be removed. */
export function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

function parseFlags(args: readonly string[]): BuildFlags {
  const { values } = parseArgs({
    args: [...args],
    options: { output: { type: "string" }, runtime: { type: "string", default: "auto" } },
  });
  const { runtime } = values;
  if (runtime !== "auto" && runtime !== "native" && runtime !== "npm") {
    throw new AppError("cli.usage", `Cannot use "${runtime}" for --runtime: it is one of auto, native, npm`);
  }
  const name = Deno.build.os === "windows" ? "agentos.exe" : "agentos";
  return { output: resolve(values.output ?? join(FOLDER, name)), runtime };
}

if (import.meta.main) {
  const output = openOutput(true);
  try {
    await build(parseFlags(Deno.args), output);
  } catch (error) {
    Deno.exit(reportFailure(error, output));
  }
}
