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
import type { JsonObject } from "../src/base/json_fields.ts";
import { TOOLS } from "../src/tools/mod.ts";
import { inExampleWorld, moveExample, SECRET } from "./example_world.ts";

/** Longer answers lose their middle in the Codex CLI (0.169). */
const maxAnswerBytes = 10_000;

for (const tool of TOOLS) {
  for (const example of tool.examples) {
    Deno.test(`${tool.name} runs its example "${example.title}", and the answer fits schema and screen`, async () => {
      await inExampleWorld(async ({ context, root }) => {
        const before = await snapshot(root);
        const { data, text } = await tool.call(moveExample(example.input, root), context);
        const sent: unknown = JSON.parse(JSON.stringify(data));
        z.fromJSONSchema({ ...tool.outputSchema }).parse(sent);
        deepEqual(undeclared(sent, tool.outputSchema), []);
        ok(sizeOf(JSON.stringify(data)) <= maxAnswerBytes);
        ok(text !== "" && sizeOf(text) <= maxAnswerBytes);
        if (tool.hints.readOnly) deepEqual(await snapshot(root), before);
      });
    });
  }

  for (const argument of ["path", "cwd"].filter((name) => name in propertiesOf(tool.inputSchema))) {
    Deno.test(`${tool.name} follows no ${argument} out of the roots`, async () => {
      await inExampleWorld(async ({ context, root, folder }) => {
        const before = await snapshot(folder);
        for (const path of escapes(root, folder)) {
          const input = { ...moveExample(tool.examples[0]?.input, root), [argument]: path };
          const answer = await tool.call(input, context).catch((error: unknown) => error);
          ok(answer instanceof AppError, `${JSON.stringify(path)} was answered`);
          ok(/^(path|git)\./.test(answer.code), `${JSON.stringify(path)}: ${answer.code} ${answer.message}`);
          equal(`${answer.message}${answer.hint}`.includes(SECRET), false);
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

function sizeOf(text: string): number {
  return new TextEncoder().encode(text).length;
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
