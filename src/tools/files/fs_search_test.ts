import assert from "node:assert/strict";
import { AppError } from "../../base/errors.ts";
import { inTempFolder, testContext, testSettings } from "../../../tests/tool_context.ts";
import type { ToolContext, ToolSettings } from "../define.ts";
import { fsList } from "./fs_list.ts";
import { fsSearch } from "./fs_search.ts";
import { searchHere } from "./search/search_here.ts";

function context(top: string, settings: Partial<ToolSettings> = {}): ToolContext {
  const all = testSettings(top, settings);
  const scope = {
    roots: all.roots.map(({ path }) => path),
    forbidden: all.forbidden,
    platform: all.platform,
  };
  // On this thread: how searches are spread over processes is another test's business.
  return testContext(top, {
    settings: all,
    search: (request) => Promise.resolve(searchHere(request, scope)),
  });
}

async function fails(call: Promise<unknown>, code: string): Promise<AppError> {
  const error = await call.then(() => undefined, (thrown: unknown) => thrown);
  assert.ok(error instanceof AppError, `nothing was refused, or not by us: ${error}`);
  assert.equal(error.code, code);
  return error;
}

Deno.test("agentOS_fs_search takes a glob for what agentOS_fs_list takes it for, on every system", async () => {
  await inTempFolder(async (top) => {
    for (const name of ["a.md", "B.MD", "c.txt"]) await Deno.writeTextFile(`${top}/${name}`, "needle");
    for (const [platform, names] of [["linux", ["a.md"]], ["darwin", ["B.MD", "a.md"]]] as const) {
      const { data: found } = await fsSearch.call(
        { query: "needle", glob: "*.md" },
        context(top, { platform }),
      );
      const { data: listed } = await fsList.call({ path: "", glob: "*.md" }, context(top, { platform }));
      for (const rows of [found["matches"], listed["entries"]]) {
        assert.ok(Array.isArray(rows));
        assert.deepEqual(rows.map(({ path }) => path), names);
      }
    }
  });
});

Deno.test("agentOS_fs_search gives paths as agentOS_fs_read takes them, with the lines around", async () => {
  await inTempFolder(async (top) => {
    await Deno.mkdir(`${top}/src`);
    await Deno.writeTextFile(`${top}/src/a.ts`, "one\ntwo needle\nthree\n");
    const one = await fsSearch.call({ query: "needle", context: 1 }, context(top));
    assert.deepEqual(one.data, {
      matches: [{ path: "src/a.ts", line: 2, column: 5, text: "two needle", around: "1: one\n3: three" }],
      filesSearched: 1,
    });
    assert.equal(
      one.text,
      "src/a.ts\n2:5: two needle\n  1: one\n  3: three\n(1 matching line, 1 file searched)",
    );

    const roots = [{ path: top, writable: true }, { path: `${top}/src`, writable: false }];
    const { data } = await fsSearch.call({ query: "needle" }, context(top, { roots }));
    assert.deepEqual(data.matches, [{ path: `${top}/src/a.ts`, line: 2, column: 5, text: "two needle" }]);
  });
});

Deno.test("agentOS_fs_search keeps both forms of its answer under 10 kB, and its cursor loses no match", async () => {
  await inTempFolder(async (top) => {
    const lines = Array.from(
      { length: 400 },
      (_, index) => `${index} needle ${'"é\u0001'.repeat(index % 90)}`,
    );
    await Deno.writeTextFile(`${top}/a.txt`, lines.join("\n"));
    await Deno.writeTextFile(`${top}/b.txt`, lines.join("\n"));
    for (const asked of [{ maxResults: 200 }, { context: 10 }, { context: 10, maxResults: 1 }]) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const { data, text } = await fsSearch.call({ query: "needle", ...asked, cursor }, context(top));
        assert.ok(new TextEncoder().encode(JSON.stringify(data)).length <= 10_000);
        assert.ok(new TextEncoder().encode(text).length <= 10_000);
        assert.ok(Array.isArray(data.matches) && data.matches.length > 0);
        for (const { path, line } of data.matches) seen.push(`${path}:${line}`);
        assert.equal(typeof data.nextCursor, data.stopped === undefined ? "undefined" : "string");
        cursor = typeof data.nextCursor === "string" ? data.nextCursor : undefined;
      } while (cursor !== undefined && seen.length < 1_000);
      assert.deepEqual(
        seen,
        ["a.txt", "b.txt"].flatMap((file) => lines.map((_, index) => `${file}:${index + 1}`)),
      );
    }
  });
});

