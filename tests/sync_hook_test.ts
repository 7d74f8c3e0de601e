/**
 * What the pre-session hook says of a server that is down: how to start it on this machine.
 *
 * @module
 */

import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { openSyncSandbox } from "./sync_sandbox.ts";

Deno.test("the hook names the service only where one is installed", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  await using sandbox = await openSyncSandbox();
  await Deno.writeTextFile(
    join(sandbox.repo, "clients", "codex", "config-fragment.toml"),
    '[model_providers.openrouter]\nbase_url = "{{OPENROUTER_URL}}"\n',
  );
  // Port 1: nobody answers there.
  const pushed = await sandbox.run("sync", "push", "--codex-version", "0.169.0", "--port", "1");
  assert.equal(pushed.code, 0, pushed.stderr);
  const ask = async (): Promise<string> => (await sandbox.run("sync", "check", "--hook", "codex")).stdout;
  assert.match(await ask(), /the server is down, .*: run "agentos service install" or "agentos serve"/);
  const unit = join(sandbox.userHome, ".config", "systemd", "user", "agentos.service");
  await Deno.mkdir(dirname(unit), { recursive: true });
  await Deno.writeTextFile(unit, "");
  assert.match(await ask(), /the server is down, .*: run "agentos service start" or "agentos serve"/);
});
