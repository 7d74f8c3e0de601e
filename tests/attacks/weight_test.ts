/**
 * Attacks on the server's time and memory by files and arguments: huge files, endless lines, texts and patterns that
 * make a simple search slow. Nobody else may have to wait for them.
 *
 * @module
 */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { ask, inFolder, requireAwake } from "./file_traps.ts";
import { requireRefusal, testAttacks, type Victim } from "./victim.ts";

/** The memory that the server's processes hold, in bytes; Linux only, elsewhere 0. */
async function residentBytes(victim: Victim): Promise<number> {
  if (Deno.build.os !== "linux") return 0;
  const status = await Deno.readTextFile(`/proc/${victim.server.pid()}/status`);
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
}

/** Writes a file of any size without holding it. */
async function writePieces(path: string, piece: string, pieces: number): Promise<void> {
  using file = await Deno.create(path);
  const bytes = new TextEncoder().encode(piece);
  for (let count = 0; count < pieces; count++) {
    for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
  }
}

testAttacks("attacks on time and memory", {
  "a sparse file of 6 GiB is answered in bounded time and memory": async (victim) => {
    await inFolder(victim, async (folder) => {
      const path = join(folder, "sparse.txt");
      await Deno.writeTextFile(path, "the first line\n".repeat(1_000));
      await Deno.truncate(path, 6 * 1024 ** 3);
      const before = await residentBytes(victim);
      requireRefusal(await ask(victim, { tool: "agentOS_fs_read", input: { path } }), /^file\.too_large/);
      for (
        const range of [{ startLine: 1, endLine: 3 }, { tail: 5 }, { startLine: 900 }, {
          startLine: 900_000_000,
        }]
      ) {
        const reply = await requireAwake(victim, { tool: "agentOS_fs_read", input: { path, ...range } });
        ok(reply !== undefined && reply.raw.length < 22_000, JSON.stringify(range));
      }
      requireRefusal(
        await ask(victim, { tool: "agentOS_fs_replace", input: { path, oldText: "first", newText: "x" } }),
        /^file\.too_large/,
      );
      const search = await ask(victim, {
        tool: "agentOS_fs_search",
        input: { path: folder, query: "first" },
      });
      match(search.text, /1 over 32 MiB left out/);
      equal((await ask(victim, { tool: "agentOS_fs_list", input: { path: folder } })).isError, false);
      ok(await residentBytes(victim) - before < 300 * 1024 ** 2, "it was taken into memory");
    });
  },
  "a file of 48 MB, in lines and in one line, is answered in part": async (victim) => {
    await inFolder(victim, async (folder) => {
      const [lines, line] = [join(folder, "lines.txt"), join(folder, "line.txt")];
      await writePieces(lines, "a line of no interest\n".repeat(1_000), 2_200);
      await writePieces(line, "x".repeat(1_000_000), 48);
      const before = await residentBytes(victim);
      for (const path of [lines, line]) {
        for (const range of [{}, { startLine: 1, endLine: 1 }, { tail: 1 }, { startLine: 1, endLine: 1e9 }]) {
          const reply = await requireAwake(victim, { tool: "agentOS_fs_read", input: { path, ...range } });
          ok(reply !== undefined && !reply.isError, reply?.text);
          ok(JSON.stringify(reply.data).length <= 10_240 && reply.text.length <= 10_240);
        }
        requireRefusal(
          await ask(victim, { tool: "agentOS_fs_replace", input: { path, oldText: "x", newText: "y" } }),
          /^file\.too_large/,
        );
        const search = await ask(victim, { tool: "agentOS_fs_search", input: { path, query: "interest" } });
        match(search.text, /1 over 32 MiB left out/);
      }
      ok(await residentBytes(victim) - before < 400 * 1024 ** 2, "it was taken into memory");
    });
  },
  "long matching lines and wide context fit into an answer": async (victim) => {
    await inFolder(victim, async (folder) => {
      await Deno.writeTextFile(join(folder, "wide.txt"), `${"needle ".repeat(200_000)}\n`.repeat(12));
      await Deno.writeTextFile(
        join(folder, "escapes.txt"),
        `needle ${'\x01\x02\x1f"\\'.repeat(50_000)}\n`.repeat(30),
      );
      const search = await ask(victim, {
        tool: "agentOS_fs_search",
        input: { path: folder, query: "needle", context: 10, maxResults: 200 },
      });
      equal(search.isError, false);
      for (const name of ["wide.txt", "escapes.txt"]) {
        for (const range of [{}, { startLine: 1, endLine: 1 }, { tail: 3 }]) {
          await ask(victim, { tool: "agentOS_fs_read", input: { path: join(folder, name), ...range } });
        }
        await ask(victim, {
          tool: "agentOS_fs_replace",
          input: {
            path: join(folder, name),
            oldText: "\n",
            newText: " \n",
            expectedCount: name === "wide.txt" ? 12 : 30,
          },
        });
      }
    });
  },
  "texts that make plain searching quadratic do not freeze an edit": async (victim) => {
    await inFolder(victim, async (folder) => {
      const a = (count: number): string => "a".repeat(count);
      const many = 2_000_000;
      const cases: Readonly<Record<string, readonly [string, string, string, number]>> = {
        "a rare first letter": [a(16_000_000), `b${a(1_000_000)}`, "x", 1],
        "a rare last letter": [a(16_000_000), `${a(1_000_000)}b`, "x", 1],
        "a rare letter inside": [a(16_000_000), `${a(500_000)}b${a(500_000)}`, "x", 1],
        "a near miss in one line": [a(4_000_000), `${a(450_000)}b${a(450_000)}`, "x", 1],
        "near misses in many lines": [`${a(31_000)}\n`.repeat(130), `${a(15_000)}b${a(15_000)}`, "x", 1],
        "more places than can be counted": ["ab".repeat(many), "ab", "c", many],
        "many places in one line": [`${a(1_600)}b`.repeat(10_000), "b", "c", 10_000],
        "many places after the only line end": [`\n${`${a(1_600)}b`.repeat(10_000)}`, "b", "c", 10_000],
        "many places before the only line end": [`${`${a(1_600)}b`.repeat(10_000)}\n`, "b", "c", 10_000],
        "many places, each with its line end": [`${a(1_600)}b\r\n`.repeat(10_000), "b\n", "c\n", 10_000],
        "places that make the file too large": ["b".repeat(10_000), "b", a(1_000_000), 10_000],
        "many overlapping places": [a(16_000_000), a(500_000), "x", 1],
        "many like lines": ["a\n".repeat(many), `${"a\n".repeat(198)}b`, "x", 1],
        "many like lines of other case": ["A\n".repeat(many), `${"a\n".repeat(198)}b`, "x", 1],
        "many lines, all changed": ["ab\n".repeat(10_000), "a", "c", 10_000],
        "many long lines that resemble": [`${a(290)}b\n`.repeat(13_000), `${a(150)}c${a(130)}`, "x", 1],
      };
      for (const [name, [content, oldText, newText, expectedCount]] of Object.entries(cases)) {
        const path = join(folder, `${name}.txt`);
        await Deno.writeTextFile(path, content);
        const input = { path, oldText, newText, expectedCount };
        try {
          const reply = await requireAwake(victim, { tool: "agentOS_fs_replace", input });
          ok(reply !== undefined, "no answer");
          ok(reply.raw.length < 22_000, `${reply.raw.length} bytes`);
        } catch (cause) {
          throw new Error(`the edit of ${name}`, { cause });
        }
        await Deno.remove(path);
      }
    });
  },
  "rules of a hostile .gitignore do not freeze a listing or a search": async (victim) => {
    await inFolder(victim, async (folder) => {
      for (let count = 0; count < 3_000; count++) {
        await Deno.writeTextFile(join(folder, `${"a".repeat(100)}-${count}`), "");
      }
      const rules: Readonly<Record<string, string>> = {
        "many names": "b\n".repeat(500_000),
        "many stars": "*a*a*b\n".repeat(140_000),
        "many paths": "**/a/**/b\n".repeat(100_000),
        "one long pattern": `${"*a".repeat(500_000)}b`,
        "stars and folders": `${"**/a/".repeat(200_000)}b`,
        "many sets": "[a-z][a-z][a-z]*b\n".repeat(50_000),
      };
      for (const [name, text] of Object.entries(rules)) {
        await Deno.writeTextFile(join(folder, ".gitignore"), text);
        try {
          await requireAwake(victim, { tool: "agentOS_fs_list", input: { path: folder } }, 6_000);
          await requireAwake(
            victim,
            { tool: "agentOS_fs_search", input: { path: folder, query: "x" } },
            6_000,
          );
        } catch (cause) {
          throw new Error(`a .gitignore of ${name}`, { cause });
        }
      }
    });
  },
  "hostile globs are refused or answered at once": async (victim) => {
    await inFolder(victim, async (folder) => {
      for (const name of ["a".repeat(250), `${"a".repeat(249)}b`, "plain.txt"]) {
        await Deno.writeTextFile(join(folder, name), "needle\n");
      }
      const globs = [
        `${"*a".repeat(240)}b`,
        "{a,b}".repeat(90),
        `${"{".repeat(200)}a,b${"}".repeat(200)}`,
        `${"**/".repeat(160)}x`,
        "+(a|aa)+(a|aa)+(a|aa)b",
        "@(a*)*(a*)*(a*)b",
        "[".repeat(400),
        "[a-\\",
        "\\".repeat(499),
        "!(*)*",
        "../**",
        "/**",
        `${victim.outside}/**`,
        "",
        "\0",
        "\ud800",
      ];
      for (const glob of globs) {
        for (
          const call of [
            { tool: "agentOS_fs_list", input: { path: folder, glob } },
            { tool: "agentOS_fs_search", input: { path: folder, query: "needle", glob } },
          ]
        ) {
          const reply = await requireAwake(victim, call, 5_000);
          ok(reply !== undefined, `${call.tool} with ${glob.slice(0, 40)}`);
          ok(!/^internal/.test(reply.text) && !reply.raw.includes("secret.txt"), reply.text);
        }
      }
    });
  },
  "a deep tree and a wide folder are listed and searched page by page": async (victim) => {
    await inFolder(victim, async (folder) => {
      await Deno.mkdir(`${folder}${"/d".repeat(1_000)}`, { recursive: true });
      await Deno.writeTextFile(`${folder}${"/d".repeat(1_000)}/deep.txt`, "needle\n");
      const wide = join(folder, "wide");
      await Deno.mkdir(wide);
      for (let count = 0; count < 5_000; count++) Deno.writeTextFileSync(join(wide, `f${count}`), "");
      for (const depth of [1, 32]) {
        const list = await requireAwake(victim, { tool: "agentOS_fs_list", input: { path: folder, depth } });
        ok(list !== undefined && !list.isError, list?.text);
      }
      const search = await ask(victim, {
        tool: "agentOS_fs_search",
        input: { path: folder, query: "needle" },
      });
      equal(Array.isArray(search.data["matches"]) && search.data["matches"].length, 1);
      const seen = new Set<unknown>();
      let cursor: unknown;
      for (let page = 0; page < 5; page++) {
        const input = { path: wide, ...(cursor === undefined ? {} : { cursor }) };
        const { data } = await ask(victim, { tool: "agentOS_fs_list", input });
        const entries: readonly { readonly path?: unknown }[] = Array.isArray(data["entries"])
          ? data["entries"]
          : [];
        for (const { path } of entries) {
          ok(!seen.has(path), `${path} came twice`);
          seen.add(path);
        }
        cursor = data["nextCursor"];
      }
      ok(seen.size > 100);
      deepEqual(typeof cursor, "string");
    });
  },
});
