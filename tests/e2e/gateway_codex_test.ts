/**
 * The real Codex, with what `agentos sync push` deploys, works through the executable's gateway with a provider that
 * answers 400 to every tool that is no function; and fails with the same provider without it.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { copyClientFiles } from "../sync_sandbox.ts";
import { type Agentos, findExecutable, type Home, makeHome, startAgentos } from "./agentos.ts";
import { type CodexRun, execCodex, findCodex } from "./codex.ts";
import { type FakeModel, type ModelScript, type ModelStep, startFakeModel } from "./fake_model.ts";
import { runProgram } from "./program.ts";

const ROLES = {
  planner: "deepseek/deepseek-v4-flash",
  tools: "qwen/qwen3-coder",
  agentic: "moonshotai/kimi-k2.5",
  cheap: "qwen/qwen3-coder:free",
};
const KEY = "sk-or-v1-not-a-real-key-0123456789";
const NAMESPACE = "mcp__agentOS_portfolio";

/** Makes Codex stop where it would start without agentos's tools and say nothing. */
const REQUIRED = ["-c", "mcp_servers.agentOS-portfolio.required=true"];

/** A user who has set both up: a server with a gateway, a provider behind it, and Codex's home pushed. */
interface Setup extends AsyncDisposable {
  readonly home: Home;
  readonly agentos: Agentos;
  readonly model: FakeModel;
  /** Runs `codex exec` under a role profile. */
  ask(role: string, args: readonly string[]): Promise<CodexRun>;
  /** The ledger's rows, once the server has ended. */
  stopAndRead(): Promise<readonly Record<string, unknown>[]>;
}

async function setUp(
  script: ModelScript,
  { limits = "", codexConfig = "", push = [] }: {
    readonly limits?: string;
    readonly codexConfig?: string;
    readonly push?: readonly string[];
  } = {},
): Promise<Setup> {
  const home = await makeHome();
  const model = startFakeModel(script, { functionsOnly: true });
  const repo = join(home.folder, "repo");
  const bin = join(home.folder, "bin");
  await Deno.mkdir(bin);
  await Deno.mkdir(join(repo, "context-portfolio"), { recursive: true });
  await copyClientFiles(repo);
  await Deno.symlink(await findCodex(), join(bin, "codex"));
  await Deno.mkdir(home.state, { mode: 0o700 });
  const provider = `[gateway.providers.openrouter]\nbase_url = "${model.baseUrl}"\n${limits}`;
  await Deno.writeTextFile(join(home.state, "config.toml"), provider, { mode: 0o600 });
  await Deno.mkdir(join(home.home, ".codex"));
  const own = `web_search = "cached"\n${codexConfig}`;
  await Deno.writeTextFile(join(home.home, ".codex", "config.toml"), own);
  const agentos = await startAgentos(home);
  // Where there is no gateway to lead to, the provider's own address is the scripted model's.
  const fragment = join(repo, "clients", "codex", "config-fragment.toml");
  if (push.includes("--no-gateway")) {
    const text = await Deno.readTextFile(fragment);
    await Deno.writeTextFile(fragment, text.replace("{{OPENROUTER_URL}}", model.baseUrl));
  }
  const { code, stdout, stderr } = await runProgram({
    path: await findExecutable(),
    args: ["sync", "push", "--repo", repo, "--port", String(agentos.port), ...push],
    cwd: home.root,
    env: { ...home.env, PATH: `${bin}:${Deno.env.get("PATH") ?? ""}` },
  });
  assert.equal(code, 0, stdout + stderr);
  return {
    home,
    agentos,
    model,
    ask: (role, args) => execCodex(home, ["-p", role, ...REQUIRED, ...args], { OPENROUTER_API_KEY: KEY }),
    async stopAndRead(): Promise<readonly Record<string, unknown>[]> {
      await agentos.stop();
      const db = new DatabaseSync(join(home.state, "agentos.db"), { readOnly: true });
      try {
        return db.prepare("SELECT * FROM model_requests ORDER BY id").all();
      } finally {
        db.close();
      }
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await agentos[Symbol.asyncDispose]();
      await model.close();
      await home[Symbol.asyncDispose]();
    },
  };
}

/** The flat name of one of agentos's tools. */
const flat = (tool: string): string => `${NAMESPACE}__${tool}`;

const USAGE = { input: 1000, cached: 0, output: 10, reasoning: 0 };

