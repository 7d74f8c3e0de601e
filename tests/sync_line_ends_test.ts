/**
 * A file whose line ends somebody changed since the push, and blank lines that somebody took away: the user's bytes stay.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { openSyncSandbox, type SyncSandbox } from "./sync_sandbox.ts";

const FRAGMENT = `model = "m-1"

[mcp_servers.agentOS-portfolio]
url = "http://127.0.0.1:8787/mcp"
`;
const VERSION = ["--codex-version", "0.169.0"];
const windows = (text: string): string => text.replace(/\r?\n/g, "\r\n");

async function withPushed(
  file: string,
  user: string,
  test: (sandbox: SyncSandbox, path: string) => Promise<void>,
): Promise<void> {
  await using sandbox = await openSyncSandbox();
  const path = join(sandbox.home, file);
  const clients = join(sandbox.repo, "clients", "codex");
  await Deno.mkdir(sandbox.home);
  await Deno.writeTextFile(path, user);
  await Deno.writeTextFile(join(clients, "config-fragment.toml"), FRAGMENT);
  await Deno.writeTextFile(join(clients, "agents-block.md"), "## AgentOS\n\nRead them.\n");
  await run(sandbox, 0, "push", ...VERSION);
  await test(sandbox, path);
}

async function run(sandbox: SyncSandbox, code: number, ...args: readonly string[]): Promise<void> {
  const result = await sandbox.run("sync", ...args);
  assert.equal(result.code, code, `${args.join(" ")}: ${result.stdout}\n${result.stderr}`);
}

async function edit(path: string, change: (text: string) => string): Promise<string> {
  const text = change(await Deno.readTextFile(path));
  await Deno.writeTextFile(path, text);
  return text;
}

const cleanOnly = ["clean", "--yes", "--no-deploy"];

for (const user of ["a = 1\n", "a = 1", "a = 1\n\n# t\n[t]\nk = 1\n"]) {
  Deno.test(`Windows line ends since the push: clean gives back ${JSON.stringify(user)} with those`, async () => {
    await withPushed("config.toml", user, async (sandbox, path) => {
      await edit(path, windows);
      await run(sandbox, 0, "check", "--only", "config");
      await run(sandbox, 0, ...cleanOnly, ...VERSION);
      assert.equal(await Deno.readTextFile(path), windows(user));
    });
  });
}

Deno.test("Windows line ends since the push: what was written into the block and a block that must move", async () => {
  const end = "# <<< agentos managed <<<\n";
  const rows: readonly (readonly [(text: string) => string, string, string])[] = [
    [
      (text) => text.replace(end, `\n[projects."/home/u/x"]\ntrust_level = "trusted"\n${end}`),
      'a = 1\n\nBLOCK\n[projects."/home/u/x"]\ntrust_level = "trusted"\n\n[t]\nk = 1\n',
      'a = 1\n\n[projects."/home/u/x"]\ntrust_level = "trusted"\n\n[t]\nk = 1\n',
    ],
    [
      (text) => text.replace('model = "m-1"\n', 'model = "m-1"\nnotify = ["x"]\n'),
      'a = 1\n\nnotify = ["x"]\n\nBLOCK\n[t]\nk = 1\n',
      'a = 1\n\nnotify = ["x"]\n[t]\nk = 1\n',
    ],
    [
      (text) => text.replace("a = 1\n", "a = 1\n\n[s]\nk = 2\n"),
      "a = 1\n\nBLOCK\n[s]\nk = 2\n\n[t]\nk = 1\n",
      "a = 1\n\n[s]\nk = 2\n\n[t]\nk = 1\n",
    ],
  ];
  for (const [change, expected, cleaned] of rows) {
    await withPushed("config.toml", "a = 1\n\n[t]\nk = 1\n", async (sandbox, path) => {
      const before = await Deno.readTextFile(path);
      const block = before.slice(before.indexOf("# >>>"), before.indexOf(end) + end.length);
      await edit(path, (text) => windows(change(text)));
      await run(sandbox, 0, "push", ...VERSION);
      assert.equal(await Deno.readTextFile(path), windows(expected.replace("BLOCK\n", `${block}\n`)));
      await run(sandbox, 0, "check");
      await run(sandbox, 0, ...cleanOnly, ...VERSION);
      assert.equal(await Deno.readTextFile(path), windows(cleaned));
    });
  }
});

Deno.test("Windows line ends since the push: AGENTS.md is given back with those", async () => {
  await withPushed("AGENTS.md", "# Mine\n\ntext\n", async (sandbox, path) => {
    await edit(path, windows);
    await run(sandbox, 0, "check");
    await run(sandbox, 0, ...cleanOnly, ...VERSION);
    assert.equal(await Deno.readTextFile(path), "# Mine\r\n\r\ntext\r\n");
  });
});

Deno.test("a blank line that the user took away before the block is not taken from them again", async () => {
  for (const [file, user] of [["config.toml", "a = 1\n"], ["AGENTS.md", "# Mine\n"]] as const) {
    await withPushed(file, user, async (sandbox, path) => {
      await edit(path, (text) => text.replace(`${user}\n`, user));
      await run(sandbox, 0, ...cleanOnly, ...VERSION);
      assert.equal(await Deno.readTextFile(path), user);
    });
  }
});
