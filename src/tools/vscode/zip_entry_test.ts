import assert from "node:assert/strict";
import { join } from "node:path";
import { makeZip } from "../../../tests/zip.ts";
import { inTempFolder } from "../../../tests/tool_context.ts";
import { readZipEntry } from "./zip_entry.ts";

async function read(bytes: Uint8Array, name: string, maxBytes = 1_000): Promise<string | undefined> {
  let text: string | undefined;
  await inTempFolder(async (folder) => {
    const path = join(folder, "x.zip");
    await Deno.writeFile(path, bytes);
    using file = await Deno.open(path);
    const entry = await readZipEntry(file, name, maxBytes);
    text = entry === undefined ? undefined : new TextDecoder().decode(entry);
  });
  return text;
}

Deno.test("readZipEntry() reads stored and deflated entries", async () => {
  for (const deflate of [true, false]) {
    const zip = await makeZip({ "a.txt": "first", "extension/package.json": "{}".repeat(50) }, deflate);
    assert.equal(await read(zip, "extension/package.json"), "{}".repeat(50));
    assert.equal(await read(zip, "a.txt"), "first");
    assert.equal(await read(zip, "package.json"), undefined);
  }
});

Deno.test("readZipEntry() finds the end record before a comment", async () => {
  const zip = await makeZip({ a: "text" });
  const comment = new Uint8Array(300).fill(7);
  assert.equal(await read(new Uint8Array([...zip, ...comment]), "a"), "text");
});

Deno.test("readZipEntry() answers nothing for what is too large, cut off, or no archive", async () => {
  const zip = await makeZip({ a: "x".repeat(5_000) });
  assert.equal(await read(zip, "a", 4_999), undefined);
  assert.equal(await read(zip, "a", 5_000), "x".repeat(5_000));
  assert.equal(await read(new Uint8Array(), "a"), undefined);
  assert.equal(await read(new TextEncoder().encode("no archive at all, but long enough"), "a"), undefined);
  for (const length of [30, 60, zip.length - 1]) {
    assert.equal(await read(zip.slice(0, length), "a"), undefined);
  }
});

Deno.test("readZipEntry() never throws for a damaged archive", async () => {
  const zip = await makeZip({ "extension/package.json": '{"name":"x"}' });
  for (let at = 0; at < zip.length; at++) {
    const damaged = zip.slice();
    damaged[at] = (damaged[at] ?? 0) ^ 0xff;
    await read(damaged, "extension/package.json");
  }
});
