/**
 * A third client, the MCP Inspector, lists and calls every tool and reads the portfolio as resources.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { z } from "zod";
import { TOOLS } from "../../src/tools/mod.ts";
import { makeZip } from "../zip.ts";
import { type Agentos, type Home, makeHome, makeRepository, startAgentos } from "./agentos.ts";
import { runInspector } from "./inspector.ts";

const CallAnswer = z.object({
  result: z.looseObject({
    content: z.array(z.looseObject({ type: z.literal("text"), text: z.string() })).min(1),
    structuredContent: z.record(z.string(), z.unknown()).optional(),
    isError: z.boolean().optional(),
  }),
});
const ToolList = z.object({ result: z.object({ tools: z.array(z.looseObject({ name: z.string() })) }) });
const ResourceList = z.object({
  result: z.object({ resources: z.array(z.looseObject({ uri: z.string(), name: z.string() })) }),
});
const TemplateList = z.object({
  result: z.object({ resourceTemplates: z.array(z.looseObject({ uriTemplate: z.string() })) }),
});
const ResourceText = z.object({
  result: z.object({ contents: z.array(z.looseObject({ uri: z.string(), text: z.string() })) }),
});

Deno.test("the Inspector finds every tool of ours portable", async () => {
  await using home = await makeHome();
  await using agentos = await startAgentos(home);
  const { code, stdout, stderr } = await ask(home, agentos, "tools/list", "--strict");
  assert.equal(code, 0, stdout + stderr);
  const { tools } = ToolList.parse(JSON.parse(stdout)).result;
  assert.deepEqual(tools.map((tool) => tool.name), TOOLS.map((tool) => tool.name));
});

Deno.test("the Inspector calls every tool", async () => {
  await using home = await makeHome();
  const { folder } = await makeRepository(home);
  const extension = await makeExtension(home);
  const file = join(folder, "notes.md");
  const program = await makeEditorProgram(home);
  await using agentos = await startAgentos(home, {
    flags: ["--root", home.root, "--ext-dir", extension, "--allow-run", "git,npm,code"],
    env: { PATH: `${program}:${Deno.env.get("PATH")}` },
  });
  const calls: Readonly<Record<string, { readonly args: unknown; readonly says: RegExp }>> = {
    list_portfolio_files: { args: {}, says: /identity/ },
    read_portfolio_file: { args: { name: "portfolio://identity.md" }, says: /[Ii]dentity/ },
    agentOS_fs_list: { args: { path: folder }, says: /README\.md/ },
    agentOS_fs_read: { args: { path: join(folder, "README.md") }, says: /first line of prose/ },
    agentOS_fs_search: { args: { path: folder, query: "prose" }, says: /README\.md/ },
    agentOS_fs_write: { args: { path: file, content: "one\n" }, says: /notes\.md/ },
    agentOS_fs_replace: { args: { path: file, oldText: "one", newText: "two" }, says: /\+two/ },
    agentOS_git_commit: { args: { cwd: folder, message: "Add notes" }, says: /main/ },
    agentOS_git_push: { args: { cwd: folder }, says: /origin/ },
    agentOS_ext_compile: { args: {}, says: /compiled the extension/ },
    agentOS_ext_package: { args: {}, says: /tiny-1\.0\.0\.vsix/ },
    agentOS_ext_install: { args: {}, says: /tiny-1\.0\.0\.vsix/ },
  };
  assert.deepEqual(Object.keys(calls).sort(), TOOLS.map((tool) => tool.name).sort());
  for (const [name, { args, says }] of Object.entries(calls)) {
    const flags = ["--tool-name", name, "--tool-args-json", JSON.stringify(args)];
    const { code, stdout, stderr } = await ask(home, agentos, "tools/call", ...flags);
    assert.equal(code, 0, `${name}: ${stdout}${stderr}`);
    const { content, isError } = CallAnswer.parse(JSON.parse(stdout)).result;
    const text = content.map((block) => block.text).join("\n");
    assert.notEqual(isError, true, `${name}: ${text}`);
    assert.match(text, says, name);
  }
  assert.equal(await Deno.readTextFile(file), "two\n");
});

Deno.test("the Inspector lists and reads the portfolio as resources", async () => {
  await using home = await makeHome();
  await using agentos = await startAgentos(home);
  const listed = await ask(home, agentos, "resources/list");
  const { resources } = ResourceList.parse(JSON.parse(listed.stdout)).result;
  assert.equal(resources.length, 10);
  const identity = resources.find((resource) => resource.uri === "portfolio://identity.md");
  assert.ok(identity, listed.stdout);
  const read = await ask(home, agentos, "resources/read", "--uri", identity.uri);
  const [document] = ResourceText.parse(JSON.parse(read.stdout)).result.contents;
  assert.equal(document?.uri, identity.uri);
  assert.match(document?.text ?? "", /^# /m);
  const templates = await ask(home, agentos, "resources/templates/list");
  const [template] = TemplateList.parse(JSON.parse(templates.stdout)).result.resourceTemplates;
  assert.match(template?.uriTemplate ?? "", /^portfolio:\/\/\{/);
});

Deno.test("the Inspector is told what to do when the token is wrong", async () => {
  await using home = await makeHome();
  await using agentos = await startAgentos(home);
  const { code, stderr } = await runInspector(home, agentos, "not-the-token", "--method", "tools/list");
  assert.equal(code, 3);
  assert.match(stderr, /auth_required/);
  assert.match(stderr, /token/);
});

async function ask(home: Home, agentos: Agentos, method: string, ...flags: readonly string[]): ReturnType<
  typeof runInspector
> {
  return await runInspector(home, agentos, await agentos.token(), "--method", method, ...flags);
}

/** The smallest extension that npm can compile and package; its packager hands out a package made before. */
async function makeExtension(home: Home): Promise<string> {
  const folder = join(home.root, "extension");
  await Deno.mkdir(folder);
  const scripts = {
    compile: "echo compiled the extension",
    package: "cp packaged tiny-1.0.0.vsix",
  };
  const manifest = JSON.stringify({ name: "tiny", publisher: "ada", version: "1.0.0", scripts });
  await Deno.writeTextFile(join(folder, "package.json"), manifest);
  await Deno.writeFile(join(folder, "packaged"), await makeZip({ "extension/package.json": manifest }));
  return folder;
}

/** Stands in for the editor's command line, which is not on every machine: it says what it was asked. */
async function makeEditorProgram(home: Home): Promise<string> {
  const folder = join(home.folder, "bin");
  await Deno.mkdir(folder);
  await Deno.writeTextFile(join(folder, "code"), '#!/bin/sh\necho "code $*"\n', { mode: 0o755 });
  return folder;
}
