/**
 * Worked cases of a managed fragment in a user's config.toml, each pushed by the command line: `sync_cases/`, and the
 * sample beside the project where it is there.
 *
 * A case is a folder. `input.toml` is what the user has (absent: no file), `fragment.toml` what the repo wants and
 * `applied.toml` what the last push wrote; the latter two come from the folder above when `case.json` says so.
 * `expected.toml` is what stands there afterwards. After a refusal the file is byte for byte the same, the exit code is
 * 2, and what is said names the file and the line.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { z } from "zod";
import { isFolder } from "../src/base/on_disk.ts";
import { inTurns, openSyncSandbox, type SyncSandbox } from "./sync_sandbox.ts";

const HERE = import.meta.dirname ?? ".";
const OWN = join(HERE, "sync_cases");
const SAMPLE = resolve(HERE, "..", "..", "shared", "cases", "config");
const AT_ONCE = 3;

const CaseFile = z.object({
  title: z.string(),
  outcome: z.enum(["exact", "noop", "refuse"]),
  /** From 1, in the file that is refused. */
  errorLine: z.number().optional(),
  errorFile: z.enum(["config", "fragment"]).default("config"),
  /** Words that the refusal must hold. */
  mention: z.array(z.string()).default([]),
  /** Other sound answers: a sample case may leave a choice. */
  alsoAccept: z.array(z.enum(["refuse", "user-wins", "semantic"])).default([]),
  /** True when there was a push before, of `applied.toml` in the folder above. */
  applied: z.boolean().default(false),
});
const StateFile = z.object({ lastApplied: z.string() });

interface Case extends z.output<typeof CaseFile> {
  readonly id: string;
  readonly input: Uint8Array | undefined;
  readonly fragment: Uint8Array;
  readonly lastApplied: Uint8Array | undefined;
  readonly expected: Uint8Array | undefined;
}

async function readBytes(...paths: readonly string[]): Promise<Uint8Array | undefined> {
  for (const path of paths) {
    try {
      return await Deno.readFile(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return undefined;
}

async function readCase(folder: string, id: string): Promise<Case> {
  const file = (name: string): string => join(folder, id, name);
  const about = CaseFile.parse(JSON.parse(await Deno.readTextFile(file("case.json"))));
  const state = await readBytes(file("state.json"));
  const lastApplied = state === undefined
    ? about.applied ? await readBytes(file("applied.toml"), join(folder, "applied.toml")) : undefined
    : new TextEncoder().encode(
      StateFile.parse(JSON.parse(new TextDecoder().decode(state))).lastApplied,
    );
  return {
    ...about,
    id,
    input: await readBytes(file("input.toml")),
    fragment: await readBytes(file("fragment.toml"), join(folder, "fragment.toml")) ?? new Uint8Array(),
    lastApplied,
    expected: await readBytes(file("expected.toml")),
  };
}

async function readCases(folder: string): Promise<readonly Case[]> {
  const ids = (await Array.fromAsync(Deno.readDir(folder))).filter(({ isDirectory }) => isDirectory)
    .map(({ name }) => name).sort();
  return await Promise.all(ids.map((id) => readCase(folder, id)));
}

const latin1 = (bytes: Uint8Array): string => new TextDecoder("latin1").decode(bytes);

/** Blank lines around the block and at the end of the file do not count in the sample. */
function withoutBlanksAround(text: string): string {
  const blanks = "(?:[ \\t]*\\r?\\n)*";
  return text
    .replace(new RegExp(`\\n${blanks}(# >>> agentos managed >>>)`), "\n$1")
    .replace(new RegExp(`(# <<< agentos managed <<<\\r?\\n)${blanks}`), "$1")
    .trimEnd();
}

async function pushFragment(sandbox: SyncSandbox, fragment: Uint8Array): ReturnType<SyncSandbox["run"]> {
  await Deno.writeFile(join(sandbox.repo, "clients", "codex", "config-fragment.toml"), fragment);
  return await sandbox.run("sync", "push", "--only", "config");
}

/** Runs one case; throws what is wrong. */
async function runCase(about: Case, isSample: boolean): Promise<void> {
  await using sandbox = await openSyncSandbox();
  const file = join(sandbox.home, "config.toml");
  await Deno.mkdir(sandbox.home);
  if (about.lastApplied !== undefined) {
    const first = await pushFragment(sandbox, about.lastApplied);
    assert.equal(first.code, 0, `the push before: ${first.stderr}`);
    await Deno.remove(file);
  }
  if (about.input !== undefined) await Deno.writeFile(file, about.input);
  const before = about.input === undefined ? undefined : await Deno.stat(file);
  const { code, stdout, stderr } = await pushFragment(sandbox, about.fragment);
  const said = `exit ${code}\n${stdout}\n${stderr}`;
  const after = await readBytes(file);
  const isSame = (after === undefined ? undefined : latin1(after)) ===
    (about.input === undefined ? undefined : latin1(about.input));

  if (about.outcome === "refuse" && !(code === 0 && about.alsoAccept.includes("user-wins"))) {
    assert.equal(code, 2, said);
    assert.ok(isSame, `the file was changed: ${said}`);
    const place = about.errorFile === "fragment" ? join("clients", "codex", "config-fragment.toml") : file;
    if (about.errorLine !== undefined) {
      assert.ok(stderr.includes(`${place}:${about.errorLine}`), `no ${place}:${about.errorLine} in: ${said}`);
    }
    for (const word of about.mention) assert.ok(stderr.includes(word), `no ${word} in: ${said}`);
    return;
  }
  if (code === 2 && about.alsoAccept.includes("refuse")) {
    assert.ok(isSame, `the file was changed: ${said}`);
    return;
  }
  assert.equal(code, 0, said);
  assert.ok(after !== undefined, "there is no file");
  const expected = latin1(about.expected ?? about.input ?? new Uint8Array());
  if (isSample) assert.equal(withoutBlanksAround(latin1(after)), withoutBlanksAround(expected));
  else assert.equal(latin1(after), expected);
  if (about.outcome === "noop") {
    const now = await Deno.stat(file);
    assert.deepEqual([now.ino, now.mtime], [before?.ino, before?.mtime], "the file was written");
  }
  const checked = await sandbox.run("sync", "check", "--only", "config");
  assert.equal(checked.code, 0, `check after the push: ${checked.stdout}`);
}

async function runCases(context: Deno.TestContext, cases: readonly Case[], isSample: boolean): Promise<void> {
  assert.ok(cases.length > 0);
  await inTurns(cases, AT_ONCE, (about) =>
    context.step({
      name: `${about.id}: ${about.title}`,
      fn: () => runCase(about, isSample),
      sanitizeOps: false,
      sanitizeResources: false,
      sanitizeExit: false,
    }));
}

for (const group of "abcdefgh") {
  Deno.test(`worked cases of a fragment in a user's config.toml, group ${group}`, async (context) => {
    await runCases(context, (await readCases(OWN)).filter(({ id }) => id.startsWith(group)), false);
  });
}

Deno.test({
  name: "the sample of worked cases beside the project",
  ignore: !isFolder(SAMPLE),
  fn: async (context) => await runCases(context, await readCases(SAMPLE), true),
});
