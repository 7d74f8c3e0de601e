/**
 * Repositories that try to start a program, to lead git out of the work tree, or to have files written
 * elsewhere. Each is real, and its payload leaves a file behind when it runs.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { callTool, type GitSandbox, inGitSandbox, refusal } from "../../../tests/git_sandbox.ts";
import type { Tool } from "../define.ts";
import { gitCommit } from "./git_commit.ts";
import { gitPush } from "./git_push.ts";
import { KEY_RULES } from "./trust.ts";

/** The two calls that a hostile repository could be met by. */
const CALLS: readonly (readonly [Tool, Readonly<Record<string, string>>])[] = [
  [gitCommit, { message: "x" }],
  [gitPush, {}],
];

/** How each key, or one key of each section, is really written. A new rule without a line here fails the test. */
const KEYS: Readonly<Record<string, string>> = {
  "core.attributesfile": "core.attributesFile",
  "diff.orderfile": "diff.orderFile",
  "fsck.skiplist": "fsck.skipList",
  "receive.skiplist": "receive.fsck.skipList",
  "fetch.skiplist": "fetch.fsck.skipList",
  "filter.every": "filter.evil.clean",
  "diff.external": "diff.external",
  "diff.command": "diff.evil.command",
  "diff.textconv": "diff.evil.textconv",
  "merge.driver": "merge.evil.driver",
  "gpg.every": "gpg.program",
  "hook.every": "hook.evil.command",
  "alias.every": "alias.remote-https",
  "include.every": "include.path",
  "includeif.every": "includeIf.gitdir:**.path",
  "trailer.command": "trailer.evil.command",
  "trailer.cmd": "trailer.evil.cmd",
  "pager.every": "pager.commit",
  "submodule.update": "submodule.evil.update",
  "lfs.path": "lfs.customtransfer.evil.path",
  "lfs.args": "lfs.customtransfer.evil.args",
  "lfs.clean": "lfs.extension.evil.clean",
  "lfs.smudge": "lfs.extension.evil.smudge",
  "difftool.cmd": "difftool.evil.cmd",
  "difftool.path": "difftool.evil.path",
  "mergetool.cmd": "mergetool.evil.cmd",
  "mergetool.path": "mergetool.evil.path",
  "guitool.cmd": "guitool.evil.cmd",
  "browser.cmd": "browser.evil.cmd",
  "browser.path": "browser.evil.path",
  "man.cmd": "man.evil.cmd",
  "man.path": "man.evil.path",
  "tar.command": "tar.evil.command",
  "remote.receivepack": "remote.origin.receivepack",
  "remote.uploadpack": "remote.origin.uploadpack",
  "remote.vcs": "remote.origin.vcs",
  "remote.url": "remote.other.url",
  "remote.pushurl": "remote.origin.pushurl",
  "remote.proxy": "remote.origin.proxy",
  "remote.proxyauthmethod": "remote.origin.proxyAuthMethod",
  "branch.remote": "branch.main.remote",
  "branch.pushremote": "branch.main.pushRemote",
  "url.every": "url.ext::x.insteadOf",
  "protocol.allow": "protocol.ext.allow",
  "credential.every": "credential.helper",
  "http.every": "http.proxy",
};

/** A repository with a remote inside the root, ready to be pushed, and one change to commit. */
async function victim({ repository, root, git }: GitSandbox): Promise<string> {
  const cwd = await repository("victim");
  await git(root, "init", "--quiet", "--bare", "victim.git");
  await git(cwd, "remote", "add", "origin", join(root, "victim.git"));
  await git(cwd, "push", "--quiet", "--set-upstream", "origin", "main");
  await git(cwd, "commit", "--quiet", "--allow-empty", "-m", "To push");
  await Deno.writeTextFile(join(cwd, "first.txt"), "changed\n");
  await Deno.writeTextFile(join(cwd, ".gitattributes"), "* filter=evil diff=evil merge=evil\n");
  return cwd;
}

Deno.test("each key of KEY_RULES refuses both git tools by its name, and nothing runs", async (test) => {
  await inGitSandbox(async (sandbox) => {
    const { git, context, payload, folder } = sandbox;
    const cwd = await victim(sandbox);
    const config = join(cwd, ".git", "config");
    const clean = await Deno.readTextFile(config);
    for (const rule of KEY_RULES) {
      for (const name of rule.names === "every" ? ["every"] : rule.names) {
        const id = `${rule.section}.${name}`;
        const key = KEYS[id] ?? id;
        await test.step(key, async () => {
          await git(cwd, "config", "--file", config, key, payloadFor(key, payload.command, folder));
          for (const [tool, input] of CALLS) {
            const error = await refusal(tool, { cwd, ...input }, context(), "git.untrusted");
            assert.ok(error.message.toLowerCase().includes(key.toLowerCase()), error.message);
            assert.ok(error.message.includes(config), error.message);
            assert.ok(error.hint.includes(`agentos serve --trust-repo ${cwd}`), error.hint);
          }
          assert.equal(await payload.ran(), false);
          await Deno.writeTextFile(config, clean);
        });
      }
    }
  });
});

