/**
 * What `agentos usage`, as an executable, leaves behind in the state folder.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { findExecutable, makeHome } from "./agentos.ts";
import { runProgram } from "./program.ts";

const LOGS = resolve(
  import.meta.dirname ?? ".",
  "../../clients/codex/testdata/usage/records-after-totals/home/.codex/sessions",
);

Deno.test("agentos usage closes its database, and writes nothing where nothing has changed", async () => {
  await using home = await makeHome();
  const state = join(home.folder, "usage-state");
  const ask = async (): Promise<string> => {
    const { code, stdout, stderr } = await runProgram({
      path: await findExecutable(),
      args: ["usage", "--since", "1970-01-01", "--json"],
      cwd: home.folder,
      env: { ...home.env, AGENTOS_STATE: state, CODEX_HOME: LOGS },
    });
    assert.equal(code, 0, stderr);
    return stdout.replace(/"generatedAt": ?"[^"]*"/, "");
  };
  const first = await ask();
  const list = async (): Promise<readonly string[]> =>
    (await Array.fromAsync(Deno.readDir(state))).map(({ name }) => name);
  assert.deepEqual(await list(), ["agentos.db"], "a journal that is left is read again by every run");
  const kept = await Deno.readFile(join(state, "agentos.db"));
  assert.equal(await ask(), first);
  assert.deepEqual(await list(), ["agentos.db"]);
  assert.deepEqual(await Deno.readFile(join(state, "agentos.db")), kept);
});
