import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { callTool, inGitSandbox, refusal } from "../../../tests/git_sandbox.ts";
import { gitCommit } from "./git_commit.ts";

Deno.test("agentOS_git_commit stages new, changed and removed files and says what it did", async () => {
  await inGitSandbox(async ({ repository, context, git }) => {
    const cwd = await repository("notes");
    await Deno.writeTextFile(join(cwd, "second.txt"), "second\n");
    await Deno.remove(join(cwd, "first.txt"));
    const answer = await callTool(gitCommit, { cwd, message: "Second" }, context());
    assert.deepEqual(answer, {
      committed: true,
      hash: await git(cwd, "rev-parse", "HEAD"),
      branch: "main",
      filesChanged: 2,
      hooks: "off",
    });
    assert.equal(await git(cwd, "status", "--porcelain"), "");
    assert.equal(await git(cwd, "log", "-1", "--format=%an <%ae> %s"), "Ada <ada@example.org> Second");
  });
});

Deno.test("agentOS_git_commit says when there is nothing to commit, and makes a first commit", async () => {
  await inGitSandbox(async ({ repository, root, context, git }) => {
    const cwd = await repository("notes");
    const head = await git(cwd, "rev-parse", "HEAD");
    const nothing = { committed: false, branch: "main", filesChanged: 0, hooks: "off" };
    assert.deepEqual(await callTool(gitCommit, { cwd, message: "x" }, context()), nothing);
    assert.equal(await git(cwd, "rev-parse", "HEAD"), head);

    const fresh = join(root, "fresh");
    await git(root, "init", "--quiet", fresh);
    assert.deepEqual(await callTool(gitCommit, { cwd: fresh, message: "x" }, context()), nothing);
    await Deno.writeTextFile(join(fresh, "a"), "a");
    const first = await callTool(gitCommit, { cwd: fresh, message: "First" }, context());
    assert.deepEqual([first["committed"], first["branch"], first["filesChanged"]], [true, "main", 1]);
  });
});

Deno.test("agentOS_git_commit takes every message literally", async () => {
  await inGitSandbox(async ({ repository, context, git, payload }) => {
    const cwd = await repository("notes");
    const messages = [
      "-m x",
      "--amend",
      `$(${payload.command}) \`${payload.command}\``,
      "# not a comment\n\nBody with 'quotes' and \"more\"\n# kept",
      "Ünï—cødé 漢字 🎉",
      `; ${payload.command} #`,
      "%H %s",
    ];
    for (const message of messages) {
      await Deno.writeTextFile(join(cwd, "first.txt"), message);
      await callTool(gitCommit, { cwd, message }, context());
      assert.equal((await git(cwd, "log", "-1", "--format=%B")).trimEnd(), message);
    }
    assert.equal(await git(cwd, "rev-list", "--count", "HEAD"), String(messages.length + 1));
    assert.equal(await payload.ran(), false);
  });
});

Deno.test("agentOS_git_commit refuses messages that git cannot hold", async () => {
  await inGitSandbox(async ({ repository, context }) => {
    const cwd = await repository("notes");
    for (const message of ["", " \n", "a\0b", "\ud800", "x".repeat(8001)]) {
      await refusal(gitCommit, { cwd, message }, context(), "tool.input");
    }
  });
});

Deno.test("agentOS_git_commit works on a detached HEAD and says so", async () => {
  await inGitSandbox(async ({ repository, context, git }) => {
    const cwd = await repository("notes");
    await git(cwd, "checkout", "--quiet", "--detach");
    await Deno.writeTextFile(join(cwd, "a"), "a");
    const { data, text } = await gitCommit.call({ cwd, message: "Lost" }, context());
    assert.equal(data["branch"], undefined);
    assert.match(text, /detached HEAD/);
  });
});