function payloadFor(key: string, command: string, folder: string): string {
  if (key === "core.bare") return "true";
  if (key === "core.worktree") return folder;
  if (key.endsWith(".update") || key.startsWith("alias.")) return `!${command}`;
  if (/url|remote/i.test(key) && !key.endsWith("pack")) return `ext::sh -c ${command}`;
  return command;
}

Deno.test("the payloads are real: git as its user runs them runs them", async () => {
  await inGitSandbox(async (sandbox) => {
    const { git, payload, context } = sandbox;
    const cwd = await victim(sandbox);
    for (
      const [key, value] of [
        ["core.fsmonitor", `${payload.command};true`],
        ["filter.evil.clean", `${payload.command}; cat`],
      ]
    ) {
      await git(cwd, "config", key ?? "", value ?? "");
      await Deno.writeTextFile(join(cwd, "first.txt"), `by hand, ${key}`);
      await git(cwd, "add", "--all");
      assert.equal(await payload.ran(), true, key);
      await refusal(gitCommit, { cwd, message: "x" }, context(), "git.untrusted");
      await Deno.writeTextFile(join(cwd, "first.txt"), `by tool, ${key}`);
      const trusted = context({ trustedRepositories: [cwd] });
      await callTool(gitCommit, { cwd, message: "As for its user" }, trusted);
      assert.equal(await payload.ran(), true, key);
      await git(cwd, "config", "--unset", key ?? "");
    }
  });
});

Deno.test("keys of config.worktree count, in the main work tree and in a linked one", async () => {
  await inGitSandbox(async (sandbox) => {
    const { git, context, payload, root } = sandbox;
    const cwd = await victim(sandbox);
    await git(cwd, "config", "extensions.worktreeConfig", "true");
    const linked = join(root, "linked");
    await git(cwd, "worktree", "add", "--quiet", linked, "-b", "side");
    await git(linked, "config", "--worktree", "core.fsmonitor", payload.command);
    const error = await refusal(gitCommit, { cwd: linked, message: "x" }, context(), "git.untrusted");
    assert.ok(error.message.includes(join(cwd, ".git/worktrees/linked/config.worktree")), error.message);
    await payload.ran();
    await git(cwd, "config", "--worktree", "core.fsmonitor", payload.command);
    await payload.ran();
    await refusal(gitCommit, { cwd, message: "x" }, context(), "git.untrusted");
    assert.equal(await payload.ran(), false);
  });
});

Deno.test("hooks of the repository, and of the user's own core.hooksPath, stay off", async () => {
  await inGitSandbox(async (sandbox) => {
    const { git, context, payload, home } = sandbox;
    const cwd = await victim(sandbox);
    const hooks = join(home, "hooks");
    await Deno.mkdir(hooks);
    for (const folder of [join(cwd, ".git", "hooks"), hooks]) {
      for (
        const hook of [
          "pre-commit",
          "prepare-commit-msg",
          "commit-msg",
          "post-commit",
          "post-index-change",
          "reference-transaction",
          "pre-push",
          "post-rewrite",
          "pre-auto-gc",
        ]
      ) {
        await Deno.writeTextFile(join(folder, hook), `#!/bin/sh\n${payload.command}\n`, { mode: 0o755 });
      }
    }
    for (const own of [false, true]) {
      if (own) await git(home, "config", "--global", "core.hooksPath", hooks);
      await Deno.writeTextFile(join(cwd, "first.txt"), `${own}`);
      assert.equal((await callTool(gitCommit, { cwd, message: "x" }, context()))["committed"], true);
      await callTool(gitPush, { cwd }, context());
      assert.equal(await payload.ran(), false);
    }
  });
});

Deno.test("signing that a repository asks for is off, and pushing from it is not signed", async () => {
  await inGitSandbox(async (sandbox) => {
    const { git, context, payload, home } = sandbox;
    const cwd = await victim(sandbox);
    await Deno.writeTextFile(join(home, "gpg"), `#!/bin/sh\n${payload.command}\nexit 1\n`, { mode: 0o755 });
    await git(home, "config", "--global", "gpg.program", join(home, "gpg"));
    await git(cwd, "config", "commit.gpgSign", "true");
    await git(cwd, "config", "push.gpgSign", "if-asked");
    await git(cwd, "config", "log.showSignature", "true");
    assert.equal((await callTool(gitCommit, { cwd, message: "x" }, context()))["committed"], true);
    await callTool(gitPush, { cwd }, context());
    assert.equal(await payload.ran(), false);
  });
});

