import assert from "node:assert/strict";
import { AppError } from "../../base/errors.ts";
import { inTempFolder } from "../../../tests/tool_context.ts";
import type { Search, SearchRequest } from "../../tools/files/search/model.ts";
import { searchHere } from "../../tools/files/search/search_here.ts";
import { findSearchProgram } from "./program.ts";
import { createSearch } from "./search_pool.ts";

const program = findSearchProgram(Deno.env.toObject());
const isLinux = Deno.build.os === "linux";

interface World {
  readonly root: string;
  readonly search: Search;
  ask(asked: Partial<SearchRequest> & { readonly query: string }, signal?: AbortSignal): ReturnType<Search>;
}

/** A root with one file of text, and a real pool over it; all processes must be gone at the end. */
async function withPool(test: (world: World) => Promise<void>): Promise<void> {
  await inTempFolder(async (folder) => {
    const root = `${folder}/root`;
    await Deno.mkdir(root);
    await Deno.writeTextFile(`${root}/plain.txt`, "needle\n");
    const { search, close } = createSearch(program, { roots: [root], forbidden: [], platform: "linux" });
    const ask: World["ask"] = (asked, signal = new AbortController().signal) =>
      search(requestOf(root, asked), signal);
    try {
      await test({ root, search, ask });
    } finally {
      await close();
    }
  });
}

function requestOf(root: string, asked: Partial<SearchRequest>): SearchRequest {
  return {
    paths: [root],
    query: "needle",
    regex: false,
    ignoreCase: false,
    glob: undefined,
    contextLines: 0,
    maxResults: 100,
    cursor: undefined,
    timeoutMs: 10_000,
    ...asked,
  };
}

async function failure(call: Promise<unknown>): Promise<AppError> {
  const error = await call.then((result) => result, (thrown: unknown) => thrown);
  assert.ok(error instanceof AppError, `no error of ours: ${JSON.stringify(error)}`);
  return error;
}

/** The processes that search for this test, and how much processor time each has used. */
function searchers(): { readonly pid: number; readonly ticks: number }[] {
  return [...Deno.readDirSync("/proc")].flatMap(({ name }) => {
    try {
      const [, rest = ""] = Deno.readTextFileSync(`/proc/${name}/stat`).split(") ");
      const fields = rest.split(" ");
      const isOurs = Number(fields[1]) === Deno.pid && fields[0] !== "Z" &&
        Deno.readTextFileSync(`/proc/${name}/cmdline`).includes("search-process");
      return isOurs ? [{ pid: Number(name), ticks: Number(fields[11]) + Number(fields[12]) }] : [];
    } catch {
      return [];
    }
  });
}

async function until(holds: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (holds()) return;
    await pause(25);
  }
  assert.fail(what);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Expressions that no linear engine runs, and a line on which they go on for years. */
const endless = [
  { query: "^(?=(a+)+$)a" },
  { query: "^(a+)+$|\\p{Lo}" },
  { query: "^(?i:(a+)+)$" },
  { query: "^(.*a){20}$" },
];
const trap = `${"a".repeat(60)}!\n`;

Deno.test("createSearch() finds on several threads what one finds, in the same order, page by page too", async () => {
  await withPool(async ({ root, ask }) => {
    for (let folder = 0; folder < 30; folder++) {
      await Deno.mkdir(`${root}/d${folder}/deep`, { recursive: true });
      for (let file = 0; file < 20; file++) {
        const path = `${root}/d${folder}/${file % 3 === 0 ? "deep/" : ""}f${file}.txt`;
        await Deno.writeTextFile(path, `line\nneedle ${file}\n`.repeat(1 + file % 4));
      }
    }
    const scope = { roots: [root], forbidden: [], platform: "linux" } as const;
    for (
      const asked of [{ query: "needle" }, { query: "NEEDLE 1", ignoreCase: true }, {
        query: "le.\\d$",
        regex: true,
      }]
    ) {
      const expected = searchHere(requestOf(root, { ...asked, maxResults: 5_000 }), scope);
      const whole = await ask({ ...asked, maxResults: 5_000 });
      assert.deepEqual({ ...whole, elapsedMs: 0 }, { ...expected, elapsedMs: 0 });
      assert.ok(whole.matches.length > 100);
      const first = await ask({ ...asked, maxResults: 77 });
      const second = await ask({ ...asked, maxResults: 77, cursor: first.nextCursor });
      assert.deepEqual([...first.matches, ...second.matches], expected.matches.slice(0, 154));
    }
  });
});

Deno.test("createSearch() answers many searches at once, each with its own matches", async () => {
  await withPool(async ({ root, ask }) => {
    const words = ["one", "two", "three", "four", "five", "six"];
    for (const word of words) await Deno.writeTextFile(`${root}/${word}.txt`, `${word}\n`);
    const results = await Promise.all(words.map((query) => ask({ query })));
    assert.deepEqual(
      results.map(({ matches }) => matches.map(({ text }) => text)),
      words.map((word) => [word]),
    );
    if (isLinux) assert.ok(searchers().length <= 2);
  });
});

