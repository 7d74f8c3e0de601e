import assert from "node:assert/strict";
import fc from "fast-check";
import { inTempFolder, testContext } from "../../../tests/tool_context.ts";
import { AppError } from "../../base/errors.ts";
import { sha256Hex } from "../../base/hash.ts";
import { fsReplace } from "./fs_replace.ts";

interface Edit {
  readonly oldText: string;
  readonly newText: string;
  readonly expectedCount?: number;
  readonly dryRun?: boolean;
}

async function replace(root: string, edit: Edit): Promise<Readonly<Record<string, unknown>>> {
  const { data, text } = await fsReplace.call({ path: "file", ...edit }, testContext(root));
  for (const sent of [data, text]) {
    assert.ok(new TextEncoder().encode(JSON.stringify(sent)).length <= 10_000);
  }
  return data;
}

async function refusal(root: string, edit: Edit): Promise<AppError> {
  const before = Deno.readFileSync(`${root}/file`);
  const error = await replace(root, edit).then(
    () => assert.fail("the edit was made"),
    (error: unknown) => error,
  );
  assert.ok(error instanceof AppError, String(error));
  assert.deepEqual(Deno.readFileSync(`${root}/file`), before);
  assert.ok(new TextEncoder().encode(error.message).length < 5_000);
  return error;
}

async function withFile(content: string | Uint8Array, test: (root: string) => Promise<void>): Promise<void> {
  await inTempFolder(async (root) => {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    Deno.writeFileSync(`${root}/file`, bytes);
    await test(root);
    assert.deepEqual([...Deno.readDirSync(root)].map(({ name }) => name), ["file"]);
  });
}

/** Bytes from text and numbers. */
function bytesOf(...parts: (string | number)[]): Uint8Array {
  return new Uint8Array(
    parts.flatMap((part) => typeof part === "number" ? [part] : [...new TextEncoder().encode(part)]),
  );
}

Deno.test("agentOS_fs_replace changes one place and shows how", async () => {
  await withFile("one\ntwo\nthree\n", async (root) => {
    assert.deepEqual(await replace(root, { oldText: "two", newText: "2" }), {
      replaced: 1,
      diff: "@@ -1,3 +1,3 @@\n one\n-two\n+2\n three",
      sizeBytes: 12,
      sha256: sha256Hex(bytesOf("one\n2\nthree\n")),
    });
    assert.equal(Deno.readTextFileSync(`${root}/file`), "one\n2\nthree\n");
  });
});

Deno.test("agentOS_fs_replace with dryRun changes nothing and answers the same", async () => {
  await withFile("one\n", async (root) => {
    const dry = await replace(root, { oldText: "one", newText: "two", dryRun: true });
    assert.equal(Deno.readTextFileSync(`${root}/file`), "one\n");
    assert.deepEqual(await replace(root, { oldText: "one", newText: "two" }), dry);
  });
});

Deno.test("agentOS_fs_replace with dryRun refuses a write-protected file as the real call does", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await withFile("one\n", async (root) => {
    Deno.chmodSync(`${root}/file`, 0o444);
    const edit = { oldText: "one", newText: "two" };
    const [dry, real] = [await refusal(root, { ...edit, dryRun: true }), await refusal(root, edit)];
    assert.deepEqual([dry.code, dry.message, dry.hint], [real.code, real.message, real.hint]);
    assert.equal(dry.code, "path.denied");
  });
});

