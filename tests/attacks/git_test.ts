/**
 * Attacks by hostile repositories, and with the arguments of the git tools. Each payload is real, and leaves a file
 * behind when it runs.
 *
 * @module
 */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { runGit } from "../e2e/program.ts";
import { ask, gitCalls, inFolder, IS_ROOT } from "./file_traps.ts";
import { requireRefusal, startVictim, TARGETS, testAttacks, type ToolReply, type Victim } from "./victim.ts";

/** A repository below the root, its bare remote beside it, and something to commit and to push. */
interface Bait {
  readonly folder: string;
  readonly remote: string;
  readonly config: string;
  /** A shell command that leaves a file behind. */
  readonly payload: string;
  git(...args: readonly string[]): Promise<string>;
  /** Whether the payload was run since the last question. */
  ran(): Promise<boolean>;
  /** Makes a new change, so that git must look at a file. */
  change(): Promise<void>;
}

async function inBait(victim: Victim, attack: (bait: Bait) => Promise<void>): Promise<void> {
  const { home } = victim;
  await inFolder(victim, async (parent) => {
    const [folder, remote, marker] = [
      join(parent, "work"),
      join(parent, "remote.git"),
      join(home.folder, "ran"),
    ];
    const git: Bait["git"] = (...args) => runGit(folder, home.env, ...args);
    await runGit(parent, home.env, "init", "--quiet", "--bare", remote);
    await runGit(parent, home.env, "init", "--quiet", folder);
    let changes = 0;
    const change = async (): Promise<void> => {
      await Deno.writeTextFile(join(folder, "file.txt"), `change ${changes++}\n`);
    };
    await change();
    await git("add", "--all");
    await git("commit", "--quiet", "--message=Start");
    await git("remote", "add", "origin", remote);
    await git("push", "--quiet", "--set-upstream", "origin", "main");
    await git("commit", "--quiet", "--allow-empty", "--message=To push");
    await change();
    await attack({
      folder,
      remote,
      config: join(folder, ".git", "config"),
      payload: `touch ${marker}`,
      git,
      change,
      async ran(): Promise<boolean> {
        try {
          await Deno.remove(marker);
          return true;
        } catch {
          return false;
        }
      },
    });
  });
}

function commit(victim: Victim, cwd: string, message = "By the tool"): Promise<ToolReply> {
  return ask(victim, { tool: "agentOS_git_commit", input: { cwd, message } }, 70_000);
}

function push(victim: Victim, cwd: string): Promise<ToolReply> {
  return ask(victim, { tool: "agentOS_git_push", input: { cwd } }, 70_000);
}

/** Both tools must refuse this folder, and nothing may run. */
async function requireBothRefused(victim: Victim, bait: Bait, cwd: string, code: RegExp): Promise<void> {
  for (const call of gitCalls(cwd)) {
    const reply = await ask(victim, call, 70_000);
    const ran = await bait.ran();
    ok(!ran, `${call.tool} ran the payload: ${reply.text}`);
    requireRefusal(reply, code);
  }
}

async function writeHook(path: string, body: string): Promise<void> {
  await Deno.writeTextFile(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
}

const HOOKS = [
  "pre-commit",
  "prepare-commit-msg",
  "commit-msg",
  "post-commit",
  "post-index-change",
  "reference-transaction",
  "pre-push",
  "pre-auto-gc",
  "post-rewrite",
  "push-to-checkout",
  "fsmonitor-watchman",
];
const REMOTE_HOOKS = [
  "pre-receive",
  "update",
  "post-receive",
  "post-update",
  "proc-receive",
  "reference-transaction",
];

/** Waits until no process runs whose command line holds this text. */
async function requireGone(text: string, patienceMs: number): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const found: string[] = [];
    for await (const { name } of Deno.readDir("/proc")) {
      if (!/^\d+$/.test(name) || name === String(Deno.pid)) continue;
      const line = await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "");
      if (line.includes(text)) found.push(line.replaceAll("\0", " "));
    }
    if (found.length === 0) return;
    ok(performance.now() < deadline, `still running: ${found.join("; ")}`);
    await new Promise((resume) => setTimeout(resume, 100));
  }
}

