/**
 * The real Codex works, through the executable's gateway, with servers that speak Chat Completions: llama.cpp itself,
 * and a scripted one that refuses whatever is not as published.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { assertPublished } from "../openai_schema.ts";
import { type Agentos, type Home, makeHome, startAgentos } from "./agentos.ts";
import { type ChatScript, type ChatStep, COST_USD, startChatModel, THINKING } from "./chat_model.ts";
import { execCodex, watchCodex, writeCodexConfig } from "./codex.ts";
import { AFTER, CALL_WORD, HELLO, startLlama } from "./llama.ts";
import { readChatProviderLines, readCodexLines, readLocalModelLines } from "./readme.ts";

/** Starts agentos with the back end as README says it, and points Codex at both. */
async function connect(
  home: Home,
  { baseUrl }: { readonly baseUrl: string },
  options: readonly string[] = [],
): Promise<Agentos> {
  await Deno.mkdir(home.state, { mode: 0o700 });
  const config = join(home.state, "config.toml");
  await Deno.writeTextFile(config, await readChatProviderLines(baseUrl), { mode: 0o600 });
  const agentos = await startAgentos(home);
  await writeCodexConfig(
    home,
    [
      'web_search = "disabled"',
      ...options,
      await readLocalModelLines(agentos.url),
      "stream_max_retries = 1",
      "",
      await readCodexLines(agentos.url, "command"),
      "required = true",
      'default_tools_approval_mode = "approve"',
    ].join("\n"),
  );
  return agentos;
}

const LIST = "mcp__agentOS_portfolio__list_portfolio_files";

const CALLS = {
  first: { name: "exec_command", arguments: '{"cmd": "echo alpha"}' },
  second: { name: LIST, arguments: "{}" },
} as const;

Deno.test("llama.cpp thinks and answers, and Codex counts its tokens", async () => {
  await using home = await makeHome();
  await using llama = await startLlama(CALLS);
  await using agentos = await connect(home, llama);
  const run = await execCodex(home, ["Greet me."]);
  assert.deepEqual([run.code, run.messages], [0, [HELLO.text]], `${run.errors} ${agentos.said()}`);
  assert.equal(run.usage?.output_tokens, 13);
  assert.ok(run.usage.input_tokens > 100);
  const seen = await watchCodex(home, ["-c", "show_raw_agent_reasoning=true", "Greet me."]);
  assert.match(seen, new RegExp(`${HELLO.thinking}[^]*${HELLO.text}`));
});

Deno.test("llama.cpp's parallel calls reach a command and a tool of agentos, and it sees both outputs", async () => {
  await using home = await makeHome();
  await using llama = await startLlama(CALLS);
  await using agentos = await connect(home, llama);
  const run = await execCodex(home, [`${CALL_WORD} both.`]);
  assert.deepEqual([run.code, run.messages], [0, [AFTER]], `${run.errors} ${agentos.said()}`);
  assert.deepEqual(run.commands.map(({ output }) => output.trim()), ["alpha"]);
  assert.deepEqual(run.calls.map(({ tool, status }) => `${tool} ${status}`), [
    "list_portfolio_files completed",
  ]);
});