Deno.test("agentOS_fs_search says in both forms which files it left out, and stays under 10 kB beside a long cursor", async () => {
  await inTempFolder(async (top) => {
    Deno.writeTextFileSync(`${top}/big`, "text\n".repeat(7_000_000));
    const { data, text } = await fsSearch.call({ query: "needle" }, context(top));
    assert.deepEqual(data, { matches: [], filesSearched: 0, leftOut: "1 over 32 MiB" });
    assert.equal(text, "(0 matching lines, 0 files searched; 1 over 32 MiB left out)");

    const folder = `${top}/${`${"d".repeat(250)}/`.repeat(14)}`;
    await Deno.mkdir(folder, { recursive: true });
    for (let file = 0; file < 9; file++) await Deno.writeTextFile(`${folder}${file}`, "needle\n");
    let cursor: string | undefined;
    let found = 0;
    do {
      const page = await fsSearch.call(
        { query: "needle", ...(cursor === undefined ? {} : { cursor }) },
        context(top),
      );
      for (const sent of [JSON.stringify(page.data), page.text]) {
        assert.ok(new TextEncoder().encode(sent).length <= 10_000, `${sent.length}`);
      }
      found += Array.isArray(page.data["matches"]) ? page.data["matches"].length : 0;
      cursor = typeof page.data["nextCursor"] === "string" ? page.data["nextCursor"] : undefined;
    } while (cursor !== undefined);
    assert.equal(found, 9);
  });
});

Deno.test(
  "agentOS_fs_search stays under 10 kB where folders have names of control characters, and goes on",
  // Windows has no such names.
  { ignore: Deno.build.os === "windows" },
  async () => {
    await inTempFolder(async (top) => {
      const names = ["\u0001".repeat(250), ...Array.from({ length: 10 }, () => "\u0002".repeat(250))];
      names.forEach((_, depth) => {
        const folder = `${top}/${names.slice(0, depth + 1).join("/")}`;
        Deno.mkdirSync(folder);
        Deno.writeTextFileSync(`${folder}/a`, "needle\nneedle\n");
      });
      Deno.writeTextFileSync(`${top}/z`, "needle\n");
      for (const asked of [{}, { maxResults: 1 }, { maxResults: 7 }, { context: 2 }]) {
        let cursor: string | undefined;
        let [found, left] = [0, 0];
        const shown: unknown[] = [];
        do {
          const { data, text } = await fsSearch.call(
            { query: "needle", ...asked, ...(cursor === undefined ? {} : { cursor }) },
            context(top),
          );
          for (const sent of [JSON.stringify(data), text]) {
            assert.ok(new TextEncoder().encode(sent).length <= 10_000, `${sent.length}`);
          }
          assert.ok(Array.isArray(data.matches));
          for (const match of data.matches) shown.push(match.path);
          found += data.matches.length;
          left += Number(/(\d+) matching lines? whose path is too long/.exec(String(data.leftOut))?.[1] ?? 0);
          cursor = typeof data.nextCursor === "string" ? data.nextCursor : undefined;
        } while (cursor !== undefined && found + left < 100);
        assert.equal(shown.at(-1), "z");
        assert.ok(left > 0);
        assert.equal(found + left, 2 * names.length + 1);
      }
    });
  },
);

Deno.test("agentOS_fs_search takes ^ and $ for the ends of lines, and nothing inside of them for one", async () => {
  await inTempFolder(async (top) => {
    const inside = ["\r", "\u2028", "\u2029"].map((odd) => `x${odd}needle${odd}x`);
    await Deno.writeTextFile(`${top}/a`, [...inside, "needle\r", "needle", "needle\r"].join("\n"));
    for (const query of ["^needle", "needle$", "^needle$", "^[n]\\w+", "(?:^)n.*(?:$)"]) {
      const { data } = await fsSearch.call({ query, regex: true }, context(top));
      assert.ok(Array.isArray(data.matches));
      assert.deepEqual(data.matches.map(({ line, text }) => [line, text]), [
        [4, "needle"],
        [5, "needle"],
        [6, "needle"],
      ], query);
    }
  });
});

