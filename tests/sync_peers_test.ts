/**
 * What other tools that sync agents' settings were seen to lose or break, one test each: comments, servers, line ends, odd
 * numbers, foreign encodings, modes, links, a user's own skills. Real files, the command line.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { findProgram, openSyncSandbox, snapshot, type SyncSandbox } from "./sync_sandbox.ts";

const SERVER = '[mcp_servers.agentOS-portfolio]\nurl = "http://127.0.0.1:8787/mcp"\n';
const BLOCK = `# >>> agentos managed >>>\n${SERVER}# <<< agentos managed <<<\n`;
const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** A sandbox whose repo wants one server, two memories and a skill; config.toml holds these bytes. */
async function withConfig(
  config: Uint8Array | string | undefined,
  test: (sandbox: SyncSandbox, file: string) => Promise<void>,
): Promise<void> {
  await using sandbox = await openSyncSandbox();
  const files = {
    "codex/config-fragment.toml": SERVER,
    "shared/memory/habits.md": "habits\n",
    "shared/memory/tools.md": "tools\n",
    "shared/skills/wrap-up/SKILL.md": "---\nname: wrap-up\ndescription: Ends a session.\n---\n",
  };
  for (const [path, text] of Object.entries(files)) await write(join(sandbox.repo, "clients", path), text);
  await Deno.mkdir(sandbox.home);
  const file = join(sandbox.home, "config.toml");
  if (config !== undefined) await write(file, config);
  await test(sandbox, file);
}

async function write(file: string, content: Uint8Array | string): Promise<void> {
  await Deno.mkdir(join(file, ".."), { recursive: true });
  await Deno.writeFile(file, typeof content === "string" ? new TextEncoder().encode(content) : content);
}

async function succeed(sandbox: SyncSandbox, ...args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await sandbox.run("sync", ...args);
  assert.equal(code, 0, `sync ${args.join(" ")}: ${stdout}${stderr}`);
}

const KEPT: readonly { readonly what: string; readonly before: string; readonly after: string }[] = [
  {
    what: "comments, blank lines and odd spacing",
    before: "# one\n\n\na   =   1 # two\n  # three\n[t]   # four\n\n  k=2\n# five",
    after: `# one\n\n\na   =   1 # two\n\n${BLOCK}\n  # three\n[t]   # four\n\n  k=2\n# five`,
  },
  {
    what: "one server of the user's, its comment included",
    before: '[mcp_servers.mine] # keep\ncommand = "npx"\n',
    after: `${BLOCK}\n[mcp_servers.mine] # keep\ncommand = "npx"\n`,
  },
  {
    what: "two servers of the user's",
    before: '[mcp_servers.one]\ncommand = "a"\n\n[mcp_servers.two]\ncommand = "b"\n',
    after: `${BLOCK}\n[mcp_servers.one]\ncommand = "a"\n\n[mcp_servers.two]\ncommand = "b"\n`,
  },
  {
    what: "CRLF line ends",
    before: "a = 1\r\n\r\n[t]\r\nk = 2\r\n",
    after: `a = 1\n\n${BLOCK}\n[t]\nk = 2\n`.replaceAll("\n", "\r\n"),
  },
  { what: "a byte order mark", before: "\ufeffa = 1\n", after: `\ufeffa = 1\n\n${BLOCK}` },
  {
    what: "TOML 1.1",
    before: 'a = {\n  x = 1, # one\n}\nb = "\\e[0m"\n',
    after: `a = {\n  x = 1, # one\n}\nb = "\\e[0m"\n\n${BLOCK}`,
  },
  {
    what: "1.0, 2^53 + 1 and a big hexadecimal",
    before: "f = 1.0\ni = 9007199254740993\nh = 0xDEAD_BEEF_0000_0001\n",
    after: `f = 1.0\ni = 9007199254740993\nh = 0xDEAD_BEEF_0000_0001\n\n${BLOCK}`,
  },
  {
    what: "a last line without a line end",
    before: "a = 1",
    after: `a = 1\n\n${BLOCK}`,
  },
];

for (const { what, before, after } of KEPT) {
  Deno.test(`a push keeps ${what}, and a clean gives back the very bytes`, () =>
    withConfig(before, async (sandbox, file) => {
      await succeed(sandbox, "push");
      assert.equal(new TextDecoder("utf-8", { ignoreBOM: true }).decode(await Deno.readFile(file)), after);
      await succeed(sandbox, "check");
      await succeed(sandbox, "clean", "--yes", "--no-deploy");
      assert.deepEqual(await Deno.readFile(file), new TextEncoder().encode(before));
    }));
}

