/**
 * The answer that stands while nothing changed: it is given without reading the homes again, and no change of any kind,
 * however well it hides, is missed for it. The compiled executable.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { copyClientFiles, openSyncSandbox, type SyncSandbox } from "../sync_sandbox.ts";
import { findExecutable } from "./agentos.ts";
import { runProgram } from "./program.ts";

async function pushed(env: Readonly<Record<string, string>> = {}): Promise<SyncSandbox> {
  const sandbox = await openSyncSandbox({ executable: await findExecutable(), env });
  await copyClientFiles(sandbox.repo);
  await Deno.mkdir(sandbox.home);
  await Deno.writeTextFile(join(sandbox.home, "config.toml"), 'approval_policy = "never"\n');
  const skill = join(sandbox.repo, "clients", "shared", "skills", "tool");
  await Deno.mkdir(join(skill, "empty"), { recursive: true });
  await Deno.writeTextFile(
    join(skill, "SKILL.md"),
    "---\nname: tool\ndescription: A tool.\n---\n\nRun it.\n",
  );
  await Deno.writeTextFile(join(skill, "run.sh"), "#!/bin/sh\n", { mode: 0o755 });
  assert.equal((await sandbox.run("sync", "push")).code, 0);
  return sandbox;
}

/** Says whether the standing answer was given: it alone survives being rewritten. */
async function isStanding(sandbox: SyncSandbox): Promise<boolean> {
  const file = join(sandbox.state, "applied", "standing");
  const text = await Deno.readTextFile(file).catch(() => undefined);
  if (text === undefined) return false;
  const marked = JSON.parse(text);
  await Deno.writeTextFile(
    file,
    JSON.stringify({ ...marked, answers: { check: "as before", push: "as before" } }),
  );
  const { stdout } = await sandbox.run("sync", "check");
  await Deno.writeTextFile(file, text);
  return stdout === "as before\n";
}

async function replace(file: string, from: string, to: string): Promise<void> {
  const text = await Deno.readTextFile(file);
  assert.ok(text.includes(from), file);
  await Deno.writeTextFile(file, text.replace(from, to));
}

const SKILL = "skills/tool/SKILL.md";

/** What is done to a home that is in sync, and the exit code that a check must then answer with. */
const CHANGES: readonly {
  readonly name: string;
  readonly code: number;
  readonly act: (sandbox: SyncSandbox) => Promise<unknown>;
}[] = [
  {
    name: "a letter of a deployed file, its size and times put back",
    code: 1,
    act: async ({ home }) => {
      const file = join(home, SKILL);
      const { atime, mtime } = await Deno.stat(file);
      await replace(file, "Run it.", "Run us.");
      await Deno.utime(file, atime ?? 0, mtime ?? 0);
    },
  },
  {
    name: "a deployed file, by another of the same size and time put in its place",
    code: 1,
    act: async ({ home }) => {
      const file = join(home, SKILL);
      const { atime, mtime } = await Deno.stat(file);
      const text = await Deno.readTextFile(file);
      await Deno.writeTextFile(`${file}.new`, text.replace("Run it.", "Run us."));
      await Deno.utime(`${file}.new`, atime ?? 0, mtime ?? 0);
      await Deno.rename(`${file}.new`, file);
    },
  },
  { name: "a deployed file is gone", code: 1, act: ({ home }) => Deno.remove(join(home, SKILL)) },
  {
    name: "a script may not be run any more",
    code: 1,
    act: ({ home }) => Deno.chmod(join(home, "skills/tool/run.sh"), 0o600),
  },
  {
    name: "a deployed file has a second name",
    code: 2,
    act: ({ home }) => Deno.link(join(home, SKILL), join(home, "other")),
  },
  {
    name: "a letter of the repo",
    code: 1,
    act: ({ repo }) => replace(join(repo, "clients/shared", SKILL), "Run it.", "Run us."),
  },
  {
    name: "a file of the repo is gone",
    code: 1,
    act: ({ repo }) => Deno.remove(join(repo, "clients/shared/skills/tool/run.sh")),
  },
  {
    name: "a new file in an empty folder of the repo",
    code: 1,
    act: ({ repo }) => Deno.writeTextFile(join(repo, "clients/shared/skills/tool/empty/new.md"), "New.\n"),
  },
  {
    name: "the user's own key in the config, which is theirs",
    code: 0,
    act: ({ home }) => replace(join(home, "config.toml"), "never", "always"),
  },
  {
    name: "a value of ours in the config",
    code: 1,
    act: ({ home }) => replace(join(home, "config.toml"), "tool_timeout_sec = 120", "tool_timeout_sec = 121"),
  },
  {
    name: "another port in the settings",
    code: 1,
    act: ({ state }) => Deno.writeTextFile(join(state, "config.toml"), "[server]\nport = 9999\n"),
  },
  {
    name: "the record is gone",
    code: 1,
    act: async ({ state }) => {
      for await (const { name } of Deno.readDir(join(state, "applied"))) {
        if (name.endsWith(".json")) await Deno.remove(join(state, "applied", name));
      }
    },
  },
  {
    name: "the folder of skills is a link into the repo",
    code: 2,
    act: async ({ home, repo }) => {
      await Deno.remove(join(home, "skills"), { recursive: true });
      await Deno.symlink(join(repo, "clients/shared/skills"), join(home, "skills"));
    },
  },
];

