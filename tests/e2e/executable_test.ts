/**
 * The executable as a file: what it weighs, what it must not hold, what it needs of the machine it runs on.
 *
 * @module
 */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import config from "../../deno.json" with { type: "json" };
import { findExecutable } from "./agentos.ts";
import { type ProgramResult, runProgram } from "./program.ts";

/** Runs the executable in an empty folder, with no environment but an empty PATH and that folder for its temporary files. */
async function runBare(...args: string[]): Promise<ProgramResult> {
  const cwd = await Deno.makeTempDir({ prefix: "agentos-bare-" });
  try {
    const result = await runProgram({
      path: await findExecutable(),
      args,
      cwd,
      env: { PATH: "", TMPDIR: cwd },
    });
    assert.deepEqual(await Array.fromAsync(Deno.readDir(cwd)), []);
    return result;
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
}

Deno.test("the executable weighs at most 95 MB", async () => {
  const { size } = await Deno.stat(await findExecutable());
  assert.ok(size > 10e6 && size <= 95e6, `${size} bytes`);
});

Deno.test("the executable runs with no environment, no network and no other file, and leaves none", async () => {
  const version = await runBare("--version");
  assert.match(
    version.stdout,
    new RegExp(`^agentos ${config.version.replaceAll(".", "\\.")} \\(deno [\\d.]+, `),
  );
  assert.deepEqual([version.code, version.stderr], [0, ""]);
  const help = await runBare("--help");
  assert.match(help.stdout, /agentos serve/);
  assert.deepEqual([help.code, help.stderr], [0, ""]);
});

Deno.test("the executable says a wrong flag as the source tree does", async () => {
  const { code, stdout, stderr } = await runBare("serve", "--prot");
  assert.match(
    stderr,
    /^error: There is no flag --prot\nusage: agentos serve [^]*\nhint: Did you mean --port\? /,
  );
  assert.deepEqual([code, stdout], [2, ""]);
});

Deno.test("agentos needs HOME only where it is used, and says so", async () => {
  const { code, stderr } = await runBare("status");
  assert.match(stderr, /^error: HOME is not set\nhint: Set HOME /);
  assert.equal(code, 2);
});

Deno.test("the executable holds no path of the machine that built it", async () => {
  const file = await Deno.readFile(await findExecutable());
  const text = new TextDecoder("latin1").decode(file);
  const root = join(import.meta.dirname ?? "", "..", "..");
  for (const path of [root, Deno.env.get("HOME") ?? root, "/.cache/deno/npm"]) {
    if (path.length > "/root".length) assert.equal(text.indexOf(path), -1, path);
  }
});

Deno.test("building the same source again gives the same bytes", async () => {
  const folder = await Deno.makeTempDir({ prefix: "agentos-again-" });
  try {
    const build = async (name: string): Promise<string> => {
      const output = join(folder, name, "agentos");
      const { code, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["task", "build", "--output", output],
      }).output();
      assert.equal(code, 0, new TextDecoder().decode(stderr));
      return createHash("sha256").update(await Deno.readFile(output)).digest("hex");
    };
    assert.equal(await build("a"), await build("b"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
