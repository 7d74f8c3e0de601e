/**
 * Roots that go away while the server runs: the kernel's wall is bound to the folder that stood there, so what comes in
 * its place stays closed, and the answer says so instead of sending its reader to look at owners and modes.
 *
 * @module
 */

import { match, ok } from "node:assert/strict";
import { join } from "node:path";
import { runGit } from "../e2e/program.ts";
import { gitCalls, readingCalls, writingCalls } from "./file_traps.ts";
import { requireRefusal, startVictim, TARGETS, type Victim } from "./victim.ts";

const GONE = /^path\.not_found: The root .* is not there any more\.\nNext: Put the folder back\./;
const REPLACED =
  /^path\.denied: The root .* was replaced since the server started.*\nNext: Start the server again: /;

/** A repository with a file, where the root is or was. */
async function fill({ root, env }: Victim["home"]): Promise<void> {
  await runGit(root, env, "init", "--quiet");
  await Deno.writeTextFile(join(root, "f.txt"), "one\n");
}

async function requireAll(victim: Victim, words: RegExp): Promise<void> {
  const { folder, root } = victim.home;
  for (const name of [root, join(folder, "link")]) {
    const file = join(name, "f.txt");
    const calls = [
      ...readingCalls(file).filter(({ tool }) => tool !== "agentOS_fs_list"),
      ...readingCalls(name).filter(({ tool }) => tool !== "agentOS_fs_read"),
      ...writingCalls(file).filter(({ input }) => input.createDirs !== true),
      ...gitCalls(name),
    ];
    for (const { tool, input } of calls) {
      const reply = await victim.call(tool, input);
      requireRefusal(reply);
      match(reply.text, words, `${tool} ${JSON.stringify(input)}: ${reply.text}`);
    }
  }
}

for (const target of TARGETS) {
  Deno.test({
    name: `a root that is gone or made anew is said to be so, against ${target.name}`,
    ignore: Deno.build.os !== "linux",
    async fn(): Promise<void> {
      await using victim = await startVictim(target.program, {
        flags: (
          { folder },
        ) => ["--root", join(folder, "link"), "--read-only-root", join(folder, "reference")],
        prepare: async (home) => {
          await Deno.symlink(home.root, join(home.folder, "link"));
          await fill(home);
        },
      });
      const { folder, root } = victim.home;
      // The searching process is bound to the old folder too, once there is one.
      const search = await victim.call("agentOS_fs_search", { query: "one" });
      ok(!search.isError, search.text);

      await Deno.rename(root, join(folder, "away"));
      await requireAll(victim, GONE);
      await Deno.mkdir(root);
      await fill(victim.home);
      await requireAll(victim, REPLACED);
      await Deno.remove(root, { recursive: true });
      await Deno.symlink(join(folder, "away"), root);
      requireRefusal(
        await victim.call("agentOS_fs_read", { path: join(root, "f.txt") }),
        /^path\.denied: The root/,
      );

      const other = await victim.call("agentOS_fs_read", { path: join(folder, "reference", "manual.txt") });
      match(other.text, /read me/);
      requireRefusal(
        await victim.call("agentOS_fs_read", { path: join(folder, "reference", "none.txt") }),
        /^path\.not_found: Nothing stands at/,
      );

      await Deno.remove(root);
      await Deno.rename(join(folder, "away"), root);
      match((await victim.call("agentOS_fs_read", { path: join(root, "f.txt") })).text, /one/);

      // Removed and made at once: the new folder often gets the old one's number.
      await Deno.remove(root, { recursive: true });
      await Deno.mkdir(root);
      await fill(victim.home);
      await requireAll(victim, REPLACED);
    },
  });
}
