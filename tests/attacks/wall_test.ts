/**
 * With every path check of the tools switched off, the walls behind them alone must keep each access inside the
 * roots: Deno's permissions, and the kernel's Landlock where links and races are concerned.
 *
 * @module
 */

import assert from "node:assert/strict";

interface Server {
  readonly base: string;
  readonly root: string;
  readonly readOnly: string;
  readonly outside: string;
  /** Calls a tool; answers its text and whether it failed. */
  call(tool: string, args: Readonly<Record<string, unknown>>): Promise<{ failed: boolean; text: string }>;
}

const secret = "the secret of another folder";

async function withUncheckedServer(body: (server: Server) => Promise<void>): Promise<void> {
  const base = Deno.realPathSync(await Deno.makeTempDir());
  const [root, readOnly, outside, state] = ["root", "read-only", "outside", "state"].map((name) =>
    `${base}/${name}`
  );
  assert.ok(root && readOnly && outside && state);
  for (const folder of [root, readOnly, outside]) Deno.mkdirSync(folder);
  Deno.writeTextFileSync(`${outside}/secret.txt`, secret);
  Deno.writeTextFileSync(`${root}/open.txt`, "open");
  Deno.writeTextFileSync(`${readOnly}/open.txt`, "open");
  Deno.symlinkSync(`${outside}/secret.txt`, `${root}/link.txt`);
  Deno.symlinkSync(outside, `${root}/folder`);
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-check",
      new URL("./unchecked_main.ts", import.meta.url).href,
      JSON.stringify({ port: 0, root: [root], readOnlyRoot: [readOnly] }),
    ],
    env: { AGENTOS_STATE: state },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const talk = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  try {
    let said = "";
    while (!/listens on \S+:(\d+)\/mcp\s/.test(said)) said += (await talk.read()).value ?? assert.fail(said);
    const rest = (async (): Promise<void> => {
      while (!(await talk.read()).done);
    })();
    const url = /listens on (\S+)\s/.exec(said)?.[1] ?? "";
    // Answered only when the server is ready, so the token is there from then on.
    const health = await (await fetch(new URL("/health", url))).json();
    assert.ok(
      Deno.build.os !== "linux" || health.wall.state === "on",
      `no kernel wall: ${health.wall.reason}`,
    );
    const token = Deno.readTextFileSync(`${state}/token`).trim();
    let id = 0;
    await body({
      base,
      root,
      readOnly,
      outside,
      async call(name, args): Promise<{ failed: boolean; text: string }> {
        const response = await fetch(url, {
          method: "POST",
          headers: {
            authorization: `Bearer ${token}`,
            "content-type": "application/json",
            accept: "application/json, text/event-stream",
          },
          body: JSON.stringify({
            jsonrpc: "2.0",
            id: ++id,
            method: "tools/call",
            params: { name, arguments: args },
          }),
        });
        const { result, error } = await response.json();
        return {
          failed: result?.isError === true || error !== undefined,
          text: JSON.stringify(result ?? error),
        };
      },
    });
    child.kill("SIGTERM");
    await rest;
  } finally {
    try {
      child.kill("SIGKILL");
    } catch {
      // It ended by itself.
    }
    await child.status;
    await talk.cancel();
    await Deno.remove(base, { recursive: true });
  }
}

/** Only Linux has the kernel wall; elsewhere Deno's permissions follow links, and the path checks are needed. */
const linux = { ignore: Deno.build.os !== "linux" };

function assertUntouched({ outside, readOnly }: Server): void {
  assert.deepEqual([...Deno.readDirSync(outside)].map(({ name }) => name), ["secret.txt"]);
  assert.equal(Deno.readTextFileSync(`${outside}/secret.txt`), secret);
  assert.deepEqual([...Deno.readDirSync(readOnly)].map(({ name }) => name), ["open.txt"]);
}

Deno.test("without path checks the tools still work inside the roots", linux, async () => {
  await withUncheckedServer(async ({ root, readOnly, call }) => {
    for (const folder of [root, readOnly]) {
      const read = await call("agentOS_fs_read", { path: `${folder}/open.txt` });
      assert.equal(read.failed, false, read.text);
    }
    const written = await call("agentOS_fs_write", {
      path: `${root}/new/file.txt`,
      content: "x",
      createDirs: true,
    });
    assert.equal(written.failed, false, written.text);
    assert.equal(Deno.readTextFileSync(`${root}/new/file.txt`), "x");
  });
});

