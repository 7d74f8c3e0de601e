import assert from "node:assert/strict";
import type { ProcessRequest } from "./process.ts";
import { runProcess, selectEnvironment } from "./run_process.ts";

const unix = { ignore: Deno.build.os === "windows" };

function shell(script: string, more: Partial<ProcessRequest> = {}): ProcessRequest {
  return {
    program: "sh",
    args: ["-c", script],
    cwd: Deno.realPathSync(Deno.env.get("TMPDIR") ?? "/tmp"),
    environment: "clean",
    env: {},
    timeoutMs: 30_000,
    maxOutputBytes: 1_000,
    ...more,
  };
}

const never = new AbortController().signal;
const inherited = { PATH: Deno.env.get("PATH") ?? "", SECRET: "s3cret", LANG: "C" };

function alive(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGCONT");
    return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

async function gone(pid: number): Promise<boolean> {
  for (let attempt = 0; attempt < 200 && alive(pid); attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return !alive(pid);
}

Deno.test("runProcess() answers exit code, both streams and no time-out", unix, async () => {
  const result = await runProcess("/bin/sh", shell("echo out; echo err >&2; exit 3"), inherited, never);
  const { elapsedMs, ...rest } = result;
  assert.ok(elapsedMs >= 0);
  assert.deepEqual(rest, { code: 3, stdout: "out\n", stderr: "err\n", truncated: false, timedOut: false });
});

Deno.test(
  "runProcess() gives standard input that is empty, so that nothing can wait for a person",
  unix,
  async () => {
    const result = await runProcess("/bin/sh", shell("cat; echo end"), inherited, never);
    assert.equal(result.stdout, "end\n");
  },
);

Deno.test("runProcess() gives a clean environment without the server's own variables", unix, async () => {
  const request = shell('echo "$SECRET|$LANG|$MINE"', { env: { MINE: "mine" } });
  assert.equal((await runProcess("/bin/sh", request, inherited, never)).stdout, "|C|mine\n");
  const user: ProcessRequest = { ...request, environment: "user" };
  assert.equal((await runProcess("/bin/sh", user, inherited, never)).stdout, "s3cret|C|mine\n");
});

Deno.test("selectEnvironment() keeps what Windows programs need, in any case", () => {
  const windows = { Path: "C:\\bin", SystemRoot: "C:\\Windows", AGENTOS_TOKEN: "t" };
  assert.deepEqual(selectEnvironment({ environment: "clean", env: {} }, windows), {
    Path: "C:\\bin",
    SystemRoot: "C:\\Windows",
  });
});

Deno.test("selectEnvironment() hands no hook's repository on", () => {
  const hook = {
    HOME: "/home/ada",
    GIT_DIR: "/r/.git",
    GIT_INDEX_FILE: "/r/.git/index",
    GIT_AUTHOR_NAME: "Ada",
  };
  assert.deepEqual(selectEnvironment({ environment: "user", env: {} }, hook), {
    HOME: "/home/ada",
    GIT_AUTHOR_NAME: "Ada",
  });
});

Deno.test("runProcess() keeps the end of a long output and says so", unix, async () => {
  const request = shell("i=0; while [ $i -lt 2000 ]; do echo line$i; i=$((i+1)); done", {
    maxOutputBytes: 20,
  });
  const result = await runProcess("/bin/sh", request, inherited, never);
  assert.equal(result.truncated, true);
  assert.equal(result.stdout, "ne1997\nline1998\nline1999\n".slice(-20));
});

Deno.test("runProcess() cuts no character in half", unix, async () => {
  const request = shell("printf 'ééé'", { maxOutputBytes: 3 });
  const result = await runProcess("/bin/sh", request, inherited, never);
  assert.equal(result.stdout, "é");
  assert.equal(result.truncated, true);
});

Deno.test("runProcess() says the signal as shells do", unix, async () => {
  const result = await runProcess("/bin/sh", shell("kill -9 $$"), inherited, never);
  assert.equal(result.code, 137);
  assert.equal(result.timedOut, false);
});

Deno.test("runProcess() is not kept waiting by a grandchild that holds the pipe", unix, async () => {
  const startedAt = performance.now();
  const result = await runProcess("/bin/sh", shell("sleep 60 & echo $!; exit 0"), inherited, never);
  const grandchild = Number(result.stdout);
  try {
    assert.equal(result.code, 0);
    assert.ok(performance.now() - startedAt < 20_000);
    assert.ok(alive(grandchild), "a program that ended by itself may leave a daemon");
  } finally {
    Deno.kill(grandchild, "SIGKILL");
  }
});

Deno.test("runProcess() does not count against a program what it left behind", unix, async () => {
  // Its output is waited for longer than its limit.
  const request = shell("sleep 60 & echo $!; exit 0", { timeoutMs: 150 });
  const { code, stdout, timedOut } = await runProcess("/bin/sh", request, inherited, never);
  // On a machine that takes longer to start it, it was stopped, and rightly.
  if (code !== 0) return;
  const left = Number(stdout);
  try {
    assert.equal(timedOut, false);
    assert.ok(alive(left));
  } finally {
    Deno.kill(left, "SIGKILL");
  }
});

Deno.test("runProcess() kills the whole group when time runs out", unix, async () => {
  const script = "trap '' TERM; (trap '' TERM; sleep 60) & echo $!; sleep 60";
  const result = await runProcess("/bin/sh", shell(script, { timeoutMs: 300 }), inherited, never);
  assert.equal(result.timedOut, true);
  assert.ok(result.elapsedMs < 20_000);
  assert.ok(await gone(Number(result.stdout)), "the grandchild is gone");
});

Deno.test("runProcess() kills the whole group when the caller goes away", unix, async () => {
  const folder = await Deno.makeTempDir();
  try {
    const controller = new AbortController();
    const script = "sleep 60 & echo $! > pid.tmp && mv pid.tmp pid; wait";
    const running = runProcess("/bin/sh", shell(script, { cwd: folder }), inherited, controller.signal);
    let pid = 0;
    while (pid === 0) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      pid = Number(await Deno.readTextFile(`${folder}/pid`).catch(() => "0"));
    }
    controller.abort();
    await assert.rejects(running, { code: "tool.cancelled" });
    assert.ok(await gone(pid), "the grandchild is gone");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("runProcess() says which program could not be started", unix, async () => {
  const request = shell("true", { program: "git" });
  await assert.rejects(runProcess("/nowhere/git", request, inherited, never), {
    code: "process.not_found",
    message: /Cannot start git/,
  });
});
