/**
 * What sync answers where something is not as it should be: two repos, a damaged record, odd files, a skill with a
 * mistake; and what it leaves behind beside a home: the token, its environment, nothing.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { type ProgramResult, runProgram } from "./e2e/program.ts";
import { copyClientFiles, findProgram, openSyncSandbox, snapshot, type SyncSandbox } from "./sync_sandbox.ts";

const VERSION = ["--codex-version", "0.169.0"];

/** One test in a sandbox that holds the project's own client files. */
function testSync(name: string, test: (sandbox: SyncSandbox) => Promise<void>, env = {}): void {
  Deno.test({
    name,
    ignore: Deno.build.os === "windows",
    fn: async () => {
      await using sandbox = await openSyncSandbox({ env });
      await copyClientFiles(sandbox.repo);
      await test(sandbox);
    },
  });
}

function assertAnswer(result: ProgramResult, code: number, said: RegExp): void {
  assert.equal(result.code, code, `${result.stdout}\n${result.stderr}`);
  assert.match(`${result.stdout}\n${result.stderr}`, said);
}

const push = (sandbox: SyncSandbox, ...args: readonly string[]): Promise<ProgramResult> =>
  sandbox.run("sync", "push", ...VERSION, ...args);

testSync(
  "a home that another repo keeps in step is refused, and taken over when told so",
  async (sandbox) => {
    assertAnswer(await push(sandbox), 0, /wrote 14/);
    const other = join(sandbox.folder, "other");
    await Deno.mkdir(join(other, "context-portfolio"), { recursive: true });
    await copyClientFiles(other);
    assertAnswer(await push(sandbox, "--repo", other), 2, /kept in step with .*\/repo.*--takeover/s);
    assertAnswer(await push(sandbox, "--repo", other, "--takeover"), 0, /nothing to do/);
    assertAnswer(await push(sandbox), 2, /kept in step with .*\/other/s);
  },
);

testSync("a client that does not answer for its version is not waited for, and ended", async (sandbox) => {
  const note = join(sandbox.folder, "pid");
  const script = `#!/bin/sh\necho $$ > '${note}'\n/bin/sleep 600\n`;
  await Deno.writeTextFile(join(sandbox.bin, "codex"), script, { mode: 0o755 });
  await Deno.mkdir(sandbox.home);
  assertAnswer(await sandbox.run("sync", "push"), 0, /wrote 14/);
  const pid = Number(await Deno.readTextFile(note));
  assert.throws(() => Deno.kill(pid, "SIGCONT"), Deno.errors.NotFound);
});

testSync("a home that is no folder is named as such, by every command", async (sandbox) => {
  const link = `${sandbox.home}-link`;
  await Deno.symlink(join(sandbox.userHome, "nowhere"), link);
  await Deno.writeTextFile(sandbox.home, "a file\n");
  for (const command of [["push"], ["push", "--dry-run"], ["check"], ["clean", "--yes"]]) {
    assertAnswer(await sandbox.run("sync", ...command), 2, /Cannot use the home .*: it is no folder/);
    const linked = await sandbox.run("sync", ...command, "--home", link);
    assertAnswer(linked, 2, /it is a symbolic link to nothing/);
  }
  assert.equal(await Deno.readTextFile(sandbox.home), "a file\n");
});

