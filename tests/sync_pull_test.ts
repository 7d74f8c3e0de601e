/**
 * What `agentos sync pull` says of files that are there and cannot be used: what the other commands say.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { openSyncSandbox } from "./sync_sandbox.ts";

const FRAGMENT = 'model = "m-1"\n';
const VERSION = ["--codex-version", "0.169.0"];
const END = "# <<< agentos managed <<<\n";
const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

const ROWS: readonly {
  readonly name: string;
  readonly file: "config.toml" | "AGENTS.md";
  readonly damage: (text: string) => string;
  readonly line: number;
  readonly said: RegExp;
}[] = [
  { name: "no TOML", file: "config.toml", damage: (text) => `${text}x = \n`, line: 6, said: /Cannot use it/ },
  { name: "no UTF-8", file: "config.toml", damage: (text) => `${text}# \xe9\n`, line: 6, said: /UTF-8/ },
  {
    name: "markers that do not pair",
    file: "config.toml",
    damage: (text) => text.replace(END, END + END),
    line: 6,
    said: /do not pair/,
  },
  {
    name: "markers in Markdown that do not pair",
    file: "AGENTS.md",
    damage: (text) => text.replace("<!-- <<<", "<!-- >>>"),
    line: 3,
    said: /do not pair/,
  },
];

for (const { name, file, damage, line, said } of ROWS) {
  Deno.test(`sync pull names a file with ${name} and its line, as push and check do`, async () => {
    await using sandbox = await openSyncSandbox();
    const clients = join(sandbox.repo, "clients", "codex");
    const path = join(sandbox.home, file);
    await Deno.mkdir(sandbox.home);
    await Deno.writeTextFile(path, file === "AGENTS.md" ? "# Mine\n" : "a = 1\n");
    await Deno.writeTextFile(join(clients, "config-fragment.toml"), FRAGMENT);
    await Deno.writeTextFile(join(clients, "agents-block.md"), "Read them.\n");
    assert.equal((await sandbox.run("sync", "push", ...VERSION)).code, 0);
    await Deno.writeFile(path, latin1(damage(await Deno.readTextFile(path))));
    const sentences = new Set<string>();
    for (const command of ["push", "check", "pull"]) {
      const { code, stdout, stderr } = await sandbox.run("sync", command);
      assert.equal(code, 2, `${command}: ${stdout}\n${stderr}`);
      assert.ok(stderr.includes(`${path}:${line}`), `${command}: ${stderr}`);
      assert.match(stderr, said);
      sentences.add(stderr.trim());
      if (command !== "pull") continue;
      assert.match(stdout, /^Codex CLI: 1 of 1 file written/);
      assert.ok(stdout.includes(`invalid       ${path}:${line}  `), stdout);
    }
    assert.equal(sentences.size, 1, [...sentences].join("\n"));
    const json = await sandbox.run("sync", "pull", "--json");
    assert.equal(json.code, 2);
    assert.match(
      json.stdout,
      new RegExp(`"state": "invalid",\\s+"action": "refuse",[^}]*"line": ${line}\\b`),
    );
  });
}

Deno.test("sync pull says where a block is broken", async () => {
  await using sandbox = await openSyncSandbox();
  const path = join(sandbox.home, "config.toml");
  await Deno.mkdir(sandbox.home);
  await Deno.writeTextFile(path, "a = 1\n");
  await Deno.writeTextFile(join(sandbox.repo, "clients", "codex", "config-fragment.toml"), FRAGMENT);
  assert.equal((await sandbox.run("sync", "push", ...VERSION)).code, 0);
  await Deno.writeTextFile(path, (await Deno.readTextFile(path)).replace('m-1"', "m-1"));
  const { code, stderr } = await sandbox.run("sync", "pull");
  assert.equal(code, 2, stderr);
  assert.match(stderr, /:4.*the managed block is not TOML/s);
  await Deno.remove(path);
  const gone = await sandbox.run("sync", "pull");
  assert.equal(gone.code, 0, gone.stderr);
  assert.match(gone.stdout, /missing .*config\.toml/);
});
