/**
 * `deno task release`: everything that a release consists of, in `.build/release`: the executable for each platform
 * whose runtime can be had, SHA256SUMS, the SBOM, the install scripts, and the notes from CHANGELOG.md. What could not
 * be built is said.
 *
 *     deno task release [--output DIR] [--from URL] [--snapshot]
 *     deno task release --cut VERSION
 *
 * `--from` is where the files will be downloaded from; the install scripts are told. `--snapshot` builds what is
 * unreleased. `--cut` turns it into a version: CHANGELOG.md and deno.json, nothing else; commit and tag by hand.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import config from "../deno.json" with { type: "json" };
import { AppError } from "../src/base/errors.ts";
import { reportFailure } from "../src/cli/failure.ts";
import { openOutput, type Output } from "../src/cli/output.ts";
import { bundleTree, compile, findObstacle, ignoreMissing, type Program, requireDeno } from "./build.ts";
import { type Compiler, fetchNpmRuntime } from "./npm_runtime.ts";
import { cutSection, findSection } from "./release/changelog.ts";
import { type Lock, renderSbom } from "./release/sbom.ts";
import { assetName, renderSums, sbomName, type Target, TARGETS } from "./release/targets.ts";

const ROOT = resolve(import.meta.dirname ?? ".", "..");
const CHANGELOG = join(ROOT, "CHANGELOG.md");

interface ReleaseFlags {
  /** Absolute path. */
  readonly output: string;
  readonly from: string | undefined;
  readonly snapshot: boolean;
}

/** Puts a release together. */
async function release(flags: ReleaseFlags, output: Output): Promise<void> {
  requireDeno(Deno.version.deno);
  const { version } = config;
  const notes = findNotes(await Deno.readTextFile(CHANGELOG), version, flags.snapshot);
  await Deno.remove(flags.output, { recursive: true }).catch(ignoreMissing);
  await Deno.mkdir(flags.output, { recursive: true });
  const bundle = join(ROOT, ".build", "release-bundle");
  const program = await bundleTree(bundle);

  const compilers = await findCompilers(output);
  if (compilers.size === 0) throw new AppError("config.invalid", "No runtime can be had for any platform");
  for (const [target, compiler] of compilers) {
    const file = join(flags.output, assetName(version, target));
    await buildAsset(compiler, program, target, file);
    const { size } = await Deno.stat(file);
    output.talk(`built ${file} (${(size / 1e6).toFixed(1)} MB, deno ${compiler.version})`);
  }
  const denoVersion = compilers.values().toArray()[0]?.version ?? "";
  const lock: Lock = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.lock")));
  const put = (name: string, text: string): Promise<void> =>
    Deno.writeTextFile(join(flags.output, name), text);
  await put(sbomName(version), renderSbom(lock, { version, denoVersion, imported: await findImported() }));
  for (const name of ["install.sh", "install.ps1"]) {
    const text = await Deno.readTextFile(join(ROOT, "scripts", name));
    await put(name, flags.from === undefined ? text : stamp(text, flags.from));
  }
  await put("SHA256SUMS", renderSums(await sumUp(flags.output)));
  await put("NOTES.md", `${notes}\n`);
  output.answer(flags.output);
}

/** @throws {AppError} config.invalid when the changelog says nothing of it */
function findNotes(changelog: string, version: string, snapshot: boolean): string {
  const notes = findSection(changelog, snapshot ? "Unreleased" : version);
  if (notes !== undefined && notes !== "") return notes;
  throw new AppError("config.invalid", `CHANGELOG.md has no section "${snapshot ? "Unreleased" : version}"`, {
    hint: `Cut it with "deno task release --cut ${version}", or build what is unreleased with --snapshot.`,
  });
}

/** A compiler for each platform whose runtime can be had: this Deno's, else, for one platform, the one from npm. */
async function findCompilers(output: Output): Promise<ReadonlyMap<Target, Compiler>> {
  const native: Compiler = { deno: Deno.execPath(), version: Deno.version.deno, env: {} };
  const found = new Map<Target, Compiler>();
  for (const target of TARGETS) {
    const obstacle = await findObstacle(native.version, target.triple);
    if (obstacle === undefined) found.set(target, native);
    else if (target.triple !== Deno.build.target) output.talk(`skipped ${target.name}: ${obstacle}`);
    else {
      output.talk(`note: ${target.name}: ${obstacle}; using an older Deno from npm instead`);
      found.set(target, await fetchNpmRuntime(join(ROOT, ".build", "cache")));
    }
  }
  return found;
}

