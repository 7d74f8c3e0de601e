/**
 * The laws of syncing as a whole: the commands themselves, on real homes with random files of a user's and a random repo.
 *
 * The commands are called in this process, with an output that is kept and an environment that is made up.
 *
 * @module
 */

import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { AppError } from "../src/base/errors.ts";
import type { CommandContext } from "../src/cli/command.ts";
import { run as runCheck } from "../src/commands/sync/check.ts";
import { run as runClean } from "../src/commands/sync/clean.ts";
import { run as runPush } from "../src/commands/sync/push.ts";
import { run as runUndo } from "../src/commands/sync/undo.ts";
import { snapshot } from "./sync_sandbox.ts";
import { tomlFiles, tomlFragments } from "./toml_arbitrary.ts";

type Files = Readonly<Record<string, string>>;

const VERSION = { clientVersion: ["codex=0.169.0"] };

/** Folders of one example. */
interface World {
  readonly userHome: string;
  readonly home: string;
  readonly repo: string;
  readonly state: string;
  readonly context: CommandContext;
  /** Everything that was said since it was last emptied. */
  readonly said: string[];
}

async function withWorld(home: Files, repo: Files, test: (world: World) => Promise<void>): Promise<void> {
  const folder = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "agentos-laws-" }));
  const userHome = join(folder, "user");
  const said: string[] = [];
  const world: World = {
    userHome,
    home: join(userHome, ".codex"),
    state: join(userHome, ".agentos"),
    repo: join(folder, "repo"),
    said,
    context: {
      output: { answer: (text) => said.push(text), talk: (text) => said.push(text), colour: false },
      env: (name) => name === "AGENTOS_REPO" ? join(folder, "repo") : undefined,
      cwd: userHome,
      home: userHome,
      version: "0.0.0",
    },
  };
  try {
    Deno.mkdirSync(world.home, { recursive: true });
    writeFiles(world.home, home);
    writeRepo(world, repo);
    await test(world);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

function writeFiles(folder: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    Deno.mkdirSync(dirname(join(folder, path)), { recursive: true });
    Deno.writeTextFileSync(join(folder, path), text);
  }
}

function writeRepo({ repo }: World, files: Files): void {
  Deno.mkdirSync(repo, { recursive: true });
  Deno.removeSync(repo, { recursive: true });
  Deno.mkdirSync(join(repo, "context-portfolio"), { recursive: true });
  writeFiles(repo, files);
}

/** Pushes; true when everything was done, false when something was left alone. */
async function push({ context }: World, flags: Parameters<typeof runPush>[0] = {}): Promise<boolean> {
  return await carriedOut(() => runPush({ ...VERSION, ...flags }, context));
}

async function clean({ context }: World): Promise<boolean> {
  return await carriedOut(() => runClean({ ...VERSION, yes: true, deploy: false }, context));
}

async function carriedOut(command: () => Promise<0 | 1>): Promise<boolean> {
  try {
    assert.equal(await command(), 0);
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === "sync.refused") return false;
    throw error;
  }
}

const skill = (name: string, text: string): string =>
  `---\nname: ${name}\ndescription: "${text}"\n---\n\n# ${name}\n\nSee {{SERVER_URL}}.\n${text}\n`;

const names = ["alpha", "beta", "gamma", "delta"];
const note = fc.constantFrom("one\n", "two\nlines\n", "{{CLIENT_HOME}}\r\n", "no line end", "");

/** The text that a repo's file has when it is deployed into this world's home. */
const deployed = (text: string, { home }: World): string => text.replaceAll("{{CLIENT_HOME}}", home);

function optional(path: string, text: fc.Arbitrary<string>): fc.Arbitrary<Files> {
  return fc.option(text, { freq: 2 }).map((value): Files => value === null ? {} : { [path]: value });
}

function merged(...parts: readonly fc.Arbitrary<Files>[]): fc.Arbitrary<Files> {
  return fc.tuple(...parts).map((files): Files => Object.assign({}, ...files));
}

const repos = merged(
  tomlFragments.map((text): Files => ({ "clients/codex/config-fragment.toml": text })),
  ...["planner", "cheap"].map((role) =>
    optional(
      `clients/codex/profiles/${role}.toml`,
      fc.constantFrom('model = "m-1"\nmodel_provider = "p"\n', 'model = "m-2" # new\n'),
    )
  ),
  optional(
    "clients/codex/agents-block.md",
    fc.constantFrom("Read them.\n", "## AgentOS\n\nat {{SERVER_URL}}"),
  ),
  ...names.map((name) => optional(`clients/shared/memory/${name}.md`, note)),
  ...names.slice(0, 2).map((name) =>
    optional(`clients/shared/skills/${name}/SKILL.md`, note.map((text) => skill(name, text.trim() || "x")))
  ),
  optional("clients/shared/skills/alpha/deep/er/notes.md", note),
);

/** A user's own files, none of which stands where one of ours would go. */
const homes = merged(
  optional("config.toml", tomlFiles),
  optional(
    "planner.config.toml",
    fc.constantFrom('approval_policy = "never"\n', '[projects."/x"]\ntrust_level = "trusted"'),
  ),
  optional("AGENTS.md", fc.constantFrom("# Mine\n", "no line end", "\ufeff# Mine\r\n\r\ntext\r\n", "")),
  optional("memories/mine.md", note),
  optional("memories/MEMORY.md", note),
  optional("memories/rollout_summaries/a.md", note),
  optional("memories/.git/HEAD", note),
  optional("skills/mine/SKILL.md", note),
  optional("skills/.system/x/SKILL.md", note),
  optional("skills/alpha/my-notes.md", note),
  optional("auth.json", fc.constant('{"k":1}')),
  optional("sessions/2026/x.jsonl", note),
);

