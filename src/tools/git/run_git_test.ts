import assert from "node:assert/strict";
import { join } from "node:path";
import { inGitSandbox } from "../../../tests/git_sandbox.ts";
import { AppError } from "../../base/errors.ts";
import type { ProcessRequest } from "../../base/process.ts";
import { testContext } from "../../../tests/tool_context.ts";
import { openRepository } from "./repository.ts";
import { gitIn, startLimit } from "./run_git.ts";

/** Runs one command and answers what was asked of the runner. */
async function requested(trusted: boolean, args: readonly string[]): Promise<ProcessRequest> {
  const requests: ProcessRequest[] = [];
  const context = testContext("/tmp", {
    run: (request) => {
      requests.push(request);
      return Promise.resolve({
        code: 0,
        stdout: "",
        stderr: "",
        truncated: false,
        elapsedMs: 1,
        timedOut: false,
      });
    },
  });
  const folders = trusted ? undefined : { gitDir: "/r/a/.git", commonDir: "/r/a/.git" };
  await gitIn({ top: "/r/a", folders, trusted }, context, startLimit())(args);
  const [request] = requests;
  assert.ok(request);
  return request;
}

Deno.test("gitIn() asks nobody, and never looks above the top", async () => {
  for (const trusted of [true, false]) {
    const { program, args, env, cwd } = await requested(trusted, ["status"]);
    assert.deepEqual([program, cwd, args[0], args.at(-1)], ["git", "/r/a", "--no-pager", "status"]);
    assert.equal(env["GIT_TERMINAL_PROMPT"], "0");
    assert.equal(env["GIT_CEILING_DIRECTORIES"], "/r");
  }
});

Deno.test("gitIn() gives a trusted repository its user's environment, and no other", async () => {
  const trusted = await requested(true, ["commit"]);
  assert.equal(trusted.environment, "user");
  assert.equal(trusted.args.some((arg) => arg.startsWith("core.hooksPath")), false);
  assert.equal(trusted.env["GIT_DIR"], undefined);

  const untrusted = await requested(false, ["commit"]);
  assert.equal(untrusted.environment, "clean");
  assert.ok(untrusted.args.includes("core.hooksPath=/dev/null"));
  assert.ok(untrusted.args.includes("core.fsmonitor=false"));
  assert.deepEqual(
    ["GIT_DIR", "GIT_WORK_TREE", "GIT_ALLOW_PROTOCOL"].map((name) => untrusted.env[name]),
    ["/r/a/.git", "/r/a", "none"],
  );
});

Deno.test("a git that does not end is stopped when the call's time is used up", async () => {
  await inGitSandbox(async ({ repository, context }) => {
    const cwd = await repository("notes");
    const hook = join(cwd, ".git", "hooks", "pre-commit");
    await Deno.writeTextFile(hook, "#!/bin/sh\nsleep 600 & sleep 600\n", { mode: 0o755 });
    const { git } = await openRepository(cwd, context({ trustedRepositories: [cwd] }), startLimit(2_000));
    const isTimeout = (error: unknown): boolean =>
      error instanceof AppError && error.code === "process.timeout" &&
      /^git (?:commit|status) /.test(error.message);
    await assert.rejects(git(["-c", "gc.auto=0", "commit", "--allow-empty", "--message=x"]), isTimeout);
    await assert.rejects(git(["status"]), isTimeout);
  });
});