Deno.test("agentOS_fs_replace keeps CRLF, byte order mark, missing final line end and bytes that are no UTF-8", async () => {
  const rows: readonly (readonly [before: Uint8Array, edit: Edit, after: Uint8Array])[] = [
    [bytesOf("a\r\nb\r\nc"), { oldText: "a\nb", newText: "x\ny\nz" }, bytesOf("x\r\ny\r\nz\r\nc")],
    [bytesOf("\ufeffa\r\nb"), { oldText: "a", newText: "é" }, bytesOf("\ufeffé\r\nb")],
    [bytesOf(0xe9, " a\n", 0xff, 0x80), { oldText: "a", newText: "b" }, bytesOf(0xe9, " b\n", 0xff, 0x80)],
    [bytesOf(0xe9, " a"), { oldText: "é a", newText: "ü a" }, bytesOf(0xfc, " a")],
    [bytesOf("é ", 0xe9), { oldText: "Ã©", newText: "x" }, bytesOf("x ", 0xe9)],
    [bytesOf("→ ", 0xe9), { oldText: "→", newText: "é←" }, bytesOf("é← ", 0xe9)],
    [bytesOf("\ufeffa ", 0xe9), { oldText: "a", newText: "ü" }, bytesOf("\ufeffü ", 0xe9)],
    [
      bytesOf(0xff, 0xfe, "a", 0, "\r", 0, "\n", 0),
      { oldText: "a\n", newText: "→\n" },
      bytesOf(0xff, 0xfe, 0x92, 0x21, "\r", 0, "\n", 0),
    ],
    [bytesOf(0xfe, 0xff, 0, "a"), { oldText: "a", newText: "b" }, bytesOf(0xfe, 0xff, 0, "b")],
    [bytesOf("$x"), { oldText: "$x", newText: "$& $1 $$" }, bytesOf("$& $1 $$")],
    [bytesOf("a\nb\n"), { oldText: "a\n", newText: "" }, bytesOf("b\n")],
  ];
  for (const [before, edit, after] of rows) {
    await withFile(before, async (root) => {
      await replace(root, edit);
      assert.deepEqual(Deno.readFileSync(`${root}/file`), after, JSON.stringify(edit));
    });
  }
});

Deno.test("agentOS_fs_replace changes just the bytes of the matches, in any file", async () => {
  const part = fc.oneof(
    fc.constantFrom<Uint8Array>(
      bytesOf("old"),
      bytesOf("\r\n"),
      bytesOf("\n"),
      bytesOf("é"),
      bytesOf(0xe9),
      bytesOf(0xff),
      bytesOf("x"),
    ),
  );
  await inTempFolder(async (root) => {
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 12 }), fc.boolean(), async (parts, mark) => {
        const join = (all: readonly Uint8Array[]): Uint8Array =>
          new Uint8Array([...(mark ? bytesOf("\ufeff") : []), ...all.flatMap((one) => [...one])]);
        const isOld = (one: Uint8Array): boolean => one.length === 3 && one[0] === 0x6f;
        Deno.writeFileSync(`${root}/file`, join(parts));
        const expectedCount = parts.filter(isOld).length;
        if (expectedCount === 0) return;
        await replace(root, { oldText: "old", newText: "brand new", expectedCount });
        assert.deepEqual(
          Deno.readFileSync(`${root}/file`),
          join(parts.map((one) => isOld(one) ? bytesOf("brand new") : one)),
        );
      }),
      { numRuns: 200 },
    );
  });
});

Deno.test("agentOS_fs_replace says how many places there are when it is not the expected number", async () => {
  await withFile("a\nb a\nc\n", async (root) => {
    const many = await refusal(root, { oldText: "a", newText: "x" });
    assert.equal(many.code, "file.ambiguous");
    assert.match(many.message, /in 2 places .*\(lines 1, 2\), not in 1\./);
    assert.match(
      (await refusal(root, { oldText: "c", newText: "x", expectedCount: 2 })).message,
      /in 1 place .*\(line 3\), not in 2\./,
    );
    await replace(root, { oldText: "a", newText: "x", expectedCount: 2 });
    assert.equal(Deno.readTextFileSync(`${root}/file`), "x\nb x\nc\n");
  });
  await withFile("aaa", async (root) => {
    assert.match((await refusal(root, { oldText: "aa", newText: "x" })).message, /reach into each other/);
  });
});

