/**
 * Attacks on git's folders that are not called `.git`: what is written into one is a program that the user's next git
 * command starts.
 *
 * @module
 */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { runGit } from "../e2e/program.ts";
import { ask, inFolder, namesIn } from "./file_traps.ts";
import { requireRefusal, testAttacks, type Victim } from "./victim.ts";

const PAYLOAD = "#!/bin/sh\ntouch /tmp/x\n";

/** Nothing can be written, changed or added in the folder. */
async function requireClosed(victim: Victim, folder: string): Promise<void> {
  const before = [await namesIn(folder), await Deno.readTextFile(join(folder, "config"))];
  const files = [
    "config",
    "HEAD",
    "hooks/update",
    "hooks/post-receive",
    "objects/info/alternates",
    "new/file",
  ];
  for (const file of files) {
    const path = join(folder, file);
    const write = { path, content: PAYLOAD, createDirs: true };
    const reply = await ask(victim, { tool: "agentOS_fs_write", input: write });
    requireRefusal(reply, /^path\.protected/);
    match(reply.text, /is a git folder, and git's own files are not edited by tools\./);
    const replace = { path, oldText: "repositoryformatversion", newText: "x" };
    requireRefusal(await ask(victim, { tool: "agentOS_fs_replace", input: replace }), /^path\.protected/);
  }
  deepEqual([await namesIn(folder), await Deno.readTextFile(join(folder, "config"))], before);
}

testAttacks("attacks on git's folders by other names", {
  "a bare repository is not written, nor a work tree's git folder that stands apart": async (victim) => {
    await inFolder(victim, async (folder) => {
      const bare = join(folder, "deep", "notes.git");
      await runGit(folder, victim.home.env, "init", "--quiet", "--bare", bare);
      await requireClosed(victim, bare);
      await Deno.symlink(bare, join(folder, "innocent"));
      const path = join(folder, "innocent", "hooks", "update");
      const write = { path, content: PAYLOAD };
      requireRefusal(await ask(victim, { tool: "agentOS_fs_write", input: write }), /^path\.protected/);

      const [apart, top] = [join(folder, "apart"), join(folder, "project")];
      await runGit(folder, victim.home.env, "init", "--quiet", "--separate-git-dir", apart, top);
      await requireClosed(victim, apart);
    });
  },
  "a root that is a git folder itself is not written": async (victim) => {
    const bare = join(victim.home.folder, "bare.git");
    await runGit(victim.home.folder, victim.home.env, "init", "--quiet", "--bare", bare);
    try {
      await using other = await victim.another({ flags: () => ["--root", bare] });
      await requireClosed(other, bare);
    } finally {
      await Deno.remove(bare, { recursive: true });
    }
  },
  "none is put together piece by piece": async (victim) => {
    await inFolder(victim, async (folder) => {
      const top = join(folder, "innocent");
      const pieces = ["config", "objects/x", "hooks/post-checkout", "refs/x"];
      for (const piece of pieces) {
        const write = { path: join(top, piece), content: PAYLOAD, createDirs: true };
        const reply = await ask(victim, { tool: "agentOS_fs_write", input: write });
        ok(!reply.isError, reply.text);
      }
      const last = { path: join(top, "HEAD"), content: "ref: refs/heads/main\n" };
      requireRefusal(await ask(victim, { tool: "agentOS_fs_write", input: last }), /^path\.protected/);
    });
  },
  "a work tree is written, also one that was put inside a bare repository": async (victim) => {
    await inFolder(victim, async (folder) => {
      const { env } = victim.home;
      const [first, bare] = [join(folder, "first"), join(folder, "notes.git")];
      await runGit(folder, env, "init", "--quiet", first);
      await runGit(first, env, "commit", "--quiet", "--allow-empty", "-m", "Start");
      await runGit(folder, env, "clone", "--quiet", "--bare", first, bare);
      await runGit(bare, env, "worktree", "add", "--quiet", join(bare, "main"));
      for (const top of [first, join(bare, "main")]) {
        const path = join(top, "src", "a.txt");
        const write = { path, content: "one\n", createDirs: true };
        const reply = await ask(victim, { tool: "agentOS_fs_write", input: write });
        ok(!reply.isError, reply.text);
        const replace = { path, oldText: "one", newText: "two" };
        ok(!(await ask(victim, { tool: "agentOS_fs_replace", input: replace })).isError);
        equal(await Deno.readTextFile(path), "two\n");
        const committed = await ask(victim, {
          tool: "agentOS_git_commit",
          input: { cwd: top, message: "m" },
        });
        ok(!committed.isError, committed.text);
      }
      await requireClosed(victim, bare);
    });
  },
});