Deno.test({
  name: "createSearch() opens no FIFO, socket or device and follows no link, in circles or out of the roots",
  ignore: Deno.build.os === "windows",
  async fn(): Promise<void> {
    await withPool(async ({ root, ask }) => {
      assert.ok((await new Deno.Command("mkfifo", { args: [`${root}/fifo`] }).output()).success);
      const socket = Deno.listen({ transport: "unix", path: `${root}/socket` });
      await Deno.writeTextFile(`${root}/../outside.txt`, "needle outside\n");
      await Deno.symlink("..", `${root}/out`);
      await Deno.symlink("../outside.txt", `${root}/out.txt`);
      await Deno.symlink("/dev/zero", `${root}/zero`);
      await Deno.mkdir(`${root}/a`);
      await Deno.symlink("..", `${root}/a/up`);
      await Deno.symlink("loop", `${root}/loop`);
      try {
        const { matches, filesSearched } = await ask({ query: "needle" });
        assert.deepEqual([matches.map(({ path }) => path), filesSearched], [[`${root}/plain.txt`], 1]);
      } finally {
        socket.close();
      }
    });
  },
});

Deno.test({
  name: "createSearch() holds its threads inside the roots, even if a path leads out of them",
  ignore: !isLinux,
  async fn(): Promise<void> {
    await withPool(async ({ root, ask }) => {
      await Deno.writeTextFile(`${root}/../outside.txt`, "needle outside\n");
      await Deno.symlink("..", `${root}/out`);
      const paths = [`${root}/..`, `${root}/../outside.txt`, `${root}/out`, `${root}/out/outside.txt`];
      const { matches } = await ask({ query: "needle outside", paths });
      assert.deepEqual(matches, []);
    });
  },
});

Deno.test("createSearch() runs expressions that backtrack without end in linear time, where that is possible", async () => {
  await withPool(async ({ root, ask }) => {
    await Deno.writeTextFile(`${root}/trap.txt`, `${trap}${"x".repeat(60)}\n`);
    for (const query of ["^(a+)+$", "(x+x+)+y", "^(a|a)*$", "^(.*a){5}$"]) {
      for (const ignoreCase of [false, true]) {
        const { stopped, matches } = await ask({ query, regex: true, ignoreCase });
        assert.deepEqual([stopped, matches], [undefined, []], query);
      }
    }
  });
});

Deno.test("createSearch() ends an expression that does not end, and nobody else suffers", async () => {
  await withPool(async ({ root, ask }) => {
    await Deno.writeTextFile(`${root}/trap.txt`, trap);
    for (const { query } of endless) {
      const caught = failure(ask({ query, regex: true, timeoutMs: 500 }));
      const beside = await ask({ query: "needle" });
      assert.equal(beside.matches.length, 1);
      const error = await caught;
      assert.equal(error.code, "search.timeout", query);
      assert.match(error.hint, /nested repetition|simplify/);
      assert.equal((await ask({ query: "needle" })).matches.length, 1);
    }
    if (isLinux) await until(() => searchers().length <= 2, "the ended processes are gone");
  });
});

Deno.test("createSearch() answers what it found before a file that takes all the time, and goes on at that file", async () => {
  await withPool(async ({ root, ask }) => {
    await Deno.writeTextFile(`${root}/trap.txt`, trap);
    for (const { query } of endless) {
      const asked = {
        query: `needle|${query}`,
        regex: true,
        timeoutMs: 500,
        paths: [`${root}/plain.txt`, `${root}/trap.txt`],
      };
      const { matches, stopped, nextCursor } = await ask(asked);
      assert.deepEqual([matches.map(({ path }) => path), stopped], [[`${root}/plain.txt`], "timeout"]);
      assert.equal((await failure(ask({ ...asked, cursor: nextCursor }))).code, "search.timeout");
    }
  });
});

Deno.test({
  name: "createSearch() leaves the processor alone as soon as nobody waits any more",
  ignore: !isLinux,
  async fn(): Promise<void> {
    await withPool(async ({ root, ask }) => {
      await Deno.writeTextFile(`${root}/trap.txt`, trap);
      await ask({ query: "needle" });
      const controller = new AbortController();
      const cancelled = failure(ask({ query: endless[0]?.query ?? "", regex: true }, controller.signal));
      const [busy] = searchers();
      await until(() => (searchers()[0]?.ticks ?? 0) > (busy?.ticks ?? 0) + 20, "the search did not start");
      controller.abort();
      assert.equal((await cancelled).code, "tool.cancelled");
      await until(() => searchers().every(({ pid }) => pid !== busy?.pid), "the process is still there");
      assert.equal((await ask({ query: "needle" })).matches.length, 1);
    });
  },
});

