/**
 * Something else where the state folder would be: every command says the same sentence, and none calls it a bug.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { runProgram } from "./e2e/program.ts";
import { openSyncSandbox, snapshot, type SyncSandbox } from "./sync_sandbox.ts";

const COMMANDS: readonly (readonly string[])[] = [
  ["status"],
  ["doctor", "--json"],
  ["token", "show", "--yes"],
  ["token", "rotate"],
  ["usage"],
  ["usage", "--no-ledger"],
  ["usage", "doctor"],
  ["usage", "--explain", "x"],
  ["config", "list"],
  ["config", "get", "server.port"],
  ["config", "set", "server.port", "1"],
  ["config", "unset", "server.port"],
  ["config", "edit"],
  ["portfolio", "list"],
  ["init", "brain"],
  ["serve", "--print-permissions"],
  ["service", "install", "--print", "--manager", "systemd"],
  ["sync", "push"],
  ["sync", "check"],
  ["sync", "pull"],
  ["sync", "clean", "--yes"],
  ["sync", "undo", "--list"],
];

const PLACES: Readonly<Record<string, (sandbox: SyncSandbox) => string>> = {
  "a file": ({ state }) => {
    Deno.writeTextFileSync(state, "");
    return state;
  },
  "a link to nothing": ({ state }) => {
    Deno.symlinkSync("nowhere", state);
    return state;
  },
  "nothing, below a file": ({ folder }) => {
    Deno.writeTextFileSync(join(folder, "file"), "");
    return join(folder, "file", "state");
  },
};

for (const [what, make] of Object.entries(PLACES)) {
  Deno.test(
    `every command says that the state folder cannot be used where there is ${what}`,
    { ignore: Deno.build.os === "windows" },
    async () => {
      await using sandbox = await openSyncSandbox();
      const state = make(sandbox);
      const before = snapshot(sandbox.userHome);
      const [program, ...words] = sandbox.call;
      for (const command of COMMANDS) {
        const { code, stdout, stderr } = await runProgram({
          path: program,
          args: [...words, ...command],
          cwd: sandbox.userHome,
          env: { ...sandbox.env, AGENTOS_STATE: state },
        });
        const said = `${command.join(" ")}: ${stderr}`;
        assert.match(stderr, new RegExp(`^error: Cannot use the state folder "${state}": .*\\nhint: `), said);
        assert.equal(code, 2, said);
        assert.equal(stdout, "", said);
        assert.deepEqual(snapshot(sandbox.userHome), before, said);
      }
    },
  );
}
