/**
 * Repositories that lead git elsewhere than where a look at the text leads, or that git goes into only once it has
 * recorded them. Each is real, and its payload leaves a file behind when it runs.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { callTool, type GitSandbox, inGitSandbox, refusal } from "../../../tests/git_sandbox.ts";
import { gitCommit } from "./git_commit.ts";
import { gitPush } from "./git_push.ts";

/** A repository inside another one, whose filter runs when git looks whether its file has changed. */
async function nestHostile(
  { repository, git, payload }: GitSandbox,
  top: string,
  name: string,
): Promise<void> {
  const inner = await repository(join(top, name));
  await Deno.writeTextFile(join(inner, ".gitattributes"), "first.txt filter=evil\n");
  await git(inner, "add", "--all");
  await git(inner, "commit", "--quiet", "-m", "Attributes");
  await arm(inner, payload.command, git);
}

async function arm(inner: string, command: string, git: GitSandbox["git"]): Promise<void> {
  await git(inner, "config", "filter.evil.clean", `${command}; cat`);
  await Deno.utime(join(inner, "first.txt"), 1, 1);
}

/** A bare repository that starts a program when it is pushed to. */
async function makeHostileTarget(
  { root, git, payload }: GitSandbox,
  path: string,
  from: string,
): Promise<void> {
  const other = join(root, "other.git");
  await git(root, "init", "--quiet", "--bare", other);
  await git(from, "push", "--quiet", other, "main:main");
  await git(root, "init", "--quiet", "--bare", path);
  await Deno.writeTextFile(join(path, "objects", "info", "alternates"), `${join(other, "objects")}\n`);
  await git(path, "config", "core.alternateRefsCommand", `${payload.command}; :`);
}

Deno.test("a repository that git records only now is looked at before git goes into it", async () => {
  await inGitSandbox(async (sandbox) => {
    const { repository, git, context, payload, root } = sandbox;
    const silencers: readonly ((cwd: string) => Promise<unknown>)[] = [
      (cwd) => git(cwd, "config", "diff.ignoreSubmodules", "all"),
      (cwd) =>
        Deno.writeTextFile(
          join(cwd, ".gitmodules"),
          '[submodule "inner"]\n\tpath = inner\n\turl = ./inner\n\tignore = all\n',
        ).then(() => git(cwd, "add", "--all")).then(() => git(cwd, "commit", "--quiet", "-m", "Modules")),
    ];
    for (const [index, silence] of silencers.entries()) {
      const cwd = await repository(`top${index}`);
      await silence(cwd);
      await nestHostile(sandbox, `top${index}`, "inner");
      await payload.ran();
      // The link itself is a change, and is committed without a look inside.
      assert.equal((await callTool(gitCommit, { cwd, message: "x" }, context()))["committed"], true);
      assert.equal(await payload.ran(), false);
      const error = await refusal(gitCommit, { cwd, message: "x" }, context(), "git.untrusted");
      assert.match(error.message, /filter\.evil\.clean/);
      assert.match(error.hint ?? "", new RegExp(`--trust-repo ${cwd}$`));
      assert.equal(await payload.ran(), false);
    }

    const forgetful = await repository("forgetful");
    await nestHostile(sandbox, "forgetful", "inner");
    await git(join(root, "forgetful", "inner"), "config", "--unset", "filter.evil.clean");
    assert.equal((await callTool(gitCommit, { cwd: forgetful, message: "x" }, context()))["committed"], true);
    await arm(join(forgetful, "inner"), payload.command, git);
    await Deno.remove(join(forgetful, ".git", "index"));
    await refusal(gitCommit, { cwd: forgetful, message: "x" }, context(), "git.untrusted");
    assert.equal(await payload.ran(), false);
  });
});

Deno.test("a git folder is found as git finds it, or refused, where the way to it turns back behind a link", async () => {
  await inGitSandbox(async (sandbox) => {
    const { repository, git, context, payload, root } = sandbox;
    const cwd = await repository("top");
    const inner = await repository("top/inner");
    await Deno.writeTextFile(join(inner, ".gitattributes"), "first.txt filter=evil\n");
    await git(inner, "add", "--all");
    await git(inner, "commit", "--quiet", "-m", "Attributes");
    await Deno.writeTextFile(join(inner, ".git", "info", "exclude"), "way\nharmless\n");
    assert.equal((await callTool(gitCommit, { cwd, message: "x" }, context()))["committed"], true);

    await Deno.mkdir(join(root, "evil", "deep"), { recursive: true });
    const copy = new Deno.Command("cp", {
      args: ["-r", join(inner, ".git"), join(root, "evil", "harmless")],
    });
    assert.ok((await copy.output()).success);
    await Deno.rename(join(inner, ".git"), join(inner, "harmless"));
    await Deno.symlink(join(root, "evil", "deep"), join(inner, "way"));
    await Deno.writeTextFile(join(inner, ".git"), "gitdir: way/../harmless\n");
    for (const folder of [join(inner, "harmless"), join(root, "evil", "harmless")]) {
      await git(root, "config", "--file", join(folder, "config"), "core.worktree", inner);
    }
    const config = join(root, "evil", "harmless", "config");
    await git(root, "config", "--file", config, "filter.evil.clean", `${payload.command}; cat`);
    await Deno.utime(join(inner, "first.txt"), 1, 1);
    const error = await refusal(gitCommit, { cwd, message: "x" }, context(), "git.not_a_repository");
    assert.match(error.message, /turns back/);
    await refusal(gitCommit, { cwd: inner, message: "x" }, context(), "git.not_a_repository");
    assert.equal(await payload.ran(), false);
    // It would have run.
    await git(cwd, "status", "--ignore-submodules=none");
    assert.equal(await payload.ran(), true);
  });
});

