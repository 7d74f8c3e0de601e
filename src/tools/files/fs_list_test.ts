import assert from "node:assert/strict";
import { inTempFolder, testContext } from "../../../tests/tool_context.ts";
import type { ToolSettings } from "../define.ts";
import { fsList } from "./fs_list.ts";

interface Row {
  readonly path: string;
  readonly type: string;
  readonly sizeBytes?: number;
  readonly modifiedAt?: string;
  readonly target?: string;
}

interface Page {
  readonly entries: readonly Row[];
  readonly leftOut?: string;
  readonly nextCursor?: string;
}

/** Lists in `root` and holds the answer to the size that clients show whole. */
async function list(root: string, input: object = {}, settings: Partial<ToolSettings> = {}): Promise<Page> {
  const { data, text } = await fsList.call({ path: "", ...input }, testContext(root, { settings }));
  for (const sent of [data, text]) {
    const size = new TextEncoder().encode(JSON.stringify(sent)).length;
    assert.ok(size <= 10_000, `${size} bytes`);
  }
  const page: Page = JSON.parse(JSON.stringify(data));
  return page;
}

async function paths(root: string, input: object = {}): Promise<string[]> {
  return (await list(root, input)).entries.map(({ path }) => path);
}

/** Makes files (and the folders above them); a path with a final `/` is a folder. */
function make(root: string, ...files: string[]): void {
  for (const file of files) {
    Deno.mkdirSync(`${root}/${file.replace(/[^/]*$/, "")}`, { recursive: true });
    if (!file.endsWith("/")) Deno.writeTextFileSync(`${root}/${file}`, file);
  }
}

Deno.test("agentOS_fs_list shows a folder's own entries in order, with sizes and times", async () => {
  await inTempFolder(async (root) => {
    make(root, "b.txt", "a/deep.txt", "B.txt", "ä.txt");
    Deno.utimeSync(`${root}/b.txt`, 1_700_000_000, 1_700_000_000);
    const { entries, leftOut, nextCursor } = await list(root);
    assert.deepEqual(entries.map(({ path, type }) => [path, type]), [["B.txt", "file"], ["a", "folder"], [
      "b.txt",
      "file",
    ], ["ä.txt", "file"]]);
    assert.deepEqual(entries[2], {
      path: "b.txt",
      type: "file",
      sizeBytes: 5,
      modifiedAt: "2023-11-14T22:13:20Z",
    });
    assert.deepEqual([leftOut, nextCursor], [undefined, undefined]);
    assert.deepEqual(await paths(root, { path: "a" }), ["deep.txt"]);
  });
});

Deno.test("agentOS_fs_list goes as deep as asked, a folder before what is in it", async () => {
  await inTempFolder(async (root) => {
    make(root, "a/b/c/d", "a-/x", "z");
    assert.deepEqual(await paths(root, { depth: 2 }), ["a", "a/b", "a-", "a-/x", "z"]);
    assert.deepEqual(await paths(root, { depth: 32 }), ["a", "a/b", "a/b/c", "a/b/c/d", "a-", "a-/x", "z"]);
    for (const depth of [0, 33]) await assert.rejects(list(root, { depth }), { code: "tool.input" });
  });
});

Deno.test("agentOS_fs_list leaves out what .gitignore and dots hide, and says so", async () => {
  await inTempFolder(async (root) => {
    make(
      root,
      ".git/config",
      "src/a.ts",
      "src/a.js",
      "src/keep/a.js",
      "node_modules/x/index.js",
      ".env",
      "sub/.git/HEAD",
    );
    Deno.writeTextFileSync(`${root}/.gitignore`, "node_modules/\n*.js\n");
    Deno.writeTextFileSync(`${root}/src/keep/.gitignore`, "!a.js\n");
    const page = await list(root, { depth: 5 });
    assert.deepEqual(page.entries.map(({ path }) => path), [
      "src",
      "src/a.ts",
      "src/keep",
      "src/keep/a.js",
      "sub",
    ]);
    assert.equal(page.leftOut, "2 by .gitignore, 3 starting with a dot");
    assert.deepEqual(await paths(root, { path: "src" }), ["a.ts", "keep"]);
    assert.deepEqual(await paths(root, { path: "node_modules/x" }), ["index.js"]);
    const all = await list(root, { depth: 5, hidden: true });
    assert.equal(all.leftOut, undefined);
    assert.ok(all.entries.some(({ path }) => path === "node_modules/x/index.js"));
    assert.ok(all.entries.some(({ path }) => path === ".env"));
    assert.ok(all.entries.every(({ path }) => !/(^|\/)\.git(\/|$)/.test(path)));
  });
});