const options = { numRuns: 25 };

/** Everything below HOME that a test of "writes nothing" looks at: bytes, and which file it is. */
function fingerprint(folder: string): unknown {
  const files = snapshot(folder);
  return Object.keys(files).map((path) => {
    const { ino, mtime, mode } = Deno.lstatSync(join(folder, path));
    return [path, files[path], ino, mtime?.getTime(), mode];
  });
}

Deno.test("law of syncing: check, --dry-run and a second push write nothing at all", async () => {
  await fc.assert(
    fc.asyncProperty(homes, repos, (home, repo) =>
      withWorld(home, repo, async (world) => {
        const before = fingerprint(world.userHome);
        await push(world, { dryRun: true, diff: true });
        await runCheck({}, world.context);
        await runCheck({ hook: "codex" }, world.context);
        await carriedOut(() => runClean({ ...VERSION, dryRun: true }, world.context));
        assert.deepEqual(fingerprint(world.userHome), before);
        await push(world);
        const pushed = fingerprint(world.userHome);
        await push(world);
        await runCheck({ diff: true }, world.context);
        await push(world, { dryRun: true });
        assert.deepEqual(fingerprint(world.userHome), pushed);
      })),
    options,
  );
});

Deno.test("law of syncing: after a push, check is clean and says nothing to a hook", async () => {
  await fc.assert(
    fc.asyncProperty(homes, repos, (home, repo) =>
      withWorld(home, repo, async (world) => {
        assert.equal(await push(world), true, world.said.join("\n"));
        world.said.length = 0;
        assert.equal(await runCheck({ hook: "codex" }, world.context), 0);
        assert.deepEqual(world.said, []);
        assert.equal(await runCheck({}, world.context), 0, world.said.join("\n"));
      })),
    options,
  );
});

Deno.test("law of syncing: pushes of whatever repos, then a clean, give back the user's files and folders", async () => {
  await fc.assert(
    fc.asyncProperty(
      homes,
      fc.array(repos, { minLength: 1, maxLength: 3 }),
      (home, versions) =>
        withWorld(home, {}, async (world) => {
          const before = snapshot(world.home);
          for (const repo of versions) {
            writeRepo(world, repo);
            assert.equal(await push(world), true, world.said.join("\n"));
            for (const [path, text] of Object.entries(before)) {
              if (["config.toml", "planner.config.toml", "AGENTS.md"].includes(path)) continue;
              assert.equal(snapshot(world.home)[path], text, `${path} is the user's`);
            }
          }
          assert.equal(await clean(world), true, world.said.join("\n"));
          assert.deepEqual(snapshot(world.home), before);
          assert.deepEqual([...Deno.readDirSync(join(world.state, "applied"))], [], "a record is left");
        }),
    ),
    options,
  );
});

Deno.test("law of syncing: every run can be undone, newest first, back to the user's files", async () => {
  await fc.assert(
    fc.asyncProperty(
      homes,
      fc.array(repos, { minLength: 1, maxLength: 3 }),
      (home, versions) =>
        withWorld(home, {}, async (world) => {
          const before = snapshot(world.home);
          const stages: (readonly [string, Files])[] = [];
          for (const repo of versions) {
            const stage = snapshot(world.home);
            const known = new Set(backups(world));
            writeRepo(world, repo);
            await push(world);
            const id = backups(world).find((name) => !known.has(name));
            if (id !== undefined) stages.push([id, stage]);
          }
          for (const [id, stage] of stages.reverse()) {
            await runUndo({}, world.context, id);
            assert.deepEqual(snapshot(world.home), stage);
          }
          assert.deepEqual(snapshot(world.home), before);
        }),
    ),
    options,
  );
});

function backups({ state }: World): readonly string[] {
  try {
    return [...Deno.readDirSync(join(state, "backups"))].map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

Deno.test("law of syncing: a file of the user's where ours would go, or an edit of ours, is never replaced unasked", async () => {
  const victim = fc.constantFrom(
    "memories/alpha.md",
    "memories/beta.md",
    "skills/alpha/SKILL.md",
    "skills/alpha/deep/er/notes.md",
  );
  await fc.assert(
    fc.asyncProperty(
      homes,
      repos,
      repos,
      victim,
      fc.boolean(),
      (home, first, second, path, isEarly) =>
        withWorld(home, first, async (world) => {
          const edit = (): void => writeFiles(world.home, { [path]: "the user's own\n" });
          if (isEarly) edit();
          await push(world);
          const has = (files: Files): boolean => {
            const [folder, ...rest] = path.split("/");
            return Object.hasOwn(
              files,
              `clients/shared/${folder === "memories" ? "memory" : folder}/${rest.join("/")}`,
            );
          };
          edit();
          writeRepo(world, second);
          const all = await push(world);
          assert.equal(snapshot(world.home)[path], "the user's own\n");
          assert.equal(all, !has(second) && (isEarly || !has(first)), world.said.join("\n"));
          await clean(world);
          assert.equal(snapshot(world.home)[path], "the user's own\n");
        }),
    ),
    options,
  );
});

Deno.test("law of syncing: a file that stood there with our very text is adopted, and stays after a clean", async () => {
  await fc.assert(
    fc.asyncProperty(
      homes,
      repos,
      note,
      (home, repo, text) =>
        withWorld(home, { ...repo, "clients/shared/memory/alpha.md": text }, async (world) => {
          writeFiles(world.home, { "memories/alpha.md": deployed(text, world) });
          const before = snapshot(world.home);
          assert.equal(await push(world), true, world.said.join("\n"));
          assert.equal(await clean(world), true, world.said.join("\n"));
          assert.deepEqual(snapshot(world.home), before);
        }),
    ),
    options,
  );
});
