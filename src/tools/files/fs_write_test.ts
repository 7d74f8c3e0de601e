import assert from "node:assert/strict";
import { inTempFolder, testContext } from "../../../tests/tool_context.ts";
import { sha256Hex } from "../../base/hash.ts";
import { fsWrite } from "./fs_write.ts";

const onWindows = Deno.build.os === "windows";

async function write(root: string, input: object): Promise<Readonly<Record<string, unknown>>> {
  return (await fsWrite.call(input, testContext(root))).data;
}

function hash(text: string): string {
  return sha256Hex(new TextEncoder().encode(text));
}

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test("agentOS_fs_write creates and replaces, byte for byte as given", async () => {
  await inTempFolder(async (root) => {
    const content = "\ufeffa\r\nb\n\0é😀 no final line end";
    assert.deepEqual(await write(root, { path: "a", content }), {
      created: true,
      sizeBytes: new TextEncoder().encode(content).length,
      sha256: hash(content),
    });
    assert.deepEqual(Deno.readFileSync(`${root}/a`), new TextEncoder().encode(content));
    const again = await write(root, { path: "a", content: "" });
    assert.deepEqual(again, {
      created: false,
      sizeBytes: 0,
      sha256: hash(""),
      previousSha256: hash(content),
    });
    assert.deepEqual(names(root), ["a"]);
  });
});

Deno.test("agentOS_fs_write with ifSha256 changes nothing that is not as said", async () => {
  await inTempFolder(async (root) => {
    await write(root, { path: "a", content: "one", ifSha256: "none" });
    await assert.rejects(write(root, { path: "a", content: "two", ifSha256: "none" }), {
      code: "path.exists",
    });
    await assert.rejects(write(root, { path: "a", content: "two", ifSha256: hash("other") }), {
      code: "file.stale",
    });
    await assert.rejects(write(root, { path: "b", content: "two", ifSha256: hash("one") }), {
      code: "file.stale",
    });
    await assert.rejects(write(root, { path: "a", content: "two", ifSha256: "abc" }), { code: "tool.input" });
    assert.equal(Deno.readTextFileSync(`${root}/a`), "one");
    await write(root, { path: "a", content: "two", ifSha256: hash("one").toUpperCase() });
    assert.equal(Deno.readTextFileSync(`${root}/a`), "two");
    assert.deepEqual(names(root), ["a"]);
  });
});

Deno.test("agentOS_fs_write lets only one of twenty writers with the same ifSha256 through", async () => {
  await inTempFolder(async (root) => {
    await write(root, { path: "a", content: "start" });
    const writers = Array.from(
      { length: 20 },
      (_, index) => write(root, { path: "a", content: `${index}`, ifSha256: hash("start") }),
    );
    const ended = await Promise.allSettled(writers);
    assert.equal(ended.filter(({ status }) => status === "fulfilled").length, 1);
  });
});

Deno.test("agentOS_fs_write makes folders only when asked", async () => {
  await inTempFolder(async (root) => {
    await assert.rejects(write(root, { path: "a/b/c.txt", content: "x" }), { code: "path.not_found" });
    assert.deepEqual(names(root), []);
    await write(root, { path: "a/b/c.txt", content: "x", createDirs: true });
    await write(root, { path: "a/b/d.txt", content: "y", createDirs: true });
    assert.deepEqual(names(`${root}/a/b`), ["c.txt", "d.txt"]);
    await assert.rejects(write(root, { path: "a/b/c.txt/d", content: "x", createDirs: true }), {
      code: "path.not_a_folder",
    });
    for (const path of ["a", "a/b", ""]) {
      await assert.rejects(write(root, { path, content: "x" }), { code: "path.not_a_file" });
    }
    await assert.rejects(write(root, { path: "new/", content: "x" }), { code: "tool.input" });
  });
});

