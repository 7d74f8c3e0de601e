/**
 * The contract of every tool, as far as its words and schemas go; what tools do is in `tools_run_test.ts`.
 *
 * The rules come from clients: the Codex CLI (0.169) shows a model neither limits, patterns nor defaults, and no
 * output schema, and refuses or asks by the annotations; other clients validate answers.
 *
 * @module
 */

import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { AppError } from "../src/base/errors.ts";
import type { JsonObject } from "../src/base/json_fields.ts";
import type { Tool, ToolHints } from "../src/tools/define.ts";
import { INSTRUCTIONS } from "../src/tools/instructions.ts";
import { TOOLS } from "../src/tools/mod.ts";
import { testContext } from "./tool_context.ts";

const only = { readOnly: true, destructive: false, idempotent: true, openWorld: false };

/** What each tool may do to the world, said a second time by somebody who did not write the tool. */
const HINTS: Readonly<Record<string, ToolHints>> = {
  list_portfolio_files: only,
  read_portfolio_file: only,
  // Adds a commit, loses nothing, and does so again when there is more to commit.
  agentOS_git_commit: { readOnly: false, destructive: false, idempotent: false, openWorld: false },
  // Reaches another machine; never forces; a second push moves nothing.
  agentOS_git_push: { readOnly: false, destructive: false, idempotent: true, openWorld: true },
  // Runs what package.json says, which may do anything.
  agentOS_ext_compile: { readOnly: false, destructive: true, idempotent: true, openWorld: true },
  agentOS_ext_package: { readOnly: false, destructive: true, idempotent: true, openWorld: true },
  // Replaces the installed version in the editor.
  agentOS_ext_install: { readOnly: false, destructive: true, idempotent: true, openWorld: false },
  agentOS_fs_list: only,
  agentOS_fs_read: only,
  agentOS_fs_search: only,
  // Overwrites what was there; writing the same again changes nothing.
  agentOS_fs_write: { readOnly: false, destructive: true, idempotent: true, openWorld: false },
  // A second replacement finds another text.
  agentOS_fs_replace: { readOnly: false, destructive: true, idempotent: false, openWorld: false },
};

/** Folder of a tool's file by the beginning of its name. */
const FOLDERS = { agentOS_git_: "git", agentOS_ext_: "vscode", agentOS_fs_: "files" };

interface Described {
  readonly path: string;
  readonly schema: JsonObject;
}

Deno.test("TOOLS is the documented twelve, in their order", () => {
  deepEqual(TOOLS.map((tool) => tool.name), Object.keys(HINTS));
});

Deno.test("the server's instructions name tools that there are, and every kind of them", () => {
  const named = INSTRUCTIONS.match(/agentOS_\w+\*?|\w+_portfolio_files?/g) ?? [];
  const isNamed = (tool: Tool): boolean =>
    named.some((name) => name.endsWith("*") ? tool.name.startsWith(name.slice(0, -1)) : tool.name === name);
  for (const name of named) {
    ok(TOOLS.some((tool) => tool.name === name || tool.name.startsWith(name.replace(/\*$/, ""))), name);
  }
  deepEqual(TOOLS.filter((tool) => !isNamed(tool)).map((tool) => tool.name), []);
  ok(INSTRUCTIONS.split("\n").length <= 5);
});