Deno.test("agentOS_fs_search searches one file that is named, and nothing outside the roots", async () => {
  await inTempFolder(async (top) => {
    await Deno.mkdir(`${top}/root`);
    await Deno.writeTextFile(`${top}/root/a.txt`, "needle");
    await Deno.writeTextFile(`${top}/secret.txt`, "needle");
    await Deno.symlink(top, `${top}/root/out`);
    const inside = context(`${top}/root`);
    assert.equal((await fsSearch.call({ query: "needle", path: "a.txt" }, inside)).data.filesSearched, 1);
    assert.equal((await fsSearch.call({ query: "needle" }, inside)).data.filesSearched, 1);
    for (const path of ["..", "../secret.txt", "out", "out/secret.txt", `${top}/secret.txt`]) {
      await fails(fsSearch.call({ query: "needle", path }, inside), "path.outside_roots");
    }
    await fails(fsSearch.call({ query: "needle", path: "missing" }, inside), "path.not_found");
    await fails(fsSearch.call({ query: "needle" }, context(top, { roots: [] })), "path.no_roots");
  });
});

Deno.test("agentOS_fs_search refuses what it cannot search for, and says why", async () => {
  await inTempFolder(async (top) => {
    const call = (input: Record<string, unknown>): Promise<unknown> => fsSearch.call(input, context(top));
    for (
      const input of [
        { query: "" },
        { query: "x".repeat(1_001) },
        { query: "x", maxResults: 0 },
        {
          query: "x",
          context: 11,
        },
        { query: "x", glob: "" },
        { query: "x", glob: "{a,b}".repeat(7) },
        { query: "x", cursor: "mine" },
        {},
      ]
    ) {
      await fails(call(input), "tool.input");
    }
    const error = await fails(call({ query: "(a)\\1", regex: true }), "search.pattern");
    assert.match(error.message, /\\1 is a back-reference.* position 4/);
    await fails(call({ query: "a\nb" }), "search.pattern");
  });
});

Deno.test("agentOS_fs_search says that a file is binary, and not that nothing is in it", async () => {
  await inTempFolder(async (top) => {
    await Deno.writeTextFile(`${top}/a.bin`, "needle\0");
    await Deno.writeTextFile(`${top}/b.txt`, "needle");
    const named = await fsSearch.call({ query: "needle", path: "a.bin" }, context(top));
    assert.deepEqual(named.data, { matches: [], filesSearched: 0, leftOut: "1 binary" });
    assert.equal(named.text, "(0 matching lines, 0 files searched; 1 binary left out)");
    const all = await fsSearch.call({ query: "needle" }, context(top));
    assert.deepEqual([all.data["filesSearched"], all.data["leftOut"]], [1, "1 binary"]);
  });
});

Deno.test("agentOS_fs_search counts what cannot be read, and refuses what was named and cannot be", async () => {
  await inTempFolder(async (top) => {
    await Deno.writeTextFile(`${top}/a.txt`, "needle");
    const counts = {
      filesSearched: 0,
      filesTooLarge: 1,
      filesBinary: 2,
      filesUnreadable: 3,
      foldersUnreadable: 4,
    };
    const result = { ...counts, matches: [], stopped: undefined, nextCursor: undefined, elapsedMs: 1 };
    const searching = (): ToolContext => testContext(top, { search: () => Promise.resolve(result) });
    const { data } = await fsSearch.call({ query: "needle", path: "a.txt" }, searching());
    assert.equal(
      data["leftOut"],
      "1 over 32 MiB, 2 binary, 3 that cannot be read, the inside of 4 that cannot be read",
    );
    const gone = testContext(top, {
      search: async () => {
        await Deno.remove(`${top}/a.txt`);
        return result;
      },
    });
    await fails(fsSearch.call({ query: "needle", path: "a.txt" }, gone), "path.not_found");
  });
});
