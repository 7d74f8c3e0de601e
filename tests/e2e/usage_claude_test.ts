/**
 * The real Claude Code works against a scripted model, and `agentos usage` says to the token what the model sent, and to
 * the cent what Claude Code itself says it cost: turns with tools, a resumed session under another model, a forked one,
 * sub-agents, and a gateway that names no requests.
 *
 * @module
 */

import assert from "node:assert/strict";
import { z } from "zod";
import { REPORT_SCHEMA } from "../../src/usage/report_schema.ts";
import { findExecutable, type Home, makeHome } from "./agentos.ts";
import {
  type FakeMessages,
  type MessageRequest,
  type MessageStep,
  startFakeMessages,
} from "./fake_messages.ts";
import { installPackage, PACKAGES } from "./install.ts";
import { runProgram } from "./program.ts";

const OPUS = "claude-opus-4-6";
const HAIKU = "claude-haiku-4-5-20251001";

const Ended = z.looseObject({ session_id: z.string(), total_cost_usd: z.number() });

interface Desk extends AsyncDisposable {
  readonly home: Home;
  readonly model: FakeMessages;
  /** Runs `claude -p` and answers what it says at the end. */
  ask(prompt: string, ...args: readonly string[]): Promise<z.infer<typeof Ended>>;
}

async function openDesk(namesRequests: boolean): Promise<Desk> {
  const home = await makeHome();
  let count = 0;
  const model = startFakeMessages((request) => play(request, ++count), namesRequests);
  const path = `${await installPackage(PACKAGES.claude)}/@anthropic-ai/claude-code-linux-x64/claude`;
  return {
    home,
    model,
    async ask(prompt, ...args): Promise<z.infer<typeof Ended>> {
      const { code, stdout, stderr } = await runProgram({
        path,
        args: ["-p", prompt, "--output-format", "json", "--allowedTools", "Bash", ...args],
        cwd: home.root,
        env: {
          ...home.env,
          ANTHROPIC_BASE_URL: model.baseUrl,
          ANTHROPIC_API_KEY: "sk-ant-not-a-real-key",
          CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
        },
      });
      assert.equal(code, 0, stdout + stderr);
      return Ended.parse(JSON.parse(stdout));
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await model[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}

/** What the model does next: the end of the prompt says it. No two responses are alike. */
function play({ last, tools }: MessageRequest, count: number): MessageStep {
  const usage = {
    input: 10 + count,
    cacheRead: 1000 + 3 * count,
    cacheWrite5m: 100 + 5 * count,
    cacheWrite1h: 40 + 7 * count,
    output: 20 + count,
  };
  const say = `answer ${count}`;
  if (/run a tool$/.test(last)) {
    return { say, usage, call: { name: "Bash", input: { command: "echo hi", description: "say hi" } } };
  }
  if (/delegate this$/.test(last)) {
    const name = tools.find((tool) => tool === "Agent" || tool === "Task");
    assert.ok(name !== undefined, tools.join(" "));
    const input = { description: "a part", prompt: "do your part", subagent_type: "general-purpose" };
    return { say, usage, call: { name, input } };
  }
  return { say, usage };
}

/** Responses, input, read from the cache, written to it, output. */
type Counts = readonly [number, number, number, number, number];

function sumAnswers({ answers }: FakeMessages): Readonly<Record<string, Counts>> {
  const sums: Record<string, Counts> = {};
  for (const { model, usage: { input, cacheRead, cacheWrite5m, cacheWrite1h, output } } of answers) {
    const written = cacheWrite5m + cacheWrite1h;
    const [responses, all, read, before, out] = sums[model] ?? [0, 0, 0, 0, 0];
    sums[model] = [
      responses + 1,
      all + input + cacheRead + written,
      read + cacheRead,
      before + written,
      out + output,
    ];
  }
  return sums;
}

async function readUsage(
  { home }: Desk,
  ...flags: readonly string[]
): Promise<z.infer<typeof REPORT_SCHEMA>> {
  const { code, stdout, stderr } = await runProgram({
    path: await findExecutable(),
    args: ["usage", "model", "--json", "--since", "1970-01-01", "--client", "claude", ...flags],
    cwd: home.root,
    env: home.env,
  });
  assert.equal(code, 0, stderr);
  const report = REPORT_SCHEMA.parse(JSON.parse(stdout));
  assert.deepEqual(report.warnings, []);
  return report;
}

/** The answer with the ledger, which grows from step to step, and from the files alone. */
async function assertTrue(desk: Desk, costUsd: number, when: string): Promise<void> {
  for (const flags of [[], ["--no-ledger"]]) {
    const { rows, totals } = await readUsage(desk, ...flags);
    const found = Object.fromEntries(rows.map((row): [string, Counts] => [
      row.model,
      [row.responses, row.inputTokens, row.cachedInputTokens, row.cacheWriteTokens, row.outputTokens],
    ]));
    assert.deepEqual(found, sumAnswers(desk.model), `${when} ${flags.join(" ")}`);
    assert.ok(rows.every(({ provider }) => provider === "anthropic"));
    assert.ok(
      Math.abs((totals.costUsd ?? NaN) - costUsd) < 1e-9,
      `${when}: ${totals.costUsd}, not ${costUsd}`,
    );
  }
}

for (const namesRequests of [true, false]) {
  const of = namesRequests ? "" : " through a gateway that names no requests";
  Deno.test(`usage is what the model sent to Claude Code${of}, and costs what it says`, async () => {
    await using desk = await openDesk(namesRequests);
    const first = await desk.ask("run a tool", "--model", OPUS);
    await assertTrue(desk, first.total_cost_usd, "after a turn with a tool");
    // Claude Code's cost is the whole session's, also of the part that it resumes or forks.
    const resumed = await desk.ask("say more", "--model", HAIKU, "--resume", first.session_id);
    await assertTrue(desk, resumed.total_cost_usd, "after a resume with another model");
    const forked = await desk.ask(
      "say more",
      "--model",
      HAIKU,
      "--resume",
      first.session_id,
      "--fork-session",
    );
    assert.notEqual(forked.session_id, first.session_id);
    await assertTrue(desk, forked.total_cost_usd, "after a fork");
    const delegated = await desk.ask("delegate this", "--model", OPUS);
    assert.ok(desk.model.answers.length >= 7, "the sub-agent did not run");
    await assertTrue(desk, forked.total_cost_usd + delegated.total_cost_usd, "after a sub-agent");
  });
}
