/**
 * Names of files that hold control characters: they neither drive the terminal nor forge a line of a report.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { holdsControl } from "../src/base/control_characters.ts";
import { openSyncSandbox } from "./sync_sandbox.ts";

const NAMES = ["a\x1b[31mred\x07.md", "b\nwrote  fake.md", "c\x9b2Jd.md"];

Deno.test({
  name: "what a file is called reaches the terminal without control characters, whatever a sync says of it",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using sandbox = await openSyncSandbox();
    const memory = join(sandbox.repo, "clients", "shared", "memory");
    await Deno.mkdir(memory, { recursive: true });
    await Deno.mkdir(sandbox.home);
    await Deno.writeTextFile(join(sandbox.repo, "clients", "codex", "config-fragment.toml"), "a = 1\n");
    const run = async (code: number, ...args: readonly string[]): Promise<void> => {
      const result = await sandbox.run("sync", ...args);
      const said = `${result.stdout}${result.stderr}`;
      assert.equal(result.code, code, said);
      const lines = said.split("\n");
      const odd = lines.find((line) => holdsControl(line) || line.startsWith("wrote"));
      assert.equal(odd, undefined, args.join(" "));
    };
    for (const name of NAMES) await Deno.writeTextFile(join(memory, name), "text\n");
    await run(0, "push", "--dry-run", "--diff");
    await run(0, "push");
    for (const name of NAMES) await Deno.writeTextFile(join(sandbox.home, "memories", name), "edited\n");
    await run(1, "check", "--diff");
    await run(0, "check", "--hook", "codex");
    await run(2, "push");
    await run(2, "undo");
    await run(0, "pull", "--force");
    for (const name of NAMES) await Deno.writeTextFile(join(memory, name), "{{NO_TOKEN}}\n");
    await run(2, "check");
    await run(0, "check", "--hook", "codex");
    for (const name of NAMES) await Deno.remove(join(memory, name));
    for (const name of NAMES) await Deno.symlink("nowhere", join(memory, name));
    await run(2, "push");
    await run(0, "check", "--hook", "codex");
  },
});
