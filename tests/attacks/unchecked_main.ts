/**
 * The server of the source tree with the tools' own path checks switched off, so that a test can show what the
 * runtime's permissions and the kernel wall hold by themselves. The executable has no way to this: it is a
 * program of its own, and its setting is no flag and no variable.
 *
 *     deno run -A tests/attacks/unchecked_main.ts '{"port": 0, "root": ["/some/folder"]}'
 *
 * The argument is the flags of `agentos serve`, as JSON with the names of `SettingFlags`.
 *
 * @module
 */

import { openOutput } from "../../src/cli/output.ts";
import { serveUntilSignal } from "../../src/server/serve.ts";
import { readSettings, type SettingFlags } from "../../src/server/settings.ts";
import { startWorker } from "../../src/server/worker.ts";

if ("WorkerGlobalScope" in globalThis) startWorker();
else {
  const flags: SettingFlags = JSON.parse(Deno.args[0] ?? "{}");
  const { settings } = await readSettings(flags, {
    env: (name) => Deno.env.get(name),
    cwd: Deno.cwd(),
    home: Deno.env.get("HOME") ?? "",
    version: "unchecked",
  });
  const unchecked = { ...settings, tools: { ...settings.tools, pathChecks: false } };
  await serveUntilSignal(unchecked, Deno.mainModule, openOutput(true).talk);
  Deno.exit(0);
}