Deno.test("without path checks nothing outside the roots is read, listed or found", linux, async () => {
  await withUncheckedServer(async (server) => {
    const { root, outside, call } = server;
    const attempts: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
      ["agentOS_fs_read", { path: `${outside}/secret.txt` }],
      ["agentOS_fs_read", { path: `${root}/../outside/secret.txt` }],
      ["agentOS_fs_read", { path: `${root}/link.txt` }],
      ["agentOS_fs_read", { path: `${root}/folder/secret.txt` }],
      ["agentOS_fs_read", { path: "/etc/passwd" }],
      ["agentOS_fs_read", { path: "/proc/self/environ" }],
      ["agentOS_fs_list", { path: outside }],
      ["agentOS_fs_list", { path: `${root}/folder` }],
      ["agentOS_fs_search", { query: "secret", path: outside }],
      ["agentOS_fs_search", { query: "secret", path: `${root}/folder` }],
      ["agentOS_fs_search", { query: "secret", path: `${root}/link.txt` }],
      ["agentOS_fs_search", { query: "root:", path: "/etc/passwd" }],
    ];
    for (const [tool, args] of attempts) {
      const { text } = await call(tool, args);
      const said = `${tool} ${JSON.stringify(args)}: ${text}`;
      assert.doesNotMatch(
        text.replaceAll("secret.txt", "").replaceAll('"secret"', ""),
        /the secret|root:x|PATH=/,
        said,
      );
    }
    const listed = await call("agentOS_fs_list", { path: `${root}/folder` });
    assert.doesNotMatch(listed.text, /secret\.txt/);
  });
});

Deno.test("without path checks nothing outside the writable roots is written", linux, async () => {
  await withUncheckedServer(async (server) => {
    const { root, outside, readOnly, base, call } = server;
    const edit = { oldText: "secret", newText: "stolen" };
    const attempts: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
      ["agentOS_fs_write", { path: `${outside}/new.txt`, content: "x" }],
      ["agentOS_fs_write", { path: `${outside}/secret.txt`, content: "x" }],
      ["agentOS_fs_write", { path: `${root}/folder/new.txt`, content: "x" }],
      ["agentOS_fs_write", { path: `${root}/folder/deep/new.txt`, content: "x", createDirs: true }],
      ["agentOS_fs_write", { path: `${readOnly}/new.txt`, content: "x" }],
      ["agentOS_fs_write", { path: `${readOnly}/open.txt`, content: "x" }],
      ["agentOS_fs_write", {
        path: `${base}/state/token`,
        content: "a token that the attacker knows, long enough",
      }],
      ["agentOS_fs_replace", { path: `${root}/link.txt`, ...edit }],
      ["agentOS_fs_replace", { path: `${root}/folder/secret.txt`, ...edit }],
      ["agentOS_fs_replace", { path: `${outside}/secret.txt`, ...edit }],
    ];
    const token = Deno.readTextFileSync(`${base}/state/token`);
    for (const [tool, args] of attempts) await call(tool, args);
    assertUntouched(server);
    assert.equal(Deno.readTextFileSync(`${base}/state/token`), token);
  });
});

Deno.test("without path checks no program runs outside the roots", linux, async () => {
  await withUncheckedServer(async ({ root, outside, readOnly, call }) => {
    for (const folder of [outside, readOnly]) {
      await new Deno.Command("git", { args: ["init", "-q", folder] }).output();
    }
    for (const cwd of [outside, `${root}/folder`, readOnly]) {
      const { failed, text } = await call("agentOS_git_commit", { cwd, message: "planted" });
      assert.equal(failed, true, text);
    }
    const { success } = await new Deno.Command("git", {
      args: ["-C", outside, "rev-parse", "--verify", "-q", "HEAD"],
      stdout: "null",
      stderr: "null",
    }).output();
    assert.equal(success, false, "nothing was committed");
  });
});

Deno.test("without path checks a folder that is swapped for a link leaks nothing", linux, async () => {
  await withUncheckedServer(async (server) => {
    const { root, outside, call } = server;
    const swapped = `${root}/swapped`;
    Deno.mkdirSync(`${root}/real`);
    Deno.writeTextFileSync(`${root}/real/secret.txt`, "nothing of interest");
    let stop = false;
    const swapping = (async (): Promise<number> => {
      let swaps = 0;
      for (; !stop; swaps++) {
        Deno.renameSync(`${root}/real`, swapped);
        await new Promise((resolve) => setTimeout(resolve, 0));
        Deno.renameSync(swapped, `${root}/real`);
        Deno.symlinkSync(outside, swapped);
        await new Promise((resolve) => setTimeout(resolve, 0));
        Deno.removeSync(swapped);
      }
      return swaps;
    })();
    try {
      for (let round = 0; round < 40; round++) {
        const answers = await Promise.all([
          ...Array.from({ length: 8 }, () => call("agentOS_fs_read", { path: `${swapped}/secret.txt` })),
          call("agentOS_fs_write", { path: `${swapped}/planted-${round}.txt`, content: "x" }),
        ]);
        for (const { text } of answers) assert.ok(!text.includes(secret), text);
      }
    } finally {
      stop = true;
    }
    assert.ok(await swapping > 10);
    assertUntouched(server);
  });
});