Deno.test("agentOS_git_commit leaves a merge in progress and unmerged files alone", async () => {
  await inGitSandbox(async ({ repository, context, git }) => {
    const cwd = await repository("notes");
    await git(cwd, "checkout", "--quiet", "-b", "other");
    await Deno.writeTextFile(join(cwd, "first.txt"), "theirs\n");
    await git(cwd, "commit", "--quiet", "-am", "Theirs");
    await git(cwd, "checkout", "--quiet", "main");
    await Deno.writeTextFile(join(cwd, "first.txt"), "ours\n");
    await git(cwd, "commit", "--quiet", "-am", "Ours");
    await assert.rejects(git(cwd, "merge", "other"));
    const merging = await refusal(gitCommit, { cwd, message: "x" }, context(), "git.conflict");
    assert.match(merging.message, /A merge is in progress/);

    await Deno.remove(join(cwd, ".git", "MERGE_HEAD"));
    const unmerged = await refusal(gitCommit, { cwd, message: "x" }, context(), "git.conflict");
    assert.match(unmerged.message, /unmerged files/);
    assert.match(await git(cwd, "status", "--porcelain"), /^UU first.txt/);
  });
});

Deno.test("agentOS_git_commit names the lock that another git holds, and its age", async () => {
  await inGitSandbox(async ({ repository, context }) => {
    const cwd = await repository("notes");
    const lock = join(cwd, ".git", "index.lock");
    await Deno.writeTextFile(lock, "");
    const error = await refusal(gitCommit, { cwd, message: "x" }, context(), "git.locked");
    assert.ok(error.message.includes(lock), error.message);
    assert.match(error.message, /\d+ s old/);

    await Deno.remove(lock);
    await Deno.writeTextFile(join(cwd, "a"), "a");
    await Deno.writeTextFile(join(cwd, ".git", "HEAD.lock"), "");
    await refusal(gitCommit, { cwd, message: "x" }, context(), "git.locked");
  });
});

Deno.test("agentOS_git_commit asks for a name and an address, and stages nothing before", async () => {
  await inGitSandbox(async ({ repository, context, git, home }) => {
    const cwd = await repository("notes");
    await Deno.writeTextFile(join(home, ".gitconfig"), "");
    await Deno.writeTextFile(join(cwd, "a"), "a");
    const error = await refusal(gitCommit, { cwd, message: "x" }, context(), "git.failed");
    assert.match(error.message, /user\.name or user\.email/);
    assert.match(error.hint, /git config --global user\.name .* git config --global user\.email/);
    assert.equal(await git(cwd, "status", "--porcelain"), "?? a");
  });
});

Deno.test("agentOS_git_commit names what is changed inside submodules and what became a link, in both forms", async () => {
  await inGitSandbox(async ({ repository, context, git }) => {
    const inner = await repository("inner");
    await Deno.writeTextFile(join(inner, "s"), "s");
    await callTool(gitCommit, { cwd: inner, message: "x" }, context());
    const top = await repository("top");
    await git(top, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner, "smod");
    await callTool(gitCommit, { cwd: top, message: "x" }, context());
    await Deno.writeTextFile(join(top, "smod", "s"), "edited");
    const nothing = await gitCommit.call({ cwd: top, message: "x" }, context());
    assert.equal(nothing.data["committed"], false);
    assert.equal(nothing.data["notes"], "Changed inside, and to be committed there first: smod.");
    assert.match(nothing.text, /nothing of its own changed\. Changed inside, .* smod\.$/);

    await git(top, "init", "--quiet", "emb");
    await git(join(top, "emb"), "commit", "--quiet", "--allow-empty", "-m", "x");
    const linked = await gitCommit.call({ cwd: top, message: "x" }, context());
    assert.match(String(linked.data["notes"]), /^Recorded as a link only, .*: emb\.$/);
    assert.ok(linked.text.endsWith(String(linked.data["notes"])));
  });
});

Deno.test("agentOS_git_commit runs calls on one repository one after the other, however they name it", async () => {
  await inGitSandbox(async ({ repository, context }) => {
    const cwd = await repository("notes");
    await Deno.writeTextFile(join(cwd, "a"), "a");
    const calls = [cwd, `${cwd}/`, `${cwd}/.`].map((spelling) =>
      callTool(gitCommit, { cwd: spelling, message: "x" }, context())
    );
    const answers = await Promise.all(calls);
    assert.deepEqual(answers.map((answer) => answer["committed"]), [true, false, false]);
  });
});