testAttacks("attacks on git", {
  "hooks of the repository and of its remote do not run": async (victim) => {
    await inBait(victim, async (bait) => {
      for (const hook of HOOKS) await writeHook(join(bait.folder, ".git", "hooks", hook), bait.payload);
      for (const hook of REMOTE_HOOKS) await writeHook(join(bait.remote, "hooks", hook), bait.payload);
      // They are real: the user's own git runs them.
      await bait.git("commit", "--quiet", "--all", "--message=By hand");
      ok(await bait.ran());
      await bait.change();
      const committed = await commit(victim, bait.folder);
      equal(committed.data["committed"], true, committed.text);
      equal(committed.data["hooks"], "off");
      const pushed = await push(victim, bait.folder);
      equal(pushed.isError, false, pushed.text);
      equal(await bait.ran(), false);
      equal(
        await runGit(bait.remote, victim.home.env, "rev-parse", "main"),
        await bait.git("rev-parse", "main"),
      );
    });
  },
  "config that can run a program or lead elsewhere refuses both tools, naming the key": async (victim) => {
    await inBait(victim, async (bait) => {
      const { payload, config } = bait;
      const clean = await Deno.readTextFile(config);
      const ext = `ext::sh -c ${payload.replaceAll(" ", "% ")}`;
      const keys: readonly (readonly [string, string])[] = [
        ["core.fsmonitor", payload],
        ["core.hooksPath", ".hooks"],
        ["core.sshCommand", payload],
        ["core.gitProxy", payload],
        ["core.askPass", payload],
        ["core.editor", payload],
        ["core.pager", payload],
        ["core.alternateRefsCommand", payload],
        ["core.worktree", victim.outside],
        ["core.bare", "true"],
        ["filter.evil.clean", payload],
        ["filter.evil.process", payload],
        ["filter.evil.smudge", payload],
        ["filter.lfs.clean", payload],
        ["diff.external", payload],
        ["diff.evil.textconv", payload],
        ["diff.evil.command", payload],
        ["merge.evil.driver", payload],
        ["gpg.program", payload],
        ["gpg.ssh.program", payload],
        ["gpg.ssh.defaultKeyCommand", payload],
        ["remote.origin.receivepack", payload],
        ["remote.origin.uploadpack", payload],
        ["remote.origin.pushurl", ext],
        ["remote.origin.url", ext],
        ["remote.origin.vcs", "ext"],
        ["remote.origin.proxy", "http://127.0.0.1:1"],
        ["remote.pushDefault", ext],
        ["branch.main.remote", ext],
        ["branch.main.pushRemote", ext],
        ["credential.helper", `!${payload}`],
        ["credential.https://example.org.helper", `!${payload}`],
        [`url.${ext}.insteadOf`, bait.remote],
        [`url.${ext}.pushInsteadOf`, bait.remote],
        ["include.path", "../evil.config"],
        [`includeIf.gitdir:${bait.folder}/.path`, "../evil.config"],
        ["includeIf.onbranch:main.path", "../evil.config"],
        ["alias.commit", `!${payload}`],
        ["alias.receive-pack", `!${payload}`],
        ["protocol.ext.allow", "always"],
        ["protocol.allow", "always"],
        ["http.proxy", "http://127.0.0.1:1"],
        ["http.sslVerify", "false"],
        ["http.cookieFile", "/etc/passwd"],
        ["submodule.evil.update", `!${payload}`],
        ["pager.commit", payload],
        ["sequence.editor", payload],
        ["trailer.evil.command", payload],
        ["trailer.evil.cmd", payload],
        ["uploadpack.packObjectsHook", payload],
        ["gc.recentObjectsHook", payload],
        ["hook.evil.command", payload],
      ];
      await Deno.writeTextFile(join(bait.folder, "evil.config"), `[core]\n\tfsmonitor = ${payload}\n`);
      await Deno.writeTextFile(join(bait.folder, ".gitattributes"), "* filter=evil diff=evil merge=evil\n");
      await Deno.mkdir(join(bait.folder, ".hooks"));
      for (const hook of HOOKS) await writeHook(join(bait.folder, ".hooks", hook), payload);
      for (const [key, value] of keys) {
        await bait.git("config", "--file", config, key, value);
        await bait.change();
        for (const call of gitCalls(bait.folder)) {
          const reply = await ask(victim, call, 70_000);
          ok(!await bait.ran(), `${key} ran the payload`);
          requireRefusal(reply, /^git\.untrusted/);
          const name = key.slice(key.lastIndexOf(".") + 1);
          ok(reply.text.toLowerCase().includes(name.toLowerCase()), `${key}: ${reply.text}`);
        }
        await Deno.writeTextFile(config, clean);
      }
      equal((await commit(victim, bait.folder)).isError, false, "and without them it works");
    });
  },
  "other spellings of such config are seen through": async (victim) => {
    await inBait(victim, async (bait) => {
      const { payload, config } = bait;
      const clean = await Deno.readTextFile(config);
      const spellings = [
        `[CORE]\nFSMONITOR=${payload}\n`,
        `[core] fsmonitor = "${payload}"\n`,
        `[core]\r\n\tfsMonitor = ${payload}\r\n`,
        `[core]\nfsmonitor = tou\\\nch ${payload.slice(6)}\n`,
        `[core]\nfsmonitor\n[core]\nfsmonitor = ${payload}\n[core]\nfsmonitor = false\n[core]\nfsmonitor = ${payload}`,
        `[core]\n\t# a comment\n;\n  fsmonitor=${payload} # more\n`,
        `[Filter "evil\\"]"]\nclean = ${payload}\n`,
        `[filter.evil]\nclean = ${payload}\n`,
        `[filter "Evil.Sub"]clean=${payload}\n`,
        `[include]path=../evil.config\n`,
      ];
      await Deno.writeTextFile(join(bait.folder, "evil.config"), `[core]\n\tfsmonitor = ${payload}\n`);
      for (const text of spellings) {
        for (const whole of [`${clean}${text}`, `${text}\n${clean}`, `\ufeff${text}\n${clean}`]) {
          await Deno.writeTextFile(config, whole);
          await bait.change();
          await requireBothRefused(victim, bait, bait.folder, /^git\./);
        }
      }
      // In the file that belongs to the work tree alone.
      await Deno.writeTextFile(config, `${clean}[extensions]\n\tworktreeConfig = true\n`);
      await Deno.writeTextFile(`${config}.worktree`, `[core]\n\tfsmonitor = ${payload}\n`);
      await requireBothRefused(victim, bait, bait.folder, /^git\.untrusted/);
      await Deno.remove(`${config}.worktree`);
      // As a link, a folder, and nothing that can be read to its end.
      await Deno.remove(config);
      await Deno.symlink(join(bait.folder, "evil.config"), config);
      await requireBothRefused(victim, bait, bait.folder, /^git\./);
      await Deno.remove(config);
      await Deno.symlink("/dev/zero", config);
      await requireBothRefused(victim, bait, bait.folder, /^git\./);
    });
  },
  "signing asks nobody": async (victim) => {
    await inBait(victim, async (bait) => {
      const { home } = victim;
      const gpg = join(home.home, "gpg");
      await writeHook(gpg, `${bait.payload}\nexit 1`);
      await runGit(home.home, home.env, "config", "--global", "gpg.program", gpg);
      try {
        for (const key of ["commit.gpgSign", "tag.gpgSign", "push.gpgSign", "log.showSignature"]) {
          await bait.git("config", key, "true");
        }
        const reply = await commit(victim, bait.folder);
        equal(reply.isError, false, reply.text);
        await push(victim, bait.folder);
        equal(await bait.ran(), false);
      } finally {
        await runGit(home.home, home.env, "config", "--global", "--unset", "gpg.program");
      }
    });
  },
  "a message is a message": async (victim) => {
    await inBait(victim, async (bait) => {
      const { payload } = bait;
      const messages = [
        "--amend",
        "-F/etc/passwd",
        "--file=/etc/passwd",
        "--author=Eve <eve@example.org>",
        "-m x --no-edit",
        `$(${payload})`,
        `\`${payload}\``,
        `; ${payload} ;`,
        `| ${payload}`,
        `x' && ${payload} && '`,
        "%(trailers) %H",
        "Subject\n\n--amend\n#comment\n# ------------------------ >8 ------------------------\nstill here",
        "Co-authored-by: x",
      ];
      for (const message of messages) {
        await bait.change();
        const parent = await bait.git("rev-parse", "HEAD");
        const reply = await commit(victim, bait.folder, message);
        equal(reply.isError, false, reply.text);
        equal(await bait.git("log", "-1", "--format=%B"), message);
        equal(await bait.git("rev-parse", "HEAD^"), parent);
        match(await bait.git("log", "-1", "--format=%an"), /^Ada Example$/);
        equal(await bait.ran(), false);
      }
      for (const message of ["", " \n", "a\0b", "\ud800", "x".repeat(8_001)]) {
        requireRefusal(await commit(victim, bait.folder, message), /^tool\.input/);
      }
    });
  },
  "a cwd that is not the top of a work tree inside the roots is refused": async (victim) => {
    await inBait(victim, async (bait) => {
      const { home, outside, readOnlyRoot } = victim;
      const other = join(home.folder, "other");
      await runGit(home.folder, home.env, "init", "--quiet", other);
      const sub = join(bait.folder, "sub");
      await Deno.mkdir(sub);
      await Deno.writeTextFile(join(sub, "sub.txt"), "sub\n");
      await Deno.symlink(other, join(bait.folder, "..", "door"));
      await runGit(readOnlyRoot, home.env, "init", "--quiet");
      const head = await bait.git("rev-parse", "HEAD");
      try {
        for (
          const cwd of [
            other,
            outside,
            `${home.root}/../other`,
            join(bait.folder, "..", "door"),
            `${bait.folder}/../door/.`,
            sub,
            `${bait.folder}/.git`,
            `${bait.folder}/file.txt`,
            bait.remote,
            join(home.root, "absent"),
            home.root,
            readOnlyRoot,
            "work",
            ".",
            "",
            "-C/tmp",
            "--git-dir=/tmp",
            `--exec-path=${bait.folder}`,
            `${bait.folder}\0`,
            `${bait.folder}\n--amend`,
            `file://${bait.folder}`,
          ]
        ) await requireBothRefused(victim, bait, cwd, /^(path|git\.not_a_repository)/);
        equal(await bait.git("rev-parse", "HEAD"), head);
        const made = await new Deno.Command("git", {
          args: ["-C", other, "rev-parse", "--verify", "-q", "HEAD"],
          stdout: "null",
        }).output();
        equal(made.success, false);
      } finally {
        await Deno.remove(other, { recursive: true });
        await Deno.remove(join(readOnlyRoot, ".git"), { recursive: true });
      }
    });
  },
  "a repository above the root is never reached": async (victim) => {
    const { home, outside } = victim;
    await runGit(home.folder, home.env, "init", "--quiet");
    const inner = join(home.root, "plain");
    await Deno.mkdir(inner);
    await Deno.writeTextFile(join(inner, "x"), "x");
    try {
      for (const cwd of [home.root, inner, home.folder]) {
        for (const call of gitCalls(cwd)) {
          requireRefusal(await ask(victim, call), /^(path|git\.not_a_repository)/);
        }
      }
      const made = await new Deno.Command("git", {
        args: ["-C", home.folder, "rev-parse", "--verify", "-q", "HEAD"],
        stdout: "null",
      }).output();
      equal(made.success, false, `${outside} would have been committed`);
      equal(await Deno.stat(join(home.folder, ".git", "index")).catch(() => undefined), undefined);
    } finally {
      await Deno.remove(join(home.folder, ".git"), { recursive: true });
      await Deno.remove(inner, { recursive: true });
    }
  },
  "a .git that leads elsewhere is refused: file, link, commondir, alternates of a worktree": async (
    victim,
  ) => {
    await inBait(victim, async (bait) => {
      const { home } = victim;
      const other = join(home.folder, "other");
      await runGit(home.folder, home.env, "init", "--quiet", other);
      await runGit(other, home.env, "config", "core.fsmonitor", bait.payload);
      const cwd = join(bait.folder, "..", "decoy");
      await Deno.mkdir(cwd);
      await Deno.writeTextFile(join(cwd, "a"), "a");
      const pointer = join(cwd, ".git");
      try {
        for (const target of [join(other, ".git"), join(bait.folder, ".git"), bait.remote, "../work/.git"]) {
          await Deno.symlink(target, pointer);
          await requireBothRefused(victim, bait, cwd, /^git\.not_a_repository/);
          await Deno.remove(pointer);
          await Deno.writeTextFile(pointer, `gitdir: ${target}\n`);
          await requireBothRefused(victim, bait, cwd, /^git\./);
          await Deno.remove(pointer);
        }
        await runGit(cwd, home.env, "init", "--quiet");
        await Deno.writeTextFile(join(pointer, "commondir"), `${join(other, ".git")}\n`);
        await requireBothRefused(victim, bait, cwd, /^git\.not_a_repository/);
        await Deno.remove(join(pointer, "commondir"));
        for (const name of ["index", "HEAD", "refs", "objects", "logs", "COMMIT_EDITMSG", "info"]) {
          const path = join(pointer, name);
          await Deno.rename(path, `${path}-kept`).catch(() => {});
          await Deno.symlink(join(victim.outside, "secret.txt"), path);
          await requireBothRefused(victim, bait, cwd, /^git\./);
          await Deno.remove(path);
          await Deno.rename(`${path}-kept`, path).catch(() => {});
        }
        deepEqual(await Array.fromAsync(Deno.readDir(victim.outside), ({ name }) => name), ["secret.txt"]);
        match(await Deno.readTextFile(join(victim.outside, "secret.txt")), /^the-secret/);
      } finally {
        await Deno.remove(other, { recursive: true });
      }
    });
  },
  "repositories inside the repository start nothing": async (victim) => {
    await inBait(victim, async (bait) => {
      // A bare one, as plain files of the work tree.
      const bare = join(bait.folder, "bare");
      await bait.git("init", "--quiet", "--bare", bare);
      for (
        const [key, value] of [["core.fsmonitor", bait.payload], ["core.bare", "false"], [
          "core.worktree",
          "..",
        ]]
      ) {
        await bait.git("config", "--file", join(bare, "config"), key ?? "", value ?? "");
      }
      for (const hook of HOOKS) await writeHook(join(bare, "hooks", hook), bait.payload);
      await requireBothRefused(victim, bait, bare, /^git\.not_a_repository/);
      equal((await commit(victim, bait.folder)).isError, false);
      equal(await bait.ran(), false);
      // One with a work tree of its own, which git add enters once the index knows it.
      const inner = join(bait.folder, "inner");
      await runGit(bait.folder, victim.home.env, "init", "--quiet", inner);
      await Deno.writeTextFile(join(inner, "x"), "x");
      await runGit(inner, victim.home.env, "add", "--all");
      await runGit(inner, victim.home.env, "commit", "--quiet", "--message=Inner");
      equal((await commit(victim, bait.folder)).isError, false);
      await runGit(inner, victim.home.env, "config", "core.fsmonitor", bait.payload);
      await Deno.writeTextFile(join(inner, "x"), "y");
      requireRefusal(await commit(victim, bait.folder), /^git\.untrusted/);
      equal(await bait.ran(), false);
    });
  },
  "a repository that is recorded only by this commit starts nothing": async (victim) => {
    await inBait(victim, async (bait) => {
      const { env } = victim.home;
      await bait.git("config", "diff.ignoreSubmodules", "all");
      const inner = join(bait.folder, "inner");
      await runGit(bait.folder, env, "init", "--quiet", inner);
      await Deno.writeTextFile(join(inner, "x"), "x");
      await Deno.writeTextFile(join(inner, ".gitattributes"), "x filter=evil\n");
      await runGit(inner, env, "add", "--all");
      await runGit(inner, env, "commit", "--quiet", "--message=Inner");
      await runGit(inner, env, "config", "filter.evil.clean", `${bait.payload}; cat`);
      await Deno.utime(join(inner, "x"), 1, 1);
      await commit(victim, bait.folder);
      equal(await bait.ran(), false);
      requireRefusal(await commit(victim, bait.folder), /^git\.untrusted/);
      await Deno.remove(join(bait.folder, ".git", "index"));
      requireRefusal(await commit(victim, bait.folder), /^git\.untrusted/);
      equal(await bait.ran(), false);
      // It is real.
      await bait.git("status", "--ignore-submodules=none");
      ok(await bait.ran());
    });
  },
  "a remote that git would find elsewhere than where it seems to be is not pushed to": async (victim) => {
    await inBait(victim, async (bait) => {
      const { env } = victim.home;
      const parent = join(bait.folder, "..");
      const init = (path: string): Promise<string> => runGit(parent, env, "init", "--quiet", "--bare", path);
      const evil = join(parent, "evil.git");
      await init(evil);
      await Deno.writeTextFile(
        join(evil, "objects", "info", "alternates"),
        `${join(bait.remote, "objects")}\n`,
      );
      await runGit(evil, env, "config", "core.alternateRefsCommand", `${bait.payload}; :`);
      for (const name of ["file.git", "linked.git", "way.git", "turn", "shared.git"]) await init(name);
      await Deno.writeTextFile(join(parent, "file"), "gitdir: evil.git\n");
      const outside = join(victim.home.folder, "outside.git");
      await init(outside);
      await Deno.symlink(outside, join(parent, "linked"));
      await Deno.mkdir(join(parent, "deep", "er"), { recursive: true });
      await Deno.symlink(evil, join(parent, "deep", "turn"));
      await Deno.symlink(join(parent, "deep", "er"), join(parent, "way"));
      await Deno.mkdir(join(parent, "shared"));
      await Deno.copyFile(join(evil, "HEAD"), join(parent, "shared", "HEAD"));
      await Deno.writeTextFile(join(parent, "shared", "commondir"), evil);
      try {
        for (const url of ["../file", "../linked", "../way/../turn", "../shared", "./a\nb", evil]) {
          await bait.git("config", "remote.origin.url", url);
          requireRefusal(await push(victim, bait.folder), /^git\.untrusted/);
          equal(await bait.ran(), false, url);
        }
        equal(await runGit(outside, env, "for-each-ref"), "");
        await bait.git("push", "--quiet", "../file", "main:side");
        ok(await bait.ran());
      } finally {
        await Deno.remove(outside, { recursive: true });
      }
    });
  },
  "a push by its configuration never forces or deletes": async (victim) => {
    await inBait(victim, async (bait) => {
      const clean = await Deno.readTextFile(bait.config);
      for (
        const [key, value] of [
          ["remote.origin.mirror", "true"],
          ["remote.origin.push", "+refs/heads/*:refs/heads/*"],
          ["remote.origin.push", ":refs/heads/main"],
        ]
      ) {
        await bait.git("config", key ?? "", value ?? "");
        requireRefusal(await push(victim, bait.folder), /^git\.rejected/);
        await Deno.writeTextFile(bait.config, clean);
      }
      equal((await push(victim, bait.folder)).isError, false);
    });
  },
  "passwords in a remote's URL come out nowhere": async (victim) => {
    await inBait(victim, async (bait) => {
      const secret = "s3cret-of-the-url";
      for (
        const url of [
          `https://ada:${secret}@127.0.0.1:1/x.git`,
          `https://${secret}@127.0.0.1:1/x.git`,
          `http://ada:${secret}@127.0.0.1:1/x.git?token=x`,
        ]
      ) {
        await bait.git("remote", "set-url", "origin", url);
        await bait.change();
        for (const reply of [await commit(victim, bait.folder), await push(victim, bait.folder)]) {
          ok(!reply.raw.includes(secret), reply.text);
        }
      }
      ok(!victim.server.said().includes(secret));
    });
  },
  "a remote that asks for a password is told that nobody is there": async (victim) => {
    await using asker = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      () => new Response("", { status: 401, headers: { "www-authenticate": 'Basic realm="x"' } }),
    );
    await inBait(victim, async (bait) => {
      await bait.git("remote", "set-url", "origin", `http://127.0.0.1:${asker.addr.port}/x.git`);
      const start = performance.now();
      requireRefusal(await push(victim, bait.folder), /^git\.auth/);
      ok(performance.now() - start < 20_000);
    });
  },
  "whoever goes away takes a push into a black hole with him": async (victim) => {
    if (Deno.build.os !== "linux") return;
    const hole = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const swallowed: Deno.Conn[] = [];
    const swallowing = (async (): Promise<void> => {
      for await (const connection of hole) swallowed.push(connection);
    })();
    try {
      await inBait(victim, async (bait) => {
        const url = `http://127.0.0.1:${hole.addr.port}/hole.git`;
        await bait.git("remote", "set-url", "origin", url);
        await victim.call("agentOS_git_push", { cwd: bait.folder }, AbortSignal.timeout(3_000)).catch(
          () => {},
        );
        ok(swallowed.length > 0, "it got as far as the black hole");
        await requireGone(url, 5_000);
        equal((await commit(victim, bait.folder)).isError, false);
      });
    } finally {
      hole.close();
      for (const connection of swallowed) connection.close();
      await swallowing.catch(() => {});
    }
  },
  "locks of another git are respected, and the tool's own calls take turns": async (victim) => {
    await inBait(victim, async (bait) => {
      const lock = join(bait.folder, ".git", "index.lock");
      await Deno.writeTextFile(lock, "");
      requireRefusal(await commit(victim, bait.folder), /^git\.locked/);
      equal((await Deno.stat(lock)).size, 0);
      await Deno.remove(lock);
      const replies = await Promise.all(Array.from({ length: 6 }, async (_, index) => {
        await Deno.writeTextFile(join(bait.folder, `file-${index}.txt`), "x");
        return await commit(victim, bait.folder, `Commit ${index}`);
      }));
      for (const { isError, text } of replies) equal(isError, false, text);
      equal(await bait.git("status", "--porcelain"), "");
    });
  },
  "special files in the git folder and the work tree do not hang a call": async (victim) => {
    await inBait(victim, async (bait) => {
      const mkfifo = async (path: string): Promise<void> => {
        equal((await new Deno.Command("mkfifo", { args: [path] }).output()).success, true);
      };
      await mkfifo(join(bait.folder, "fifo"));
      await Deno.symlink("/dev/zero", join(bait.folder, "zero"));
      equal((await commit(victim, bait.folder)).isError, false);
      for (const name of ["config", "HEAD", "index", "COMMIT_EDITMSG", "packed-refs"]) {
        const path = join(bait.folder, ".git", name);
        await Deno.rename(path, `${path}-kept`).catch(() => {});
        await mkfifo(path);
        const start = performance.now();
        await requireBothRefused(victim, bait, bait.folder, /^git\./);
        ok(performance.now() - start < 20_000, name);
        await Deno.remove(path);
        await Deno.rename(`${path}-kept`, path).catch(() => {});
      }
    });
  },
  "a repository of another user is refused": async (victim) => {
    if (!IS_ROOT) return; // Only root may give files away.
    await inBait(victim, async (bait) => {
      for (const path of [bait.folder, join(bait.folder, ".git")]) await Deno.chown(path, 65_534, 65_534);
      await requireBothRefused(victim, bait, bait.folder, /^git\.not_a_repository.*another user/s);
      for (const path of [bait.folder, join(bait.folder, ".git")]) await Deno.chown(path, 0, 0);
    });
  },
  "the server's own environment leads git nowhere": async (victim) => {
    const evil = (folder: string): string => join(folder, "evil");
    await using other = await victim.another({
      async prepare({ folder }): Promise<void> {
        await Deno.mkdir(evil(folder));
        for (const name of ["git", "git-receive-pack", "ssh", "sh"]) {
          await writeHook(join(evil(folder), name), `/usr/bin/touch ${folder}/ran`);
        }
      },
      env: ({ folder, root }) => {
        const payload = `touch ${folder}/ran`;
        return {
          // A folder that tools may write to, before the real one.
          PATH: `${join(root, "bin")}:${Deno.env.get("PATH") ?? ""}`,
          GIT_DIR: join(folder, "outside"),
          GIT_WORK_TREE: join(folder, "outside"),
          GIT_COMMON_DIR: join(folder, "outside"),
          GIT_INDEX_FILE: join(folder, "outside", "index"),
          GIT_OBJECT_DIRECTORY: join(folder, "outside"),
          GIT_NAMESPACE: "evil",
          GIT_CONFIG_PARAMETERS: `'core.fsmonitor'='${payload}'`,
          GIT_CONFIG_COUNT: "1",
          GIT_CONFIG_KEY_0: "core.fsmonitor",
          GIT_CONFIG_VALUE_0: payload,
          GIT_CONFIG_GLOBAL: join(folder, "outside", "gitconfig"),
          GIT_EXEC_PATH: evil(folder),
          GIT_TEMPLATE_DIR: evil(folder),
          GIT_SSH_COMMAND: payload,
          GIT_PROXY_COMMAND: payload,
          GIT_EXTERNAL_DIFF: payload,
          GIT_EDITOR: payload,
          GIT_PAGER: payload,
          GIT_ASKPASS: join(evil(folder), "ssh"),
          GIT_TRACE: join(folder, "outside", "trace"),
          GIT_TRACE2: join(folder, "outside", "trace2"),
          GIT_ALLOW_PROTOCOL: "ext:file",
          GIT_CEILING_DIRECTORIES: "/",
          GIT_DISCOVERY_ACROSS_FILESYSTEM: "1",
          ENV: join(evil(folder), "sh"),
          BASH_ENV: join(evil(folder), "sh"),
        };
      },
    });
    await inBait(other, async (bait) => {
      const bin = join(other.home.root, "bin");
      await Deno.mkdir(bin);
      for (const name of ["git", "git-receive-pack", "sh"]) {
        await writeHook(join(bin, name), `/usr/bin/${bait.payload}`);
      }
      const committed = await commit(other, bait.folder);
      equal(committed.isError, false, committed.text);
      const pushed = await push(other, bait.folder);
      equal(pushed.isError, false, pushed.text);
      equal(await bait.ran(), false);
      equal(await bait.git("log", "-1", "--format=%B"), "By the tool");
      deepEqual(await Array.fromAsync(Deno.readDir(other.outside), ({ name }) => name), ["secret.txt"]);
    });
  },
  "trust is for the user to give, for one folder, and not for a caller": async (victim) => {
    await using trusting = await victim.another({
      prepare: async ({ root }) => await Deno.mkdir(join(root, "trusted")),
      flags: ({ root }) => ["--root", root, "--trust-repo", join(root, "trusted")],
    });
    await inBait(trusting, async (bait) => {
      await writeHook(join(bait.folder, ".git", "hooks", "pre-commit"), bait.payload);
      equal((await commit(trusting, bait.folder)).data["hooks"], "off");
      equal(await bait.ran(), false);
      // Not by a link to it, nor by one that takes its place, nor for what is inside it.
      const trusted = join(trusting.home.root, "trusted");
      await Deno.remove(trusted);
      await Deno.symlink(bait.folder, trusted);
      await bait.change();
      await commit(trusting, trusted);
      equal(await bait.ran(), false);
      await Deno.remove(trusted);
      await Deno.rename(bait.folder, trusted);
      await Deno.writeTextFile(join(trusted, "file.txt"), "trusted now\n");
      equal((await commit(trusting, trusted)).data["hooks"], "ran");
      equal(await bait.ran(), true);
      await Deno.rename(trusted, bait.folder);
    });
  },
});

