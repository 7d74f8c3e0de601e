import assert from "node:assert/strict";
import { join } from "node:path";
import { areUnchanged, readStanding, restedAt, stampOf, type Standing, standingPath } from "./standing.ts";

const STANDING: Standing = {
  schema: 1,
  userHome: "/home/ada",
  env: { AGENTOS_REPO: null },
  repo: { named: null, folder: "/home/ada/repo" },
  paths: [],
  stamps: [],
  asked: [{ program: "codex", args: ["--version"], said: null }],
  executable: "agentos",
  answers: { check: "in sync", push: null },
};

const stamp = (device: number, modified: number, changed: number): string =>
  `${device} 7 100 ${modified} ${changed}`;

Deno.test("restedAt() is when the second of the newest change is over, later where times are coarse", () => {
  assert.equal(restedAt([]), 0);
  assert.equal(restedAt(["-"]), 0);
  assert.equal(restedAt([stamp(1, 5_250, 5_000), "-", stamp(1, 2_001, 2_000)]), 6_020);
  assert.equal(restedAt([stamp(1, 5_000, 5_000)]), 7_500);
  assert.equal(restedAt([stamp(1, 9_001, 9_000), stamp(2, 8_000, 8_000)]), 10_500);
});

Deno.test("stampOf() tells a file from itself after a change that keeps its size and time", async () => {
  const folder = await Deno.makeTempDir({ prefix: "agentos-stamp-" });
  try {
    const file = join(folder, "a");
    assert.equal(stampOf(file), "-");
    await Deno.writeTextFile(file, "one");
    const first = stampOf(file) ?? "";
    assert.equal(stampOf(file), first);
    assert.ok(areUnchanged({ paths: [file, join(folder, "b")], stamps: [first, "-"] }));
    const { atime, mtime } = await Deno.stat(file);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, restedAt([first]) - Date.now())));
    await Deno.writeTextFile(file, "two");
    await Deno.utime(file, atime ?? 0, mtime ?? 0);
    assert.equal((await Deno.stat(file)).mtime?.getTime(), mtime?.getTime());
    assert.notEqual(stampOf(file), first);
    assert.equal(areUnchanged({ paths: [file], stamps: [first] }), false);
    assert.equal(areUnchanged({ paths: [file], stamps: [] }), false);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("readStanding() takes a whole record and nothing else", async () => {
  const folder = await Deno.makeTempDir({ prefix: "agentos-standing-" });
  try {
    assert.equal(readStanding(folder), undefined);
    await Deno.mkdir(join(folder, "applied"));
    await Deno.writeTextFile(standingPath(folder), JSON.stringify(STANDING));
    assert.deepEqual(readStanding(folder), STANDING);
    const damaged: readonly unknown[] = [
      { ...STANDING, schema: 2 },
      { ...STANDING, env: { A: 1 } },
      { ...STANDING, repo: null },
      { ...STANDING, stamps: "x" },
      { ...STANDING, paths: [1] },
      { ...STANDING, asked: [{ program: "codex" }] },
      { ...STANDING, answers: {} },
      [],
      null,
    ];
    for (const value of damaged) {
      await Deno.writeTextFile(standingPath(folder), JSON.stringify(value));
      assert.equal(readStanding(folder), undefined, JSON.stringify(value));
    }
    await Deno.writeTextFile(standingPath(folder), JSON.stringify(STANDING).slice(0, 50));
    assert.equal(readStanding(folder), undefined);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
