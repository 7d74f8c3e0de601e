/**
 * Real Codex CLIs of four versions work against the scripted model, and `agentos usage` says to the token what the model
 * sent: turns with tools, a resumed session under another model, forks, sub-agents, a review, a compaction, an archived
 * session, and a session that one version began and another went on with.
 *
 * @module
 */

import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { REPORT_SCHEMA } from "../../src/usage/report_schema.ts";
import { findExecutable, type Home, makeHome } from "./agentos.ts";
import { findCodex } from "./codex.ts";
import { startCodexAppServer } from "./codex_app_server.ts";
import {
  type FakeModel,
  type ModelRequest,
  type ModelStep,
  type ModelUsage,
  startFakeModel,
} from "./fake_model.ts";
import { type NpmPackage, PACKAGES } from "./install.ts";
import { type Program, runGit, runProgram } from "./program.ts";

/** Beyond it Codex has the conversation summarised, in a request of its own. */
const COMPACT_ABOVE = 50_000;

/** Input, cached input, output, reasoning. */
type Counts = readonly [number, number, number, number];

/** A home of Codex and the model that it talks to. */
interface Desk extends AsyncDisposable {
  readonly home: Home;
  readonly model: FakeModel;
  /** Answers the id of the thread. */
  exec(version: NpmPackage, ...args: readonly string[]): Promise<string>;
  program(version: NpmPackage): Promise<Omit<Program, "args">>;
}

async function openDesk(): Promise<Desk> {
  const home = await makeHome();
  let count = 0;
  // No two responses are alike, so that none can stand in for another.
  const model = startFakeModel((outputs, request) => {
    count++;
    const usage = { input: 1000 + count * 7, cached: count * 3, output: 100 + count, reasoning: count % 5 };
    return play(request, outputs.map(({ text }) => text), usage);
  });
  const codexHome = join(home.home, ".codex");
  await Deno.mkdir(codexHome);
  await Deno.writeTextFile(
    join(codexHome, "config.toml"),
    [
      'model = "vendor/first"',
      'model_provider = "scripted"',
      'web_search = "disabled"',
      `model_auto_compact_token_limit = ${COMPACT_ABOVE}`,
      "[features]",
      "multi_agent = true",
      "[model_providers.scripted]",
      'name = "Scripted"',
      `base_url = "${model.baseUrl}"`,
    ].join("\n"),
  );
  await runGit(home.root, home.env, "init", "--quiet");
  await Deno.writeTextFile(join(home.root, "changed.txt"), "to be reviewed\n");
  const program = async (version: NpmPackage): Promise<Omit<Program, "args">> => ({
    path: await findCodex(version),
    cwd: home.root,
    env: { ...home.env, CODEX_HOME: codexHome },
  });
  return {
    home,
    model,
    program,
    async exec(version, ...args): Promise<string> {
      const flags = ["--skip-git-repo-check", "--json"];
      // In 0.105 they may stand before a subcommand of "exec" only, in all others behind it too.
      const { code, stdout, stderr } = await runProgram({
        ...await program(version),
        args: ["exec", ...flags, ...args],
      });
      assert.equal(code, 0, `codex exec ${args.join(" ")}: ${stdout}${stderr}`);
      return /"thread_id":"([^"]+)"/.exec(stdout)?.[1] ?? "";
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await model.close();
      await home[Symbol.asyncDispose]();
    },
  };
}

/** What the model does next: the prompt says it. */
function play(request: ModelRequest, outputs: readonly string[], usage: ModelUsage): ModelStep {
  const [word] = request.prompt.split(" ");
  if (word === "run" && outputs.length === 0) {
    return { ...callTool(request, /^exec_command$/, { cmd: "echo hi" }), usage };
  }
  if (word === "fill" && outputs.length === 0) {
    const full = { ...usage, input: usage.input + COMPACT_ABOVE };
    return { ...callTool(request, /^exec_command$/, { cmd: "echo hi" }), usage: full };
  }
  if (word === "delegate" && outputs.length === 0) {
    const task = { message: "a part of the work", fork_context: request.prompt.endsWith("all") };
    return { ...callTool(request, /(?:^|\.)spawn_agent$/, task), usage };
  }
  const agent = /"agent_id":"([^"]+)"/.exec(outputs.join(""))?.[1];
  if (word === "delegate" && outputs.length === 1 && agent !== undefined) {
    const whom = { ids: [agent], targets: [agent], timeout_ms: 20_000 };
    return { ...callTool(request, /(?:^|\.)wait(?:_agent)?$/, whom), usage };
  }
  return { say: "done", usage };
}

/** Tools stand in a namespace or not, and are named a little differently, from version to version. */
function callTool(request: ModelRequest, name: RegExp, args: object): ModelStep {
  const tool = request.tools.find((offered) => name.test(offered));
  assert.ok(tool !== undefined, `no tool ${name} among ${request.tools.join(", ")}`);
  const [namespace, short] = tool.includes(".") ? tool.split(".") : [undefined, tool];
  return {
    calls: [{ ...(namespace === undefined ? {} : { namespace }), name: short ?? tool, arguments: args }],
  };
}