// The limit of 60 s is the same for everybody, so this takes a minute; both targets wait at the same time.
Deno.test("a trusted hook that sleeps is stopped with all it started: when nobody waits, and after 60 s", async () => {
  await Promise.all(TARGETS.map(async ({ program }) => {
    await using victim = await startVictim(program, {
      prepare: async ({ root }) => await Deno.mkdir(join(root, "trusted")),
      flags: ({ root }) => ["--root", root, "--trust-repo", join(root, "trusted")],
    });
    const { home } = victim;
    const trusted = join(home.root, "trusted");
    await runGit(trusted, home.env, "init", "--quiet");
    await Deno.writeTextFile(join(trusted, "file.txt"), "x");
    // Unlike any other process of this machine, and with a child that would hold the output open.
    const nap = String(300 + Math.random());
    await writeHook(join(trusted, ".git", "hooks", "pre-commit"), `sleep ${nap} & sleep ${nap}`);
    const input = { cwd: trusted, message: "Sleep" };
    await victim.call("agentOS_git_commit", input, AbortSignal.timeout(4_000)).catch(() => {});
    await requireGone(nap, 5_000);
    await Deno.remove(join(trusted, ".git", "index.lock")).catch(() => {});

    const start = performance.now();
    const reply = await commit(victim, trusted);
    const elapsedMs = performance.now() - start;
    requireRefusal(reply, /^process\.timeout/);
    ok(elapsedMs > 55_000 && elapsedMs < 68_000, `${elapsedMs} ms`);
    await requireGone(nap, 3_000);
  }));
});