Deno.test("llama.cpp streams through the gateway, and says when it ran out of tokens", async () => {
  await using home = await makeHome();
  await using llama = await startLlama(CALLS);
  await using agentos = await connect(home, llama);
  const ask = async (rest: object): Promise<readonly z.output<typeof Event>[]> => {
    const response = await fetch(new URL("/gateway/local/v1/responses", agentos.url), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        model: "tiny",
        stream: true,
        input: "Greet me.",
        include: ["reasoning.encrypted_content"],
        ...rest,
      }),
    });
    const text = await response.text();
    const data = text.split("\n").filter((line) => line.startsWith("data: ")).map((line) => line.slice(6));
    for (const one of data) assertPublished("ResponsesEvent", JSON.parse(one));
    return data.map((one) => Event.parse(JSON.parse(one)));
  };
  const whole = await ask({});
  assert.deepEqual(whole.map(({ sequence_number }) => sequence_number), whole.map((_, at) => at));
  const deltas = (type: string): string[] =>
    whole.flatMap((event) => event.type === type ? event.delta ?? [] : []);
  assert.deepEqual(deltas("response.output_text.delta"), ["Hello", " from", " a", " tiny", " model."]);
  assert.equal(deltas("response.reasoning_text.delta").join("").trim(), HELLO.thinking);
  assert.equal(whole.at(-1)?.type, "response.completed");
  assert.equal(whole.at(-1)?.response?.usage?.output_tokens, 13);
  const thinking = whole.find(({ type }) => type === "response.output_item.done")?.item;
  assert.match(JSON.stringify(thinking), /encrypted_content.*They greet me/);
  const again = await ask({
    input: [
      { role: "user", content: "Greet me." },
      thinking,
      { type: "function_call", call_id: "a", name: "now", arguments: "" },
      { type: "function_call_output", call_id: "a", output: "noon" },
    ],
    tools: [{ type: "function", name: "now", parameters: { type: "object", properties: {} } }],
  });
  assert.match(JSON.stringify(again.at(-1)), new RegExp(AFTER));
  const cut = (await ask({ max_output_tokens: 9 })).at(-1);
  assert.deepEqual([cut?.type, cut?.response?.usage?.output_tokens], ["response.incomplete", 9]);
});

const Event = z.looseObject({
  type: z.string(),
  sequence_number: z.number(),
  delta: z.string().optional(),
  item: z.unknown().optional(),
  response: z.looseObject({
    usage: z.looseObject({ output_tokens: z.number() }).nullable(),
  }).optional(),
});

/** One grey pixel. */
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==";

/** What the model does in its n-th turn: it only speaks, runs a command, calls two tools at once, or looks at an image. */
const turns: ChatScript = (outputs, { messages }) => {
  const said = messages.filter(({ role }) => role === "user").flatMap(({ text }) =>
    text.match(/TURN \d+/g) ?? []
  );
  const turn = Number(said.at(-1)?.slice(5));
  if (outputs.length > 0 || turn % 4 === 0) return { say: `Done with ${turn} — ✓ ${outputs.length}` };
  const run = { name: "exec_command", arguments: { cmd: `echo out-${turn}` } };
  if (turn % 4 === 1) return { calls: [run] };
  if (turn % 4 === 2) return { calls: [run, { name: LIST, arguments: {} }] };
  return { calls: [{ name: "view_image", arguments: { path: "pixel.png" } }] };
};

Deno.test("a conversation of 20 turns keeps every word, call, output and image, resumed for each of them", async () => {
  await using home = await makeHome();
  await Deno.writeFile(join(home.home, "pixel.png"), Uint8Array.fromBase64(PNG));
  await using model = startChatModel(turns);
  await using agentos = await connect(home, model);
  let thread = "";
  for (let turn = 1; turn <= 20; turn++) {
    const run = await execCodex(home, [...(turn === 1 ? [] : ["resume", thread]), `TURN ${turn}`]);
    const count = [0, 1, 2, 1][turn % 4];
    assert.deepEqual(run.messages, [`Done with ${turn} — ✓ ${count}`], `${run.errors} ${agentos.said()}`);
    thread = run.thread;
  }
  assert.deepEqual(model.faults, []);
  assert.equal(model.requests.length, 35);
  const { messages, rest } = model.requests.at(-1) ?? assert.fail();
  assert.deepEqual(rest["stream_options"], { include_usage: true });
  assert.equal(rest["parallel_tool_calls"], true);
  assert.ok(!("store" in rest) && !("include" in rest) && !("prompt_cache_key" in rest));
  assert.deepEqual(messages.map(({ role }) => role).filter((role) => role === "system"), ["system"]);
  const numbers = (of: string): number[] =>
    messages.flatMap(({ role, text }) =>
      role === of ? [...text.matchAll(/(?:TURN|out-|Done with) ?(\d+)/g)].map(([, n]) => Number(n)) : []
    );
  const all = Array.from({ length: 20 }, (_, at) => at + 1);
  assert.deepEqual(numbers("user"), all);
  assert.deepEqual(numbers("assistant"), all.slice(0, 19));
  assert.deepEqual(numbers("tool"), all.filter((turn) => turn % 4 === 1 || turn % 4 === 2));
  assert.equal(
    messages.filter(({ callId, text }) => callId !== undefined && text.includes("identity")).length,
    5,
  );
  assert.deepEqual(messages.flatMap(({ images }) => images).length, 5);

  await agentos.stop();
  const rows = readModelRequests(home);
  assert.equal(rows.length, 35);
  assert.equal(new Set(rows.map((row) => row.response_id)).size, 35);
  for (const { response_id: _, ...row } of rows) {
    assert.deepEqual(row, {
      provider: "local",
      thread,
      model_asked: "qwen3-coder",
      model_served: "qwen3-coder",
      status: 200,
      error: null,
      input_tokens: 1000,
      cached_tokens: 600,
      output_tokens: 50,
      reasoning_tokens: 20,
      cost_usd: COST_USD,
    });
  }

  // Thinking goes back while the model works on the same request of the user, and not after.
  const [, second] = model.requests;
  assert.deepEqual(second?.messages.map(({ thinking }) => thinking).filter((one) => one !== undefined), [
    THINKING,
  ]);
  assert.deepEqual(messages.map(({ thinking }) => thinking).filter((one) => one !== undefined), []);
});

