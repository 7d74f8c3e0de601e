import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { AppError } from "../src/base/errors.ts";
import { fetchPinned, type PinnedFile } from "./npm_runtime.ts";

/** A package on disk, as npm packs it, with one file of 300 000 bytes of which 200 000 are wanted. */
async function withPackage(test: (file: PinnedFile, folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "agentos-pin-" });
  try {
    const source = join(folder, "source");
    await Deno.mkdir(source);
    await Deno.writeTextFile(join(source, "package.json"), `{"name": "pinned", "version": "1.0.0"}`);
    const bytes = new Uint8Array(300_000).map((_, index) => index % 251);
    await Deno.writeFile(join(source, "program"), bytes);
    const pack = new Deno.Command("npm", { args: ["pack", "--silent", source], cwd: folder, stderr: "null" });
    const tarball = join(folder, new TextDecoder().decode((await pack.output()).stdout).trim());
    await test({
      from: source,
      integrity: `sha512-${createHash("sha512").update(await Deno.readFile(tarball)).digest("base64")}`,
      path: "package/program",
      sizeBytes: 200_000,
      sha256: createHash("sha256").update(bytes.subarray(0, 200_000)).digest("hex"),
    }, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function listNames(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
}

Deno.test("fetchPinned() keeps the wanted bytes, executable, and asks npm only once", () =>
  withPackage(async (file, folder) => {
    const cache = join(folder, "cache");
    await Deno.mkdir(cache);
    const target = join(cache, "program");
    assert.equal(await fetchPinned(file, target), target);
    const { size, mode } = await Deno.stat(target);
    assert.equal(size, 200_000);
    assert.equal((mode ?? 0) & 0o777, 0o755);
    assert.deepEqual(await listNames(cache), ["program"]);

    await Deno.remove(file.from, { recursive: true });
    assert.equal(await fetchPinned(file, target), target);
  }));

Deno.test("fetchPinned() fetches again what was cut short or tampered with in the cache", () =>
  withPackage(async (file, folder) => {
    const target = join(folder, "program");
    await Deno.writeTextFile(target, "#!/bin/sh\n");
    await fetchPinned(file, target);
    assert.equal((await Deno.stat(target)).size, 200_000);
  }));

for (const field of ["integrity", "sha256"] as const) {
  Deno.test(`fetchPinned() refuses a download whose ${field} is not the pinned one, and leaves nothing`, () =>
    withPackage(async (file, folder) => {
      const cache = join(folder, "cache");
      await Deno.mkdir(cache);
      await assert.rejects(
        fetchPinned({ ...file, [field]: "sha512-other" }, join(cache, "program")),
        (error) => error instanceof AppError && /pinned/.test(error.message),
      );
      assert.deepEqual(await listNames(cache), []);
    }));
}

Deno.test("fetchPinned() says which package npm could not find", () =>
  withPackage(async (file, folder) => {
    await assert.rejects(
      fetchPinned({ ...file, from: join(folder, "nowhere") }, join(folder, "program")),
      (error) => error instanceof AppError && error.message.includes("nowhere"),
    );
  }));
