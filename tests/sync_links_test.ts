/**
 * Links that a user put into the repo or the home: nothing is written over or removed through them that they would miss.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { type ProgramResult, runGit } from "./e2e/program.ts";
import { openSyncSandbox, snapshot, type SyncSandbox } from "./sync_sandbox.ts";

const FILES = {
  "codex/config-fragment.toml": '[mcp_servers.agentOS-portfolio]\nurl = "{{SERVER_URL}}"\n',
  "codex/profiles/cheap.toml": 'model_verbosity = "low"\n',
  "shared/memory/habits.md": "habits\n",
  "shared/memory/tools.md": "The server is at {{SERVER_URL}}.\n",
  "shared/skills/wrap-up/SKILL.md": "---\nname: wrap-up\ndescription: Ends a session.\n---\n",
  "shared/skills/wrap-up/scripts/run.sh": "echo {{SERVER_URL}}\n",
};

/** One test in a sandbox whose repo wants these files, and whose home is there. */
function testLinks(name: string, test: (sandbox: SyncSandbox) => Promise<void>): void {
  Deno.test({
    name,
    ignore: Deno.build.os === "windows",
    fn: async () => {
      await using sandbox = await openSyncSandbox();
      for (const [path, text] of Object.entries(FILES)) {
        await write(join(sandbox.repo, "clients", path), text);
      }
      await Deno.mkdir(sandbox.home);
      await test(sandbox);
    },
  });
}

async function write(file: string, text: string): Promise<void> {
  await Deno.mkdir(join(file, ".."), { recursive: true });
  await Deno.writeTextFile(file, text);
}

async function run(sandbox: SyncSandbox, code: number, ...args: readonly string[]): Promise<ProgramResult> {
  const result = await sandbox.run("sync", ...args);
  assert.equal(result.code, code, `sync ${args.join(" ")}: ${result.stdout}${result.stderr}`);
  return result;
}

async function commit({ repo, env }: SyncSandbox): Promise<void> {
  const quiet = { ...env, GIT_CONFIG_GLOBAL: "/dev/null" };
  const identity = ["-c", "user.name=Ada Example", "-c", "user.email=ada@example.org"];
  await runGit(repo, quiet, "init", "--quiet");
  await runGit(repo, quiet, "add", "-A");
  await runGit(repo, quiet, ...identity, "commit", "--quiet", "-m", "As it is");
}

testLinks("pull writes through no link in the repo, with --force neither", async (sandbox) => {
  const { repo, folder } = sandbox;
  const runtime = join(repo, "clients", "codex", "runtime");
  const precious = join(folder, "precious.txt");
  await Deno.writeTextFile(precious, "precious\n");
  await run(sandbox, 0, "push");
  await Deno.mkdir(runtime);
  await Deno.symlink("../../shared/memory", join(runtime, "memories"));
  await Deno.symlink(precious, join(runtime, "config.toml"));
  await commit(sandbox);
  await Deno.writeTextFile(join(sandbox.home, "memories", "tools.md"), "edited in the home\n");
  const before = snapshot(join(repo, "clients"));
  for (const flags of [[], ["--force"], ["--dry-run"]]) {
    const { stderr } = await run(sandbox, 2, "pull", ...flags);
    assert.match(
      stderr,
      /clients\/codex\/runtime\/config\.toml, clients\/codex\/runtime\/memories are links/,
    );
  }
  assert.deepEqual(snapshot(join(repo, "clients")), before);
  assert.equal(await Deno.readTextFile(precious), "precious\n");
  await Deno.remove(join(runtime, "memories"));
  await Deno.remove(join(runtime, "config.toml"));
  await run(sandbox, 0, "pull");
  assert.equal(await Deno.readTextFile(join(runtime, "memories", "tools.md")), "edited in the home\n");
});

testLinks("pull takes a name for itself, not for a pattern", async (sandbox) => {
  const runtime = join(sandbox.repo, "clients", "codex", "runtime", "memories");
  for (const name of ["a1.md", "a[1].md"]) {
    await write(join(sandbox.repo, "clients", "shared", "memory", name), "as pushed\n");
  }
  await run(sandbox, 0, "push");
  await run(sandbox, 0, "pull");
  await commit(sandbox);
  await Deno.writeTextFile(join(runtime, "a1.md"), "not committed\n");
  await Deno.writeTextFile(join(sandbox.home, "memories", "a1.md"), "not committed\n");
  await Deno.writeTextFile(join(sandbox.home, "memories", "a[1].md"), "edited in the home\n");
  await run(sandbox, 0, "pull");
  assert.equal(await Deno.readTextFile(join(runtime, "a[1].md")), "edited in the home\n");
});