Deno.test("agentOS_git_commit runs the hooks of a trusted repository, and of its linked worktrees, only", async () => {
  await inGitSandbox(async ({ repository, root, context, git, payload }) => {
    const cwd = await repository("notes");
    const linked = join(root, "linked");
    await git(cwd, "worktree", "add", "--quiet", linked, "-b", "side");
    await Deno.writeTextFile(join(cwd, ".git", "hooks", "pre-commit"), `#!/bin/sh\n${payload.command}\n`, {
      mode: 0o755,
    });
    for (const top of [cwd, linked]) {
      await Deno.writeTextFile(join(top, "a"), "1");
      const off = await callTool(gitCommit, { cwd: top, message: "x" }, context());
      assert.deepEqual([off["committed"], off["hooks"], await payload.ran()], [true, "off", false]);

      await Deno.writeTextFile(join(top, "a"), "2");
      const ran = await callTool(
        gitCommit,
        { cwd: top, message: "x" },
        context({ trustedRepositories: [cwd] }),
      );
      assert.deepEqual([ran["committed"], ran["hooks"], await payload.ran()], [true, "ran", true]);
    }
  });
});

Deno.test("agentOS_git_commit says that changes stay staged when a trusted hook refuses", async () => {
  await inGitSandbox(async ({ repository, context, git }) => {
    const cwd = await repository("notes");
    const hook = join(cwd, ".git", "hooks", "pre-commit");
    await Deno.writeTextFile(hook, "#!/bin/sh\necho https://u:p@host/ no tests >&2\nexit 3\n", {
      mode: 0o755,
    });
    await Deno.writeTextFile(join(cwd, "a"), "a");
    const trusted = context({ trustedRepositories: [cwd] });
    const error = await refusal(gitCommit, { cwd, message: "x" }, trusted, "git.failed");
    assert.match(error.message, /stay staged.*https:\/\/\*\*\*@host\/ no tests/s);
    assert.equal(await git(cwd, "status", "--porcelain"), "A  a");
  });
});

Deno.test("agentOS_git_commit works in submodules and says when a nested repository became a link", async () => {
  await inGitSandbox(async ({ repository, context, git }) => {
    const library = await repository("library");
    const cwd = await repository("notes");
    await git(cwd, "submodule", "--quiet", "add", library, "lib");
    await git(cwd, "commit", "--quiet", "-m", "Add lib");
    await Deno.writeTextFile(join(cwd, "lib", "a"), "a");
    const inside = await callTool(gitCommit, { cwd: join(cwd, "lib"), message: "Inside" }, context());
    assert.deepEqual([inside["committed"], inside["branch"], inside["filesChanged"]], [true, "main", 1]);
    const outside = await callTool(gitCommit, { cwd, message: "Outside" }, context());
    assert.deepEqual([outside["committed"], outside["filesChanged"]], [true, 1]);
    assert.equal(await git(cwd, "status", "--porcelain"), "");

    await repository("notes/nested");
    const { text } = await gitCommit.call({ cwd, message: "Nested" }, context());
    assert.match(text, /Recorded as a link only.*nested/);
  });
});

Deno.test("agentOS_git_commit says that the commit was made when what runs behind it fails", async () => {
  await inGitSandbox(async ({ repository, context, git }) => {
    const cwd = await repository("notes");
    const hook = join(cwd, ".git", "hooks", "post-commit");
    await Deno.writeTextFile(hook, "#!/bin/sh\nkill -9 $PPID\n", { mode: 0o755 });
    await Deno.writeTextFile(join(cwd, "a"), "a");
    const { message } = await refusal(
      gitCommit,
      { cwd, message: "Made" },
      context({ trustedRepositories: [cwd] }),
      "git.failed",
    );
    const hash = await git(cwd, "rev-parse", "HEAD");
    assert.equal(await git(cwd, "log", "-1", "--format=%s"), "Made");
    assert.ok(message.includes(`The commit was made all the same, as ${hash.slice(0, 12)}`), message);
  });
});

