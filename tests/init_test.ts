/**
 * `agentos init` as a new user meets it: a home repo out of the executable, completed without overwriting, adopted, and
 * found by every command afterwards.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { runGit } from "./e2e/program.ts";
import { openSyncSandbox, snapshot, type SyncSandbox } from "./sync_sandbox.ts";

const unix = { ignore: Deno.build.os === "windows" };
const IDENTITY = {
  GIT_AUTHOR_NAME: "Ada",
  GIT_AUTHOR_EMAIL: "ada@example.org",
  GIT_COMMITTER_NAME: "Ada",
  GIT_COMMITTER_EMAIL: "ada@example.org",
};

/** A sandbox whose user has no home repo yet. */
async function openNew(env: Readonly<Record<string, string>> = {}): Promise<SyncSandbox> {
  return await openSyncSandbox({ env: { AGENTOS_REPO: "", GIT_CONFIG_GLOBAL: "/dev/null", ...env } });
}

Deno.test("init writes a home repo, records it, and every command finds it from anywhere", unix, async () => {
  await using sandbox = await openNew();
  await Deno.mkdir(join(sandbox.userHome, "src"));
  const { code, stdout, stderr } = await sandbox.run("init", "brain", "--root", "src");
  assert.equal(code, 0, stderr);
  const brain = join(sandbox.userHome, "brain");
  assert.match(
    stdout,
    new RegExp(`^${brain}: \\d+ files written\n  a git repository, with nothing committed yet\n`),
  );
  assert.match(
    stdout,
    /next:\n {2}agentos service install .*\n {2}agentos sync push .*\n {2}agentos portfolio edit /,
  );
  assert.equal(
    await runGit(brain, sandbox.env, "rev-parse", "--abbrev-ref", "--symbolic-full-name", "HEAD").catch(() =>
      "none"
    ),
    "none",
  );
  assert.equal(
    await Deno.readTextFile(join(sandbox.state, "config.toml")),
    `repo = "${brain}"\n\n[server]\nroots = ["${join(sandbox.userHome, "src")}"]\n`,
  );
  assert.match(
    (await sandbox.run("portfolio")).stdout,
    new RegExp(`^${brain}/context-portfolio \\(named by .*config\\.toml:1\\)`),
  );
  assert.match((await sandbox.run("status", "--port", "1")).stdout, /repo +~\/brain \(named by ~/);
  const permissions = await sandbox.run("serve", "--print-permissions");
  assert.match(permissions.stdout, new RegExp(`${brain}/context-portfolio`));
  await Deno.mkdir(sandbox.home);
  assert.equal((await sandbox.run("sync", "push")).code, 0);
  assert.equal((await sandbox.run("sync", "check")).code, 0);
});

Deno.test("init takes no root that a server would refuse, and makes nothing then", unix, async () => {
  await using sandbox = await openNew();
  await Deno.mkdir(sandbox.state, { mode: 0o700 });
  for (const [root, why] of [["/", "the whole system"], [sandbox.state, "the server's token"]] as const) {
    const { code, stderr } = await sandbox.run("init", "brain", "--root", root);
    assert.equal(code, 2);
    assert.ok(stderr.includes(`Cannot use "${root}" of --root as a root: it holds ${why}`), stderr);
  }
  assert.deepEqual(Object.keys(snapshot(sandbox.userHome)), [".agentos/"]);
});

Deno.test("a folder that is no home repo is refused with a next step of what named it", unix, async () => {
  await using sandbox = await openNew();
  const refused = async (...words: readonly string[]): Promise<string> => {
    const { code, stderr } = await sandbox.run(...words);
    assert.equal(code, 2);
    return stderr;
  };
  assert.match(
    await refused("init", "--from", "/nope"),
    /hint: Name the home repo with --from, or make a new one: agentos init DIR\n$/,
  );
  assert.match(
    await refused("config", "set", "repo", "/nope"),
    /hint: Name a home repo that is there, or make one: agentos init DIR\n$/,
  );
  const { code, stderr } = await sandbox.runWith("/nope", "portfolio", "list");
  assert.equal(code, 2);
  assert.match(
    stderr,
    /hint: Set AGENTOS_REPO to the folder that holds context-portfolio\/, or unset it\.\n$/,
  );
  assert.match(
    await refused("portfolio", "list", "--repo", "/nope"),
    /hint: Name the folder that holds context-portfolio\/ with --repo\.\n$/,
  );
});

Deno.test("init completes a folder and leaves alone what differs, whatever stands there", unix, async () => {
  await using sandbox = await openNew();
  const brain = join(sandbox.userHome, "brain");
  await Deno.mkdir(join(brain, "context-portfolio"), { recursive: true });
  await Deno.mkdir(join(sandbox.folder, "elsewhere"));
  await Deno.writeTextFile(join(brain, "context-portfolio", "identity.md"), "mine\n");
  await Deno.symlink("/nowhere", join(brain, "context-portfolio", "decision-log.md"));
  await Deno.mkdir(join(brain, "clients"));
  await Deno.symlink(join(sandbox.folder, "elsewhere"), join(brain, "clients", "shared"));
  const { code, stdout } = await sandbox.run("init", "brain", "--no-git");
  assert.equal(code, 0);
  assert.match(stdout, /left alone {2}context-portfolio\/identity\.md {2}yours differs/);
  assert.match(stdout, /left alone {2}context-portfolio\/decision-log\.md {2}it is a link/);
  assert.match(stdout, /left alone {2}clients\/shared\/memory\/.* {2}shared is a link/);
  assert.equal(await Deno.readTextFile(join(brain, "context-portfolio", "identity.md")), "mine\n");
  assert.deepEqual([...Deno.readDirSync(join(sandbox.folder, "elsewhere"))], []);
  assert.ok((await Deno.stat(join(brain, "clients", "codex", "config-fragment.toml"))).isFile);

  const before = snapshot(brain);
  const again = await sandbox.run("init", "brain", "--no-git");
  assert.match(again.stdout, /: 0 files written, \d+ there already, \d+ left alone/);
  assert.deepEqual(snapshot(brain), before);
});

Deno.test(
  "init that runs out of space leaves no part of a file, and goes on when there is room",
  unix,
  async () => {
    await using sandbox = await openNew();
    const brain = join(sandbox.userHome, "brain");
    const { code, stderr } = await sandbox.runOnFullDisk(1, "init", "brain", "--no-git");
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^error: Cannot write .*\nhint: .*what was written before stays, run again to go on\.\n$/,
    );
    const left = snapshot(brain);
    const again = await sandbox.run("init", "brain", "--no-git");
    assert.equal(again.code, 0, again.stderr);
    assert.doesNotMatch(again.stdout, /left alone/);
    const whole = snapshot(brain);
    for (const [path, text] of Object.entries(left)) assert.equal(text, whole[path], path);
  },
);