Deno.test("a push to a folder goes where it was seen to go, and to no other that git would find", async () => {
  await inGitSandbox(async (sandbox) => {
    const { repository, git, context, payload, root, folder } = sandbox;
    const cwd = await repository("notes");
    await git(cwd, "config", "push.default", "current");
    await git(cwd, "remote", "add", "origin", "x");
    await makeHostileTarget(sandbox, join(root, "evil.git"), cwd);
    const harmless = async (...names: readonly string[]): Promise<void> => {
      for (const name of names) await git(root, "init", "--quiet", "--bare", join(root, name));
    };

    await harmless("file.git", "linked.git", "shared.git", "way.git", "turn");
    await Deno.writeTextFile(join(root, "file"), "gitdir: evil.git\n");
    await git(folder, "init", "--quiet", "--bare", join(folder, "private"));
    await Deno.symlink(join(folder, "private"), join(root, "linked"));
    await Deno.mkdir(join(root, "shared"));
    await Deno.copyFile(join(root, "evil.git", "HEAD"), join(root, "shared", "HEAD"));
    await Deno.writeTextFile(join(root, "shared", "commondir"), join(root, "broken.git"));
    await Deno.mkdir(join(root, "deep", "turn"), { recursive: true });
    await Deno.mkdir(join(root, "deep", "er"));
    await Deno.symlink(join(root, "deep", "er"), join(root, "way"));
    await Deno.mkdir(join(root, "broken", "objects"), { recursive: true });
    await Deno.mkdir(join(root, "broken", "refs"));
    await Deno.writeTextFile(join(root, "broken", "HEAD"), "garbage\n");
    await Deno.rename(join(root, "evil.git"), join(root, "broken.git"));

    for (
      const url of [
        "../file",
        "../linked",
        "../shared",
        "../way/../turn",
        "../broken",
        "./a\nb",
        "../x\u0007",
      ]
    ) {
      await git(cwd, "config", "remote.origin.url", url);
      await refusal(gitPush, { cwd }, context(), "git.untrusted");
      assert.equal(await payload.ran(), false, url);
    }
    assert.equal(await git(join(folder, "private"), "for-each-ref"), "");
    // It would have run.
    await git(cwd, "push", "--quiet", "../broken", "main:side");
    assert.equal(await payload.ran(), true);

    // What is harmless is pushed to, under every name that git takes, also when it needs quotes.
    await git(root, "init", "--quiet", "--bare", join(root, 'it\'s "here".git'));
    await repository("other");
    for (
      const url of [
        '../it\'s "here"',
        join(root, 'it\'s "here".git'),
        "../other",
        "../other/.git",
        "../other/",
      ]
    ) {
      await git(cwd, "config", "remote.origin.url", url);
      await git(cwd, "checkout", "--quiet", "-B", `side-${url.length}`);
      const { moved } = await callTool(gitPush, { cwd }, context());
      assert.match(String(moved), /created|^$/, url);
    }
    assert.match(await git(join(root, 'it\'s "here".git'), "for-each-ref"), /side-/);
    assert.match(await git(join(root, "other"), "for-each-ref"), /side-/);
  });
});

Deno.test("no way to configure it makes a push overwrite or delete, in a trusted repository either", async () => {
  await inGitSandbox(async ({ repository, git, context, root }) => {
    const cwd = await repository("notes");
    const bare = join(root, "notes.git");
    await git(root, "init", "--quiet", "--bare", bare);
    await git(cwd, "remote", "add", "origin", bare);
    await git(cwd, "push", "--quiet", "--set-upstream", "origin", "main", "main:precious");
    const config = join(cwd, ".git", "config");
    const plain = await Deno.readTextFile(config);
    for (const key of ["mirror", "mirror = yes", "mirror = 2"]) {
      await Deno.writeTextFile(config, `${plain}[remote "origin"]\n\t${key}\n`);
      for (const trustedRepositories of [[], [cwd]]) {
        await refusal(gitPush, { cwd }, context({ trustedRepositories }), "git.rejected");
      }
    }
    await Deno.writeTextFile(config, plain);
    await git(cwd, "config", "branch.main.remote", "legacy");
    for (
      const [kind, text] of [["remotes", `URL: ${bare}\nPush: :refs/heads/precious\n`], [
        "branches",
        bare,
      ]] as const
    ) {
      await Deno.mkdir(join(cwd, ".git", kind), { recursive: true });
      await Deno.writeTextFile(join(cwd, ".git", kind, "legacy"), text);
      for (const trustedRepositories of [[], [cwd]]) {
        const error = await refusal(gitPush, { cwd }, context({ trustedRepositories }), "git.rejected");
        assert.match(error.hint ?? "", /git remote rename legacy legacy/);
      }
      await Deno.remove(join(cwd, ".git", kind, "legacy"));
    }
    assert.match(await git(bare, "for-each-ref"), /refs\/heads\/precious/);
  });
});

