import assert from "node:assert/strict";
import fc from "fast-check";
import { inTempFolder, testContext } from "../../../tests/tool_context.ts";
import { sha256Hex } from "../../base/hash.ts";
import { fsRead } from "./fs_read.ts";

interface Input {
  readonly startLine?: number;
  readonly endLine?: number;
  readonly tail?: number;
}

/** Reads `file` in `root` and holds the answer to the size that clients show whole. */
async function read(
  root: string,
  input: Input = {},
  path = "file",
): Promise<Readonly<Record<string, unknown>>> {
  const { data, text } = await fsRead.call({ path, ...input }, testContext(root));
  for (const sent of [data, text]) {
    const size = new TextEncoder().encode(JSON.stringify(sent)).length;
    assert.ok(size <= 10_000, `${size} bytes`);
  }
  const onTheWire: Record<string, unknown> = JSON.parse(JSON.stringify(data));
  return onTheWire;
}

function textOf(data: Readonly<Record<string, unknown>>): string {
  assert.ok(typeof data.text === "string");
  return data.text;
}

/** Writes `file` into a fresh root and reads from it. */
async function withFile(content: string | Uint8Array, test: (root: string) => Promise<void>): Promise<void> {
  await inTempFolder(async (root) => {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    Deno.writeFileSync(`${root}/file`, bytes);
    await test(root);
  });
}

Deno.test("agentOS_fs_read answers a whole small file with what is needed to change it", async () => {
  await withFile("one\ntwo\nthree", async (root) => {
    assert.deepEqual(await read(root), {
      text: "one\ntwo\nthree",
      startLine: 1,
      endLine: 3,
      kind: "text",
      totalLines: 3,
      encoding: "utf-8",
      eol: "lf",
      sizeBytes: 13,
      sha256: sha256Hex(new TextEncoder().encode("one\ntwo\nthree")),
    });
  });
});

Deno.test("agentOS_fs_read shows ranges and tails, and refuses what makes no range", async () => {
  await withFile("1\n2\n3\n4\n5\n", async (root) => {
    assert.equal((await read(root, { startLine: 2, endLine: 3 })).text, "2\n3\n");
    assert.equal((await read(root, { startLine: 5 })).text, "5\n");
    assert.equal((await read(root, { endLine: 99 })).endLine, 5);
    assert.equal((await read(root, { tail: 2 })).text, "4\n5\n");
    assert.equal((await read(root, { tail: 2 })).startLine, 4);
    assert.equal((await read(root, { tail: 50 })).text, "1\n2\n3\n4\n5\n");
    for (
      const input of [
        { startLine: 6 },
        { startLine: 3, endLine: 2 },
        { tail: 1, startLine: 1 },
        { startLine: 0 },
        { tail: -1 },
        { startLine: 1.5 },
      ]
    ) {
      await assert.rejects(read(root, input), { code: "tool.input" }, JSON.stringify(input));
    }
  });
});

Deno.test("agentOS_fs_read counts lines as editors do", async () => {
  const rows: readonly (readonly [content: string, totalLines: number, eol: string])[] = [
    ["", 0, "none"],
    ["a", 1, "none"],
    ["a\n", 1, "lf"],
    ["a\nb", 2, "lf"],
    ["\n\n", 2, "lf"],
    ["a\r\nb\r\n", 2, "crlf"],
    ["a\r\nb\n", 2, "mixed"],
    ["a\rb", 1, "none"],
    ["\ufeff", 0, "none"],
    ["\ufeffa\n", 1, "lf"],
  ];
  for (const [content, totalLines, eol] of rows) {
    await withFile(content, async (root) => {
      const data = await read(root);
      assert.deepEqual([data.totalLines, data.eol], [totalLines, eol], JSON.stringify(content));
      assert.equal(data.text, content.replace("\ufeff", "").replaceAll("\r\n", "\n"));
    });
  }
});

