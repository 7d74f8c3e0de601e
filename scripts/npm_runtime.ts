/**
 * An older Deno and its runtime from an npm registry, for machines that cannot reach Deno's own downloads.
 *
 * `deno compile` wants `denort`, the runtime that an executable starts with, of its own version. No npm package
 * holds it by itself, but @vltpkg/cli-linux-x64@0.0.0-18 holds executables that `deno compile` 2.4.2 made, and
 * such a file begins with the unchanged `denort` (looked up 2026-11: the first 85 186 368 bytes). Everything
 * downloaded is held against the hashes below before it is used, and kept in the cache folder after.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { AppError } from "../src/base/errors.ts";

/** A Deno that can compile, and what it must be told. */
export interface Compiler {
  /** Path of the `deno` executable. */
  readonly deno: string;
  readonly version: string;
  /** Variables to set for it. */
  readonly env: Readonly<Record<string, string>>;
}

/** One file inside one npm package, and the hashes that both must have. */
export interface PinnedFile {
  /** Package and exact version. */
  readonly from: string;
  /** `dist.integrity` of the package in the registry: sha512 of its tarball, in base64. */
  readonly integrity: string;
  /** The file's path in the tarball. */
  readonly path: string;
  /** Only so many first bytes of the file are kept. */
  readonly sizeBytes: number;
  /** Of the kept bytes, in hex. */
  readonly sha256: string;
}

const VERSION = "2.4.2";

const DENO: PinnedFile = {
  from: "@deno/linux-x64-glibc@2.4.2",
  integrity:
    "sha512-LzDLyrROm2oxt2g8sjG6niYWaZas/HLBk4Ns5qEhf2bGaDr8Lcq24VTnThZLepLUKt8cTfT3NGX3MZZWKwSVmA==",
  path: "package/deno",
  sizeBytes: 111_684_104,
  sha256: "1d6580e813252f6b27a41d97d2e3725a408baa2e765a86e45f65b228d3e93ad6",
};

const DENORT: PinnedFile = {
  from: "@vltpkg/cli-linux-x64@0.0.0-18",
  integrity:
    "sha512-eQvsTLNKsoA/sH80Nn1iEKu+Lh24kmbB97dDjhn34py23Xc6+/uI48UNG2k/TQFIcVf7Sckwnrk80L00Hx1eXA==",
  path: "package/vlt",
  sizeBytes: 85_186_368,
  sha256: "2705685d7478610b98dcd43acecd457a19810146323041c8af8a88f7dd0b5e82",
};

/**
 * The older Deno with its runtime, from the cache folder or, the first time, from npm (230 MB).
 *
 * @throws {AppError} config.invalid on other machines than x86_64 Linux, without npm, or when a hash is wrong
 */
export async function fetchNpmRuntime(cacheFolder: string): Promise<Compiler> {
  if (Deno.build.target !== "x86_64-unknown-linux-gnu") {
    throw noRuntime(`No npm package holds a runtime for ${Deno.build.target}`);
  }
  await Deno.mkdir(cacheFolder, { recursive: true });
  const denort = await fetchPinned(DENORT, join(cacheFolder, `denort-${VERSION}`));
  const deno = await fetchPinned(DENO, join(cacheFolder, `deno-${VERSION}`));
  return { deno, version: VERSION, env: { DENORT_BIN: denort } };
}

/**
 * The path of a pinned file: `target`, downloaded first unless the right bytes are there already.
 *
 * @throws {AppError} config.invalid
 */
export async function fetchPinned(file: PinnedFile, target: string): Promise<string> {
  if (await hasHash(target, file.sha256)) return target;
  const scratch = await Deno.makeTempDir({ dir: join(target, ".."), prefix: "npm-" });
  try {
    const tarball = join(scratch, await pack(file.from, scratch));
    const found = `sha512-${createHash("sha512").update(await Deno.readFile(tarball)).digest("base64")}`;
    if (found !== file.integrity) throw wrongHash(file.from, file.integrity, found);

    const kept = join(scratch, "kept");
    await extract(tarball, file, kept);
    if (!await hasHash(kept, file.sha256)) {
      throw wrongHash(`${file.path} of ${file.from}`, file.sha256, "another");
    }
    await Deno.chmod(kept, 0o755);
    await Deno.rename(kept, target);
    return target;
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

/** Downloads a package's tarball with the user's own npm, so that its registry, proxy and login apply. */
async function pack(from: string, folder: string): Promise<string> {
  const npm = new Deno.Command("npm", {
    args: ["pack", "--silent", "--pack-destination", folder, from],
    cwd: folder,
    stdout: "piped",
    stderr: "inherit",
  });
  const { code, stdout } = await npm.output().catch((cause: unknown) => {
    throw noRuntime("Cannot run npm", cause);
  });
  if (code !== 0) {
    throw noRuntime(`Cannot download ${from} with npm (exit code ${code})`);
  }
  return new TextDecoder().decode(stdout).trim();
}

/** Writes the first `sizeBytes` of one file of a tarball. */
async function extract(tarball: string, file: PinnedFile, target: string): Promise<void> {
  const tar = new Deno.Command("tar", { args: ["-xzOf", tarball, file.path], stdout: "piped" }).spawn();
  const output = await Deno.open(target, { write: true, createNew: true });
  let rest = file.sizeBytes;
  try {
    for await (const chunk of tar.stdout) {
      const kept = chunk.subarray(0, rest);
      for (let done = 0; done < kept.length;) done += await output.write(kept.subarray(done));
      rest -= kept.length;
      if (rest === 0) break;
    }
  } finally {
    output.close();
    // Leaving the loop closes the pipe; tar ends by itself.
    await tar.status;
  }
}

async function hasHash(path: string, sha256: string): Promise<boolean> {
  const hash = createHash("sha256");
  try {
    for await (const chunk of (await Deno.open(path)).readable) hash.update(chunk);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
  return hash.digest("hex") === sha256;
}

function noRuntime(message: string, cause?: unknown): AppError {
  return new AppError("config.invalid", message, {
    hint: "Build on a machine that reaches dl.deno.land, or copy an executable from one.",
    cause,
  });
}

function wrongHash(what: string, expected: string, found: string): AppError {
  return noRuntime(`${what} has ${found} hash, not the pinned ${expected}`);
}