testSync("a list in CODEX_HOME is no home, and one of it can be named", async (sandbox) => {
  const [list, one] = [`codex,${sandbox.home}`, join(sandbox.userHome, "one")];
  await Deno.mkdir(sandbox.home);
  const before = snapshot(sandbox.userHome);
  const run = (...words: readonly string[]): Promise<ProgramResult> => {
    const [path, ...first] = sandbox.call;
    const env = { ...sandbox.env, CODEX_HOME: list };
    return runProgram({ path, args: [...first, ...words], cwd: sandbox.userHome, env });
  };
  const said = new RegExp(`error: Cannot use CODEX_HOME .*"${list}" is a list.*\\nhint: .*--home DIR`);
  for (const command of [["check"], ["pull"], ["push", "--dry-run"], ["clean", "--dry-run"]]) {
    assertAnswer(await run("sync", ...command), 2, said);
  }
  assert.deepEqual(snapshot(sandbox.userHome), before);
  for (const command of [["push"], ["clean", "--yes"]]) assertAnswer(await run("sync", ...command), 2, said);
  assert.match((await run("status", "--port", "1")).stdout, /Codex CLI's home +Cannot use CODEX_HOME/);
  assert.deepEqual([...Deno.readDirSync(sandbox.home)], []);
  assert.deepEqual([...Deno.readDirSync(sandbox.userHome)].map(({ name }) => name).sort(), [
    ".agentos",
    ".codex",
  ]);
  assertAnswer(await run("sync", "push", "--home", one, ...VERSION), 0, /wrote 14/);
  assertAnswer(await run("sync", "check", "--home", one), 0, /in sync/);
});

testSync("what could not be written into a read-only file is not recorded as written", async (sandbox) => {
  const config = join(sandbox.home, "config.toml");
  const memory = join(sandbox.home, "memories", "decisions.md");
  const source = join(sandbox.repo, "clients", "shared", "memory", "decisions.md");
  const old = await Deno.readTextFile(source);
  assertAnswer(await push(sandbox, "--only", "memories"), 0, /wrote/);
  await Deno.writeTextFile(config, "mine = 1\n", { mode: 0o400 });
  await Deno.chmod(config, 0o400);
  await Deno.chmod(memory, 0o400);
  await Deno.writeTextFile(source, `${old}\nNews.\n`);
  assertAnswer(await push(sandbox), 2, /not there yet, but the file is read-only.*Make the file writable/s);
  assertAnswer(
    await sandbox.run("sync", "check"),
    1,
    /missing +~\/.codex\/config.toml +our part is not there yet, but/,
  );
  assertAnswer(await sandbox.run("sync", "check"), 1, /stale +~\/.codex\/memories\/decisions.md/);
  // A push alone would leave both alone again.
  const only = await sandbox.run("sync", "check", "--only", "memories");
  assertAnswer(only, 1, /next: correct what is named, then "agentos sync push"/);
  await Deno.remove(source);
  assertAnswer(await push(sandbox), 2, /no longer in the repo, but the file is read-only/);
  await Deno.chmod(config, 0o600);
  await Deno.chmod(memory, 0o600);
  assertAnswer(await push(sandbox), 0, /wrote 1, removed 1/);
  assert.ok((await Deno.readTextFile(config)).startsWith("mine = 1\n"));
});

testSync("what the user's TOML defines itself is refused with the two ways that lead on", async (sandbox) => {
  const config = join(sandbox.home, "config.toml");
  const mine = '[mcp_servers.agentOS-portfolio]\nurl = "http://127.0.0.1:8787/mcp"\n';
  await Deno.mkdir(sandbox.home);
  await Deno.writeTextFile(config, mine);
  const ways = /eep your version with "agentos sync push --take home", or take what is named out of the file/;
  for (const take of [[], ["--take", "repo"]]) assertAnswer(await push(sandbox, ...take), 2, ways);
  assertAnswer(await sandbox.run("sync", "check"), 1, ways);
  assert.equal(await Deno.readTextFile(config), mine);
  assertAnswer(await push(sandbox, "--take", "home"), 0, /yours is kept/);
  assertAnswer(await sandbox.run("sync", "check"), 0, /in sync/);
  await Deno.writeTextFile(config, "");
  assertAnswer(await push(sandbox), 0, /wrote 1/);
});

testSync(
  "a named repo needs no portfolio to be deployed from, but one of the two folders",
  async (sandbox) => {
    const bare = join(sandbox.folder, "bare");
    await copyClientFiles(bare);
    assertAnswer(await push(sandbox, "--repo", bare), 0, /wrote 14/);
    await Deno.mkdir(join(sandbox.folder, "empty"));
    const empty = await push(sandbox, "--repo", join(sandbox.folder, "empty"));
    assertAnswer(empty, 2, /holds no folder context-portfolio\/ or clients\//);
  },
);

testSync(
  "a record that is newer or damaged is refused by every command, and nothing is written",
  async (sandbox) => {
    await push(sandbox);
    const before = snapshot(sandbox.home);
    const [name = ""] = [...Deno.readDirSync(join(sandbox.state, "applied"))].map(({ name }) => name);
    const record = join(sandbox.state, "applied", name);
    const text = await Deno.readTextFile(record);
    const damages: readonly [string, RegExp][] = [
      [text.replace('"schema": 1', '"schema": 2'), /newer agentos wrote.*schema 2/],
      ["{", /Cannot use the record.*it is not JSON/],
      [text.replace('"config.toml"', '"../config.toml"'), /the entry "\.\.\/config\.toml" is damaged/],
    ];
    for (const [damaged, said] of damages) {
      await Deno.writeTextFile(record, damaged);
      for (const command of ["push", "check", "pull"]) {
        assertAnswer(
          await sandbox.run("sync", command),
          2,
          said,
        );
      }
      assertAnswer(await sandbox.run("sync", "clean", "--yes"), 2, said);
      assert.deepEqual(snapshot(sandbox.home), before);
    }
  },
);

testSync(
  "without the client and its home there is nothing to sync, and check makes nothing",
  async (sandbox) => {
    assertAnswer(await sandbox.run("sync", "push"), 2, /not installed and .*\.codex" does not exist/);
    await Deno.remove(sandbox.state, { recursive: true });
    assertAnswer(await sandbox.run("sync", "check"), 2, /\.codex" does not exist/);
    await Deno.mkdir(sandbox.home);
    assertAnswer(await sandbox.run("sync", "check"), 1, /14 of 14 not in sync/);
    assert.deepEqual(snapshot(sandbox.userHome), { ".codex/": "" });
  },
);

testSync("what is no plain file is named and left alone, and everything else is pushed", async (sandbox) => {
  const { home } = sandbox;
  await Deno.mkdir(join(home, "memories", "decisions.md"), { recursive: true });
  await Deno.writeTextFile(join(home, "AGENTS.md"), "# Mine\n");
  await Deno.link(join(home, "AGENTS.md"), join(home, "other.md"));
  await new Deno.Command(await findProgram("mkfifo"), { args: [join(home, "config.toml")] }).output();
  await Deno.symlink("nowhere", join(home, "cheap.config.toml"));
  await Deno.symlink(join(sandbox.repo, "clients", "shared", "skills"), join(home, "skills"));
  const skills = snapshot(join(sandbox.repo, "clients", "shared"));
  const result = await push(sandbox);
  assertAnswer(result, 2, /left alone {2}~\/\.codex\/config\.toml {2}it is not a regular file/);
  assert.match(result.stdout, /decisions\.md {2}a folder stands where a file should/);
  assert.match(result.stdout, /AGENTS\.md {2}it is hard-linked/);
  assert.match(result.stdout, /cheap\.config\.toml {2}it is a symbolic link to nothing/);
  assert.match(result.stdout, /skills\/clean-commit\/SKILL\.md {2}its folder is a link into the home repo/);
  assert.match(result.stdout, /wrote {7}~\/\.codex\/planner\.config\.toml/);
  assert.deepEqual(snapshot(join(sandbox.repo, "clients", "shared")), skills);
});

testSync(
  "a key of more parts than any walk can follow is a mistake in the file, and no bug",
  async (sandbox) => {
    const config = join(sandbox.home, "config.toml");
    await Deno.mkdir(sandbox.home);
    const key = Array.from({ length: 20_000 }, () => "x").join(".");
    const text = `# mine\n${key} = 1\n`;
    await Deno.writeTextFile(config, text);
    assertAnswer(await sandbox.run("sync", "push"), 2, /config\.toml:2: .*more than 1000 deep/);
    assert.equal(await Deno.readTextFile(config), text);
  },
);

testSync(
  "a profile that cannot be one for its name is a mistake in the repo, not passed over",
  async (sandbox) => {
    const profiles = join(sandbox.repo, "clients", "codex", "profiles");
    await Deno.mkdir(join(profiles, "below"));
    for (const path of ["a.b.toml", "below/c.toml"]) {
      await Deno.writeTextFile(join(profiles, path), "a = 1\n");
      assertAnswer(
        await push(sandbox),
        2,
        new RegExp(`profiles/${path}:1: .*the name of a profile holds letters`),
      );
      await Deno.remove(join(profiles, path));
    }
    await Deno.writeTextFile(join(profiles, "README.md"), "Mine.\n");
    assertAnswer(await push(sandbox), 0, /wrote 14/);
  },
);

testSync("a linked config is written through, wherever its user keeps it", async (sandbox) => {
  const real = join(sandbox.folder, "dotfiles.toml");
  await Deno.writeTextFile(real, "a = 1\n");
  await Deno.mkdir(sandbox.home);
  await Deno.symlink(real, join(sandbox.home, "config.toml"));
  assertAnswer(await push(sandbox), 0, /wrote 14/);
  assert.match(await Deno.readTextFile(real), /^a = 1\n[^]*agentOS-portfolio/);
  assertAnswer(await sandbox.run("sync", "clean", "--yes", "--no-deploy"), 0, /removed 13/);
  assert.equal(await Deno.readTextFile(real), "a = 1\n");
  assert.equal(await Deno.readLink(join(sandbox.home, "config.toml")), real);
});

testSync(
  "a push keeps the token and its environment, to itself, and a clean leaves the home as it was",
  async (sandbox) => {
    const mode = (path: string): number => (Deno.statSync(path).mode ?? 0) & 0o777;
    const units = join(sandbox.userHome, ".config", "environment.d");
    await Deno.mkdir(units, { recursive: true });
    const pushed = await push(sandbox);
    assertAnswer(pushed, 0, /wrote .*60-agentos\.conf/);
    const token = (await Deno.readTextFile(join(sandbox.state, "token"))).trim();
    assert.equal(mode(sandbox.state), 0o700);
    for (const name of ["env", "env.fish", "env.ps1"]) {
      assert.equal(mode(join(sandbox.state, name)), 0o600);
      assert.ok(!(await Deno.readTextFile(join(sandbox.state, name))).includes(token));
    }
    assert.equal(mode(join(units, "60-agentos.conf")), 0o600);
    assert.match(
      await Deno.readTextFile(join(units, "60-agentos.conf")),
      new RegExp(`\nAGENTOS_TOKEN=${token}\n`),
    );
    const shells = await Promise.all(
      ["sh", "fish", "powershell", "systemd", "launchctl", "setx"].map((shell) =>
        sandbox.run("env", "--shell", shell)
      ),
    );
    for (const said of [pushed, ...shells]) assert.ok(!`${said.stdout}${said.stderr}`.includes(token));
    const sh = new Deno.Command("sh", {
      args: ["-c", `. '${sandbox.state}/env'; printf %s "$AGENTOS_TOKEN"`],
    });
    assert.equal(new TextDecoder().decode((await sh.output()).stdout), token);

    assertAnswer(await sandbox.run("sync", "clean", "--yes", "--no-deploy"), 0, /removed 14/);
    assert.deepEqual(
      Object.keys(snapshot(sandbox.userHome)).filter((path) => !path.startsWith(".agentos/")),
      [
        ".config/",
        ".config/environment.d/",
      ],
    );
    assert.ok(!Object.keys(snapshot(sandbox.state)).some((path) => path.startsWith("env")));
    assertAnswer(await sandbox.run("sync", "undo"), 0, /14 files put back/);
    assertAnswer(await sandbox.run("sync", "check"), 0, /in sync/);
    assert.equal(mode(join(sandbox.state, "env")), 0o600);
  },
);

testSync(
  "a skill's images and scripts arrive as they are, and a hidden folder stays the client's",
  async (sandbox) => {
    const skill = join(sandbox.repo, "clients", "shared", "skills", "clean-commit");
    const image = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0, 0xff, 0xfe, 0x80);
    await Deno.mkdir(join(skill, "assets"));
    await Deno.writeFile(join(skill, "assets", "logo.png"), image);
    await Deno.writeTextFile(join(skill, "run.sh"), "#!/bin/sh\n");
    await Deno.chmod(join(skill, "run.sh"), 0o755);
    const system = join(sandbox.home, "skills", ".system");
    await Deno.mkdir(system, { recursive: true });
    await Deno.writeTextFile(join(system, "theirs.md"), "x");
    assertAnswer(await push(sandbox), 0, /wrote 16/);
    const there = join(sandbox.home, "skills", "clean-commit");
    assert.deepEqual(await Deno.readFile(join(there, "assets", "logo.png")), image);
    assert.equal((Deno.statSync(join(there, "run.sh")).mode ?? 0) & 0o777, 0o700);
    await Deno.chmod(join(there, "run.sh"), 0o600);
    assertAnswer(await sandbox.run("sync", "check"), 1, /run\.sh {2}its user must be able to run it/);
    assertAnswer(await push(sandbox), 0, /wrote 1,/);
    assertAnswer(await sandbox.run("sync", "check"), 0, /in sync/);
    assertAnswer(await sandbox.run("sync", "clean", "--yes", "--no-deploy"), 0, /removed 16/);
    assert.deepEqual(snapshot(sandbox.home), {
      "skills/": "",
      "skills/.system/": "",
      "skills/.system/theirs.md": "x",
    });
  },
);

testSync("a mistake in the repo is named with its line before anything is written", async (sandbox) => {
  const skills = join(sandbox.repo, "clients", "shared", "skills");
  await Deno.writeTextFile(join(skills, "clean-commit", "SKILL.md"), "---\nname: x\ndescription:\n---\n");
  await Deno.mkdir(join(skills, "odd"));
  await Deno.writeTextFile(join(skills, "odd", "skill.md"), "---\ndescription: x\n---\n");
  await Deno.mkdir(sandbox.home);
  for (const command of ["push", "check"]) {
    const result = await sandbox.run("sync", command);
    assert.equal(result.code, 2);
    assert.match(
      result.stderr,
      /^error: clients\/shared\/skills\/clean-commit\/SKILL\.md:3: .*the description is empty/,
    );
    assert.match(result.stdout, /odd\/skill\.md:1: a skill's file is named SKILL\.md/);
  }
  assert.deepEqual(snapshot(sandbox.home), {});
});

testSync(
  "what of the user's works against ours is remarked on with its line, in text and JSON",
  async (sandbox) => {
    await Deno.mkdir(sandbox.home);
    await Deno.writeTextFile(join(sandbox.home, "AGENTS.override.md"), "x\n");
    await Deno.writeTextFile(
      join(sandbox.home, "config.toml"),
      'a = 1\n[features]\nmemories = true\n[profiles.planner]\nmodel = "x"\n[profiles.own]\nmodel = "y"\n',
    );
    const remarks =
      /config\.toml:\d+ {2}while \[profiles\.planner\] stands here, "codex -p planner" ends with exit code 1/;
    assertAnswer(await push(sandbox), 0, remarks);
    const checked = await sandbox.run("sync", "check", "--json");
    assert.equal(checked.code, 0);
    const said = JSON.stringify(JSON.parse(checked.stdout).clients[0].remarks);
    for (const word of ["features.memories", "profiles.planner", "profiles.own", "AGENTS.override.md"]) {
      assert.ok(said.includes(word), word);
    }
  },
);

testSync("a hook that would end the trust in the user's own is left out by itself", async (sandbox) => {
  await Deno.mkdir(sandbox.home);
  const own = '[[hooks.SessionStart]]\n[[hooks.SessionStart.hooks]]\ntype = "command"\ncommand = "true"\n';
  await Deno.writeTextFile(join(sandbox.home, "config.toml"), own);
  const result = await push(sandbox, "--hook", "--json");
  assert.equal(result.code, 2);
  const rows: readonly { path: string; kind: string; action: string }[] =
    JSON.parse(result.stdout).clients[0].entries;
  assert.deepEqual(
    rows.filter(({ path }) => path === "config.toml").map(({ kind, action }) => `${kind} ${action}`),
    ["config write", "hook refuse"],
  );
  assert.match(
    await Deno.readTextFile(join(sandbox.home, "config.toml")),
    /agentOS-portfolio[^]*command = "true"/,
  );
  assertAnswer(await push(sandbox, "--no-hook"), 0, /nothing to do/);
});

testSync("agentos log reports to the server, and is no failure without one", async (sandbox) => {
  const reports: unknown[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
    reports.push([new URL(request.url).pathname, await request.json()]);
    return new Response(null, { status: 204 });
  });
  const port = String(server.addr.port);
  assertAnswer(await sandbox.run("log", "clean-commit", "--client", "codex", "--port", port), 0, /^\s*$/);
  assert.deepEqual(reports, [["/command-log", { command: "clean-commit", client: "codex" }]]);
  await server.shutdown();
  assertAnswer(await sandbox.run("log", "clean-commit", "--port", port), 0, /not logged: no server answers/);
  await Deno.mkdir(sandbox.state, { mode: 0o700 });
  await Deno.writeTextFile(join(sandbox.state, "config.toml"), "[server]\nprot = 1\n");
  assertAnswer(
    await sandbox.run("log", "clean-commit"),
    0,
    /^\nagentos: not logged: .*config\.toml:2:1: There is no setting server\.prot\n$/,
  );
  await Deno.remove(join(sandbox.state, "config.toml"));
  const [path, ...words] = sandbox.call;
  const { HOME: _, ...env } = sandbox.env;
  for (
    const [more, said] of [[{}, /HOME is not set/], [
      { HOME: sandbox.userHome, AGENTOS_PORT: "x" },
      /AGENTOS_PORT/,
    ]] as const
  ) {
    const args = [...words, "log", "clean-commit"];
    assertAnswer(await runProgram({ path, args, cwd: "/", env: { ...env, ...more } }), 0, said);
  }
  assertAnswer(await sandbox.run("log", "clean-commit", "--prot", "1"), 2, /There is no flag --prot/);
});
