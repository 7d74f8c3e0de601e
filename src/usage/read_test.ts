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
  try {
    await Deno.writeTextFile(`${folder}/x.jsonl.zst`, "this is no zstd");
    const { events, warnings } = await readLog(client, `${folder}/x.jsonl.zst`);
    assert.deepEqual(events, []);
    assert.deepEqual(warnings.map(({ code }) => code), ["unreadable"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
