/**
 * `agentos sync check` and an idle `push`: against an empty program, against other programs from npm, and as the number of
 * files grows.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { type Home, makeHome } from "../../tests/e2e/agentos.ts";
import { installPackage, PROJECT_FOLDER } from "../../tests/e2e/install.ts";
import { type Candidate, compare, type Finding, interleave, timeProgram, type Timing } from "./measure.ts";
import { compileEmpty } from "./startup.ts";

const RULESYNC = { name: "rulesync", version: "17.0.0" };
/** It has no check: what it would do stands in for one. */
const RULER = { name: "@intellectronica/ruler", version: "0.3.44" };
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
  const check = { name: "check", once: () => timeProgram(executable, ["sync", "check"], env(small)) };
  // What is not the plain question is never answered from memory.
  const anew = {
    name: "check, compared anew",
    once: () => timeProgram(executable, ["sync", "check", "--json"], env(small)),
  };
  const starts = await interleave(31, [
    { name: "an empty program", once: () => timeProgram(empty, [], env(small)) },
    check,
    { name: "push", once: () => timeProgram(executable, ["sync", "push"], env(small)) },
    anew,
  ]);
  const growth = await interleave(9, [
    { name: "an empty program", once: () => timeProgram(empty, [], env(small)) },
    check,
    { name: "check many", once: () => timeProgram(executable, ["sync", "check"], env(large)) },
    anew,
    {
      name: "many, compared anew",
      once: () => timeProgram(executable, ["sync", "check", "--json"], env(large)),
    },
  ]);
  const peers = await interleave(7, [check, anew, ...await openPeers(small, env(small))]);
  const nothing = { kind: "at most", value: 1.6 } as const;
  return [
    compare(`\`sync check\`, ${FILES} files in sync`, starts, "check", "an empty program", nothing),
    compare("`sync push`, nothing to do", starts, "push", "an empty program", nothing),
    compare(
      `the same, ${FILES} files read and compared anew`,
      starts,
      "check, compared anew",
      "an empty program",
      undefined,
    ),
    compare(`\`sync check\`, ${FILES} files in sync`, peers, "check", "rulesync --check", {
      kind: "at most",
      value: 1 / 15,
    }),
    compare("the same, compared anew", peers, "check, compared anew", "rulesync --check", undefined),
    compare(`\`sync check\`, ${FILES} files in sync`, peers, "check", "ruler --dry-run", undefined),
    growthOf("cost for each file", growth, "check", "check many"),
    growthOf("the same, compared anew", growth, "check, compared anew", "many, compared anew"),
  ];
}

/** What one file more costs among many, against what it costs among few; an empty program's time is no file's. */
function growthOf(what: string, timings: readonly Timing[], few: string, many: string): Finding {
  const median = (name: string): number =>
    timings.find((timing) => timing.name === name)?.medianMs ?? Number.NaN;
  const base = median("an empty program");
  return {
    what: `${what}, ${MANY_FILES} files against ${FILES}`,
    against: "linear growth",
    ratio: ((median(many) - base) / MANY_FILES) / ((median(few) - base) / FILES),
    bar: { kind: "at most", value: 1.5 },
    detail: `${median(many).toFixed(0)} ms for ${MANY_FILES} files`,
  };
}

/** The other programs, each with the same texts in its own layout and everything deployed. */
async function openPeers(home: Home, env: Record<string, string>): Promise<readonly Candidate[]> {
  const peers = [
    {
      name: "rulesync --check",
      program: join(await installPackage(RULESYNC), "rulesync", "dist", "cli", "index.js"),
      folder: await makeTwin(home, "rulesync", { skills: ".rulesync/skills", rules: ".rulesync/rules" }),
      deploy: ["generate", "--targets", "codexcli", "--features", "rules,skills"],
      look: ["generate", "--check", "--targets", "codexcli", "--features", "rules,skills"],
    },
    {
      name: "ruler --dry-run",
      program: join(await installPackage(RULER), "@intellectronica", "ruler", "dist", "cli", "index.js"),
      folder: await makeTwin(home, "ruler", { skills: ".ruler/skills", rules: ".ruler" }),
      deploy: ["apply", "--agents", "codex", "--no-gitignore"],
      look: ["apply", "--dry-run", "--agents", "codex", "--no-gitignore"],
    },
  ];
  for (const { program, folder, deploy } of peers) await runOnce("node", [program, ...deploy], env, folder);
  return peers.map(({ name, program, folder, look }) => ({
    name,
    once: () => timeIn(folder, "node", [program, ...look], env),
  }));
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

/** The same texts in another program's layout. */
async function makeTwin(
  home: Home,
  name: string,
  layout: { readonly rules: string; readonly skills: string },
): Promise<string> {
  const twin = join(home.folder, name);
  const source = join(home.folder, "repo", "clients", "shared");
  await Deno.mkdir(join(twin, layout.rules), { recursive: true });
  for await (const { name } of Deno.readDir(join(source, "memory"))) {
    const text = await Deno.readTextFile(join(source, "memory", name));
    await Deno.writeTextFile(join(twin, layout.rules, name), `---\ntargets: ["*"]\n---\n\n${text}`);
  }
  for await (const { name } of Deno.readDir(join(source, "skills"))) {
    const target = join(twin, layout.skills, name);
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