const REFUSED: readonly { readonly what: string; readonly bytes: Uint8Array; readonly line: number }[] = [
  { what: "invalid TOML", bytes: latin1("a = 1\nb = \n"), line: 2 },
  { what: "a Latin-1 byte", bytes: latin1("# ok\n# caf\xe9\na = 1\n"), line: 2 },
  { what: "UTF-16", bytes: latin1("\xff\xfea\x00=\x001\x00"), line: 1 },
  { what: "nothing but NUL bytes", bytes: new Uint8Array(40), line: 1 },
  {
    what: "the same server, with a value of the user's",
    bytes: latin1('\n[mcp_servers.agentOS-portfolio]\nurl = "http://mine:1/mcp"\n'),
    line: 2,
  },
  {
    what: "a marker without its other half",
    bytes: latin1("a = 1\n# >>> agentos managed >>>\nb = 2\n"),
    line: 2,
  },
];

for (const { what, bytes, line } of REFUSED) {
  Deno.test(`a config.toml with ${what} is refused with its line and exit code 2, and not one byte changes`, () =>
    withConfig(bytes, async (sandbox, file) => {
      const { code, stderr } = await sandbox.run("sync", "push", "--only", "config");
      assert.equal(code, 2, stderr);
      assert.ok(stderr.includes(`${file}:${line}`), stderr);
      assert.deepEqual(await Deno.readFile(file), bytes);
      const checked = await sandbox.run("sync", "check", "--only", "config");
      assert.ok(checked.code === 1 || checked.code === 2, `check says ${checked.code}`);
      assert.deepEqual(await Deno.readFile(file), bytes);
    }));
}

Deno.test("a refused config.toml does not keep memories and skills from being deployed", () =>
  withConfig("a = \n", async (sandbox) => {
    assert.equal((await sandbox.run("sync", "push")).code, 2);
    assert.equal(snapshot(sandbox.home)["memories/habits.md"], "habits\n");
  }));

Deno.test("an edit of our server's values is refused with its line, and kept", () =>
  withConfig(undefined, async (sandbox, file) => {
    await succeed(sandbox, "push");
    const edited = (await Deno.readTextFile(file)).replace("8787", "9999");
    await Deno.writeTextFile(file, edited);
    const { code, stderr } = await sandbox.run("sync", "push");
    assert.equal(code, 2);
    assert.ok(stderr.includes(`${file}:3`), stderr);
    assert.equal(await Deno.readTextFile(file), edited);
  }));

Deno.test("a file keeps its mode, and a new one is its user's alone", () =>
  withConfig("a = 1\n", async (sandbox, file) => {
    await Deno.chmod(file, 0o640);
    await succeed(sandbox, "push");
    assert.equal(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o640);
    assert.equal(((await Deno.stat(join(sandbox.home, "memories", "habits.md"))).mode ?? 0) & 0o777, 0o600);
    assert.equal(((await Deno.stat(join(sandbox.home, "memories"))).mode ?? 0) & 0o777, 0o700);
    await succeed(sandbox, "clean", "--yes", "--no-deploy");
    assert.equal(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o640);
  }));

Deno.test("a symbolic link stays one, and its target is written", () =>
  withConfig(undefined, async (sandbox, file) => {
    const target = join(sandbox.userHome, "dotfiles", "codex.toml");
    await write(target, "a = 1\n");
    await Deno.symlink("../dotfiles/codex.toml", file);
    await succeed(sandbox, "push");
    assert.equal(await Deno.readLink(file), "../dotfiles/codex.toml");
    assert.equal(await Deno.readTextFile(target), `a = 1\n\n${BLOCK}`);
    await succeed(sandbox, "clean", "--yes", "--no-deploy");
    assert.equal(await Deno.readLink(file), "../dotfiles/codex.toml");
    assert.equal(await Deno.readTextFile(target), "a = 1\n");
  }));

const NO_PLAIN_FILES: readonly {
  readonly what: string;
  readonly make: (file: string) => Promise<unknown>;
}[] = [
  { what: "a folder", make: (file) => Deno.mkdir(file) },
  { what: "a link to nothing", make: (file) => Deno.symlink("nowhere", file) },
  {
    what: "a FIFO",
    make: async (file) => new Deno.Command(await findProgram("mkfifo"), { args: [file] }).output(),
  },
  {
    what: "a file with two names",
    make: async (file) => {
      await Deno.writeTextFile(file, "a = 1\n");
      await Deno.link(file, `${file}.other`);
    },
  },
  {
    what: "a read-only file",
    make: async (file) => {
      await Deno.writeTextFile(file, "a = 1\n");
      await Deno.chmod(file, 0o444);
    },
  },
];