async function buildAsset(
  compiler: Compiler,
  program: Program,
  target: Target,
  file: string,
): Promise<void> {
  const executable = `${file}.executable`;
  await compile(compiler, program, executable, target.triple);
  const bytes = await Deno.readFile(executable);
  if (!target.magic.every((byte, at) => bytes[at] === byte)) {
    throw new AppError("config.invalid", `What was built is no executable of ${target.name}`);
  }
  if (!file.endsWith(".gz")) return await Deno.rename(executable, file);
  // The stream writes no time and no name into the header: the same bytes give the same file.
  const gzipped = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  await Deno.writeFile(file, gzipped);
  await Deno.remove(executable);
}

/** The npm packages that the shipped code imports by itself, in order. */
async function findImported(): Promise<readonly string[]> {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "main.ts"],
    cwd: ROOT,
    stderr: "inherit",
  }).output();
  if (code !== 0) throw new AppError("config.invalid", `deno info ended with exit code ${code}`);
  const graph: {
    readonly modules: readonly {
      readonly specifier: string;
      readonly dependencies?: readonly { readonly code?: { readonly specifier?: string } }[];
    }[];
  } = JSON.parse(new TextDecoder().decode(stdout));
  const names = graph.modules.filter(({ specifier }) => specifier.startsWith("file:"))
    .flatMap(({ dependencies = [] }) => dependencies.map(({ code }) => code?.specifier ?? ""))
    .map((specifier) => /^npm:\/?((?:@[^/]+\/)?[^@/]+)/.exec(specifier)?.[1])
    .filter((name) => name !== undefined);
  return [...new Set(names)].toSorted();
}

/**
 * An install script that knows where its release is.
 *
 * @throws {AppError} cli.usage unless it is a plain https address
 */
export function stamp(text: string, from: string): string {
  if (!/^https:\/\/[\w./%~-]+$/.test(from)) {
    throw new AppError("cli.usage", `Cannot use "${from}" for --from: it is not a plain https address`);
  }
  return text.replace(/^(AGENTOS_RELEASE=|\$Release = ).*$/m, `$1"${from.replace(/\/$/, "")}"`);
}

async function sumUp(folder: string): Promise<Readonly<Record<string, string>>> {
  const sums: Record<string, string> = {};
  for await (const { name } of Deno.readDir(folder)) {
    sums[name] = createHash("sha256").update(await Deno.readFile(join(folder, name))).digest("hex");
  }
  return sums;
}

/** Turns what is unreleased into a version. */
async function cut(version: string, output: Output): Promise<void> {
  const day = new Date().toISOString().slice(0, 10);
  const changelog = cutSection(await Deno.readTextFile(CHANGELOG), version, day);
  const file = join(ROOT, "deno.json");
  const fresh = (await Deno.readTextFile(file)).replace(/^( {2}"version": )".*"/m, `$1"${version}"`);
  await Deno.writeTextFile(CHANGELOG, changelog);
  await Deno.writeTextFile(file, fresh);
  output.answer(`CHANGELOG.md and deno.json say ${version}. Next:`);
  output.answer(`  git commit -am "Release ${version}" && git tag v${version} && git push --follow-tags`);
}

if (import.meta.main) {
  const output = openOutput(true);
  try {
    const { values } = parseArgs({
      args: Deno.args,
      options: {
        output: { type: "string" },
        from: { type: "string" },
        snapshot: { type: "boolean", default: false },
        cut: { type: "string" },
      },
    });
    if (values.cut !== undefined) await cut(values.cut, output);
    else {
      await release({
        output: resolve(values.output ?? join(ROOT, ".build", "release")),
        from: values.from,
        snapshot: values.snapshot,
      }, output);
    }
  } catch (error) {
    Deno.exit(reportFailure(error, output));
  }
}