const ModelRequestRow = z.object({
  provider: z.string(),
  thread: z.string(),
  model_asked: z.string(),
  model_served: z.string().nullable(),
  response_id: z.string(),
  status: z.number(),
  error: z.string().nullable(),
  input_tokens: z.number(),
  cached_tokens: z.number(),
  output_tokens: z.number(),
  reasoning_tokens: z.number(),
  cost_usd: z.number(),
});

/** What the ledger has of the gateway, oldest first. */
function readModelRequests(home: Home): readonly z.output<typeof ModelRequestRow>[] {
  const database = new DatabaseSync(join(home.state, "agentos.db"), { readOnly: true });
  try {
    const columns = Object.keys(ModelRequestRow.shape).join(", ");
    const rows = database.prepare(`SELECT ${columns} FROM model_requests ORDER BY id`).all();
    return rows.map((row) => ModelRequestRow.parse(row));
  } finally {
    database.close();
  }
}

Deno.test("a sub-agent works, and a conversation that is summarised goes on", async () => {
  await using home = await makeHome();
  await using model = startChatModel((outputs, { messages, tools }) => {
    const said = messages.filter(({ role }) => role === "user").map(({ text }) => text).join("\n");
    const call = (ending: string, args: object): ChatStep => {
      const name = tools.find((one) => one.endsWith(ending));
      return name === undefined
        ? { say: `no ${ending}` }
        : { calls: [{ name, arguments: args }], usage: USAGE };
    };
    if (said.includes("PART") && !said.includes("DELEGATE")) {
      return { say: "The part is done.", usage: USAGE };
    }
    const agent = /"agent_id":"([^"]+)"/.exec(outputs.map(({ text }) => text).join(""))?.[1];
    if (outputs.length === 0 && said.includes("DELEGATE") && !said.includes("FILL")) {
      return call("spawn_agent", { message: "PART" });
    }
    if (outputs.length === 1 && agent !== undefined) {
      return call("wait_agent", { targets: [agent], timeout_ms: 20_000 });
    }
    if (outputs.length === 0 && said.includes("FILL") && !said.includes("SUMMARY")) {
      return {
        calls: [{ name: "exec_command", arguments: { cmd: "echo full" } }],
        usage: { ...USAGE, input: 25_000 },
      };
    }
    return { say: "SUMMARY: all is well.", usage: USAGE };
  });
  await using agentos = await connect(home, model, [
    "model_auto_compact_token_limit = 20000",
    "features.multi_agent = true",
  ]);
  const first = await execCodex(home, ["DELEGATE it."]);
  assert.deepEqual(first.messages, ["SUMMARY: all is well."], `${first.errors} ${agentos.said()}`);
  const before = model.requests.length;
  assert.ok(model.requests.some(({ messages }) => messages.at(-1)?.text.includes("The part is done.")));
  const second = await execCodex(home, ["resume", first.thread, "FILL it."]);
  assert.deepEqual([second.code, second.messages.at(-1)], [0, "SUMMARY: all is well."], `${second.errors}`);
  const [asked, summary, after] = model.requests.slice(before);
  assert.ok(asked !== undefined && summary !== undefined && after !== undefined, "nothing was summarised");
  assert.ok(after.messages.length < summary.messages.length);
  assert.match(after.messages.at(-1)?.text ?? "", /SUMMARY: all is well/);
  assert.deepEqual(model.faults, []);
});