Deno.test("init --commit commits what it wrote and nothing else", unix, async () => {
  await using sandbox = await openNew(IDENTITY);
  const brain = join(sandbox.userHome, "brain");
  await Deno.mkdir(brain);
  await Deno.writeTextFile(join(brain, "mine.txt"), "mine\n");
  const { code, stdout, stderr } = await sandbox.run("init", "brain", "--commit");
  assert.equal(code, 0, stderr);
  assert.match(stdout, /committed: Start the home repo \(\d+ files\)/);
  assert.equal(await runGit(brain, sandbox.env, "log", "--format=%s"), "Start the home repo");
  assert.equal(await runGit(brain, sandbox.env, "status", "--porcelain"), "?? mine.txt");
});

Deno.test("init refuses folders that hold much else, and two folders", unix, async () => {
  await using sandbox = await openNew();
  for (
    const [words, error] of [
      [["init"], /Cannot make a home repo of .*user": it holds much else/],
      [["init", "/"], /it holds much else/],
      [["init", "~"], /it holds much else/],
      [["init", "a", "--from", "b"], /DIR and --from are two folders/],
      [["init", "/dev/null"], /Cannot make the folder "\/dev\/null"/],
      [["init", "a", "--root", "nowhere"], /nowhere" of --root is not there/],
      [["init", "--from", "nowhere"], /nowhere" holds no folder context-portfolio\/ or clients\//],
    ] as const
  ) {
    const { code, stderr } = await sandbox.run(...words);
    assert.equal(code, 2, words.join(" "));
    assert.match(stderr, error);
  }
  assert.deepEqual([...Deno.readDirSync(sandbox.userHome)], []);
});

Deno.test("init --from looks an existing repo over and takes the place of another", unix, async () => {
  await using sandbox = await openNew();
  assert.equal((await sandbox.run("init", "one", "--no-git")).code, 0);
  assert.match(
    (await sandbox.run("init", "two", "--no-git")).stdout,
    /next:\n {2}agentos config set repo \/.*\/two {3}uses it instead of \/.*\/one\n/,
  );
  const config = (): string => Deno.readTextFileSync(join(sandbox.state, "config.toml"));
  assert.equal(config(), `repo = "${sandbox.userHome}/one"\n`, "a second repo does not take over by itself");
  const { code, stdout } = await sandbox.run("init", "--from", "two");
  assert.equal(code, 0);
  assert.match(
    stdout,
    /two is your home repo now\n {2}10 portfolio files, \d+ parts to fill in\n {2}Codex CLI: \d+ files to deploy\n/,
  );
  assert.equal(config(), `repo = "${sandbox.userHome}/two"\n`);

  const fragment = join(sandbox.userHome, "one", "clients", "codex", "config-fragment.toml");
  await Deno.writeTextFile(fragment, "a = {{NOBODY}}\n");
  const wrong = await sandbox.run("init", "--from", "one");
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, new RegExp(`^error: ${fragment}:1:\\d+: Cannot deploy to Codex CLI from it: `));
  assert.equal(config(), `repo = "${sandbox.userHome}/two"\n`);
});

Deno.test(
  "init says how to take over a home that the copy in the executable was pushed to",
  unix,
  async () => {
    await using sandbox = await openNew();
    await Deno.mkdir(sandbox.home);
    assert.equal((await sandbox.run("sync", "push")).code, 0);
    assert.match((await sandbox.run("init", "brain", "--no-git")).stdout, /agentos sync push --takeover /);
    const refused = await sandbox.run("sync", "push");
    assert.equal(refused.code, 2);
    assert.match(
      refused.stderr,
      /it is kept in step with the copy in the executable, not with ".*brain"\nhint: Take the home over with "agentos sync push --takeover"\.\n$/,
    );
    assert.equal((await sandbox.run("sync", "push", "--takeover")).code, 0);
    assert.equal((await sandbox.run("sync", "check")).code, 0);
  },
);