Deno.test("a tag of the branch's name changes neither where a push goes nor what is answered", async () => {
  await inGitSandbox(async ({ repository, git, context, root }) => {
    const cwd = await repository("notes");
    for (const name of ["origin", "up"]) {
      await git(root, "init", "--quiet", "--bare", `${name}.git`);
      await git(cwd, "remote", "add", name, join(root, `${name}.git`));
    }
    await git(cwd, "push", "--quiet", "--set-upstream", "up", "main");
    await git(cwd, "tag", "main");
    await Deno.writeTextFile(join(cwd, "first.txt"), "changed\n");
    const committed = await callTool(gitCommit, { cwd, message: "x" }, context());
    assert.equal(committed["branch"], "main");
    const pushed = await callTool(gitPush, { cwd }, context());
    assert.deepEqual([pushed["remote"], pushed["branch"]], ["up", "main"]);
    assert.equal(await git(join(root, "origin.git"), "for-each-ref"), "");
  });
});

Deno.test("a push that leaves the current branch out does not say that it is up to date", async () => {
  await inGitSandbox(async ({ repository, git, context, root }) => {
    const cwd = await repository("notes");
    await git(root, "init", "--quiet", "--bare", "notes.git");
    await git(cwd, "remote", "add", "origin", join(root, "notes.git"));
    await git(cwd, "push", "--quiet", "--set-upstream", "origin", "main");
    assert.equal((await callTool(gitPush, { cwd }, context()))["notes"], undefined);
    await git(cwd, "checkout", "--quiet", "-b", "side");
    await git(cwd, "config", "push.default", "matching");
    for (const key of ["push.default", "remote.origin.push"]) {
      const { text, data } = await gitPush.call({ cwd }, context());
      assert.match(text, /^Nothing was pushed to origin/, key);
      assert.match(String(data["notes"]), /The branch side was not pushed/);
      await git(cwd, "config", "remote.origin.push", "refs/heads/main:refs/heads/main");
    }
    // A branch may name the repository itself as its remote.
    await git(cwd, "config", "--unset", "remote.origin.push");
    await git(cwd, "config", "push.default", "upstream");
    await git(cwd, "branch", "copy");
    await git(cwd, "config", "branch.side.remote", ".");
    await git(cwd, "config", "branch.side.merge", "refs/heads/copy");
    await git(cwd, "commit", "--quiet", "--allow-empty", "-m", "More");
    assert.match(
      String((await callTool(gitPush, { cwd }, context()))["moved"]),
      /^refs\/heads\/copy updated/,
    );
  });
});

Deno.test("a submodule that moved is committed, whatever the config says of submodules", async () => {
  await inGitSandbox(async ({ repository, git, context }) => {
    const cwd = await repository("top");
    const inner = await repository("top/inner");
    await callTool(gitCommit, { cwd, message: "Inner" }, context());
    await git(cwd, "config", "diff.ignoreSubmodules", "all");
    await git(inner, "commit", "--quiet", "--allow-empty", "-m", "Moved");
    await git(cwd, "add", "--force", "inner");
    await git(cwd, "update-index", "--cacheinfo", `160000,${await git(inner, "rev-parse", "HEAD")},inner`);
    const { committed, filesChanged } = await callTool(gitCommit, { cwd, message: "x" }, context());
    assert.deepEqual([committed, filesChanged], [true, 1]);
  });
});

Deno.test("git writes into no file that has another name outside", async () => {
  await inGitSandbox(async ({ repository, context, folder }) => {
    const cwd = await repository("notes");
    const kept = join(folder, "kept");
    await Deno.writeTextFile(kept, "kept");
    await Deno.writeTextFile(join(cwd, "first.txt"), "changed\n");
    for (const name of ["COMMIT_EDITMSG", "logs/HEAD", "logs/refs/heads/main"]) {
      const path = join(cwd, ".git", name);
      await Deno.rename(path, `${path}.kept`);
      await Deno.link(kept, path);
      const error = await refusal(gitCommit, { cwd, message: "x" }, context(), "git.untrusted");
      assert.ok(error.message.includes(path), error.message);
      await Deno.remove(path);
      await Deno.rename(`${path}.kept`, path);
    }
    assert.equal(await Deno.readTextFile(kept), "kept");
  });
});