for (const tool of TOOLS) {
  Deno.test(`${tool.name} stands in the file of its name`, async () => {
    const [, folder] = Object.entries(FOLDERS).find(([prefix]) => tool.name.startsWith(prefix)) ??
      ["", "portfolio"];
    const file = tool.name.startsWith("agentOS_") ? tool.name.slice("agentOS_".length) : tool.name;
    const source = await Deno.readTextFile(new URL(`../src/tools/${folder}/${file}.ts`, import.meta.url));
    ok(source.includes(`name: "${tool.name}"`));
  });

  Deno.test(`${tool.name} says all four annotations, and says them truthfully`, () => {
    deepEqual(tool.hints, HINTS[tool.name]);
  });

  Deno.test(`${tool.name} is described for a model that has to choose`, () => {
    match(tool.name, /^[A-Za-z][A-Za-z0-9_]{0,63}$/);
    match(tool.title, /^[A-Z][^.]{2,49}$/);
    const [first = ""] = tool.description.split(/(?<=\.)\s/);
    ok(first.endsWith(".") && first.length <= 120, `${first.length}: ${first}`);
    ok(tool.description.endsWith("."), tool.description);
    ok(tool.examples.length > 0);
    for (const example of tool.examples) match(example.title, /^[A-Z].*[^.]$/);
  });

  Deno.test(`${tool.name} takes and answers plain objects, each field in words`, () => {
    for (const schema of [tool.inputSchema, tool.outputSchema]) {
      equal(schema["type"], "object");
      for (const key of ["anyOf", "oneOf", "allOf", "not", "$ref", "$defs"]) {
        equal(schema[key], undefined, key);
      }
      for (const { path, schema: field } of fieldsOf(schema)) {
        const words = field["description"];
        ok(typeof words === "string" && /^\S.*\.$/s.test(words), `${path}: ${words}`);
      }
    }
    for (const object of objectsIn(tool.inputSchema)) equal(object["additionalProperties"], false);
  });

  Deno.test(`${tool.name} says limits and defaults in words, since clients drop them from the schema`, () => {
    for (const { path, schema } of fieldsOf(tool.inputSchema)) {
      for (const key of ["maximum", "maxLength", "default"]) {
        const value = schema[key];
        if (value === undefined || value === "") continue;
        const digits = String(schema["description"]).replace(/(?<=\d)[ _,](?=\d{3})/g, "");
        ok(digits.includes(String(value)), `${path}: ${key} ${value} is not in "${schema["description"]}"`);
      }
    }
  });

  Deno.test(`${tool.name} refuses unknown, missing and mistyped arguments by name, before it does anything`, async () => {
    const input = exampleInput(tool);
    await refusesNaming(tool, { ...input, surprise: 1 }, "surprise");
    for (const name of Object.keys(propertiesOf(tool.inputSchema))) {
      await refusesNaming(tool, { ...input, [name]: { not: ["this"] } }, name);
    }
    for (const name of requiredOf(tool.inputSchema)) {
      const { [name]: _, ...rest } = input;
      await refusesNaming(tool, rest, name);
    }
    for (const raw of ["text", 1, true, [], [input]]) await rejects(tool.call(raw, testContext(undefined)));
  });
}

async function refusesNaming(tool: Tool, input: JsonObject, name: string): Promise<void> {
  await rejects(tool.call(input, testContext(undefined)), (error) => {
    ok(error instanceof AppError && error.code === "tool.input", String(error));
    ok(error.message.includes(tool.name) && error.message.includes(name), error.message);
    return true;
  });
}

function exampleInput(tool: Tool): JsonObject {
  const input = tool.examples[0]?.input;
  ok(isObject(input));
  return input;
}

function fieldsOf(schema: JsonObject, path = ""): readonly Described[] {
  const fields = Object.entries(propertiesOf(schema)).flatMap(([name, field]) => [
    { path: `${path}${name}`, schema: field },
    ...fieldsOf(field, `${path}${name}.`),
  ]);
  return isObject(schema["items"]) ? [...fields, ...fieldsOf(schema["items"], `${path}[].`)] : fields;
}

function objectsIn(schema: JsonObject): readonly JsonObject[] {
  const inner = [...Object.values(propertiesOf(schema)), schema["items"]].filter(isObject).flatMap(objectsIn);
  return schema["type"] === "object" ? [schema, ...inner] : inner;
}

function propertiesOf(schema: JsonObject): Readonly<Record<string, JsonObject>> {
  const properties = schema["properties"];
  return isObject(properties)
    ? Object.fromEntries(
      Object.entries(properties).map(([name, field]) => [name, isObject(field) ? field : {}]),
    )
    : {};
}

function requiredOf(schema: JsonObject): readonly string[] {
  const required = schema["required"];
  return Array.isArray(required) ? required.map(String) : [];
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
