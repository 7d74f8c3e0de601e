import assert from "node:assert/strict";
import { join } from "node:path";
import { callTool, inGitSandbox, refusal } from "../../../tests/git_sandbox.ts";
import { gitPush } from "./git_push.ts";

Deno.test("agentOS_git_push moves the branch and says from where to where", async () => {
  await inGitSandbox(async ({ repository, root, context, git }) => {
    const cwd = await repository("notes");
    const remote = join(root, "notes.git");
    await git(root, "init", "--quiet", "--bare", remote);
    await git(cwd, "remote", "add", "origin", remote);
    const lonely = await refusal(gitPush, { cwd }, context(), "git.failed");
    assert.match(lonely.message, /no upstream/);
    assert.match(lonely.hint, /git push --set-upstream origin main/);

    await git(cwd, "push", "--quiet", "--set-upstream", "origin", "main");
    const older = await git(cwd, "rev-parse", "--short", "HEAD");
    const same = { remote: "origin", url: remote, branch: "main", moved: [], hooks: "off" };
    assert.deepEqual(await callTool(gitPush, { cwd }, context()), same);

    await git(cwd, "commit", "--quiet", "--allow-empty", "-m", "Second");
    const newer = await git(cwd, "rev-parse", "--short", "HEAD");
    assert.deepEqual(await callTool(gitPush, { cwd }, context()), {
      ...same,
      moved: [`refs/heads/main updated ${older}..${newer}`],
    });
    assert.equal(await git(remote, "rev-parse", "--short", "main"), newer);

    await git(cwd, "config", "push.default", "current");
    await git(cwd, "checkout", "--quiet", "-b", "side");
    const side = await callTool(gitPush, { cwd }, context());
    assert.deepEqual(side["moved"], [`refs/heads/side created ${newer}`]);
  });
});

Deno.test("agentOS_git_push counts every ref, however many lines git prints of them", async () => {
  await inGitSandbox(async ({ repository, root, context, git }) => {
    const cwd = await repository("notes");
    const remote = join(root, "notes.git");
    await git(root, "init", "--quiet", "--bare", remote);
    await git(cwd, "remote", "add", "origin", remote);
    await git(cwd, "config", "remote.origin.push", "refs/heads/*:refs/heads/*");
    // By name before the others, so that its line is printed first.
    await git(cwd, "checkout", "--quiet", "-b", "aaa");
    const head = await git(cwd, "rev-parse", "HEAD");
    const names = Array.from(
      { length: 600 },
      (_, index) => `team/feature/a-usual-description-of-work-${index}`,
    );
    await Deno.writeTextFile(
      join(cwd, ".git", "packed-refs"),
      [
        "# pack-refs with: peeled fully-peeled sorted ",
        ...names.toSorted().map((name) => `${head} refs/heads/${name}`),
        "",
      ]
        .join("\n"),
    );
    const answer = await callTool(gitPush, { cwd }, context());
    assert.equal(answer["notes"], undefined);
    const moved = answer["moved"];
    assert.ok(Array.isArray(moved));
    // The two branches that stand for themselves, and the packed ones.
    assert.equal(
      moved.length - 1 + Number(/and (\d+) more/.exec(String(moved.at(-1)))?.[1]),
      names.length + 2,
    );
    await git(cwd, "config", "--unset", "remote.origin.push");
    await git(cwd, "config", "push.default", "matching");
    const again = await gitPush.call({ cwd }, context());
    assert.match(again.text, /is up to date/);
    assert.equal(again.data["notes"], undefined);
  });
});

Deno.test("agentOS_git_push denies nothing of what git printed too much to be read", async () => {
  await inGitSandbox(async ({ repository, root, context, git }) => {
    const cwd = await repository("notes");
    await git(root, "clone", "--quiet", "--bare", cwd, "notes.git");
    await git(cwd, "remote", "add", "origin", join(root, "notes.git"));
    await git(cwd, "config", "push.default", "matching");
    await git(cwd, "checkout", "--quiet", "-b", "aaa");
    const hook = join(cwd, ".git", "hooks", "pre-push");
    await Deno.writeTextFile(hook, "#!/bin/sh\nhead -c 34000000 /dev/zero | tr '\\0' '.'\n", { mode: 0o755 });
    const { text } = await gitPush.call({ cwd }, context({ trustedRepositories: [cwd] }));
    assert.match(text, /Whether the branch aaa was pushed is not known/);
    assert.match(text, /Git printed more than is read here/);
    assert.doesNotMatch(text, /Nothing was pushed|was not pushed|up to date/);
  });
});

Deno.test("agentOS_git_push says when others pushed first", async () => {
  await inGitSandbox(async ({ repository, root, context, git }) => {
    const cwd = await repository("notes");
    await git(root, "clone", "--quiet", "--bare", cwd, "notes.git");
    await git(cwd, "remote", "add", "origin", join(root, "notes.git"));
    await git(cwd, "push", "--quiet", "--set-upstream", "origin", "main");
    await git(cwd, "commit", "--quiet", "--allow-empty", "-m", "Theirs");
    await git(cwd, "push", "--quiet");
    await git(cwd, "reset", "--quiet", "--hard", "HEAD~1");
    await git(cwd, "commit", "--quiet", "--allow-empty", "-m", "Ours");
    const error = await refusal(gitPush, { cwd }, context(), "git.rejected");
    assert.match(error.message, /refs\/heads\/main \(non-fast-forward\)/);
    assert.match(error.hint, /Pull and merge/);
  });
});