Deno.test("agentOS_git_commit does not say what became of a commit whose hook took HEAD away", async () => {
  await inGitSandbox(async ({ repository, context }) => {
    const cwd = await repository("notes");
    const hook = join(cwd, ".git", "hooks", "post-commit");
    await Deno.writeTextFile(hook, "#!/bin/sh\nrm .git/HEAD\nkill -9 $PPID\n", { mode: 0o755 });
    await Deno.writeTextFile(join(cwd, "a"), "a");
    const trusting = context({ trustedRepositories: [cwd] });
    const { message } = await refusal(gitCommit, { cwd, message: "Made" }, trusting, "git.failed");
    assert.match(message, /Whether it was committed is not known/);
  });
});

Deno.test("agentOS_git_commit names each repository inside, however much git says besides", async () => {
  await inGitSandbox(async ({ repository, context, git }) => {
    const cwd = await repository("notes");
    await git(cwd, "config", "core.autocrlf", "true");
    const inner = join(cwd, "aaa_inner");
    await Deno.mkdir(inner);
    await git(inner, "init", "--quiet");
    await git(inner, "commit", "--quiet", "--allow-empty", "-m", "Inner");
    const name = "a-file-with-a-name-that-makes-the-warning-about-it-long".repeat(2);
    for (let index = 0; index < 500; index++) {
      await Deno.writeTextFile(join(cwd, `${name}-${index}`), "line\n");
    }
    const answer = await callTool(gitCommit, { cwd, message: "Many" }, context());
    assert.match(String(answer["notes"]), /Recorded as a link only.*aaa_inner/);
  });
});

Deno.test("agentOS_git_commit stops a hook that sleeps, with all that it started", async () => {
  await inGitSandbox(async ({ repository, context }) => {
    const cwd = await repository("notes");
    const hook = join(cwd, ".git", "hooks", "pre-commit");
    await Deno.writeTextFile(hook, "#!/bin/sh\nsleep 600 & sleep 600\n", { mode: 0o755 });
    await Deno.writeTextFile(join(cwd, "a"), "a");
    const stopper = new AbortController();
    const timer = setTimeout(() => stopper.abort(), 500);
    const trusted = { ...context({ trustedRepositories: [cwd] }), signal: stopper.signal };
    try {
      await refusal(gitCommit, { cwd, message: "x" }, trusted, "tool.cancelled");
    } finally {
      clearTimeout(timer);
    }
  });
});

Deno.test("agentOS_git_commit refuses folders that are not the top of a work tree", async () => {
  await inGitSandbox(async ({ repository, folder, root, context, git }) => {
    const cwd = await repository("notes");
    await Deno.mkdir(join(cwd, "sub"));
    const below = await refusal(
      gitCommit,
      { cwd: join(cwd, "sub"), message: "x" },
      context(),
      "git.not_a_repository",
    );
    assert.ok(below.hint.includes(cwd), below.hint);

    await Deno.mkdir(join(root, "plain"));
    await git(folder, "init", "--quiet"); // A repository above the root.
    await refusal(gitCommit, { cwd: join(root, "plain"), message: "x" }, context(), "git.not_a_repository");
    await refusal(gitCommit, { cwd: root, message: "x" }, context(), "git.not_a_repository");

    await refusal(gitCommit, { cwd: "notes", message: "x" }, context(), "path.invalid");
    await refusal(gitCommit, { cwd: `${cwd}\0`, message: "x" }, context(), "path.invalid");
    await refusal(gitCommit, { cwd: "--help", message: "x" }, context(), "path.invalid");
    await refusal(gitCommit, { cwd: folder, message: "x" }, context(), "path.outside_roots");
    await refusal(gitCommit, { cwd: join(cwd, ".git"), message: "x" }, context(), "path.protected");
    await refusal(gitCommit, { cwd: join(cwd, "first.txt"), message: "x" }, context(), "path.not_a_folder");
    await refusal(gitCommit, { cwd: join(root, "gone"), message: "x" }, context(), "path.not_a_folder");
    const readOnly = context({ roots: [{ path: root, writable: false }] });
    await refusal(gitCommit, { cwd, message: "x" }, readOnly, "path.read_only");

    await Deno.symlink(dirname(folder), join(root, "away"));
    await refusal(gitCommit, { cwd: join(root, "away"), message: "x" }, context(), "path.outside_roots");
  });
});
