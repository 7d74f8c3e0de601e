/**
 * Roots that are links: every tool takes the name that the user gave them by, and that name opens nothing else.
 *
 * @module
 */

import { equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { runGit } from "../e2e/program.ts";
import { allCalls, ask } from "./file_traps.ts";
import { requireRefusal, SECRET, startVictim, TARGETS, type Victim, type VictimOptions } from "./victim.ts";

const OUTSIDE = /^path\.outside_roots/;

/**
 * `links/src` leads to the writable root `work`, `links/manual` to the read-only one inside it, and `links/far` over
 * another link to a root of its own. `links` itself is no root.
 */
async function prepare({ folder, root, home, env }: Victim["home"]): Promise<void> {
  const links = join(folder, "links");
  for (const path of [links, join(root, "manual"), join(folder, "far")]) await Deno.mkdir(path);
  await Deno.writeTextFile(join(root, "f.txt"), "one\n");
  await Deno.writeTextFile(join(root, "manual", "page.txt"), "one\n");
  await Deno.writeTextFile(join(folder, "far", "f.txt"), "far\n");
  await Deno.writeTextFile(join(links, "secret.txt"), `${SECRET}\n`);
  await Deno.symlink("../work", join(links, "src"));
  await Deno.symlink(join(root, "manual"), join(links, "manual"));
  await Deno.symlink(join(folder, "far"), join(folder, "between"));
  await Deno.symlink("../between", join(links, "far"));
  await Deno.symlink(join(folder, "outside"), join(root, "out"));
  await runGit(root, { ...env, HOME: home }, "init", "--quiet", join(root, "project"));
}

/** The same roots, said in each way that there is. */
const WAYS: Readonly<Record<string, VictimOptions>> = {
  "by flags, with a final slash": {
    flags: ({ folder }) => [
      ...["--root", join(folder, "links", "src/"), "--root", join(folder, "links", "far")],
      ...["--read-only-root", join(folder, "links", "manual")],
    ],
  },
  "by the environment": {
    flags: ({ folder }) => ["--read-only-root", join(folder, "links", "manual")],
    env: ({ folder }) => ({
      AGENTOS_FS_ROOTS: ["src", "far"].map((name) => join(folder, "links", name)).join(":"),
    }),
  },
  "by config.toml": {
    flags: () => [],
    prepare: async ({ folder, state }) => {
      await Deno.mkdir(state, { mode: 0o700 });
      const [src, far, manual] = ["src", "far", "manual"].map((name) =>
        JSON.stringify(join(folder, "links", name))
      );
      const text = `[server]\nroots = [${src}, ${far}]\nread_only_roots = [${manual}]\n`;
      await Deno.writeTextFile(join(state, "config.toml"), text);
    },
  },
};

async function requireUsable(victim: Victim): Promise<void> {
  const { folder, root } = victim.home;
  const src = join(folder, "links", "src");
  const call = async (tool: string, input: unknown): Promise<string> => {
    const reply = await victim.call(tool, input);
    ok(!reply.isError, `${tool} ${JSON.stringify(input)}: ${reply.text}`);
    return reply.text;
  };
  match(await call("agentOS_fs_read", { path: join(src, "f.txt") }), /one/);
  match(await call("agentOS_fs_read", { path: `${src}/project/..//f.txt` }), /one/);
  match(await call("agentOS_fs_read", { path: join(folder, "links", "far", "f.txt") }), /far/);
  match(await call("agentOS_fs_read", { path: join(root, "f.txt") }), /one/);
  match(await call("agentOS_fs_list", { path: src }), /f\.txt/);
  match(await call("agentOS_fs_list", { path: `${src}/` }), /f\.txt/);
  match(await call("agentOS_fs_search", { path: src, query: "one" }), /1 matching line|matching lines/);
  const path = join(src, "project", "new", "n.txt");
  await call("agentOS_fs_write", { path, content: "two\n", createDirs: true });
  await call("agentOS_fs_replace", { path, oldText: "two", newText: "three" });
  equal(await Deno.readTextFile(join(root, "project", "new", "n.txt")), "three\n");
  await call("agentOS_git_commit", { cwd: join(src, "project"), message: "Add n" });
}

async function requireClosed(victim: Victim): Promise<void> {
  const { folder, root } = victim.home;
  const links = join(folder, "links");
  const paths = [
    links,
    join(links, "secret.txt"),
    join(links, "none.txt"),
    `${links}/src/../secret.txt`,
    `${links}/src/../../outside/secret.txt`,
    `${links}/far/../f.txt`,
    `${links}/src2/f.txt`,
    join(links, "src", "out", "secret.txt"),
    join(folder, "between", "f.txt"),
  ];
  for (const path of paths) {
    for (const call of allCalls(path)) requireRefusal(await ask(victim, call), OUTSIDE);
  }
  for (const manual of [join(links, "manual"), join(links, "src", "manual")]) {
    const path = join(manual, "page.txt");
    match((await victim.call("agentOS_fs_read", { path })).text, /one/);
    requireRefusal(await victim.call("agentOS_fs_write", { path, content: "" }), /^path\.read_only/);
  }
  const config = join(links, "src", "project", ".git", "config");
  requireRefusal(await victim.call("agentOS_fs_write", { path: config, content: "" }), /^path\.protected/);
  equal(await Deno.readTextFile(join(root, "manual", "page.txt")), "one\n");
}

for (const target of TARGETS) {
  for (const [way, options] of Object.entries(WAYS)) {
    Deno.test(`a root given by a link, ${way}, is used by that name, against ${target.name}`, async () => {
      await using victim = await startVictim(target.program, {
        ...options,
        prepare: async (home) => {
          await prepare(home);
          await options.prepare?.(home);
        },
      });
      await requireUsable(victim);
      await requireClosed(victim);
      // Turned round, the link opens nothing new: the folder that was granted is the one that is used.
      const link = join(victim.home.folder, "links", "src");
      await Deno.remove(link);
      await Deno.symlink(victim.outside, link);
      requireRefusal(
        await victim.call("agentOS_fs_read", { path: join(link, "secret.txt") }),
        /^path\.not_found/,
      );
      match((await victim.call("agentOS_fs_read", { path: join(link, "f.txt") })).text, /one/);
    });
  }
}
