/** Holds the installer to its promise: whole or not at all, once, also when two runs start together. @module */

import assert from "node:assert/strict";
import { join } from "node:path";
import { installPackage } from "./install.ts";

const TINY = { name: "picomatch", version: "4.0.7" };

Deno.test("installPackage() installs once when several ask at the same time", async () => {
  const cache = await Deno.makeTempDir({ prefix: "agentos-e2e-" });
  try {
    const folders = await Promise.all([1, 2, 3].map(() => installPackage(TINY, cache)));
    const [modules = ""] = folders;
    assert.equal(modules, join(cache, "picomatch-4.0.7", "node_modules"));
    assert.deepEqual(new Set(folders), new Set([modules]));
    const manifest = JSON.parse(await Deno.readTextFile(join(modules, "picomatch", "package.json")));
    assert.equal(manifest.version, TINY.version);
    assert.deepEqual(await listNames(cache), ["picomatch-4.0.7", "picomatch-4.0.7.lock"]);
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
});

Deno.test("installPackage() says what npm said and leaves nothing when the version does not exist", async () => {
  const cache = await Deno.makeTempDir({ prefix: "agentos-e2e-" });
  try {
    await assert.rejects(
      installPackage({ name: "picomatch", version: "0.0.999" }, cache),
      /npm could not install picomatch@0\.0\.999 \(exit 1\):[\s\S]*ETARGET/,
    );
    assert.deepEqual(await listNames(cache), ["picomatch-0.0.999.lock"]);
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
});

async function listNames(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder), (entry) => entry.name)).sort();
}