Deno.test("agentOS_fs_read says the encoding and decodes it", async () => {
  const utf16 = (text: string, little: boolean): Uint8Array => {
    const view = new DataView(new ArrayBuffer(text.length * 2));
    for (let at = 0; at < text.length; at++) view.setUint16(at * 2, text.charCodeAt(at), little);
    return new Uint8Array(view.buffer);
  };
  const rows: readonly (readonly [bytes: Uint8Array, encoding: string, text: string])[] = [
    [new TextEncoder().encode("é\n→\n"), "utf-8", "é\n→\n"],
    [new TextEncoder().encode("\ufeffé\n"), "utf-8-bom", "é\n"],
    [new Uint8Array([0x63, 0xe9, 0x0a, 0x80]), "windows-1252", "cé\n€"],
    [utf16("\ufeffaé\r\n→😀", true), "utf-16le", "aé\n→😀"],
    [utf16("\ufeffaé\r\n→😀", false), "utf-16be", "aé\n→😀"],
  ];
  for (const [bytes, encoding, text] of rows) {
    await withFile(bytes, async (root) => {
      const data = await read(root);
      assert.deepEqual([data.encoding, data.text, data.sha256], [encoding, text, sha256Hex(bytes)]);
      if (text.includes("\n")) {
        assert.equal(
          textOf(await read(root, { tail: 1 })),
          text.split("\n").filter(Boolean).at(-1) + (text.endsWith("\n") ? "\n" : ""),
        );
      }
    });
  }
});

Deno.test("agentOS_fs_read names images and binary files instead of dumping them", async () => {
  await withFile(new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1]), async (root) => {
    const { sha256, ...data } = await read(root);
    assert.deepEqual(data, { kind: "image", encoding: "image/png", sizeBytes: 9 });
    assert.match(String(sha256), /^[0-9a-f]{64}$/);
  });
  await withFile(new Uint8Array([1, 0, 2]), async (root) => {
    assert.equal((await read(root)).kind, "binary");
    assert.equal((await read(root)).text, undefined);
  });
});

Deno.test("agentOS_fs_read pages: following nextStartLine gives every line once", async () => {
  const line = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 200 }),
    fc.constantFrom("", '\t"\\', "\u0001".repeat(300), "é".repeat(900), "x".repeat(1_999)),
  ).map((text) => text.replaceAll(/[\r\n\0]/g, "").replaceAll("\ufeff", ""));
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 1, maxLength: 80 }),
      fc.constantFrom("\n", "\r\n"),
      fc.boolean(),
      async (lines, eol, ended) => {
        const content = lines.join(eol) + (ended ? eol : "");
        await withFile(content, async (root) => {
          let [all, startLine] = ["", 1];
          for (;;) {
            const page = await read(root, { startLine });
            all += textOf(page);
            assert.equal(page.startLine, startLine);
            if (typeof page.nextStartLine !== "number") break;
            assert.ok(page.nextStartLine > startLine);
            startLine = page.nextStartLine;
          }
          assert.equal(all, content.replaceAll("\r\n", "\n"));
        });
      },
    ),
    { numRuns: 40 },
  );
});

Deno.test("agentOS_fs_read shows any range and any tail as slicing the lines would", async () => {
  const lines = Array.from({ length: 60 }, (_, index) => `line ${index + 1}`);
  await withFile(lines.join("\n") + "\n", async (root) => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 0, max: 70 }),
        async (startLine, more) => {
          const range = await read(root, { startLine, endLine: startLine + more });
          assert.equal(
            range.text,
            lines.slice(startLine - 1, startLine + more).map((line) => `${line}\n`).join(""),
          );
          const tail = await read(root, { tail: startLine });
          assert.equal(tail.text, lines.slice(-startLine).map((line) => `${line}\n`).join(""));
        },
      ),
      { numRuns: 60 },
    );
  });
});

Deno.test("agentOS_fs_read keeps the end of a tail that does not fit", async () => {
  await withFile(
    Array.from({ length: 5_000 }, (_, index) => `line ${index + 1}`).join("\n"),
    async (root) => {
      const data = await read(root, { tail: 5_000 });
      assert.ok(textOf(data).endsWith("line 4999\nline 5000"));
      assert.equal(textOf(data).split("\n")[0], `line ${data.startLine}`);
      assert.equal(data.nextStartLine, undefined);
    },
  );
});