Deno.test("agentOS_fs_list finds by glob at any depth", async () => {
  await inTempFolder(async (root) => {
    make(root, "a.ts", "src/b.ts", "src/deep/c.ts", "src/deep/c.js");
    assert.deepEqual(await paths(root, { glob: "*.ts" }), ["a.ts", "src/b.ts", "src/deep/c.ts"]);
    assert.deepEqual(await paths(root, { glob: "src/*.ts" }), ["src/b.ts"]);
    assert.deepEqual(await paths(root, { glob: "src/**/c.{js,ts}" }), ["src/deep/c.js", "src/deep/c.ts"]);
    assert.deepEqual(await paths(root, { glob: "*.ts", depth: 1 }), ["a.ts"]);
    for (const glob of ["{a,b}".repeat(9), "x".repeat(501)]) {
      await assert.rejects(list(root, { glob }), { code: "tool.input" });
    }
  });
});

Deno.test({
  name: "agentOS_fs_list shows links and FIFOs as what they are, and follows none",
  ignore: Deno.build.os === "windows",
  async fn(): Promise<void> {
    await inTempFolder(async (folder) => {
      const root = `${folder}/root`;
      make(root, "dir/file", "state/token");
      make(folder, "outside/secret.txt");
      Deno.symlinkSync("dir", `${root}/in`);
      Deno.symlinkSync("../outside", `${root}/out`);
      Deno.symlinkSync("none", `${root}/dangling`);
      Deno.symlinkSync("state/token", `${root}/to-token`);
      Deno.symlinkSync(".", `${root}/loop`);
      assert.ok((await new Deno.Command("mkfifo", { args: [`${root}/fifo`] }).output()).success);
      const { entries } = await list(root, { depth: 9 }, { forbidden: [`${root}/state`] });
      assert.deepEqual(entries.map(({ path, type, target }) => [path, type, target]), [
        ["dangling", "link", undefined],
        ["dir", "folder", undefined],
        ["dir/file", "file", undefined],
        ["fifo", "other", undefined],
        ["in", "link", `${root}/dir`],
        ["loop", "link", root],
        ["out", "link", undefined],
        ["to-token", "link", undefined],
      ]);
      await assert.rejects(list(root, { path: "out" }), { code: "path.outside_roots" });
      await assert.rejects(list(root, { path: "dir/file" }), { code: "path.not_a_folder" });
    });
  },
});

Deno.test("agentOS_fs_list pages: following nextCursor gives every entry once, also when entries go and come", async () => {
  await inTempFolder(async (root) => {
    const made = Array.from(
      { length: 400 },
      (_, index) => `d${index % 7}/sub/file with a longer name ${index}`,
    );
    make(root, ...made);
    const whole = [
      ...new Set(
        made.flatMap((path) => path.split("/").map((_, depth, names) => names.slice(0, depth + 1).join("/"))),
      ),
    ];
    const found: string[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const page = await list(root, { depth: 9, ...(cursor === undefined ? {} : { cursor }) });
      found.push(...page.entries.map(({ path }) => path));
      cursor = page.nextCursor;
      // The place to go on from may vanish between two pages.
      if (++pages === 1 && cursor !== undefined) Deno.removeSync(`${root}/${cursor}`, { recursive: true });
    } while (cursor !== undefined);
    assert.ok(pages > 3);
    assert.equal(new Set(found).size, found.length);
    assert.deepEqual([...found].sort(), whole.sort());
  });
});