const USAGE = { input: 1000, cached: 0, output: 10, reasoning: 0 };

Deno.test("what a server refuses with is what the user reads, and only what may pass is asked again", async () => {
  await using home = await makeHome();
  let refusals: ChatStep[] = [];
  await using model = startChatModel(() => refusals.shift() ?? { say: "Fine." });
  await using _agentos = await connect(home, model);
  const run = async (
    ...steps: ChatStep[]
  ): Promise<[messages: readonly string[], error: string, requests: number]> => {
    refusals = steps;
    const before = model.requests.length;
    const { messages, errors } = await execCodex(home, ["Go on."]);
    return [messages, errors.at(-1) ?? "", model.requests.length - before];
  };
  const missing = { error: { message: 'model "tiny" not found, try pulling it first', type: "api_error" } };
  assert.deepEqual(await run({ refuse: 404, body: missing }), [
    [],
    'The model\'s server answered 404: model "tiny" not found, try pulling it first',
    1,
  ]);
  const tooLong = { error: { code: 400, message: "it is too much", type: "exceed_context_size_error" } };
  const [, outOfRoom, asked] = await run({ refuse: 400, body: tooLong });
  assert.match(outOfRoom, /ran out of room in the model's context window/);
  assert.equal(asked, 1);
  const template = { error: { code: 500, message: "Jinja Exception: no", type: "server_error" } };
  const [, failed] = await run({ refuse: 500, body: template }, { refuse: 500, body: template });
  assert.match(failed, /The model's server answered 500: Jinja Exception: no/);
  const slow = { refuse: 429, body: { error: { message: "Slow down." } }, headers: { "retry-after": "1" } };
  const [answers, , twice] = await run(slow);
  assert.deepEqual([answers, twice], [["Fine."], 2]);
});

Deno.test("a call is carried out only when its answer is whole", async () => {
  await using home = await makeHome();
  const steps: ChatStep[] = [];
  await using model = startChatModel(() => steps.shift() ?? { say: "Fine." });
  await using _agentos = await connect(home, model);
  const touched = join(home.home, "touched");
  const delta = { tool_calls: [{ index: 0, id: "a", function: { name: "exec_command", arguments: "" } }] };
  const rest = {
    tool_calls: [{ index: 0, function: { arguments: JSON.stringify({ cmd: `touch ${touched}` }) } }],
  };
  const chunk = (part: object, finish_reason: string | null = null): string =>
    `data: ${JSON.stringify({ choices: [{ index: 0, delta: part, finish_reason }] })}\n\n`;
  const call = chunk(delta) + chunk(rest);
  const broken: readonly (readonly [string, stream: string, sentence: RegExp])[] = [
    ["ran out of tokens", `${call}${chunk({}, "length")}data: [DONE]\n\n`, /reason: max_output_tokens/],
    [
      "was filtered",
      `${call}${chunk({}, "content_filter")}data: [DONE]\n\n`,
      /content filter did not let it pass/,
    ],
    ["broke off", call, /ended the connection in the middle of its answer/],
    ["failed", `${call}data: {"error":{"message":"slot lost","code":500}}\n\n`, /slot lost/],
    ["babbled", `${call}data: <html>\n\n`, /a piece of its answer that is no JSON/],
  ];
  for (const [how, stream, sentence] of broken) {
    // Where it is asked again, the second answer is as bad.
    steps.splice(0, steps.length, { stream }, { stream });
    const run = await execCodex(home, ["--sandbox", "danger-full-access", "Touch it."]);
    assert.match(run.errors.at(-1) ?? "", sentence, how);
    assert.deepEqual([run.commands, run.messages], [[], []], how);
  }
  await assert.rejects(Deno.stat(touched), Deno.errors.NotFound);
  steps.splice(0, steps.length, { stream: `${call}${chunk({}, "tool_calls")}data: [DONE]\n\n` });
  assert.deepEqual((await execCodex(home, ["--sandbox", "danger-full-access", "Touch it."])).messages, [
    "Fine.",
  ]);
  assert.equal((await Deno.stat(touched)).isFile, true);
});