/** Calls two tools at once, then says what it saw. */
const callTwo: ModelScript = (outputs): ModelStep =>
  outputs.length === 0
    ? {
      calls: [
        { name: flat("list_portfolio_files"), arguments: {} },
        { name: flat("read_portfolio_file"), arguments: { name: "identity" } },
      ],
      usage: { ...USAGE, costUsd: 0.0021 },
    }
    : {
      say: `seen ${outputs.filter(({ text }) => /identity/i.test(text)).length}`,
      usage: { ...USAGE, input: 1200, costUsd: 0.0024 },
    };

for (const [role, modelId] of Object.entries(ROLES)) {
  Deno.test(`profile ${role}: parallel calls of agentos's tools work through the gateway`, async () => {
    await using setup = await setUp(callTwo);
    const run = await setup.ask(role, ["Follow the script."]);
    assert.deepEqual([run.code, run.messages], [0, ["seen 2"]], `${run.errors} ${setup.agentos.said()}`);
    assert.deepEqual(run.calls.map(({ tool, status }) => `${tool} ${status}`).toSorted(), [
      "list_portfolio_files completed",
      "read_portfolio_file completed",
    ]);
    assert.deepEqual(setup.model.requests.map(({ model }) => model), [modelId, modelId]);
    const [request] = setup.model.requests;
    assert.equal(request?.headers["authorization"], `Bearer ${KEY}`);
    assert.ok(request?.tools.includes(flat("agentOS_fs_read")), request?.tools.join(" "));
    const said = setup.agentos.said();
    assert.match(said, /model request .*provider=openrouter .*dropped="tool web_search"/);
    const rows = await setup.stopAndRead();
    assert.deepEqual(
      rows.map(({ model_asked, status, kind, source, cost_usd, input_tokens }) => [
        model_asked,
        status,
        kind,
        source,
        cost_usd,
        input_tokens,
      ]),
      [[modelId, 200, "turn", "user", 0.0021, 1000], [modelId, 200, "turn", "user", 0.0024, 1200]],
    );
    for (const { session, thread, turn, response_id, first_output_ms } of rows) {
      assert.ok(session !== null && thread === run.thread && turn !== null && response_id !== null);
      assert.ok(Number(first_output_ms) > 0);
    }
    assert.ok(!(said + JSON.stringify(rows)).includes(KEY));
  });
}

Deno.test("usage knows the true cost of what Codex logged, and of what it keeps no log of", async () => {
  await using setup = await setUp(callTwo);
  const logged = await setup.ask("planner", ["Follow the script."]);
  const unlogged = await setup.ask("planner", ["--ephemeral", "Follow the script."]);
  assert.deepEqual([logged.code, unlogged.code], [0, 0], `${logged.errors} ${unlogged.errors}`);
  await setup.agentos.stop();
  const { stdout, stderr } = await runProgram({
    path: await findExecutable(),
    args: ["usage", "model", "--json"],
    cwd: setup.home.root,
    env: setup.home.env,
  });
  const { rows } = UsageReport.parse(JSON.parse(stdout));
  const shown = rows.map(({ client, model, responses, costUsd, priceSource }) => [
    client,
    model,
    responses,
    Math.round(costUsd * 1e6),
    priceSource,
  ]);
  assert.deepEqual(shown.toSorted(), [
    ["codex", ROLES.planner, 2, 4500, "provider"],
    ["gateway", ROLES.planner, 2, 4500, "provider"],
  ], stderr);
});

const UsageReport = z.object({
  rows: z.array(z.looseObject({
    client: z.string(),
    model: z.string(),
    responses: z.number(),
    costUsd: z.number(),
    priceSource: z.string(),
  })),
});

Deno.test("without the gateway the same provider refuses the same run", async () => {
  await using setup = await setUp(callTwo, { push: ["--no-gateway"] });
  const run = await setup.ask("planner", ["Follow the script."]);
  assert.notEqual(run.code, 0);
  assert.deepEqual([run.calls, run.messages], [[], []]);
  assert.match(run.errors.join(" "), /Invalid Responses API request: tools: namespace/);
});

/** One grey pixel. */
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==";