Deno.test("agentOS_fs_replace makes no near match, and shows the nearest place", async () => {
  await withFile("if (ready) {\n\tstart();\n}\n", async (root) => {
    const error = await refusal(root, { oldText: "if (ready) {\n  start();\n}", newText: "x" });
    assert.equal(error.code, "file.no_match");
    assert.match(error.message, /0 matches.*nearest place is at line 1; it differs only in whitespace/);
    assert.match(error.message, /^- {2}start\(\);\n\+\tstart\(\);$/m);
    assert.equal(
      (await refusal(root, { oldText: "nothing of the kind", newText: "x" })).code,
      "file.no_match",
    );
    assert.equal((await refusal(root, { oldText: "start ();", newText: "x" })).code, "file.no_match");
  });
});

Deno.test("agentOS_fs_replace refuses edits that mean nothing", async () => {
  await withFile("a\n", async (root) => {
    for (
      const edit of [
        { oldText: "", newText: "x" },
        { oldText: "a", newText: "a" },
        { oldText: "a\n", newText: "a\r\n" },
        { oldText: "a", newText: "\ud800" },
        { oldText: "a", newText: "b", expectedCount: 0 },
      ]
    ) {
      assert.equal((await refusal(root, edit)).code, "tool.input");
    }
  });
  await withFile(bytesOf("a", 0, "b"), async (root) => {
    assert.equal((await refusal(root, { oldText: "a", newText: "b" })).code, "file.binary");
  });
  await withFile(bytesOf(0xff, 0xfe, "a"), async (root) => {
    assert.equal((await refusal(root, { oldText: "a", newText: "b" })).code, "file.encoding");
  });
  await withFile(bytesOf("a ", 0xe9), async (root) => {
    assert.equal((await refusal(root, { oldText: "a", newText: "→" })).code, "file.encoding");
  });
});

Deno.test("agentOS_fs_replace needs a file, not too large", async () => {
  await inTempFolder(async (root) => {
    await assert.rejects(replace(root, { oldText: "a", newText: "b" }), { code: "path.not_found" });
    Deno.writeFileSync(`${root}/file`, new Uint8Array(16 * 1024 * 1024 + 1).fill(0x61));
    await assert.rejects(replace(root, { oldText: "a", newText: "b" }), { code: "file.too_large" });
    Deno.writeTextFileSync(`${root}/file`, `${"word ".repeat(1_000_000)}end`);
    assert.equal((await replace(root, { oldText: "end", newText: "END" })).replaced, 1);
    const all = { oldText: "word", newText: "x", expectedCount: 10_000 };
    await assert.rejects(replace(root, all), {
      code: "file.ambiguous",
      message: /in more than 10000 places/,
    });
    await assert.rejects(replace(root, { ...all, expectedCount: 10_001 }), { code: "tool.input" });
  });
});

Deno.test("agentOS_fs_replace loses none of twenty edits made at once, by two names of one file", async () => {
  await inTempFolder(async (root) => {
    const slots = Array.from({ length: 20 }, (_, index) => `slot-${String(index).padStart(2, "0")}=empty`);
    Deno.writeTextFileSync(`${root}/file`, slots.join("\n"));
    if (Deno.build.os !== "windows") Deno.symlinkSync("file", `${root}/link`);
    await Promise.all(slots.map((slot, index) => {
      const path = index % 2 === 1 && Deno.build.os !== "windows" ? "link" : "file";
      return fsReplace.call(
        { path, oldText: slot, newText: slot.replace("empty", "full") },
        testContext(root),
      );
    }));
    assert.equal(Deno.readTextFileSync(`${root}/file`), slots.join("\n").replaceAll("empty", "full"));
  });
});

Deno.test("agentOS_fs_replace notices another program's write instead of undoing it", async () => {
  await inTempFolder(async (root) => {
    const { withWriteTarget } = await import("./write_checked.ts");
    Deno.writeTextFileSync(`${root}/file`, "old");
    const edit = withWriteTarget("file", testContext(root).settings, async (target) => {
      Deno.writeTextFileSync(`${root}/file`, "theirs, written meanwhile");
      await target.write(new TextEncoder().encode("ours"));
    });
    await assert.rejects(edit, { code: "path.changed" });
    assert.equal(Deno.readTextFileSync(`${root}/file`), "theirs, written meanwhile");
  });
});