Deno.test("createSearch() stops an ordinary search that nobody waits for, and keeps its process", async () => {
  await withPool(async ({ root, ask }) => {
    for (let file = 0; file < 2_000; file++) Deno.writeTextFileSync(`${root}/f${file}`, "hay\n".repeat(500));
    await ask({ query: "needle" });
    const before = isLinux ? searchers().map(({ pid }) => pid) : [];
    const ends: string[] = [];
    for (let tries = 0; tries < 5; tries++) {
      const controller = new AbortController();
      const ended = ask({ query: "[x-z]\\d+k", regex: true }, controller.signal).then(
        // A fast machine may be done before it is told to stop; then it has all of the answer.
        ({ filesSearched }) => `searched ${filesSearched}`,
        (error: unknown) => error instanceof AppError ? error.code : String(error),
      );
      await pause(tries * 8);
      controller.abort();
      ends.push(await ended);
    }
    assert.equal(ends[0], "tool.cancelled");
    assert.ok(ends.every((end) => end === "tool.cancelled" || end === "searched 2001"), ends.join());
    assert.equal((await ask({ query: "needle" })).matches.length, 1);
    if (isLinux) assert.ok(before.every((pid) => searchers().some((one) => one.pid === pid)));
  });
});

Deno.test({
  name: "createSearch() says when its process died, and starts another for the next search",
  ignore: !isLinux,
  async fn(): Promise<void> {
    await withPool(async ({ root, ask }) => {
      await Deno.writeTextFile(`${root}/trap.txt`, trap);
      await ask({ query: "needle" });
      const lost = failure(ask({ query: endless[0]?.query ?? "", regex: true }));
      const [victim] = searchers();
      assert.ok(victim);
      await pause(100);
      Deno.kill(victim.pid, "SIGKILL");
      const error = await lost;
      assert.deepEqual([error.code, error.message], [
        "search.failed",
        "The searching process ended (exit code 137) before it answered",
      ]);
      assert.equal((await ask({ query: "needle" })).matches.length, 1);
    });
  },
});

Deno.test("createSearch() answers with what it found in time when the time is over, and goes on from there", async () => {
  await withPool(async ({ root, ask }) => {
    for (let file = 0; file < 3_000; file++) {
      Deno.writeTextFileSync(`${root}/f${file}`, "hay 12345\n".repeat(300));
    }
    const query = "[a-z]+ \\d+[x-z]|needle";
    const whole = await ask({ query, regex: true });
    let cursor: string | undefined;
    let pages = 0;
    let filesSearched = 0;
    const found: string[] = [];
    do {
      const page = await ask({ query, regex: true, timeoutMs: 50, cursor });
      filesSearched += page.filesSearched;
      found.push(...page.matches.map(({ path }) => path));
      assert.equal(page.stopped === undefined, page.nextCursor === undefined);
      cursor = page.nextCursor;
      pages++;
    } while (cursor !== undefined && pages < 500);
    assert.ok(pages > 1);
    assert.equal(filesSearched, whole.filesSearched);
    assert.deepEqual(found, [`${root}/plain.txt`]);
  });
});

Deno.test("createSearch() hands on what the search itself refuses", async () => {
  await withPool(async ({ ask }) => {
    assert.equal((await failure(ask({ query: "(a)\\1", regex: true }))).code, "search.pattern");
    assert.equal((await failure(ask({ query: "(a", regex: true }))).code, "search.pattern");
    assert.equal((await failure(ask({ query: "a", glob: "{a,b}".repeat(7) }))).code, "tool.input");
    assert.equal((await failure(ask({ query: "a", cursor: "mine" }))).code, "tool.input");
    assert.equal((await ask({ query: "needle" })).matches.length, 1);
  });
});

Deno.test("a searching process ends with its parent, even inside an expression", async () => {
  await inTempFolder(async (root) => {
    await Deno.writeTextFile(`${root}/trap.txt`, trap);
    const child = new Deno.Command(program.file, {
      args: [...program.args],
      stdin: "piped",
      stdout: "null",
      stderr: "inherit",
    }).spawn();
    const input = child.stdin.getWriter();
    const scope = { roots: [root], forbidden: [], platform: "linux" };
    const request = requestOf(root, { query: endless[0]?.query ?? "", regex: true });
    for (const message of [{ kind: "open", scope }, { kind: "search", request }]) {
      await input.write(new TextEncoder().encode(`${JSON.stringify(message)}\n`));
    }
    await pause(1_500);
    await input.close();
    const guard = setTimeout(() => child.kill("SIGKILL"), 10_000);
    assert.equal((await child.status).code, 0);
    clearTimeout(guard);
  });
});