Deno.test("agentOS_fs_list goes past an entry that no answer has room for, and counts it", async () => {
  await inTempFolder(async (root) => {
    // Each character takes six bytes as JSON.
    const names = ["a", "b", "c", "d", "e"].map((letter) => letter + "\x01".repeat(250));
    make(root, `${names.join("/")}/`, "z.txt");
    const found: string[] = [];
    const leftOut: (string | undefined)[] = [];
    let cursor: string | undefined;
    do {
      const page = await list(root, { depth: 9, ...(cursor === undefined ? {} : { cursor }) });
      found.push(...page.entries.map(({ path }) => path));
      leftOut.push(page.leftOut);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    const shown = found.filter((path) => path !== "z.txt").length;
    assert.deepEqual(found, [
      ...names.map((_, at) => names.slice(0, at + 1).join("/")).slice(0, shown),
      "z.txt",
    ]);
    assert.equal(leftOut.at(-1), `${names.length - shown} whose path is too long to be shown`);
    assert.ok(shown > 0 && shown < names.length);
    assert.equal((await list(root, { glob: "*.md" })).leftOut, undefined);
  });
});

Deno.test("agentOS_fs_list keeps to the size in a folder whose own path is long", async () => {
  await inTempFolder(async (root) => {
    const folder = Array.from({ length: 7 }, () => "d".repeat(210)).join("/");
    // Few and long rows: the heading is most of what the text has more than the data.
    const below = Array.from({ length: 11 }, () => "e".repeat(210)).join("/");
    for (let index = 0; index < 8; index++) make(root, `${folder}/${below}/${"n".repeat(35)}${index}.md`);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await list(root, {
        path: folder,
        glob: "*.md",
        ...(cursor === undefined ? {} : { cursor }),
      });
      seen.push(...page.entries.map(({ path }) => path));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    assert.equal(seen.length, 8);
  });
});

Deno.test("agentOS_fs_list answers from a folder of 20,000 files", async () => {
  await inTempFolder(async (root) => {
    for (let index = 0; index < 20_000; index++) {
      Deno.openSync(`${root}/${index}`, { write: true, create: true }).close();
    }
    const first = await list(root);
    assert.ok(first.entries.length > 50 && first.nextCursor !== undefined);
    const none = await list(root, { glob: "nothing-like-it" });
    assert.deepEqual(none.entries, []);
    assert.deepEqual(await paths(root, { glob: "19999" }), ["19999"]);
  });
});

Deno.test(
  "agentOS_fs_list takes a glob that ends with / for all inside, refuses an empty one, and counts odd names",
  {
    ignore: Deno.build.os !== "linux",
  },
  async () => {
    await inTempFolder(async (root) => {
      make(root, "src/a/b.ts", "src/c.ts", "d.ts");
      for (const glob of ["src/", "src//", "./src/"]) {
        assert.deepEqual(await paths(root, { glob }), ["src", "src/a", "src/a/b.ts", "src/c.ts"], glob);
      }
      assert.deepEqual(await paths(root, { glob: "src//c.ts" }), ["src/c.ts"]);
      await assert.rejects(list(root, { glob: "" }), { code: "tool.input", message: /glob: it is empty/ });
      const made = await new Deno.Command("sh", { args: ["-c", "touch \"$(printf 'x\\377')\""], cwd: root })
        .output();
      assert.ok(made.success);
      assert.equal((await list(root)).leftOut, "1 that cannot be looked at");
    });
  },
);

Deno.test("agentOS_fs_list needs a root", async () => {
  await assert.rejects(fsList.call({ path: "" }, testContext(undefined)), { code: "path.no_roots" });
});

Deno.test("agentOS_fs_list says what an entry is, and not what its folder said of it", async () => {
  await inTempFolder(async (root) => {
    make(root, "a/file", "a/folder/");
    const readDirSync = Deno.readDirSync;
    // As in a folder that stood in this one's place while it was read.
    Deno.readDirSync = (path) =>
      [...readDirSync(path)].map((entry) => ({ ...entry, isFile: true, isDirectory: false }))
        [Symbol.iterator]();
    try {
      const { entries } = await list(root, { path: "a" });
      assert.deepEqual(entries.map(({ path, type }) => [path, type]), [["file", "file"], [
        "folder",
        "folder",
      ]]);
    } finally {
      Deno.readDirSync = readDirSync;
    }
  });
});
