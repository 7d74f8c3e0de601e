import assert from "node:assert/strict";
import fc from "fast-check";
import { AppError } from "../../../base/errors.ts";
import { inTempFolder } from "../../../../tests/tool_context.ts";
import type { SearchMatch, SearchRequest, SearchResult, SearchScope } from "./model.ts";
import { searchHere } from "./search_here.ts";

type Asked = Partial<SearchRequest> & { readonly query: string };

function search(top: string, asked: Asked, scope: Partial<SearchScope> = {}): SearchResult {
  const request = {
    paths: [top],
    regex: false,
    ignoreCase: false,
    glob: undefined,
    contextLines: 0,
    maxResults: 1_000,
    cursor: undefined,
    timeoutMs: 10_000,
    ...asked,
  };
  return searchHere(request, { roots: [top], forbidden: [], platform: "linux", ...scope });
}

function shown(top: string, { matches }: SearchResult): string[] {
  return matches.map(({ path, line, column, text }) =>
    `${path.slice(top.length + 1)}:${line}:${column}:${text}`
  );
}

async function write(top: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await Deno.mkdir(`${top}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeFile(
      `${top}/${path}`,
      typeof content === "string" ? new TextEncoder().encode(content) : content,
    );
  }
}

async function git(top: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command("git", {
    args: ["-C", top, "-c", "core.quotePath=false", ...args],
    env: { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1", LC_ALL: "C.UTF-8" },
  }).output();
  assert.ok(code <= 1, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

/** What git grep finds in files that do not start with a dot, in path order. */
async function gitGrep(top: string, args: readonly string[]): Promise<string[]> {
  const out = await git(top, [
    "grep",
    "--untracked",
    "-I",
    "--line-number",
    "--column",
    "--full-name",
    ...args,
  ]);
  return out.split("\n").filter((line) => line !== "" && !/^(?:[^:]*\/)?\./.test(line))
    .sort((one, other) => comparePaths(one.split(":"), other.split(":")));
}

function comparePaths([one = "", lineOne]: string[], [other = "", lineOther]: string[]): number {
  if (one === other) return Number(lineOne) - Number(lineOther);
  const [names, otherNames] = [one.split("/"), other.split("/")];
  const at = names.findIndex((name, index) => name !== otherNames[index]);
  return (names[at] ?? "") < (otherNames[at] ?? "") ? -1 : 1;
}

Deno.test("searchHere() finds what git grep finds, in a tree of ignored, hidden, binary and linked files", async () => {
  await inTempFolder(async (top) => {
    await git(top, ["init", "-q"]);
    await write(top, {
      ".gitignore": "*.log\n/build/\nnode_modules\n!keep.log\n",
      "src/.gitignore": "gen*\n!gen_kept.ts\ndeep/**/x.ts\n",
      ".git/info/exclude": "secret.txt\n",
      "a.ts": "one needle\ntwo\nneedle needle\n",
      "a/b.ts": "a needle",
      "a-b.ts": "needle\n",
      "A.ts": "Needle\n",
      "src/gen1.ts": "needle",
      "src/gen_kept.ts": "x\n\n\tneedle\n",
      "src/deep/a/x.ts": "needle",
      "src/deep/x.ts": "needle",
      "src/deep/y.ts": "needle",
      "x.log": "needle",
      "keep.log": "needle",
      "build/out.js": "needle",
      "lib/build/out.js": "needle",
      "node_modules/p/i.js": "needle",
      "secret.txt": "needle",
      ".hidden/f.ts": "needle",
      "src/.env": "needle",
      "binary.dat": new Uint8Array([0x6e, 0x65, 0x65, 0x64, 0x6c, 0x65, 0, 1, 2, 10]),
      "umlaut é/ü.md": "Größe: needle\n",
      "empty.txt": "",
    });
    await Deno.symlink(`${top}/a.ts`, `${top}/link.ts`);
    await Deno.symlink("..", `${top}/src/loop`);
    for (
      const args of [["-F", "-e", "needle"], ["-F", "-i", "-e", "NEEDLE"], ["-E", "-e", "^needle|a need.e$"]]
    ) {
      const asked = { query: args.at(-1) ?? "", ignoreCase: args.includes("-i"), regex: args.includes("-E") };
      const expected = await gitGrep(top, args);
      assert.ok(expected.length >= 3);
      // git counts columns in bytes.
      const found = shown(top, search(top, asked)).map((line) => line.replace("ü.md:1:8:", "ü.md:1:10:"));
      assert.deepEqual(found, expected);
    }
  });
});

const name = fc.constantFrom("a", "b", "ab", "a.b", "B", "a-", "é", "c.ts", "d.ts");
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join("/"));
const text = fc.array(
  fc.constantFrom("ab", "A", "b ", "é", "\t", "\n", "\n", "\r\n", "x", "ab ab", "ſ", "😀"),
  { maxLength: 30 },
)
  .map((parts) => parts.join(""));
const tree = fc.dictionary(path, text, { minKeys: 1, maxKeys: 8 });
const literal = fc.constantFrom("ab", "a", "b x", "é", "éab", "A", "AB", "😀", "x\t", "É");
const pattern = fc.constantFrom(
  "a.",
  "^ab",
  "b$",
  "[^x]+b",
  "\\s",
  "a\\s*b",
  "(?=b)",
  "\\bab",
  "é|x",
  "a{2}|A",
  "^$",
  "\\S+$",
  ".",
  "(?<!a)b",
  "\\p{L}b",
);

/** A tree in which no file stands where a folder should. */
function plantable(files: Readonly<Record<string, string>>): Record<string, string> {
  const paths = Object.keys(files);
  return Object.fromEntries(
    Object.entries(files).filter(([one]) => !paths.some((other) => other.startsWith(`${one}/`))),
  );
}

/** Reads all, splits into lines, asks each. */
function searchNaively(files: Readonly<Record<string, string>>, expression: RegExp): string[] {
  return Object.entries(files)
    .flatMap(([file, content]) => {
      const lines = content.split("\n");
      if (lines.at(-1) === "") lines.pop();
      return lines.flatMap((whole, index) => {
        const line = whole.replace(/\r$/, "");
        const at = line.search(expression);
        return at === -1 ? [] : [`${file}:${index + 1}:${at + 1}:${line}`];
      });
    })
    .sort((one, other) => comparePaths(one.split(":"), other.split(":")));
}

async function withTree(files: Readonly<Record<string, string>>, test: (top: string) => void): Promise<void> {
  await inTempFolder(async (top) => {
    await write(top, files);
    test(top);
  });
}

Deno.test("searchHere() finds the lines that asking each line finds", async () => {
  await fc.assert(
    fc.asyncProperty(
      tree.map(plantable),
      literal,
      pattern,
      fc.boolean(),
      async (files, query, regex, ignoreCase) => {
        await withTree(files, (top) => {
          const escaped = query.replace(/[^\p{L}]/gu, "[$&]");
          const byText = new RegExp(query === "😀" ? query : escaped, ignoreCase ? "i" : "");
          assert.deepEqual(shown(top, search(top, { query, ignoreCase })), searchNaively(files, byText));
          const byRegex = new RegExp(regex, `m${ignoreCase ? "i" : ""}${regex.includes("\\p") ? "u" : ""}`);
          assert.deepEqual(
            shown(top, search(top, { query: regex, regex: true, ignoreCase })),
            searchNaively(files, byRegex),
          );
        });
      },
    ),
    { numRuns: 150 },
  );
});

Deno.test("searchHere() takes ^ and $ for the ends of each line, also where an expression turns that off", async () => {
  await inTempFolder(async (top) => {
    await Deno.writeTextFile(`${top}/a`, "foo bar\nbar foo\n".repeat(4));
    for (const [query, lines] of [["(?-m:^foo)", [1, 3, 5, 7]], ["(?i-m:FOO$)", [2, 4, 6, 8]]] as const) {
      assert.deepEqual(search(top, { query, regex: true }).matches.map(({ line }) => line), lines);
    }
  });
});

Deno.test("searchHere() gives the same matches page by page as at once, whatever the page size", async () => {
  await fc.assert(
    fc.asyncProperty(
      tree.map(plantable),
      pattern,
      fc.integer({ min: 1, max: 4 }),
      async (files, query, maxResults) => {
        await withTree(files, (top) => {
          const asked = { query, regex: true, contextLines: 1 };
          const whole = search(top, asked);
          const pages: SearchMatch[] = [];
          let cursor: string | undefined;
          do {
            const page = search(top, { ...asked, maxResults, cursor });
            assert.ok(page.matches.length === maxResults || page.nextCursor === undefined);
            assert.equal(page.stopped, page.nextCursor === undefined ? undefined : "maxResults");
            pages.push(...page.matches);
            cursor = page.nextCursor;
          } while (cursor !== undefined);
          assert.deepEqual(pages, whole.matches);
        });
      },
    ),
    { numRuns: 100 },
  );
});

Deno.test("searchHere() goes on over several starts, and ends where the last one does", async () => {
  await inTempFolder(async (top) => {
    await write(top, { "one/a": "x\nx\n", "two/b": "x\n", "three.txt": "x\nx\nx\n", "one/.g/c": "x" });
    const paths = ["two", "three.txt", "one", "one/.g"].map((one) => `${top}/${one}`);
    const lines: string[] = [];
    let cursor: string | undefined;
    do {
      const page = search(top, { query: "x", paths, maxResults: 1, cursor });
      lines.push(...shown(top, page));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    assert.deepEqual(lines, [
      "two/b:1:1:x",
      "three.txt:1:1:x",
      "three.txt:2:1:x",
      "three.txt:3:1:x",
      "one/a:1:1:x",
      "one/a:2:1:x",
      "one/.g/c:1:1:x",
    ]);
  });
});

Deno.test("searchHere() refuses a cursor that is damaged or of another search", async () => {
  await inTempFolder(async (top) => {
    await write(top, { a: "x\nx\n" });
    const { nextCursor = "" } = search(top, { query: "x", maxResults: 1 });
    const isRefused = (error: unknown): boolean => error instanceof AppError && error.code === "tool.input";
    for (const cursor of ["", "%%%", "AAAA", nextCursor.slice(1), btoa("[1,2]"), btoa("null")]) {
      assert.throws(() => search(top, { query: "x", cursor }), isRefused, cursor);
    }
    assert.throws(() => search(top, { query: "x", ignoreCase: true, cursor: nextCursor }), isRefused);
    assert.equal(search(top, { query: "x", contextLines: 3, cursor: nextCursor }).matches.length, 1);
  });
});

Deno.test("searchHere() reads UTF-16 and byte order marks, ends of lines, and bytes that are no UTF-8", async () => {
  await inTempFolder(async (top) => {
    const utf16 = (text: string, littleEndian: boolean): Uint8Array => {
      const view = new DataView(new ArrayBuffer(text.length * 2));
      [...text].forEach((_, index) => view.setUint16(index * 2, text.charCodeAt(index), littleEndian));
      return new Uint8Array(view.buffer);
    };
    await write(top, {
      "be.txt": utf16("\ufeffx\r\ngröße\r\n", false),
      "bom.txt": "\ufeffgröße\r\nlast größe",
      "broken.txt": new Uint8Array([0xff, 0x20, 0x67, 0x72, 0xc3, 0xb6, 0xc3, 0x9f, 0x65, 0xfe]),
      "le.txt": utf16("\ufeffgröße", true),
    });
    for (
      const asked of [{ query: "größe" }, { query: "GRÖßE", ignoreCase: true }, {
        query: "g.{3}e",
        regex: true,
      }]
    ) {
      assert.deepEqual(shown(top, search(top, asked)), [
        "be.txt:2:1:größe",
        "bom.txt:1:1:größe",
        "bom.txt:2:6:last größe",
        "broken.txt:1:3:\ufffd größe\ufffd",
        "le.txt:1:1:größe",
      ]);
    }
  });
});

Deno.test("searchHere() shows lines around a match, and shortens long lines around it", async () => {
  await inTempFolder(async (top) => {
    const long = `${"😀".repeat(1_000)}needle${"y".repeat(100_000)}`;
    await write(top, { "a.txt": `one\ntwo\nneedle\nfour\r\nfive\n${long}\n` });
    const [first, second, ...others] = search(top, { query: "needle", contextLines: 2 }).matches;
    assert.equal(others.length, 0);
    assert.deepEqual([first?.before, first?.text, first?.after], [["one", "two"], "needle", [
      "four",
      "five",
    ]]);
    assert.deepEqual([second?.line, second?.column, second?.after], [6, 2001, []]);
    assert.match(second?.text ?? "", /^…(😀)+needley+…$/u);
    assert.ok((second?.text.length ?? 0) <= 303);
  });
});

Deno.test("searchHere() keeps out of forbidden folders, and searches a hidden or ignored one that is named", async () => {
  await inTempFolder(async (top) => {
    await write(top, {
      ".gitignore": "node_modules\n*.map\n",
      "a": "x",
      "state/token": "x",
      "node_modules/p/a.js": "x",
      "node_modules/p/a.map": "x",
      ".github/w.yml": "x",
    });
    const scope = { forbidden: [`${top}/state`] };
    assert.deepEqual(shown(top, search(top, { query: "x" }, scope)), ["a:1:1:x"]);
    assert.deepEqual(shown(top, search(top, { query: "x", paths: [`${top}/.github`] }, scope)), [
      ".github/w.yml:1:1:x",
    ]);
    assert.deepEqual(shown(top, search(top, { query: "x", paths: [`${top}/node_modules`] }, scope)), [
      "node_modules/p/a.js:1:1:x",
      "node_modules/p/a.map:1:1:x",
    ]);
  });
});

Deno.test("searchHere() searches only files that the glob names, below the folder that is searched", async () => {
  await inTempFolder(async (top) => {
    await write(top, { "a.ts": "x", "a.js": "x", "src/b.ts": "x", "src/c/d.ts": "x", "src/c/e.md": "x" });
    const found = (glob: string): string[] =>
      search(top, { query: "x", glob }).matches.map(({ path }) => path.slice(top.length + 1));
    assert.deepEqual(found("*.ts"), ["a.ts", "src/b.ts", "src/c/d.ts"]);
    assert.deepEqual(found("src/**/*.{ts,md}"), ["src/b.ts", "src/c/d.ts", "src/c/e.md"]);
    assert.deepEqual(found("src/*"), ["src/b.ts"]);
    assert.equal(search(top, { query: "x", glob: "c/*", paths: [`${top}/src`] }).matches.length, 2);
  });
});

Deno.test("searchHere() passes over a file of more than 32 MiB and counts it", async () => {
  await inTempFolder(async (top) => {
    await write(top, { "a.txt": "x\n" });
    await Deno.writeFile(`${top}/large.txt`, new TextEncoder().encode("x\n".repeat(70_000)));
    await Deno.truncate(`${top}/large.txt`, 40 * 1024 * 1024);
    const { matches, filesSearched, filesTooLarge } = search(top, { query: "x" });
    assert.deepEqual([matches.length, filesSearched, filesTooLarge], [1, 1, 1]);
  });
});

Deno.test("searchHere() counts what is binary, below every path that is searched", async () => {
  await inTempFolder(async (top) => {
    await write(top, { "a/x.bin": "x\0", "b/x.bin": "x\0", "b/x.txt": "x", "c/x.bin": "x\0" });
    const { matches, ...rest } = search(top, { query: "x", paths: [`${top}/a`, `${top}/b`] });
    assert.equal(matches.length, 1);
    assert.deepEqual([rest.filesSearched, rest.filesBinary, rest.foldersUnreadable], [1, 2, 0]);
  });
});

Deno.test("searchHere() finds matches on both sides of where it cuts a large file", async () => {
  await inTempFolder(async (top) => {
    const lines = Array.from({ length: 30_000 }, (_, index) => `line ${index} é ${"-".repeat(index % 7)}`);
    await write(top, { "large.txt": lines.join("\n") });
    for (const query of ["[4-9]99 é", "\\D99 |\\s29999", "99 (?=é)"]) {
      const expression = new RegExp(query);
      const expected = lines.flatMap((line, index) => expression.test(line) ? [index + 1] : []).slice(
        0,
        1_000,
      );
      const found = search(top, { query, regex: true, maxResults: 1_000 }).matches;
      assert.ok(found.length > 0);
      assert.deepEqual(found.map(({ line }) => line), expected);
    }
  });
});

Deno.test("searchHere() stops early on a common word, having searched a few files only", async () => {
  await inTempFolder(async (top) => {
    await write(
      top,
      Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`f${index}`, "common\n"])),
    );
    const result = search(top, { query: "common", maxResults: 5 });
    assert.deepEqual([result.matches.length, result.stopped], [5, "maxResults"]);
    assert.ok(result.filesSearched < 50, String(result.filesSearched));
  });
});
