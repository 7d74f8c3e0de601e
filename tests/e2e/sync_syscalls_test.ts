/**
 * What reading commands ask of the system, seen from outside: `sync check` and `--dry-run` open nothing for writing, make
 * nothing, start nothing and open no socket. The compiled executable under strace.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { openOutput } from "../../src/cli/output.ts";
import {
  copyClientFiles,
  findProgram,
  openSyncSandbox,
  snapshot,
  type SyncSandbox,
} from "../sync_sandbox.ts";
import { findExecutable } from "./agentos.ts";
import { runProgram } from "./program.ts";

const WRITING = [
  ...["mkdir", "mkdirat", "rmdir", "unlink", "unlinkat", "rename", "renameat", "renameat2", "link", "linkat"],
  ...["symlink", "symlinkat", "chmod", "fchmod", "fchmodat", "chown", "fchown", "fchownat", "lchown"],
  ...["truncate", "ftruncate", "utimensat", "mknod", "mknodat", "setxattr", "creat", "fallocate", "flock"],
];
const STARTING = ["execve", "execveat", "fork", "vfork", "clone", "clone3"];
/** A socketpair reaches nobody else: the runtime wakes its own threads by one. */
const NETWORK = ["socket", "connect", "bind", "listen", "sendto"];

/** Every call of the kinds above, one a line, as strace writes them. */
async function trace(
  sandbox: SyncSandbox,
  strace: string,
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly calls: readonly string[] }> {
  const log = join(sandbox.folder, "strace.log");
  const calls = ["open", "openat", "openat2", ...WRITING, ...STARTING, ...NETWORK].map((name) => `?${name}`)
    .join(",");
  const { code } = await runProgram({
    path: strace,
    args: ["-f", "-qq", "-s", "300", "-o", log, "-e", `trace=${calls}`, await findExecutable(), ...args],
    cwd: sandbox.userHome,
    env: sandbox.env,
  });
  const text = await Deno.readTextFile(log);
  return {
    code,
    calls: text.split("\n").map((line) => line.replace(/^\d+ +/, "")).filter((line) => line !== ""),
  };
}

/** The calls that change something, start something or reach out; threads and the program's own start are none. */
function deeds(calls: readonly string[]): readonly string[] {
  return calls.slice(1).filter((call) => {
    const name = /^(\w+)\(/.exec(call)?.[1] ?? "";
    if (name.startsWith("clone")) return !call.includes("CLONE_THREAD");
    if (name.startsWith("open")) return /O_WRONLY|O_RDWR|O_CREAT/.test(call) && !call.includes('"/dev/null"');
    return [...WRITING, ...STARTING, ...NETWORK].includes(name);
  });
}

async function withTraced(test: (sandbox: SyncSandbox, strace: string) => Promise<void>): Promise<void> {
  const strace = await findProgram("strace").catch(() => undefined);
  if (strace === undefined) {
    openOutput(true).talk("skipped: there is no strace on PATH");
    return;
  }
  await using sandbox = await openSyncSandbox({ executable: await findExecutable() });
  await copyClientFiles(sandbox.repo);
  await Deno.mkdir(sandbox.home);
  await Deno.writeTextFile(join(sandbox.home, "config.toml"), "# mine\n");
  await test(sandbox, strace);
}

Deno.test("sync check writes nothing, starts nothing and opens no socket, before a push, after it, and with drift", () =>
  withTraced(async (sandbox, strace) => {
    const before = snapshot(sandbox.userHome);
    for (
      const args of [["sync", "check"], ["sync", "check", "--hook", "codex"], [
        "sync",
        "check",
        "--diff",
        "--json",
      ]]
    ) {
      assert.deepEqual(deeds((await trace(sandbox, strace, ...args)).calls), [], args.join(" "));
    }
    assert.deepEqual(snapshot(sandbox.userHome), before);
    assert.equal((await sandbox.run("sync", "push")).code, 0);
    const clean = await trace(sandbox, strace, "sync", "check");
    assert.deepEqual([clean.code, deeds(clean.calls)], [0, []]);
    await Deno.remove(join(sandbox.home, "AGENTS.md"));
    const drifted = await trace(sandbox, strace, "sync", "check");
    assert.deepEqual([drifted.code, deeds(drifted.calls)], [1, []]);
  }));

Deno.test("--dry-run writes nothing and opens no socket; it starts nothing but the question for the version", () =>
  withTraced(async (sandbox, strace) => {
    const before = snapshot(sandbox.userHome);
    const known = await trace(
      sandbox,
      strace,
      "sync",
      "push",
      "--dry-run",
      "--diff",
      "--codex-version",
      "0.169.0",
    );
    assert.deepEqual([known.code, deeds(known.calls)], [0, []]);
    assert.deepEqual(snapshot(sandbox.userHome), before);

    assert.equal((await sandbox.run("sync", "push")).code, 0);
    const pushed = snapshot(sandbox.userHome);
    for (const command of ["push", "clean"]) {
      const { code, calls } = await trace(
        sandbox,
        strace,
        "sync",
        command,
        "--dry-run",
        "--codex-version",
        "0.169.0",
      );
      assert.deepEqual([code, deeds(calls)], [0, []], command);
    }
    assert.deepEqual(snapshot(sandbox.userHome), pushed);

    await Deno.writeTextFile(join(sandbox.bin, "codex"), "#!/bin/sh\necho codex-cli 0.169.0\n");
    await Deno.chmod(join(sandbox.bin, "codex"), 0o755);
    const asking = await trace(sandbox, strace, "sync", "push", "--dry-run");
    const started = asking.calls.slice(1).filter((call) => call.startsWith("execve("));
    assert.equal(asking.code, 0);
    assert.equal(started.filter((call) => /codex", "--version"\]/.test(call)).length, started.length);
    assert.ok(started.length > 0, "nobody asked for the version");
    const changes = deeds(asking.calls).filter((call) => !/^(?:execve|clone3?|v?fork)\(/.test(call));
    assert.deepEqual(changes, []);
    assert.deepEqual(Object.keys(snapshot(sandbox.userHome)), Object.keys(pushed));
  }));

Deno.test("a push with nothing to do writes nothing to the home", () =>
  withTraced(async (sandbox, strace) => {
    assert.equal((await sandbox.run("sync", "push")).code, 0);
    const { code, calls } = await trace(sandbox, strace, "sync", "push", "--codex-version", "0.169.0");
    assert.equal(code, 0);
    assert.deepEqual(deeds(calls).filter((call) => call.includes(sandbox.home)), []);
    assert.deepEqual(deeds(calls).filter((call) => /^(?:execve|socket|connect)\(/.test(call)), []);
  }));
