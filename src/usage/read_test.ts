import assert from "node:assert/strict";
import { CLIENTS } from "../../clients/mod.ts";
import { findLogs, readLog } from "./read.ts";

Deno.test("findLogs() prefers the plain log to the compressed one, follows links once, and takes absent folders", async () => {
  const client = await CLIENTS["codex"]?.usage?.();
  assert.ok(client !== undefined);
  const folder = Deno.realPathSync(await Deno.makeTempDir({ prefix: "agentos-usage-" }));
  try {
    await Deno.mkdir(`${folder}/a/b`, { recursive: true });
    for (const name of ["x.jsonl", "x.jsonl.zst", "b/y.jsonl.zst", "b/notes.txt"]) {
      await Deno.writeTextFile(`${folder}/a/${name}`, "");
    }
    await Deno.symlink(`${folder}/a`, `${folder}/a/b/loop`);
    const { files, warnings } = findLogs(client, [`${folder}/a`, `${folder}/none`]);
    assert.deepEqual(files.map(({ path }) => path.slice(folder.length)), ["/a/b/y.jsonl.zst", "/a/x.jsonl"]);
    assert.deepEqual(warnings, []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("readLog() says that a compressed log is damaged, and does not fail", async () => {
  const client = await CLIENTS["codex"]?.usage?.();
  assert.ok(client !== undefined);
  const folder = await Deno.makeTempDir({ prefix: "agentos-usage-" });
  const text = new TextEncoder();
  try {
    for (
      const [bytes, words] of [
        [text.encode("this is no zstd"), /^invalid zstd data$/],
        [text.encode(""), /^the compressed log is empty/],
        // A frame of one stored byte that asks for two gigabytes.
        [new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 0, 0xa7, 9, 0, 0, 65]), /^it asks for 1,920 MB of memory/],
      ] as const
    ) {
      await Deno.writeFile(`${folder}/x.jsonl.zst`, bytes);
      const { events, warnings } = await readLog(client, `${folder}/x.jsonl.zst`);
      assert.deepEqual(events, []);
      assert.deepEqual(warnings.map(({ code }) => code), ["unreadable"]);
      assert.match(warnings[0]?.message ?? "", words);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