Deno.test("agentOS_git_push names what is missing: remote, branch, commit, network", async () => {
  await inGitSandbox(async ({ repository, root, context, git }) => {
    const cwd = await repository("notes");
    assert.match((await refusal(gitPush, { cwd }, context(), "git.failed")).message, /no remote/);

    await git(cwd, "remote", "add", "elsewhere", "https://127.0.0.1:9/x.git");
    const unset = await refusal(gitPush, { cwd }, context(), "git.failed");
    assert.match(unset.message, /there are: elsewhere/);

    await git(cwd, "config", "branch.main.remote", "elsewhere");
    await git(cwd, "config", "branch.main.merge", "refs/heads/main");
    assert.match((await refusal(gitPush, { cwd }, context(), "git.failed")).message, /could not be reached/);

    await git(cwd, "checkout", "--quiet", "--detach");
    assert.match((await refusal(gitPush, { cwd }, context(), "git.failed")).message, /detached/);

    const fresh = join(root, "fresh");
    await git(root, "init", "--quiet", fresh);
    await git(fresh, "remote", "add", "origin", "https://127.0.0.1:9/x.git");
    await git(fresh, "config", "push.default", "current");
    for (const mode of ["simple", "matching", "upstream"]) {
      await git(fresh, "config", "push.default", mode);
      const { message } = await refusal(gitPush, { cwd: fresh }, context(), "git.failed");
      assert.match(message, /no commit yet/, mode);
    }
  });
});

Deno.test("agentOS_git_push says that a login failed, shows no password, and asks nobody", async () => {
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () => new Response("no", { status: 401, headers: { "WWW-Authenticate": 'Basic realm="x"' } }),
  );
  try {
    await inGitSandbox(async ({ repository, context, git }) => {
      const cwd = await repository("notes");
      const address = `127.0.0.1:${server.addr.port}/x.git`;
      await git(cwd, "config", "push.default", "current");
      await git(cwd, "remote", "add", "origin", `http://${address}`);
      await refusal(gitPush, { cwd }, context(), "git.auth");
      for (const trustedRepositories of [[], [cwd]]) {
        await git(cwd, "remote", "set-url", "origin", `http://ada:s3cret@${address}`);
        const error = await refusal(gitPush, { cwd }, context({ trustedRepositories }), "git.auth");
        assert.ok(!`${error.message}${error.hint}`.includes("s3cret"), error.message);
      }
    });
  } finally {
    await server.shutdown();
  }
});

Deno.test("agentOS_git_push never overwrites or deletes by configuration", async () => {
  await inGitSandbox(async ({ repository, root, context, git }) => {
    const cwd = await repository("notes");
    await git(root, "init", "--quiet", "--bare", "notes.git");
    await git(cwd, "remote", "add", "origin", join(root, "notes.git"));
    const trusted = context({ trustedRepositories: [cwd] });
    for (
      const [key, value] of [
        ["remote.origin.push", "+refs/heads/main:refs/heads/main"],
        ["remote.origin.push", ":refs/heads/main"],
        ["remote.origin.mirror", "true"],
      ]
    ) {
      await git(cwd, "config", key ?? "", value ?? "");
      await refusal(gitPush, { cwd }, trusted, "git.rejected");
      await git(cwd, "config", "--unset", key ?? "");
    }
  });
});

Deno.test("agentOS_git_push runs hooks here and at the other side for a trusted repository only", async () => {
  await inGitSandbox(async ({ repository, root, context, git, payload }) => {
    const cwd = await repository("notes");
    const remote = join(root, "notes.git");
    await git(root, "init", "--quiet", "--bare", remote);
    await git(cwd, "remote", "add", "origin", remote);
    await git(cwd, "config", "push.default", "current");
    for (const hook of [join(cwd, ".git/hooks/pre-push"), join(remote, "hooks/post-receive")]) {
      await Deno.writeTextFile(hook, `#!/bin/sh\n${payload.command}\n`, { mode: 0o755 });
      await git(cwd, "commit", "--quiet", "--allow-empty", "-m", "x");
      const off = await callTool(gitPush, { cwd }, context());
      assert.deepEqual([off["hooks"], await payload.ran()], ["off", false]);
      await git(cwd, "commit", "--quiet", "--allow-empty", "-m", "x");
      const ran = await callTool(gitPush, { cwd }, context({ trustedRepositories: [cwd] }));
      assert.deepEqual([ran["hooks"], await payload.ran()], ["ran", true]);
      await Deno.remove(hook);
    }
  });
});

Deno.test("agentOS_git_push of an untrusted repository goes to no folder that could start a program", async () => {
  await inGitSandbox(async ({ repository, folder, root, context, git, payload }) => {
    const cwd = await repository("notes");
    await git(cwd, "config", "push.default", "current");
    await git(cwd, "remote", "add", "origin", "x");
    const outside = join(folder, "outside.git");
    const hostile = join(root, "hostile.git");
    const linked = join(root, "linked.git");
    for (const bare of [outside, hostile, linked]) await git(root, "init", "--quiet", "--bare", bare);
    await git(hostile, "config", "receive.denyCurrentBranch", "updateInstead");
    await git(hostile, "config", "core.fsmonitor", payload.command);
    await Deno.symlink(join(folder, "log"), join(linked, "logs"));
    await Deno.mkdir(join(root, "pointer"));
    await Deno.writeTextFile(join(root, "pointer", ".git"), `gitdir: ${outside}\n`);
    const urls = [
      outside,
      `file://${outside}`,
      `file://x${outside}`,
      "../../outside",
      hostile,
      "../hostile",
      linked,
      join(root, "gone"),
      "~/x",
      join(root, "pointer"),
    ];
    for (const url of urls) {
      await git(cwd, "remote", "set-url", "origin", url);
      await refusal(gitPush, { cwd }, context(), "git.untrusted");
      assert.equal(await payload.ran(), false, url);
    }
  });
});