/** What the model sent, per model; from the answer of a number on, when one is given. */
function sumAnswers(model: FakeModel, from = 0): Readonly<Record<string, Counts>> {
  assert.deepEqual(model.scriptErrors, []);
  const sums: Record<string, Counts> = {};
  for (const { model: name, usage } of model.answers.slice(from)) {
    const [input, cached, output, reasoning] = sums[name] ?? [0, 0, 0, 0];
    sums[name] = [
      input + usage.input,
      cached + usage.cached,
      output + usage.output,
      reasoning + usage.reasoning,
    ];
  }
  return sums;
}

/** What `agentos usage` answers, per model. */
async function sumUsage(
  { home }: Desk,
  flags: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Readonly<Record<string, Counts>>> {
  const { code, stdout, stderr } = await runProgram({
    path: await findExecutable(),
    args: ["usage", "model", "--json", "--since", "1970-01-01", ...flags],
    cwd: home.root,
    env: { ...home.env, ...env },
  });
  assert.equal(code, 0, stderr);
  assert.equal(stderr, "");
  const { rows, warnings } = REPORT_SCHEMA.parse(JSON.parse(stdout));
  assert.deepEqual(warnings, []);
  return Object.fromEntries(
    rows.map((row): [string, Counts] => {
      assert.deepEqual([row.client, row.provider, row.costUsd], ["codex", "scripted", null]);
      return [row.model, [row.inputTokens, row.cachedInputTokens, row.outputTokens, row.reasoningTokens]];
    }),
  );
}

/** Asked after each step, so that the ledger grows as it does in life, the answer is that of the files alone. */
async function assertTrue(desk: Desk, when: string): Promise<void> {
  const truth = sumAnswers(desk.model);
  assert.deepEqual(await sumUsage(desk), truth, `with the ledger, ${when}`);
  assert.deepEqual(await sumUsage(desk, ["--no-ledger"]), truth, `from the files, ${when}`);
}

/** What is answered of a session when no other session's log is there. */
async function sumWithout(desk: Desk, session: string): Promise<Readonly<Record<string, Counts>>> {
  const alone = join(desk.home.folder, "alone");
  const sessions = join(desk.home.home, ".codex", "sessions");
  for await (const path of listFiles(sessions)) {
    if (!path.endsWith(`${session}.jsonl`)) continue;
    await Deno.mkdir(join(alone, "sessions"), { recursive: true });
    await Deno.copyFile(path, join(alone, "sessions", basename(path)));
  }
  return await sumUsage(desk, ["--no-ledger"], { CODEX_HOME: alone });
}

async function* listFiles(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* listFiles(join(folder, name));
    else yield join(folder, name);
  }
}

const VERSIONS = [PACKAGES.codexEarly, PACKAGES.codexWithTables, PACKAGES.codexBeforeRecords, PACKAGES.codex];

for (const version of VERSIONS) {
  Deno.test(`usage is what the model sent: Codex ${version.version}`, async () => {
    await using desk = await openDesk();
    const { model } = desk;
    const thread = await desk.exec(version, "run a tool");
    await assertTrue(desk, "after a turn with a tool");
    await desk.exec(version, "-m", "vendor/second:free", "resume", thread, "say something");
    await assertTrue(desk, "after a resume with another model");
    {
      await using server = await startCodexAppServer(await desk.program(version));
      const fork = await server.fork(thread, "run in the fork");
      assert.notEqual(fork, thread);
      const answered = model.answers.length;
      const grandchild = await server.fork(fork, "run in the fork's fork");
      assert.notEqual(grandchild, fork);
      const own = sumAnswers(model, answered);
      assert.deepEqual(await sumUsage(desk, ["--session", grandchild]), own, "the last fork alone");
      assert.deepEqual(await sumWithout(desk, grandchild), own, "the last fork, its parents' logs gone");
    }
    await assertTrue(desk, "after a fork and a fork of it");
    await desk.exec(version, "resume", thread, "run on in the first");
    await assertTrue(desk, "after going on in the forked session");
    const before = model.requests.length;
    await desk.exec(version, "delegate something");
    await desk.exec(version, "resume", thread, "delegate with all");
    assert.ok(model.requests.length - before >= 8, "a sub-agent did not run");
    await assertTrue(desk, "after two sub-agents");
    await desk.exec(version, "fill the window");
    assert.ok(
      model.requests.some(({ prompt }) => /CHECKPOINT COMPACTION/.test(prompt)),
      "nothing was compacted",
    );
    await assertTrue(desk, "after a compaction");
    await desk.exec(version, "review", "--uncommitted");
    await assertTrue(desk, "after a review");
  });
}

Deno.test("usage is what the model sent: one version begins a session, others go on with it and archive it", async () => {
  await using desk = await openDesk();
  const thread = await desk.exec(PACKAGES.codexWithTables, "run a tool");
  await desk.exec(PACKAGES.codex, "resume", thread, "run on");
  await assertTrue(desk, "after the newer version went on");
  await desk.exec(PACKAGES.codex, "resume", thread, "fill the window");
  await desk.exec(PACKAGES.codex, "fork", thread, "run in the fork");
  await assertTrue(desk, "after a compaction and a fork");
  const { code, stderr } = await runProgram({
    ...await desk.program(PACKAGES.codex),
    args: ["archive", thread],
  });
  assert.equal(code, 0, stderr);
  await assertTrue(desk, "after it was archived");
});
