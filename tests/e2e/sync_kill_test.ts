/**
 * A push that is killed at any moment, and many at once: no file is ever torn, the next run heals all of it, and nothing of
 * ours is left lying about. The compiled executable, killed for real.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { openSyncSandbox, snapshot, type SyncSandbox } from "../sync_sandbox.ts";
import { findExecutable } from "./agentos.ts";

const KILLS = 30;
const ATTEMPTS = 90;
const USER_CONFIG = "# mine\nsandbox_mode = 'read-only' # safe\n\n[tui]\n  theme = 'dark'\n";
const USER_FILES = {
  "config.toml": USER_CONFIG,
  "AGENTS.md": "# Mine\r\nkeep\r\n",
  "memories/mine.md": "mine\n",
  "skills/own/SKILL.md": "own\n",
};

/** A repo that deploys 60 files, each different in each version. */
async function writeRepo({ repo }: SyncSandbox, version: string): Promise<void> {
  const files: Record<string, string> = {
    "codex/config-fragment.toml": `[mcp_servers.agentOS-portfolio]\nurl = "http://127.0.0.1:1/${version}"\n`,
    "codex/agents-block.md": `Version ${version}.\n`,
  };
  for (const role of ["planner", "tools", "agentic", "cheap"]) {
    files[`codex/profiles/${role}.toml`] = `model = "${role}-${version}"\n`;
  }
  for (let index = 0; index < 34; index++) {
    files[`shared/memory/note-${index}.md`] = `${version}\n`.repeat(200 + index);
  }
  for (let index = 0; index < 20; index++) {
    files[`shared/skills/skill-${index}/SKILL.md`] =
      `---\nname: skill-${index}\ndescription: Number ${index}\n---\n\n${version}\n`;
  }
  for (const [path, text] of Object.entries(files)) {
    const file = join(repo, "clients", path);
    await Deno.mkdir(join(file, ".."), { recursive: true });
    await Deno.writeTextFile(file, text);
  }
}

async function openSixty(): Promise<SyncSandbox> {
  const sandbox = await openSyncSandbox({ executable: await findExecutable() });
  for (const [path, text] of Object.entries(USER_FILES)) {
    await Deno.mkdir(join(sandbox.home, path, ".."), { recursive: true });
    await Deno.writeTextFile(join(sandbox.home, path), text);
  }
  return sandbox;
}

async function push(sandbox: SyncSandbox, version: string): Promise<Readonly<Record<string, string>>> {
  await writeRepo(sandbox, version);
  const { code, stdout, stderr } = await sandbox.run("sync", "push");
  assert.equal(code, 0, stdout + stderr);
  return snapshot(sandbox.home);
}

/** What must not be there after a run that ended. */
function assertTidy({ home, state }: SyncSandbox): void {
  const left = [...Object.keys(snapshot(home)), ...Object.keys(snapshot(state))]
    .filter((path) => /\.tmp$|^journal$/.test(path));
  assert.deepEqual(left, []);
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // it was faster
  }
}

/** Kills a push at some moment, or, with a file of the home, as soon as that was replaced: then others still wait for it. */
function killInTime(child: Deno.ChildProcess, durationMs: number, file: string | undefined): Disposable {
  if (file === undefined) {
    const timer = setTimeout(() => kill(child), durationMs * (0.1 + 0.8 * Math.random()));
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  }
  const { ino } = Deno.statSync(file);
  const timer = setInterval(() => {
    if (Deno.statSync(file).ino !== ino) kill(child);
  }, 1);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

Deno.test("a push that is killed leaves every file old or new, and the next run heals it", async () => {
  await using sandbox = await openSixty();
  const versions = { a: await push(sandbox, "a"), b: await push(sandbox, "b") };
  assert.ok(Object.keys(versions.a).filter((path) => !path.endsWith("/")).length >= 60);
  // A push waits, when all is written, until what it wrote is at rest; kills are for the time before.
  const [first, last] = [join(sandbox.home, "config.toml"), join(sandbox.home, "AGENTS.md")];
  await writeRepo(sandbox, "a");
  const started = performance.now();
  const { ino } = await Deno.stat(last);
  const whole = sandbox.run("sync", "push");
  while ((await Deno.stat(last)).ino === ino) await new Promise((resume) => setTimeout(resume, 1));
  const durationMs = performance.now() - started;
  assert.equal((await whole).code, 0);

  let [from, to]: readonly ("a" | "b")[] = ["a", "b"];
  let interrupted = 0;
  let mixed = 0;
  for (let count = 0; count < ATTEMPTS && interrupted < KILLS; count++) {
    await writeRepo(sandbox, to ?? "b");
    const child = new Deno.Command(await findExecutable(), {
      args: ["sync", "push", "--quiet"],
      cwd: sandbox.userHome,
      clearEnv: true,
      env: { ...sandbox.env },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const timer = killInTime(child, durationMs, count % 3 === 0 ? first : undefined);
    const { signal } = await child.status;
    timer[Symbol.dispose]();
    if (signal === "SIGKILL") interrupted++;

    const [old, wanted] = [versions[from ?? "a"], versions[to ?? "b"]];
    let renewed = 0;
    const now = snapshot(sandbox.home);
    for (const path of Object.keys(wanted)) {
      if (now[path] === wanted[path] && wanted[path] !== old[path]) renewed++;
      else assert.equal(now[path], old[path], `${path} is torn after kill ${count}`);
    }
    if (renewed > 0 && renewed < 60) mixed++;
    assert.ok(now["config.toml"]?.includes("sandbox_mode = 'read-only' # safe\n"), "the user's bytes");
    const healed = await push(sandbox, to ?? "b");
    assert.deepEqual(healed, wanted, `not healed after kill ${count}`);
    assertTidy(sandbox);
    [from, to] = [to, from];
  }
  assert.equal(interrupted, KILLS, `so many of ${ATTEMPTS} pushes were interrupted`);
  assert.ok(mixed >= 3, "hardly a kill came between two files: this proves little");

  const { code, stderr } = await sandbox.run("sync", "clean", "--yes", "--no-deploy");
  assert.equal(code, 0, stderr);
  const left = snapshot(sandbox.home);
  assert.deepEqual(
    Object.fromEntries(Object.entries(left).filter(([path]) => !path.endsWith("/"))),
    USER_FILES,
  );
});

Deno.test("eight pushes at once all end well, one after the other", async () => {
  await using sandbox = await openSixty();
  await writeRepo(sandbox, "a");
  const results = await Promise.all(Array.from({ length: 8 }, () => sandbox.run("sync", "push")));
  for (const { code, stdout, stderr } of results) assert.equal(code, 0, stdout + stderr);
  assert.equal(results.filter(({ stdout }) => /nothing to do/.test(stdout)).length, 7);
  assertTidy(sandbox);
  const { code, stdout } = await sandbox.run("sync", "check");
  assert.equal(code, 0, stdout);
  assert.equal(Object.keys(snapshot(sandbox.state)).filter((path) => path.endsWith("/run.json")).length, 1);
  assert.equal(snapshot(sandbox.home)["memories/note-3.md"], "a\n".repeat(203));
});