Deno.test("while nothing changed, check and push give the answer that stands, alike", async () => {
  // A hook would say that the server is down; one that takes connections is all it asks for.
  using server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using sandbox = await pushed({ AGENTOS_PORT: String(server.addr.port) });
  assert.ok(await isStanding(sandbox));
  const standing = await sandbox.run("sync", "check");
  const push = await sandbox.run("sync", "push");
  const quiet = await sandbox.run("sync", "check", "--quiet");
  const hook = await sandbox.run("sync", "check", "--hook", "codex");
  assert.deepEqual([standing.code, push.code, quiet.code, hook.code], [0, 0, 0, 0]);
  assert.equal(quiet.stdout + hook.stdout, "");
  await Deno.remove(join(sandbox.state, "applied", "standing"));
  const read = await sandbox.run("sync", "check");
  assert.deepEqual([read.code, read.stdout, read.stderr], [0, standing.stdout, standing.stderr]);
  const done = await sandbox.run("sync", "push");
  assert.deepEqual([done.code, done.stdout, done.stderr], [0, push.stdout, push.stderr]);
  assert.ok(await isStanding(sandbox), "a push that has nothing to do leaves it again");
});

for (const { name, code, act } of CHANGES) {
  Deno.test(`no answer stands against ${name}`, async () => {
    await using sandbox = await pushed();
    assert.ok(await isStanding(sandbox));
    await act(sandbox);
    const checked = await sandbox.run("sync", "check");
    assert.equal(checked.code, code, checked.stdout + checked.stderr);
    assert.equal(await isStanding(sandbox), false);
  });
}

Deno.test("no change that comes right after a push is missed", async () => {
  await using sandbox = await pushed();
  const file = join(sandbox.home, "memories", "decisions.md");
  for (let round = 0; round < 12; round++) {
    await Deno.writeTextFile(file, "Mine.\n");
    assert.equal((await sandbox.run("sync", "push", "--take", "repo")).code, 0);
    const { atime, mtime } = await Deno.stat(file);
    const text = await Deno.readTextFile(file);
    await Deno.writeTextFile(file, text.replace(/[a-z]/, "_"));
    await Deno.utime(file, atime ?? 0, mtime ?? 0);
    assert.equal((await sandbox.run("sync", "check", "--quiet")).code, 1, `round ${round}`);
  }
});

Deno.test("variables, the current folder and another executable are part of what the answer goes by", async () => {
  await using sandbox = await pushed();
  const run = async (env: Record<string, string>, cwd = sandbox.userHome): Promise<number> =>
    (await runProgram({
      path: await findExecutable(),
      args: ["sync", "check"],
      cwd,
      env: { ...sandbox.env, ...env },
    })).code;
  const other = join(sandbox.folder, "other");
  await copyClientFiles(other);
  await Deno.mkdir(join(other, "context-portfolio"));
  assert.equal(await run({}), 0);
  assert.equal(await run({}, other), 0, "a named repo does not depend on the current folder");
  assert.equal(await run({ AGENTOS_PORT: "9999" }), 1);
  assert.equal(await run({ AGENTOS_REPO: other }), 2);
  assert.equal(await run({ CODEX_HOME: join(sandbox.userHome, "nowhere") }), 2);
  const copy = join(sandbox.folder, "agentos-copy");
  await Deno.copyFile(await findExecutable(), copy);
  const own = await runProgram({
    path: copy,
    args: ["sync", "check"],
    cwd: sandbox.userHome,
    env: sandbox.env,
  });
  assert.equal(own.code, 0, own.stderr);
});

Deno.test("an answer that depends on the current folder is not kept", async () => {
  for (
    const variables of [{ CODEX_HOME: "codex" }, { AGENTOS_STATE: "state" }, { AGENTOS_REPO: "../repo" }]
  ) {
    await using sandbox = await openSyncSandbox({
      executable: await findExecutable(),
      env: { ...variables },
    });
    await copyClientFiles(sandbox.repo);
    assert.equal((await sandbox.run("sync", "push", "--codex-version", "0.169.0")).code, 0);
    assert.equal((await sandbox.run("sync", "check")).code, 0);
    for (const state of [sandbox.state, join(sandbox.userHome, "state")]) {
      await assert.rejects(() => Deno.stat(join(state, "applied", "standing")), Deno.errors.NotFound);
    }
  }
});

Deno.test("a push sees what only a push looks at: the token, the shell's files, the client's version", async () => {
  await using sandbox = await pushed();
  for (const name of ["token", "env", "env.fish"]) {
    assert.equal((await sandbox.run("sync", "push")).code, 0);
    assert.ok(await isStanding(sandbox), name);
    await Deno.remove(join(sandbox.state, name));
    assert.equal((await sandbox.run("sync", "push")).code, 0);
    assert.ok((await Deno.stat(join(sandbox.state, name))).isFile, name);
  }
  const config = join(sandbox.home, "config.toml");
  assert.match(await Deno.readTextFile(config), /http_headers_helper/);
  await Deno.writeTextFile(join(sandbox.bin, "codex"), "#!/bin/sh\necho codex-cli 0.140.0\n", {
    mode: 0o755,
  });
  assert.equal((await sandbox.run("sync", "push")).code, 0);
  assert.match(await Deno.readTextFile(config), /bearer_token_env_var/);
  assert.ok(await isStanding(sandbox));
});

Deno.test("a clean that deploys nothing takes the standing answer with it", async () => {
  await using sandbox = await pushed();
  assert.equal((await sandbox.run("sync", "clean", "--yes", "--no-deploy")).code, 0);
  assert.equal(await isStanding(sandbox), false);
  assert.equal((await sandbox.run("sync", "check")).code, 1);
});