testLinks("no link of the home leads a push or a clean into the repo's own sources", async (sandbox) => {
  const { repo, home } = sandbox;
  const shared = join(repo, "clients", "shared");
  await run(sandbox, 0, "push");
  await Deno.remove(join(home, "skills", "wrap-up"), { recursive: true });
  await Deno.symlink(join(shared, "skills", "wrap-up"), join(home, "skills", "wrap-up"));
  await Deno.remove(join(home, "memories", "tools.md"));
  await Deno.symlink(join(shared, "memory", "tools.md"), join(home, "memories", "tools.md"));
  const before = snapshot(join(repo, "clients"));
  const { stdout } = await run(sandbox, 2, "check");
  assert.match(stdout, /skills\/wrap-up\/SKILL\.md {2}its folder is a link into the home repo/);
  assert.match(stdout, /skills\/wrap-up\/scripts\/run\.sh {2}its folder is a link into the home repo/);
  assert.match(stdout, /memories\/tools\.md {2}it is a link into the home repo/);
  for (const command of [["push"], ["push", "--take", "repo"], ["clean", "--yes"]]) {
    await run(sandbox, 2, ...command);
    assert.deepEqual(snapshot(join(repo, "clients")), before, command.join(" "));
  }
});

testLinks(
  "a link to another file that is deployed is left alone, and what it leads to is kept in step",
  async (sandbox) => {
    const { home, repo } = sandbox;
    const config = join(home, "config.toml");
    await Deno.writeTextFile(config, "a = 1\n");
    await Deno.symlink("config.toml", join(home, "cheap.config.toml"));
    await write(join(repo, "clients/shared/skills/other/SKILL.md"), FILES["shared/skills/wrap-up/SKILL.md"]);
    await Deno.mkdir(join(home, "skills", "wrap-up"), { recursive: true });
    await Deno.symlink("wrap-up", join(home, "skills", "other"));
    const pushed = await run(sandbox, 2, "push");
    assert.match(pushed.stdout, /cheap\.config\.toml {2}it is a link to config\.toml, which is deployed too/);
    assert.match(
      pushed.stdout,
      /skills\/other\/SKILL\.md {2}its folder is a link to skills\/wrap-up\/SKILL\.md, which is deployed too/,
    );
    await run(sandbox, 2, "check");
    await run(sandbox, 2, "push");
    await run(sandbox, 0, "clean", "--yes", "--no-deploy");
    assert.equal(await Deno.readTextFile(config), "a = 1\n");
  },
);

testLinks(
  "a folder that is a link to nothing keeps what is in it alone from being written",
  async (sandbox) => {
    const { home } = sandbox;
    await Deno.symlink("nowhere", join(home, "memories"));
    const checked = await run(sandbox, 2, "check");
    assert.match(checked.stdout, /memories\/habits\.md {2}its folder is a symbolic link to nothing/);
    await run(sandbox, 2, "push");
    assert.match(await Deno.readTextFile(join(home, "config.toml")), /agentOS-portfolio/);
    assert.equal(await Deno.readLink(join(home, "memories")), "nowhere");
  },
);

/** Moves a file of the home elsewhere and leaves a link to it, as people do who keep their settings in one place. */
async function moveAway({ home, folder }: SyncSandbox, path: string): Promise<string> {
  const away = join(folder, "dotfiles", path);
  await Deno.mkdir(join(away, ".."), { recursive: true });
  await Deno.rename(join(home, path), away);
  await Deno.symlink(away, join(home, path));
  return away;
}

testLinks("a clean leaves a user's links, and takes our part out of where they lead", async (sandbox) => {
  const { home } = sandbox;
  await run(sandbox, 0, "push");
  const config = await moveAway(sandbox, "config.toml");
  const profile = await moveAway(sandbox, "cheap.config.toml");
  const memory = await moveAway(sandbox, "memories/habits.md");
  await run(sandbox, 0, "check");
  const links = Object.entries(snapshot(home)).filter(([, text]) => text.startsWith("-> "));
  const pushed = await Deno.readTextFile(config);

  const cleaned = await run(sandbox, 0, "clean", "--yes");
  assert.match(
    cleaned.stdout,
    /kept {5}~\/\.codex\/memories\/habits\.md {2}it is a link of yours, and stays/,
  );
  await run(sandbox, 0, "check");
  assert.equal(await Deno.readTextFile(config), pushed);

  await run(sandbox, 0, "clean", "--yes", "--no-deploy");
  assert.deepEqual(snapshot(home), { ...Object.fromEntries(links), "memories/": "" });
  assert.deepEqual(
    await Promise.all([config, profile, memory].map((file) => Deno.readTextFile(file))),
    ["", "", "habits\n"],
  );
  await run(sandbox, 0, "undo");
  assert.equal(await Deno.readTextFile(config), pushed);
  assert.equal(await Deno.readLink(join(home, "config.toml")), config);
});

testLinks(
  "a push removes no link when the repo drops a file, and an undo none that came since",
  async (sandbox) => {
    const { home, repo } = sandbox;
    await run(sandbox, 0, "push");
    const memory = await moveAway(sandbox, "memories/habits.md");
    const undone = await run(sandbox, 2, "undo");
    assert.match(undone.stderr, /changed since: memories\/habits\.md/);
    await run(sandbox, 0, "push");
    await Deno.remove(join(repo, "clients", "shared", "memory", "habits.md"));
    await run(sandbox, 0, "push");
    await run(sandbox, 0, "check");
    assert.equal(await Deno.readLink(join(home, "memories", "habits.md")), memory);
    assert.equal(await Deno.readTextFile(memory), "habits\n");
  },
);