for (const { what, make } of NO_PLAIN_FILES) {
  Deno.test(`a config.toml that is ${what} is refused without hanging, and left as it is`, () =>
    withConfig(undefined, async (sandbox, file) => {
      await make(file);
      const before = await Deno.lstat(file);
      const { code, stderr } = await sandbox.run("sync", "push", "--only", "config");
      assert.equal(code, 2, stderr);
      assert.ok(stderr.includes(file), stderr);
      const after = await Deno.lstat(file);
      assert.deepEqual([after.ino, after.mtime, after.mode, after.nlink], [
        before.ino,
        before.mtime,
        before.mode,
        before.nlink,
      ]);
    }));
}

Deno.test("a user's own skills, memories, links and hidden folders are not touched by push, clean or pull", () =>
  withConfig(undefined, async (sandbox) => {
    const own = {
      "skills/mine/SKILL.md": "mine\n",
      "skills/mine/deep/notes.md": "mine\n",
      "skills/wrap-up/my-notes.md": "mine\n",
      "skills/.system/x/SKILL.md": "Codex's\n",
      "skills/flat.md": "mine\n",
      "memories/MEMORY.md": "Codex's\n",
      "memories/rollout_summaries/a.md": "Codex's\n",
      "memories/.git/HEAD": "Codex's\n",
      "memories/mine.md": "mine\n",
      "prompts/x.md": "mine\n",
    };
    for (const [path, text] of Object.entries(own)) await write(join(sandbox.home, path), text);
    await Deno.symlink("../../elsewhere", join(sandbox.home, "skills", "linked"));
    const before = snapshot(sandbox.home);
    await succeed(sandbox, "push");
    const pushed = snapshot(sandbox.home);
    for (const [path, text] of Object.entries(before)) assert.equal(pushed[path], text, path);
    await succeed(sandbox, "clean", "--yes");
    const redeployed = snapshot(sandbox.home);
    assert.deepEqual(redeployed, pushed);
    await succeed(sandbox, "clean", "--yes", "--no-deploy");
    assert.deepEqual(snapshot(sandbox.home), before);
  }));

Deno.test("check reports what was deployed once and is gone from the repo, and a push removes it", () =>
  withConfig(undefined, async (sandbox) => {
    await succeed(sandbox, "push");
    await Deno.remove(join(sandbox.repo, "clients", "shared", "skills"), { recursive: true });
    await Deno.remove(join(sandbox.repo, "clients", "shared", "memory", "tools.md"));
    const { code, stdout } = await sandbox.run("sync", "check");
    assert.equal(code, 1);
    assert.match(stdout, /orphan .*skills\/wrap-up\/SKILL\.md/);
    assert.match(stdout, /orphan .*memories\/tools\.md/);
    await succeed(sandbox, "push");
    const left = Object.keys(snapshot(sandbox.home));
    assert.deepEqual(left.filter((path) => path.startsWith("skills")), []);
    await succeed(sandbox, "check");
  }));

Deno.test("a home with blanks, quotes and letters of every script in its path works like any other", () =>
  withConfig(undefined, async (sandbox) => {
    const home = join(sandbox.userHome, 'it\'s a "home"', "ünï 🦕", "codex");
    await write(join(home, "config.toml"), "a = 1\n");
    await succeed(sandbox, "push", "--home", home);
    await succeed(sandbox, "check", "--home", home);
    await succeed(sandbox, "clean", "--home", home, "--yes", "--no-deploy");
    assert.deepEqual(snapshot(home), { "config.toml": "a = 1\n" });
  }));

Deno.test("a client's home that is itself a link is written through", () =>
  withConfig(undefined, async (sandbox) => {
    await Deno.remove(sandbox.home);
    await write(join(sandbox.userHome, "real", "config.toml"), "a = 1\n");
    await Deno.symlink("real", sandbox.home);
    await succeed(sandbox, "push");
    assert.equal(await Deno.readLink(sandbox.home), "real");
    assert.ok(Object.keys(snapshot(join(sandbox.userHome, "real"))).includes("memories/habits.md"));
    await succeed(sandbox, "clean", "--yes", "--no-deploy");
    assert.deepEqual(snapshot(join(sandbox.userHome, "real")), { "config.toml": "a = 1\n" });
  }));
