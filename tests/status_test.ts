/**
 * `agentos status` and `agentos doctor` in every state of a home, without a server: what each line says, the next step,
 * the exit code, and that nothing is written.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { STATUS_SCHEMA } from "../src/status/report_schema.ts";
import { openSyncSandbox, snapshot, type SyncSandbox } from "./sync_sandbox.ts";

const unix = { ignore: Deno.build.os === "windows" };

/** `state text / next` of one check, and the exit code. */
async function look(
  sandbox: SyncSandbox,
  id: string,
  command = "status",
): Promise<{ readonly said: string; readonly code: number }> {
  const before = JSON.stringify(snapshot(sandbox.userHome));
  // Port 1: nobody answers there.
  const { code, stdout } = await sandbox.run(command, "--json", "--port", "1");
  assert.equal(JSON.stringify(snapshot(sandbox.userHome)), before, `${command} wrote something`);
  const { checks } = STATUS_SCHEMA.parse(JSON.parse(stdout));
  const check = checks.find((other) => other.id === id);
  const details = check?.details.map((detail) => `\n${detail}`).join("") ?? "";
  return { said: `${check?.state} ${check?.text} / ${check?.next}${details}`, code };
}

async function writeFragment({ repo }: SyncSandbox): Promise<void> {
  await Deno.writeTextFile(
    join(repo, "clients", "codex", "config-fragment.toml"),
    '[mcp_servers.agentOS-portfolio]\nurl = "{{SERVER_URL}}"\n{{AUTHENTICATION}}\n',
  );
}

/** A Codex as npm installs it: a link to a script with its package.json above. */
async function installCodex({ folder, bin }: SyncSandbox, version: string): Promise<void> {
  const package_ = join(folder, "codex");
  await Deno.mkdir(join(package_, "bin"), { recursive: true });
  await Deno.writeTextFile(
    join(package_, "package.json"),
    JSON.stringify({ name: "@openai/codex", version }),
  );
  await Deno.writeTextFile(join(package_, "bin", "codex.js"), `#!/bin/sh\necho codex-cli ${version}\n`);
  await Deno.chmod(join(package_, "bin", "codex.js"), 0o755);
  await Deno.remove(join(bin, "codex")).catch(() => {});
  await Deno.symlink(join(package_, "bin", "codex.js"), join(bin, "codex"));
}

Deno.test("status follows a home from nothing to deployed, drifted and broken", unix, async () => {
  await using sandbox = await openSyncSandbox();
  await writeFragment(sandbox);
  assert.deepEqual(await look(sandbox, "codex.sync"), { said: "note not there / null", code: 1 });
  assert.match((await look(sandbox, "codex.version")).said, /^note not on PATH/);
  assert.match((await look(sandbox, "token")).said, /^bad not there: .* \/ agentos serve makes it/);

  await installCodex(sandbox, "0.169.0");
  await Deno.mkdir(sandbox.home);
  assert.match(
    (await look(sandbox, "codex.sync")).said,
    /^note .*nothing was deployed yet \/ agentos sync push/,
  );
  assert.match(
    (await look(sandbox, "codex.version")).said,
    /^good 0\.169\.0: .*reads the token at each connection/,
  );

  assert.equal((await sandbox.run("sync", "push")).code, 0);
  assert.match((await look(sandbox, "codex.sync")).said, /^good in sync \(1 entry\)/);
  assert.match((await look(sandbox, "token.environment")).said, /^good not set here, and not needed/);

  await Deno.writeTextFile(
    join(sandbox.home, "config.toml"),
    (await Deno.readTextFile(join(sandbox.home, "config.toml"))).replace("8787", "9999"),
  );
  assert.match((await look(sandbox, "codex.sync")).said, /^bad 1 of 1 not in sync \/ agentos sync check$/);
  assert.match(
    (await look(sandbox, "codex.sync", "doctor")).said,
    /\nedited {2}.*config\.toml {2}"mcp_servers.* was changed here/,
  );

  await Deno.writeTextFile(join(sandbox.home, "config.toml"), "broken\n");
  const broken = await look(sandbox, "codex.sync");
  assert.match(broken.said, /^broken .*holds a file that cannot be read \/ agentos sync check/);
  assert.equal(broken.code, 2);
});

Deno.test(
  "status notices a client that was upgraded across a difference since the last push",
  unix,
  async () => {
    await using sandbox = await openSyncSandbox();
    await writeFragment(sandbox);
    await installCodex(sandbox, "0.142.0");
    assert.equal((await sandbox.run("sync", "push")).code, 0);
    assert.match(
      (await look(sandbox, "token.environment")).said,
      /^note not set here, and a client .* \/ export AGENTOS_TOKEN=/,
    );
    assert.match((await look(sandbox, "codex.version")).said, /^good 0\.142\.0/);
    await installCodex(sandbox, "0.155.0");
    assert.match(
      (await look(sandbox, "codex.version")).said,
      /^bad 0\.155\.0: .*\(the last push was for 0\.142\.0, which differs\) \/ agentos sync push$/,
    );
  },
);

