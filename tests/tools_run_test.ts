/**
 * The contract of every tool, as far as it can be seen by running it: its examples, the shape and size of what
 * it answers, what it leaves alone, and that no argument leads out of the roots.
 *
 * @module
 */

import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { z } from "zod";
import { AppError } from "../src/base/errors.ts";
import { openPortfolio } from "../src/portfolio/read.ts";
import type { JsonObject, ToolContext } from "../src/tools/define.ts";
import { TOOLS } from "../src/tools/mod.ts";
import { type GitSandbox, inGitSandbox } from "./git_sandbox.ts";

/** In examples the root is the home of Ada; here it is the sandbox's. */
const exampleRoot = "/home/ada";
/** Longer answers lose their middle in the Codex CLI (0.169). */
const maxAnswerBytes = 10_000;
const secret = "the words outside";

/** A root in which every example has something to work on, and things outside that nobody may reach. */
async function inExampleWorld(
  test: (context: ToolContext, sandbox: GitSandbox) => Promise<void>,
): Promise<void> {
  await inGitSandbox(async (sandbox) => {
    const { root, folder, git } = sandbox;
    const notes = await sandbox.repository("notes");
    await git(root, "init", "--quiet", "--bare", "remote.git");
    await git(notes, "remote", "add", "origin", join(root, "remote.git"));
    await git(notes, "push", "--quiet", "--set-upstream", "origin", "main");
    await Deno.mkdir(join(folder, "outside"));
    await Deno.writeTextFile(join(folder, "outside", "secret.txt"), secret);
    await Deno.symlink(join(folder, "outside"), join(root, "link-folder"));
    await Deno.symlink("../outside/secret.txt", join(root, "link-file"));
    await test({ ...sandbox.context(), portfolio: await openPortfolio({ kind: "embedded" }) }, sandbox);
  });
}

for (const tool of TOOLS) {
  Deno.test(`${tool.name} runs its examples, and its answers fit its schema and one screen`, async () => {
    await inExampleWorld(async (context, { root }) => {
      const before = await snapshot(root);
      for (const example of tool.examples) {
        const { data, text } = await tool.call(moveTo(root, example.input), context);
        const sent: unknown = JSON.parse(JSON.stringify(data));
        z.fromJSONSchema({ ...tool.outputSchema }).parse(sent);
        deepEqual(undeclared(sent, tool.outputSchema), [], example.title);
        ok(JSON.stringify(data).length <= maxAnswerBytes, example.title);
        ok(text.length > 0 && text.length <= maxAnswerBytes, example.title);
      }
      if (tool.hints.readOnly) deepEqual(await snapshot(root), before);
    });
  });

  for (const argument of ["path", "cwd"].filter((name) => name in propertiesOf(tool.inputSchema))) {
    Deno.test(`${tool.name} follows no ${argument} out of the roots`, async () => {
      await inExampleWorld(async (context, { root, folder }) => {
        const before = await snapshot(folder);
        for (const path of escapes(root, folder)) {
          const input = { ...asObject(moveTo(root, tool.examples[0]?.input)), [argument]: path };
          const answer = await tool.call(input, context).catch((error: unknown) => error);
          ok(answer instanceof AppError, `${JSON.stringify(path)} was answered`);
          ok(/^(path|git)\./.test(answer.code), `${JSON.stringify(path)}: ${answer.code} ${answer.message}`);
          equal(`${answer.message}${answer.hint}`.includes(secret), false);
        }
        deepEqual(await snapshot(folder), before);
      });
    });
  }
}

function escapes(root: string, folder: string): readonly string[] {
  return [
    "..",
    "../outside",
    "../outside/secret.txt",
    "notes/../../outside/secret.txt",
    folder,
    join(folder, "outside"),
    join(folder, "outside", "secret.txt"),
    `${root}/../outside/secret.txt`,
    `${root}-sibling`,
    `${root}/link-file`,
    `${root}/link-folder`,
    `${root}/link-folder/secret.txt`,
    `${root}/link-folder/new.txt`,
    `${root}/notes/../link-folder/secret.txt`,
    `${root}/notes\0`,
    "/etc/passwd",
    "/proc/self/environ",
    `/proc/self/root${folder}/outside/secret.txt`,
    "/dev/stdin",
    "/dev/fd/0",
    "~/secret.txt",
    "file:///etc/passwd",
    "C:\\Windows\\win.ini",
    "\\\\host\\share\\secret.txt",
  ];
}

/** Every path below a folder, with what is there; `.git` and the home change by looking at them. */
async function snapshot(folder: string, below = ""): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for await (const entry of Deno.readDir(join(folder, below))) {
    const path = join(below, entry.name);
    if (entry.name === ".git" || path === "home") continue;
    if (entry.isDirectory) Object.assign(found, { [path]: "folder" }, await snapshot(folder, path));
    else if (entry.isSymlink) found[path] = `-> ${await Deno.readLink(join(folder, path))}`;
    else found[path] = await Deno.readTextFile(join(folder, path));
  }
  return found;
}

/** An example's input with the example's root replaced by a real one. */
function moveTo(root: string, value: unknown): unknown {
  if (typeof value === "string") {
    return value === exampleRoot || value.startsWith(`${exampleRoot}/`)
      ? root + value.slice(exampleRoot.length)
      : value;
  }
  if (Array.isArray(value)) return value.map((item) => moveTo(root, item));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, moveTo(root, inner)]));
}

/** Paths of fields that an answer holds and its schema does not. */
function undeclared(value: unknown, schema: unknown, path = ""): readonly string[] {
  if (!isObject(schema)) return [path];
  if (Array.isArray(value)) return value.flatMap((item) => undeclared(item, schema["items"], `${path}[]`));
  if (!isObject(value) || isObject(schema["additionalProperties"])) return [];
  const properties = propertiesOf(schema);
  return Object.entries(value).flatMap(([key, inner]) =>
    undeclared(inner, properties[key], `${path}.${key}`)
  );
}

function propertiesOf(schema: JsonObject): JsonObject {
  return asObject(schema["properties"] ?? {});
}

function asObject(value: unknown): JsonObject {
  ok(isObject(value));
  return value;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