testLinks(
  "a link in the repo is deployed for what it leads to, and refused by name when it leads nowhere",
  async (sandbox) => {
    const { home, repo, folder } = sandbox;
    const memory = join(repo, "clients", "shared", "memory");
    const skills = join(repo, "clients", "shared", "skills");
    await run(sandbox, 0, "push");
    const moved = join(folder, "notes", "habits.md");
    await write(moved, "habits\n");
    await Deno.remove(join(memory, "habits.md"));
    await Deno.symlink(moved, join(memory, "habits.md"));
    await Deno.rename(join(skills, "wrap-up"), join(folder, "wrap-up"));
    await Deno.symlink(join(folder, "wrap-up"), join(skills, "wrap-up"));
    await run(sandbox, 0, "check");
    await Deno.writeTextFile(moved, "new habits\n");
    assert.match((await run(sandbox, 0, "push")).stdout, /wrote 1,/);
    assert.equal(await Deno.readTextFile(join(home, "memories", "habits.md")), "new habits\n");

    const before = snapshot(home);
    const said = {
      "to a folder above": [
        "..",
        /"clients\/shared\/memory\/odd\.md": it is a link to a folder that it stands in/,
      ],
      "to nothing": ["nowhere", /"clients\/shared\/memory\/odd\.md" in the repo: it is a link to nothing/],
      "to itself": ["odd.md", /"clients\/shared\/memory\/odd\.md" in the repo: .*symbolic links/],
      "to a device": ["/dev/null", /"clients\/shared\/memory\/odd\.md": it is no regular file/],
    } as const;
    for (const [what, [target, answer]] of Object.entries(said)) {
      await Deno.symlink(target, join(memory, "odd.md"));
      for (const command of ["check", "push"]) {
        const { stderr } = await run(sandbox, 2, command);
        assert.match(stderr, answer, what);
      }
      await Deno.remove(join(memory, "odd.md"));
    }
    assert.deepEqual(snapshot(home), before);
  },
);

testLinks(
  "links of the home that go in a circle are named, and everything else is pushed",
  async (sandbox) => {
    const { home } = sandbox;
    await Deno.mkdir(join(home, "memories"));
    await Deno.symlink("config.toml", join(home, "config.toml"));
    await Deno.symlink("habits.md", join(home, "memories", "habits.md"));
    await Deno.symlink("skills", join(home, "skills"));
    for (const command of ["check", "push"]) {
      const { stdout } = await run(sandbox, 2, command);
      for (const path of ["config.toml", "memories/habits.md", "skills/wrap-up/SKILL.md"]) {
        assert.ok(stdout.includes(`~/.codex/${path}  its links go in a circle`), stdout);
      }
    }
    assert.ok(Object.keys(snapshot(home)).includes("memories/tools.md"));
  },
);

testLinks("a source that may not be read is named, and no bug", async (sandbox) => {
  if (Deno.uid() === 0) return; // Root may read everything.
  const { repo } = sandbox;
  for (const path of ["clients/shared/memory/habits.md", "clients/shared/skills/wrap-up"]) {
    await Deno.chmod(join(repo, path), 0);
    const { stderr } = await run(sandbox, 2, "push");
    await Deno.chmod(join(repo, path), 0o755);
    assert.ok(stderr.includes(`Cannot read "${path}" in the repo: Permission denied`), stderr);
  }
});

testLinks("a home is one home however its path is spelled", async (sandbox) => {
  const { home, repo, userHome, state } = sandbox;
  const other = join(sandbox.folder, "other-way");
  await Deno.symlink(userHome, other);
  await Deno.writeTextFile(join(repo, "clients", "codex", "agents-block.md"), "Read the memories.\n");
  await Deno.writeTextFile(join(home, "AGENTS.md"), "# Mine\n");
  await run(sandbox, 0, "push");
  const spelled = ["--home", join(other, ".codex")];
  await run(sandbox, 0, "check", ...spelled);
  await Deno.writeTextFile(join(repo, "clients", "codex", "agents-block.md"), "Read all memories.\n");
  await Deno.writeTextFile(join(repo, "clients", "shared", "memory", "habits.md"), "new habits\n");
  assert.match((await run(sandbox, 0, "push", ...spelled)).stdout, /wrote 2,/);
  await run(sandbox, 0, "check");
  const records = [...Deno.readDirSync(join(state, "applied"))].filter(({ name }) => name.endsWith(".json"));
  assert.equal(records.length, 1);
  await run(sandbox, 0, "clean", "--yes", "--no-deploy", ...spelled);
  assert.deepEqual(snapshot(home), { "AGENTS.md": "# Mine\n" });
});