Deno.test("status says which repo it uses and why", unix, async () => {
  await using sandbox = await openSyncSandbox();
  assert.match((await look(sandbox, "repo")).said, /^good .*\/repo \(named by AGENTOS_REPO\)/);
  const plain = { ...sandbox, run: (...words: string[]) => sandbox.runWith("", ...words) };
  assert.match(
    (await look(plain, "repo")).said,
    /^note none; the copy in the executable serves \/ agentos init DIR/,
  );
  await Deno.mkdir(join(sandbox.userHome, "context-portfolio"));
  assert.match((await look(plain, "repo")).said, /^good .*\/user \(found upwards from the current folder\)/);
  assert.equal((await plain.run("config", "set", "repo", sandbox.repo)).code, 0);
  assert.match((await look(plain, "repo")).said, /^good .*\/repo \(named by .*config\.toml:1\)/);
  await Deno.rename(sandbox.repo, `${sandbox.repo}-moved`);
  const gone = await look(plain, "repo");
  assert.match(gone.said, /^broken .*config\.toml:1: .* holds no folder .* \/ Mend it with/);
  assert.equal(gone.code, 2);
});

Deno.test(
  "a settings file that is wrong is a line of status, and the rest is told all the same",
  unix,
  async () => {
    await using sandbox = await openSyncSandbox();
    await Deno.mkdir(sandbox.state, { mode: 0o700 });
    await Deno.writeTextFile(join(sandbox.state, "config.toml"), "[server]\nprot = 1\n");
    const wrong = await look(sandbox, "settings");
    assert.match(
      wrong.said,
      /^broken .*config\.toml:2:1: There is no setting server\.prot \/ Did you mean server\.port\?/,
    );
    assert.equal(wrong.code, 2);
    assert.match((await look(sandbox, "server")).said, /^bad not running on port 1/);
    const { stderr, stdout } = await sandbox.run("status", "--port", "1");
    assert.match(stderr, /^error: Cannot tell whether all is well: .*config\.toml:2:1/);
    assert.match(stdout, /^! settings +.*config\.toml:2:1: There is no setting/m);
  },
);

Deno.test("settings that no server can start with are a line of status, with their place", unix, async () => {
  await using sandbox = await openSyncSandbox();
  await Deno.mkdir(sandbox.state, { mode: 0o700 });
  const write = (text: string): Promise<void> => Deno.writeTextFile(join(sandbox.state, "config.toml"), text);
  const provider = (name: string, url: string): string =>
    `[gateway.providers.${name}]\nbase_url = "${url}"\n`;
  await write(provider("local", "http://example.com/v1"));
  const unsafe = await look(sandbox, "settings");
  assert.match(
    unsafe.said,
    /^bad .*config\.toml:2: http:.* unencrypted .*; the server does not start with it \/ agentos config edit$/,
  );
  assert.equal(unsafe.code, 1);
  await write(`${provider("MyBox", "https://x.example/v1")}[server]\nroots = ["/"]\n`);
  const { said } = await look(sandbox, "settings", "doctor");
  assert.match(
    said,
    /^bad .*:4: Cannot use "\/" as a root: it holds the whole system; .*\n.*:2: Cannot name a /,
  );
  assert.match(
    (await look(sandbox, "settings.roots", "doctor")).said,
    /^bad Cannot use "\/" as a root: it holds the whole system \/ agentos config set server\.roots DIR…$/,
  );
  await write(provider("local", "http://127.0.0.1:1/v1"));
  assert.match((await look(sandbox, "settings")).said, /^good 1 in /);
});

Deno.test("doctor names what a server would be given, and a ledger that is damaged", unix, async () => {
  await using sandbox = await openSyncSandbox();
  await Deno.mkdir(join(sandbox.userHome, "src"));
  assert.equal((await sandbox.run("config", "set", "server.roots", "src")).code, 0);
  assert.match((await look(sandbox, "settings.roots", "doctor")).said, /^good .*\/src /);
  assert.match((await look(sandbox, "program.git", "doctor")).said, /^good .*\/bin\/git /);
  assert.match((await look(sandbox, "program.npm", "doctor")).said, /^note .* \/ Install the program/);
  await Deno.remove(join(sandbox.userHome, "src"));
  assert.match(
    (await look(sandbox, "settings.roots", "doctor")).said,
    /^bad not there: .*\/src; the server will not start/,
  );

  assert.match((await look(sandbox, "ledger.integrity", "doctor")).said, /^good not made yet/);
  await Deno.writeTextFile(
    join(sandbox.state, "agentos.db"),
    "no database at all, but long enough to be one ".repeat(50),
  );
  assert.match(
    (await look(sandbox, "ledger.integrity", "doctor")).said,
    /^bad cannot be read: .*not a database/,
  );
  assert.match((await look(sandbox, "state", "doctor")).said, /^good /);
  await Deno.chmod(sandbox.state, 0o777);
  assert.match(
    (await look(sandbox, "state", "doctor")).said,
    /^bad Other users may write .* \/ Run: chmod 700/,
  );
});