Deno.test("a conversation of 50 turns, resumed for each of them, keeps every word, call and image", async () => {
  await using setup = await setUp((outputs, { prompt }) => {
    const turn = Number(/TURN (\d+)/.exec(prompt)?.[1]);
    if (outputs.length > 0 || turn % 4 === 0) return { say: `Done with ${turn}, ${outputs.length} outputs` };
    const list = { name: flat("list_portfolio_files"), arguments: {} };
    const run = { name: "exec_command", arguments: { cmd: `echo out-${turn}` } };
    const calls = [[list], [list, run], [{ name: "view_image", arguments: { path: "pixel.png" } }]];
    return { calls: calls[turn % 4 - 1] ?? [] };
  });
  await Deno.writeFile(join(setup.home.home, "pixel.png"), Uint8Array.fromBase64(PNG));
  let thread = "";
  for (let turn = 1; turn <= 50; turn++) {
    const resume = turn === 1 ? [] : ["resume", thread];
    const run = await setup.ask("tools", [...resume, `TURN ${turn}`]);
    const count = [0, 1, 2, 1][turn % 4];
    assert.deepEqual(
      run.messages,
      [`Done with ${turn}, ${count} outputs`],
      `${run.errors} ${setup.agentos.said().slice(-3000)}`,
    );
    thread = run.thread;
  }
  const last = setup.model.requests.at(-1);
  const turns = (last?.said ?? []).flatMap((text) =>
    [...text.matchAll(/TURN (\d+)/g)].map(([, turn]) => Number(turn))
  );
  assert.deepEqual(turns, Array.from({ length: 50 }, (_, index) => index + 1));
  assert.equal(last?.images, 12);
  const rows = await setup.stopAndRead();
  assert.equal(rows.length, setup.model.requests.length);
  assert.equal(new Set(rows.map(({ response_id }) => response_id)).size, rows.length);
  assert.deepEqual([...new Set(rows.map((row) => row["thread"]))], [thread]);
});

Deno.test("a sub-agent works, and a conversation that is summarised goes on", async () => {
  await using setup = await setUp((outputs, { said, tools }) => {
    const text = said.join("\n");
    const call = (ending: string, args: unknown): ModelStep => ({
      calls: [{ name: tools.find((name) => name.endsWith(ending)) ?? `no ${ending}`, arguments: args }],
      usage: USAGE,
    });
    if (text.includes("PART") && !text.includes("DELEGATE")) {
      return { say: "The part is done.", usage: USAGE };
    }
    const agent = /"agent_id":"([^"]+)"/.exec(outputs.map((output) => output.text).join(""))?.[1];
    const isDelegated = text.includes("subagent_notification");
    if (outputs.length === 0 && text.includes("DELEGATE") && !isDelegated && !text.includes("FILL")) {
      return call("spawn_agent", { message: "PART" });
    }
    if (outputs.length === 1 && agent !== undefined) {
      return call("wait_agent", { targets: [agent], timeout_ms: 20_000 });
    }
    if (outputs.length === 0 && text.includes("FILL") && !text.includes("SUMMARY")) {
      return {
        calls: [{ name: flat("list_portfolio_files"), arguments: {} }],
        usage: { ...USAGE, input: 25_000 },
      };
    }
    return { say: "SUMMARY: all is well.", usage: USAGE };
  }, { codexConfig: "model_auto_compact_token_limit = 20000\nfeatures.multi_agent = true\n" });
  const first = await setup.ask("agentic", ["DELEGATE it."]);
  assert.deepEqual(first.messages, ["SUMMARY: all is well."], `${first.errors} ${setup.agentos.said()}`);
  const reported = setup.model.requests.some(({ said, outputs }) =>
    [...said, ...outputs.map(({ text }) => text)].some((text) => /The part is done/.test(text))
  );
  assert.ok(reported, "the sub-agent's word did not come back");
  const second = await setup.ask("agentic", ["resume", first.thread, "FILL it."]);
  assert.deepEqual([second.code, second.messages.at(-1)], [0, "SUMMARY: all is well."], `${second.errors}`);
  const rows = await setup.stopAndRead();
  const purposes = new Set(rows.map(({ kind, source }) => `${kind} ${source}`));
  assert.ok(purposes.has("turn subagent") && purposes.has("compaction user"), [...purposes].join(", "));
});

Deno.test("a limit ends the turn at once, and its user reads why", async () => {
  await using setup = await setUp(callTwo, { limits: "[gateway.limits]\nmax_cost_per_day_usd = 0.002\n" });
  const run = await setup.ask("planner", ["Follow the script."]);
  assert.notEqual(run.code, 0);
  assert.equal(setup.model.requests.length, 1);
  assert.match(
    run.errors.join(" "),
    /agentos: Your limit for all models is reached: \$0\.00 of \$0\.002 spent today\. Wait until tomorrow/,
  );
});