Deno.test("agentOS_fs_read cuts long lines, less when one is asked for alone", async () => {
  await withFile(`short\n${"y".repeat(50_000)}\nlast\n`, async (root) => {
    const data = await read(root);
    assert.deepEqual(textOf(data).split("\n"), ["short", "y".repeat(2_000) + "…[line cut]", "last", ""]);
    const alone = textOf(await read(root, { startLine: 2, endLine: 2 }));
    assert.ok(alone.length > 9_000 && alone.endsWith("…[line cut]\n"));
  });
});

Deno.test("agentOS_fs_read finds lines across the borders of what it reads at a time", async () => {
  const lines = Array.from({ length: 300_000 }, (_, index) => `${index + 1}é${"z".repeat(index % 17)}`);
  await withFile(lines.join("\r\n"), async (root) => {
    for (const startLine of [1, 2, 60_000, 75_001, 199_999, 300_000]) {
      const data = await read(root, { startLine, endLine: startLine + 1 });
      assert.deepEqual(textOf(data).split("\n").filter(Boolean), lines.slice(startLine - 1, startLine + 1));
      assert.deepEqual([data.totalLines, data.encoding, data.eol], [300_000, "utf-8", "crlf"]);
    }
  });
});

Deno.test("agentOS_fs_read is bounded on a line of 48 MB and on a file of 6 GB with holes", async () => {
  await inTempFolder(async (root) => {
    Deno.writeFileSync(`${root}/file`, new Uint8Array(48 * 1024 * 1024).fill(0x78));
    const one = await read(root, { startLine: 1, endLine: 1 });
    assert.deepEqual([one.totalLines, one.sizeBytes], [1, 48 * 1024 * 1024]);

    Deno.writeTextFileSync(`${root}/holes`, "");
    Deno.truncateSync(`${root}/holes`, 6 * 1024 ** 3);
    assert.deepEqual(await read(root, {}, "holes"), { kind: "binary", sizeBytes: 6 * 1024 ** 3 });
  });
});

Deno.test("agentOS_fs_read takes ranges and tails, but nothing whole, of a file over 64 MiB", async () => {
  await inTempFolder(async (root) => {
    const file = Deno.openSync(`${root}/file`, { write: true, create: true });
    const block = new TextEncoder().encode(
      Array.from({ length: 100_000 }, () => "0123456789").join("\n") + "\n",
    );
    for (let count = 0; count < 70; count++) file.writeSync(block);
    file.close();
    await assert.rejects(read(root), { code: "file.too_large" });
    const middle = await read(root, { startLine: 6_000_000, endLine: 6_000_001 });
    assert.deepEqual([middle.text, middle.startLine, middle.sha256], [
      "0123456789\n0123456789\n",
      6_000_000,
      undefined,
    ]);
    assert.equal((await read(root, { startLine: 6_999_000 })).nextStartLine === undefined, false);
    assert.equal((await read(root, { tail: 3 })).text, "0123456789\n".repeat(3));
    assert.equal((await read(root, { startLine: 7_000_000 })).text, "0123456789\n");
    await assert.rejects(read(root, { startLine: 7_000_001 }), {
      code: "tool.input",
      message: /startLine 7000001 is past the last line, 7000000/,
    });
    await assert.rejects(read(root, { startLine: 7_000_002 }), { code: "file.too_large" });
  });
});

Deno.test("agentOS_fs_read stops when the call is cancelled", async () => {
  await withFile("x\n".repeat(2_000_000), async (root) => {
    const signal = AbortSignal.abort();
    await assert.rejects(fsRead.call({ path: "file" }, testContext(root, { signal })), {
      code: "tool.cancelled",
    });
  });
});

Deno.test("agentOS_fs_read knows UTF-8 when characters lie across the borders of what it reads at a time", async () => {
  for (const [unit, shifts] of [["é", 2], ["→", 3], ["😀", 4]] as const) {
    for (let shift = 0; shift < shifts; shift++) {
      const text = "x".repeat(shift) + unit.repeat(800_000);
      await withFile(
        text,
        async (root) => assert.equal((await read(root)).encoding, "utf-8", `${unit} ${shift}`),
      );
      const cutInside = new TextEncoder().encode(text).slice(0, -1);
      await withFile(cutInside, async (root) => assert.equal((await read(root)).encoding, "windows-1252"));
    }
  }
});