Deno.test("repositories inside a repository are held to the same rules", async () => {
  await inGitSandbox(async (sandbox) => {
    const { repository, git, context, payload, root, folder } = sandbox;
    const cwd = await victim(sandbox);
    const inner = await repository("victim/inner");
    const deep = await repository("victim/inner/deep");
    await git(inner, "add", "--all");
    await git(inner, "commit", "--quiet", "-m", "Deep");
    assert.equal((await callTool(gitCommit, { cwd, message: "x" }, context()))["committed"], true);

    for (const place of [inner, deep]) {
      await git(place, "config", "core.fsmonitor", payload.command);
      const error = await refusal(gitCommit, { cwd, message: "x" }, context(), "git.untrusted");
      assert.ok(error.message.includes(join(place, ".git", "config")), error.message);
      assert.equal(await payload.ran(), false);
      await git(place, "config", "--unset", "core.fsmonitor");
      await payload.ran();
    }

    // The same repository with its git folder outside the roots, or behind a link.
    await git(folder, "init", "--quiet", "outside");
    await git(join(folder, "outside"), "config", "core.fsmonitor", payload.command);
    await Deno.rename(join(inner, ".git"), join(root, "moved"));
    await Deno.writeTextFile(join(inner, ".git"), `gitdir: ${join(folder, "outside", ".git")}\n`);
    await refusal(gitCommit, { cwd, message: "x" }, context(), "git.not_a_repository");
    await Deno.remove(join(inner, ".git"));
    await Deno.symlink(join(folder, "outside", ".git"), join(inner, ".git"));
    await refusal(gitCommit, { cwd, message: "x" }, context(), "git.not_a_repository");
    assert.equal(await payload.ran(), false);
  });
});

Deno.test("a .git that leads elsewhere is refused: link, file, commondir, core.worktree", async () => {
  await inGitSandbox(async (sandbox) => {
    const { repository, git, context, payload, root, folder } = sandbox;
    await git(folder, "init", "--quiet", "outside");
    const outside = join(folder, "outside", ".git");
    const other = join(await repository("other"), ".git");
    const before = await git(join(root, "other"), "rev-parse", "HEAD");
    const cwd = join(root, "bait");
    await Deno.mkdir(cwd);
    await Deno.writeTextFile(join(cwd, "a"), "a");
    const pointer = join(cwd, ".git");

    for (const target of [outside, other]) {
      await Deno.symlink(target, pointer);
      await refusal(gitCommit, { cwd, message: "x" }, context(), "git.not_a_repository");
      await Deno.remove(pointer);
      for (const text of [`gitdir: ${target}\n`, `gitdir: ${target}`, "gitdir: \n", "nonsense", "\xff"]) {
        await Deno.writeTextFile(pointer, text);
        await refusal(gitCommit, { cwd, message: "x" }, context(), "git.not_a_repository");
        // Trust in the folder itself does not make another repository its own.
        const trusted = context({ trustedRepositories: [cwd] });
        await refusal(gitCommit, { cwd, message: "x" }, trusted, "git.not_a_repository");
      }
      await Deno.remove(pointer);
    }

    await git(root, "init", "--quiet", cwd);
    await Deno.writeTextFile(join(pointer, "commondir"), other);
    await refusal(gitCommit, { cwd, message: "x" }, context(), "git.not_a_repository");
    await Deno.remove(join(pointer, "commondir"));

    await git(cwd, "config", "core.worktree", folder);
    await refusal(gitCommit, { cwd, message: "x" }, context(), "git.untrusted");
    const trusted = context({ trustedRepositories: [cwd] });
    await refusal(gitCommit, { cwd, message: "x" }, trusted, "git.not_a_repository");
    assert.equal(await git(join(root, "other"), "rev-parse", "HEAD"), before);
    assert.equal(await payload.ran(), false);
  });
});

Deno.test("a linked worktree must belong to the repository that it names", async () => {
  await inGitSandbox(async (sandbox) => {
    const { repository, git, context, root } = sandbox;
    const main = await repository("main");
    const linked = join(root, "linked");
    await git(main, "worktree", "add", "--quiet", linked, "-b", "side");
    const thief = join(root, "thief");
    await Deno.mkdir(thief);
    await Deno.copyFile(join(linked, ".git"), join(thief, ".git"));
    const error = await refusal(gitCommit, { cwd: thief, message: "x" }, context(), "git.not_a_repository");
    assert.match(error.message, /belongs to the work tree of .*linked/);

    const shared = join(main, ".git", "worktrees", "linked", "commondir");
    await Deno.writeTextFile(shared, `${await repository("other")}/.git\n`);
    await refusal(gitCommit, { cwd: linked, message: "x" }, context(), "git.not_a_repository");
  });
});

