/**
 * Files and folders that the server's user may not read. As root everything can be read, so the server is then another
 * user's.
 *
 * @module
 */

import { equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { findExecutable } from "../e2e/agentos.ts";
import { IS_ROOT, runSetup } from "./file_traps.ts";
import { requireRefusal, startVictim, type Victim } from "./victim.ts";

/** Whoever that is, nothing of the system's is theirs. */
const NOBODY = "65534";

async function makeTraps({ folder, root }: Victim["home"]): Promise<void> {
  for (const name of ["open", "closed", "closed/inner"]) await Deno.mkdir(join(root, name));
  for (const name of ["open/a.txt", "open/secret.txt", "closed/inner/b.txt"]) {
    await Deno.writeTextFile(join(root, name), "needle\n");
  }
  await Deno.writeTextFile(join(root, "picture.bin"), "needle\0");
  await Deno.chmod(join(root, "open", "secret.txt"), 0);
  await Deno.chmod(join(root, "closed"), 0);
  if (!IS_ROOT) return;
  await Deno.copyFile(await findExecutable(), join(folder, "agentos"));
  await Deno.chmod(join(folder, "agentos"), 0o755);
  await runSetup("chown", "-R", `${NOBODY}:${NOBODY}`, folder);
}

async function startElsewhere(): Promise<Victim & AsyncDisposable> {
  if (!IS_ROOT) return await startVictim(undefined, { prepare: makeTraps });
  // The program's path is known only when the folders are there.
  const args = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", "sh", "-c"];
  const program = { path: "setpriv", args: [...args, 'exec "${HOME%/*}/agentos" "$@"', "sh"] };
  return await startVictim(program, { prepare: makeTraps });
}

Deno.test({
  name: "a search says what it could not read, and refuses what was named and cannot be read",
  ignore: Deno.build.os === "windows",
  async fn(): Promise<void> {
    await using victim = await startElsewhere();
    const { root } = victim.home;
    const search = (path: string, more = {}): ReturnType<Victim["call"]> =>
      victim.call("agentOS_fs_search", { path, query: "needle", ...more });
    try {
      const all = await search(root);
      ok(!all.isError, all.text);
      equal(all.data.filesSearched, 1);
      equal(all.data.leftOut, "1 binary, 1 that cannot be read, the inside of 1 that cannot be read");
      const everywhere = await victim.call("agentOS_fs_search", { query: "needle" });
      equal(everywhere.data.leftOut, all.data.leftOut);
      const found = await search(root, { glob: "a.txt" });
      equal(found.data.leftOut, "the inside of 1 that cannot be read");

      for (const path of ["open/secret.txt", "closed"]) {
        const reply = await search(join(root, path));
        requireRefusal(reply, /^path\.denied: Cannot \w+ .*: the system does not let the server in\./);
      }
      requireRefusal(await search(join(root, "closed", "inner")), /^path\.denied/);
      const binary = await search(join(root, "picture.bin"));
      match(binary.text, /0 files searched; 1 binary left out/);
    } finally {
      await Deno.chmod(join(root, "closed"), 0o755);
    }
  },
});
