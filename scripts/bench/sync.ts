/**
 * `agentos sync check` and an idle `push`: against an empty program, against rulesync, and as the number of files grows.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { type Home, makeHome } from "../../tests/e2e/agentos.ts";
import { installPackage, PROJECT_FOLDER } from "../../tests/e2e/install.ts";
import { compare, type Finding, interleave, timeProgram } from "./measure.ts";
import { compileEmpty } from "./startup.ts";

const RULESYNC = { name: "rulesync", version: "17.0.0" };
const FILES = 300;
const MANY_FILES = 10_000;

/** Measures a home of 300 files that is in sync, and one of 10 000. */
export async function benchSync(executable: string): Promise<readonly Finding[]> {
  await using small = await makeHome();
  await using large = await makeHome();
  const empty = await compileEmpty(small.folder);
  const env = (home: Home): Record<string, string> => ({
    PATH: "/usr/bin:/bin",
    ...home.env,
    AGENTOS_REPO: join(home.folder, "repo"),
  });
  await makeRepo(small, FILES);
  await makeRepo(large, MANY_FILES);
  for (const home of [small, large]) {
    await Deno.mkdir(join(home.home, ".codex"));
    await runOnce(executable, ["sync", "push", "--quiet"], env(home));
  }
  const rulesync = join(await installPackage(RULESYNC), "rulesync", "dist", "cli", "index.js");
  const twin = await makeRulesyncTwin(small);
  await runOnce(
    "node",
    [rulesync, "generate", "--targets", "codexcli", "--features", "rules,skills"],
    env(small),
    twin,
  );
  const timings = await interleave(15, [
    { name: "an empty program", once: () => timeProgram(empty, [], env(small)) },
    { name: "check", once: () => timeProgram(executable, ["sync", "check"], env(small)) },
    { name: "push", once: () => timeProgram(executable, ["sync", "push"], env(small)) },
    { name: "check many", once: () => timeProgram(executable, ["sync", "check"], env(large)) },
    {
      name: "rulesync --check",
      once: () =>
        timeIn(twin, "node", [
          rulesync,
          "generate",
          "--check",
          "--targets",
          "codexcli",
          "--features",
          "rules,skills",
        ], env(small)),
    },
  ]);
  const median = (name: string): number =>
    timings.find((timing) => timing.name === name)?.medianMs ?? Number.NaN;
  const base = median("an empty program");
  return [
    compare(`\`sync check\`, ${FILES} files in sync`, timings, "check", "an empty program", {
      kind: "at most",
      value: 1.6,
    }),
    compare("`sync push`, nothing to do", timings, "push", "an empty program", {
      kind: "at most",
      value: 1.6,
    }),
    compare(`\`sync check\`, ${FILES} files in sync`, timings, "check", "rulesync --check", {
      kind: "at most",
      value: 1 / 15,
    }),
    {
      what: "cost for each file, 10 000 files against 300",
      against: "linear growth",
      ratio: ((median("check many") - base) / MANY_FILES) / ((median("check") - base) / FILES),
      bar: { kind: "at most", value: 1.5 },
      detail: `${median("check many").toFixed(0)} ms for ${MANY_FILES} files`,
    },
  ];
}

async function makeRepo(home: Home, files: number): Promise<void> {
  const repo = join(home.folder, "repo");
  await Deno.mkdir(join(repo, "context-portfolio"), { recursive: true });
  for (const path of ["clients/codex/config-fragment.toml", "clients/codex/agents-block.md"]) {
    await Deno.mkdir(join(repo, dirname(path)), { recursive: true });
    await Deno.copyFile(join(PROJECT_FOLDER, path), join(repo, path));
  }
  const memories = join(repo, "clients", "shared", "memory");
  await Deno.mkdir(memories, { recursive: true });
  for (let count = 0; count < files; count++) {
    if (count % 6 === 0) {
      await Deno.writeTextFile(
        join(memories, `note-${count}.md`),
        `# Note ${count}\n\n${"Prose about it. ".repeat(60)}\n`,
      );
      continue;
    }
    const skill = join(repo, "clients", "shared", "skills", `skill-${Math.floor(count / 6)}`);
    await Deno.mkdir(skill, { recursive: true });
    const isMain = count % 6 === 1;
    const text = isMain
      ? `---\nname: skill-${Math.floor(count / 6)}\ndescription: What it is for.\n---\n\n${
        "Do this. ".repeat(100)
      }\n`
      : `${"Reference text. ".repeat(80)}\n`;
    await Deno.writeTextFile(join(skill, isMain ? "SKILL.md" : `part-${count}.md`), text);
  }
}

/** The same texts in rulesync's own layout. */
async function makeRulesyncTwin(home: Home): Promise<string> {
  const twin = join(home.folder, "twin");
  const source = join(home.folder, "repo", "clients", "shared");
  await Deno.mkdir(join(twin, ".rulesync", "rules"), { recursive: true });
  for await (const { name } of Deno.readDir(join(source, "memory"))) {
    const text = await Deno.readTextFile(join(source, "memory", name));
    await Deno.writeTextFile(join(twin, ".rulesync", "rules", name), `---\ntargets: ["*"]\n---\n\n${text}`);
  }
  for await (const { name } of Deno.readDir(join(source, "skills"))) {
    const target = join(twin, ".rulesync", "skills", name);
    await Deno.mkdir(target, { recursive: true });
    for await (const file of Deno.readDir(join(source, "skills", name))) {
      await Deno.copyFile(join(source, "skills", name, file.name), join(target, file.name));
    }
  }
  return twin;
}

async function runOnce(
  path: string,
  args: readonly string[],
  env: Record<string, string>,
  cwd?: string,
): Promise<void> {
  const { success, stderr } = await new Deno.Command(path, {
    args: [...args],
    env,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    ...(cwd === undefined ? {} : { cwd }),
  }).output();
  if (!success) throw new Error(`${path} ${args.join(" ")} failed:\n${new TextDecoder().decode(stderr)}`);
}

async function timeIn(
  cwd: string,
  path: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<number> {
  const start = performance.now();
  await runOnce(path, args, env, cwd);
  return performance.now() - start;
}