Deno.test("a bare repository in a folder is no work tree, and nothing of it runs", async () => {
  await inGitSandbox(async ({ root, git, context, payload }) => {
    const cwd = join(root, "bare");
    await git(root, "init", "--quiet", "--bare", cwd);
    await git(cwd, "config", "core.bare", "false");
    await git(cwd, "config", "core.worktree", root);
    await git(cwd, "config", "core.fsmonitor", payload.command);
    for (const [tool, input] of CALLS) {
      await refusal(tool, { cwd, ...input }, context(), "git.not_a_repository");
    }
    assert.equal(await payload.ran(), false);
  });
});

Deno.test("git writes through no link in the git folder", async () => {
  await inGitSandbox(async (sandbox) => {
    const { context, folder } = sandbox;
    const cwd = await victim(sandbox);
    const target = join(folder, "target");
    for (const name of ["COMMIT_EDITMSG", "logs/HEAD", "index", "refs/heads/main", "config", "objects"]) {
      const path = join(cwd, ".git", name);
      await Deno.writeTextFile(target, "kept");
      await Deno.rename(path, `${path}.kept`);
      await Deno.symlink(target, path);
      const error = await refusal(gitCommit, { cwd, message: "x" }, context(), "git.untrusted");
      assert.ok(error.message.includes(path), error.message);
      await Deno.remove(path);
      await Deno.rename(`${path}.kept`, path);
      assert.equal(await Deno.readTextFile(target), "kept");
    }
  });
});

Deno.test("FIFOs in the git folder and as .git do not hang a call", async () => {
  await inGitSandbox(async (sandbox) => {
    const { context, root } = sandbox;
    const cwd = await victim(sandbox);
    for (const name of ["COMMIT_EDITMSG", "config", "HEAD", "commondir"]) {
      const path = join(cwd, ".git", name);
      await Deno.rename(path, `${path}.kept`).catch(() => {});
      assert.ok((await new Deno.Command("mkfifo", { args: [path] }).output()).success);
      await assert.rejects(gitCommit.call({ cwd, message: "x" }, context()), /git|regular file/);
      await Deno.remove(path);
      await Deno.rename(`${path}.kept`, path).catch(() => {});
    }
    const bait = join(root, "bait");
    await Deno.mkdir(bait);
    assert.ok((await new Deno.Command("mkfifo", { args: [join(bait, ".git")] }).output()).success);
    await refusal(gitCommit, { cwd: bait, message: "x" }, context(), "git.not_a_repository");
  });
});

Deno.test({
  name: "a repository of another user is refused",
  ignore: Deno.build.os === "windows" || Deno.uid() !== 0,
  fn: async () => {
    await inGitSandbox(async (sandbox) => {
      const { context } = sandbox;
      const cwd = await victim(sandbox);
      for (const place of [cwd, join(cwd, ".git")]) await Deno.chown(place, 65534, 65534);
      for (const trustedRepositories of [[], [cwd]]) {
        const error = await refusal(
          gitCommit,
          { cwd, message: "x" },
          context({ trustedRepositories }),
          "git.not_a_repository",
        );
        assert.match(error.message, /belongs to another user/);
      }
    });
  },
});

Deno.test("legacy remotes/ and branches/ files start no helper", async () => {
  await inGitSandbox(async (sandbox) => {
    const { git, context, payload } = sandbox;
    const cwd = await victim(sandbox);
    await git(cwd, "config", "push.default", "current");
    await git(cwd, "config", "--remove-section", "remote.origin");
    for (const [folder, text] of [["remotes", "URL: "], ["branches", ""]]) {
      const file = join(cwd, ".git", folder ?? "", "origin");
      await Deno.mkdir(join(cwd, ".git", folder ?? ""), { recursive: true });
      await Deno.writeTextFile(file, `${text}ext::sh -c ${payload.command}\n`);
      await assert.rejects(gitPush.call({ cwd }, context()), /git|remote/);
      assert.equal(await payload.ran(), false);
      await Deno.remove(file);
    }
  });
});

Deno.test("a refused key shows no password and no endless name", async () => {
  await inGitSandbox(async (sandbox) => {
    const { git, context } = sandbox;
    const cwd = await victim(sandbox);
    await git(cwd, "config", "url.https://ada:s3cret@example.org/.insteadOf", "https://example.org/");
    await git(cwd, "config", `alias.${"a".repeat(50_000)}`, "status");
    const error = await refusal(gitCommit, { cwd, message: "x" }, context(), "git.untrusted");
    assert.match(error.message, /url\.https:\/\/\*\*\*@example\.org/);
    assert.ok(error.message.length < 2_000);
  });
});