Deno.test("agentOS_fs_write refuses what no UTF-8 file can hold, and more than 4 MiB", async () => {
  await inTempFolder(async (root) => {
    await assert.rejects(write(root, { path: "a", content: "\ud800" }), { code: "tool.input" });
    await assert.rejects(write(root, { path: "a", content: "é".repeat(2 * 1024 * 1024 + 1) }), {
      code: "file.too_large",
    });
    assert.deepEqual(names(root), []);
    assert.equal(
      (await write(root, { path: "a", content: "x".repeat(4 * 1024 * 1024) })).sizeBytes,
      4 * 1024 * 1024,
    );
  });
});

Deno.test({
  name: "agentOS_fs_write keeps the mode, writes through links inside, and changes no hard link elsewhere",
  ignore: onWindows,
  async fn(): Promise<void> {
    await inTempFolder(async (folder) => {
      const root = `${folder}/root`;
      Deno.mkdirSync(root);
      Deno.writeTextFileSync(`${root}/run.sh`, "old");
      Deno.chmodSync(`${root}/run.sh`, 0o750);
      Deno.symlinkSync("run.sh", `${root}/link`);
      await write(root, { path: "link", content: "new" });
      assert.ok(Deno.lstatSync(`${root}/link`).isSymlink);
      assert.equal(Deno.readTextFileSync(`${root}/run.sh`), "new");
      assert.equal((Deno.statSync(`${root}/run.sh`).mode ?? 0) & 0o777, 0o750);

      Deno.writeTextFileSync(`${folder}/outside`, "theirs");
      Deno.linkSync(`${folder}/outside`, `${root}/hard`);
      await write(root, { path: "hard", content: "ours" });
      assert.equal(Deno.readTextFileSync(`${folder}/outside`), "theirs");
    });
  },
});

Deno.test({
  name: "agentOS_fs_write leaves alone what its owner protected from writing",
  ignore: onWindows,
  async fn(): Promise<void> {
    await inTempFolder(async (root) => {
      Deno.writeTextFileSync(`${root}/a`, "old");
      Deno.chmodSync(`${root}/a`, 0o444);
      await assert.rejects(write(root, { path: "a", content: "new" }), { code: "path.denied" });
      assert.equal(Deno.readTextFileSync(`${root}/a`), "old");
    });
  },
});

Deno.test("agentOS_fs_write plants nothing in .git, outside, or in a read-only root", async () => {
  await inTempFolder(async (folder) => {
    const root = `${folder}/root`;
    Deno.mkdirSync(`${root}/.git/hooks`, { recursive: true });
    for (const path of [".git/hooks/pre-commit", ".git/config", ".Git/config", ".git", "sub/.git/config"]) {
      await assert.rejects(
        write(root, { path, content: "x", createDirs: true }),
        { code: "path.protected" },
        path,
      );
    }
    await assert.rejects(write(root, { path: "../x", content: "x" }), { code: "path.outside_roots" });
    assert.deepEqual(names(folder), ["root"]);
    assert.deepEqual(names(root), [".git"]);
    const readOnly = testContext(root, { settings: { roots: [{ path: root, writable: false }] } });
    await assert.rejects(fsWrite.call({ path: "a", content: "x" }, readOnly), { code: "path.read_only" });
  });
});

Deno.test("agentOS_fs_write never shows a reader a part of a file", async () => {
  await inTempFolder(async (root) => {
    const [small, large] = ["a".repeat(10), "b".repeat(2_000_000)];
    await write(root, { path: "a", content: small });
    let writing = true;
    const writer = (async (): Promise<void> => {
      for (let round = 0; round < 30; round++) {
        await write(root, { path: "a", content: round % 2 === 0 ? large : small });
      }
      writing = false;
    })();
    while (writing) {
      const seen = await Deno.readTextFile(`${root}/a`);
      assert.ok(seen === small || seen === large, `${seen.length} characters`);
    }
    await writer;
    assert.deepEqual(names(root), ["a"]);
  });
});
