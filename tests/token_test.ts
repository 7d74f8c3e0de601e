/**
 * `agentos token` as its user meets it: never shown unasked, replaced in one step, and everything that carries it kept in
 * step.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { openSyncSandbox, snapshot, type SyncSandbox } from "./sync_sandbox.ts";

const unix = { ignore: Deno.build.os === "windows" };

async function pushFor(sandbox: SyncSandbox, version: string): Promise<void> {
  await Deno.writeTextFile(
    join(sandbox.repo, "clients", "codex", "config-fragment.toml"),
    '[mcp_servers.agentOS-portfolio]\nurl = "{{SERVER_URL}}"\n{{AUTHENTICATION}}\n',
  );
  const { code, stderr } = await sandbox.run("sync", "push", "--codex-version", version);
  assert.equal(code, 0, stderr);
}

function readTokenFile({ state }: SyncSandbox): string {
  return Deno.readTextFileSync(join(state, "token")).trim();
}

Deno.test("token show refuses where nobody can be asked, and shows with --yes", unix, async () => {
  await using sandbox = await openSyncSandbox();
  const none = await sandbox.run("token", "show", "--yes");
  assert.equal(none.code, 2);
  assert.match(none.stderr, /There is no token yet/);

  await pushFor(sandbox, "0.169.0");
  const refused = await sandbox.run("token", "show");
  assert.equal(refused.code, 2);
  assert.equal(refused.stdout, "");
  assert.match(refused.stderr, /there is no terminal\nhint: Add --yes/);
  assert.ok(!refused.stderr.includes(readTokenFile(sandbox)));
  assert.equal((await sandbox.run("token", "show", "--yes")).stdout, `${readTokenFile(sandbox)}\n`);
  assert.equal((await sandbox.run("token", "path")).stdout, `${join(sandbox.state, "token")}\n`);

  await Deno.chmod(join(sandbox.state, "token"), 0o644);
  const unsafe = await sandbox.run("token", "show", "--yes");
  assert.equal(unsafe.code, 2);
  assert.match(unsafe.stderr, /Others can read the token file/);
});

Deno.test("token rotate keeps systemd's file in step, which holds the token itself", unix, async () => {
  await using sandbox = await openSyncSandbox();
  const conf = join(sandbox.userHome, ".config", "environment.d", "60-agentos.conf");
  await Deno.mkdir(join(sandbox.userHome, ".config", "environment.d"), { recursive: true });
  await pushFor(sandbox, "0.169.0");
  const before = readTokenFile(sandbox);
  assert.ok((await Deno.readTextFile(conf)).includes(before));

  const { code, stdout, stderr } = await sandbox.run("token", "rotate");
  assert.equal(code, 0, stderr);
  const after = readTokenFile(sandbox);
  assert.notEqual(after, before);
  assert.match(after, /^[\w-]{43}$/);
  assert.equal(((await Deno.stat(join(sandbox.state, "token"))).mode ?? 0) & 0o777, 0o600);
  assert.match(await Deno.readTextFile(conf), new RegExp(`^AGENTOS_TOKEN=${after}$`, "m"));
  assert.equal(((await Deno.stat(conf)).mode ?? 0) & 0o777, 0o600);
  assert.match(stdout, /\.codex {2}reads the token file at each connection: nothing to do/);
  assert.match(stdout, /systemctl|agentos env --shell systemd/);
  for (const text of [stdout, stderr]) assert.ok(!text.includes(before) && !text.includes(after));
  assert.equal((await sandbox.run("sync", "check")).code, 0);
});

Deno.test("token rotate names the clients that took the old token from their environment", unix, async () => {
  await using sandbox = await openSyncSandbox();
  assert.match((await sandbox.run("token", "rotate")).stdout, /Nothing was deployed/);
  await pushFor(sandbox, "0.142.0");
  const { stdout } = await sandbox.run("token", "rotate");
  assert.match(stdout, /\.codex {2}takes AGENTOS_TOKEN: start codex again/);
  assert.match(stdout, /next: eval "\$\(agentos env\)"/);
});

Deno.test("token rotate mends a token file that others could read", unix, async () => {
  await using sandbox = await openSyncSandbox();
  await pushFor(sandbox, "0.169.0");
  await Deno.chmod(join(sandbox.state, "token"), 0o666);
  assert.equal((await sandbox.run("token", "rotate")).code, 0);
  assert.equal((await sandbox.run("token", "show", "--yes")).stdout, `${readTokenFile(sandbox)}\n`);
});

Deno.test(
  "token rotate without space leaves the old token, and sends its user to the disk",
  unix,
  async () => {
    await using sandbox = await openSyncSandbox();
    assert.equal((await sandbox.run("token", "rotate")).code, 0);
    const before = readTokenFile(sandbox);
    const { code, stderr } = await sandbox.runOnFullDisk(0, "token", "rotate");
    assert.equal(code, 2);
    assert.match(stderr, /^error: Cannot replace the token file .*\nhint: Check the free space, /);
    assert.equal(readTokenFile(sandbox), before);
  },
);

Deno.test(
  "a push with a token that no server takes is refused before anything is written",
  unix,
  async () => {
    for (const make of [makeShort, makeReadable, makeFolder]) {
      await using sandbox = await openSyncSandbox();
      await Deno.mkdir(sandbox.home);
      await pushFor(sandbox, "0.169.0");
      assert.equal((await sandbox.run("sync", "clean", "--yes", "--no-deploy")).code, 0);
      make(join(sandbox.state, "token"));
      const before = snapshot(sandbox.userHome);
      for (const words of [["push", "--json"], ["push"], ["clean", "--yes"]]) {
        const { code, stdout, stderr } = await sandbox.run("sync", ...words);
        assert.equal(code, 2, make.name);
        assert.equal(stdout, "");
        assert.match(stderr, /^error: .*token file .*\nhint: /);
        assert.deepEqual(snapshot(sandbox.userHome), before);
      }
    }
  },
);

Deno.test("a token that no server takes keeps nobody from taking everything away", unix, async () => {
  await using sandbox = await openSyncSandbox();
  await pushFor(sandbox, "0.169.0");
  makeShort(join(sandbox.state, "token"));
  const clean = await sandbox.run("sync", "clean", "--yes", "--no-deploy", "--only", "profiles");
  assert.equal(clean.code, 0, clean.stderr);
  assert.equal((await sandbox.run("sync", "clean", "--yes", "--no-deploy")).code, 0);
  assert.equal((await sandbox.run("sync", "undo")).code, 0);
});

function makeShort(path: string): void {
  Deno.writeTextFileSync(path, "short");
}

function makeReadable(path: string): void {
  Deno.chmodSync(path, 0o644);
}

function makeFolder(path: string): void {
  Deno.removeSync(path);
  Deno.mkdirSync(path);
}

Deno.test("env says what to do before there is a token, and its line stays one for eval", unix, async () => {
  await using sandbox = await openSyncSandbox();
  const { code, stdout, stderr } = await sandbox.run("env", "--shell", "sh");
  assert.equal(code, 0);
  assert.equal(stdout, `export AGENTOS_TOKEN="$(cat '${join(sandbox.state, "token")}')"\n`);
  assert.match(stderr, /^agentos: there is no token in .* yet; start the server once \(agentos serve\)/);
  assert.equal((await sandbox.run("token", "rotate")).code, 0);
  assert.deepEqual(await sandbox.run("env", "--shell", "sh"), { code, stdout, stderr: "" });
});
