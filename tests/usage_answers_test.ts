/**
 * The whole answers of `agentos usage`, as a program and a person get them: every report over the logs of two clients,
 * held to `golden/usage.json`, and all of them adding up to the same.
 *
 * `UPDATE_GOLDEN=1` writes the file anew.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { REPORT_SCHEMA } from "../src/usage/report_schema.ts";
import { openUsageHome } from "./usage_sandbox.ts";

const ROOT = resolve(import.meta.dirname ?? ".", "..");
const GOLDEN = join(ROOT, "tests", "golden", "usage.json");

const THREADS = ["01a17000-0000-7000-8000-000000000001", "01a17000-0000-7000-8000-000000000002"] as const;

function codexLine(time: string, type: string, payload: object): string {
  return JSON.stringify({ timestamp: `${time}Z`, type, payload });
}

function codexTotal(time: string, input: number, cached: number, output: number, reasoning: number): string {
  return codexLine(time, "event_msg", {
    type: "token_count",
    info: {
      total_token_usage: {
        input_tokens: input,
        cached_input_tokens: cached,
        output_tokens: output,
        reasoning_output_tokens: reasoning,
      },
    },
  });
}

function claudeLine(time: string, id: string, usage: object, more: object = {}): string {
  return JSON.stringify({
    type: "assistant",
    sessionId: "c1a0de00",
    cwd: "/work/site",
    timestamp: `${time}Z`,
    requestId: `req_${id}`,
    message: { id, role: "assistant", model: "claude-opus-4-6", usage, ...more },
  });
}

/** README shows the table of these. In Berlin, 25 October 2026 has 25 hours: it begins at 22:00 UTC of the day before, and ends at 23:00. */
const LOGS: Readonly<Record<string, readonly string[]>> = {
  [`.codex/sessions/2026/10/24/rollout-2026-10-24T23-50-00-${THREADS[0]}.jsonl`]: [
    codexLine("2026-10-24T21:50:00.000", "session_meta", {
      id: THREADS[0],
      cwd: "/work/shop",
      model_provider: "openrouter",
    }),
    codexLine("2026-10-24T21:50:01.000", "turn_context", { model: "deepseek/deepseek-v4-flash" }),
    codexTotal("2026-10-24T21:59:59.000", 1_284_300, 1_007_616, 21_480, 9_500),
    codexTotal("2026-10-24T22:00:00.000", 3_902_118, 3_244_032, 58_233, 24_190),
    codexLine("2026-10-25T21:00:00.000", "turn_context", { model: "qwen/qwen3-coder:free" }),
    codexTotal("2026-10-25T22:59:59.000", 4_310_002, 3_244_032, 66_004, 24_190),
    "this line is broken",
    codexTotal("2026-10-25T23:00:00.000", 4_402_771, 3_244_032, 67_120, 24_190),
  ],
  [`.codex/archived_sessions/rollout-2026-10-27T09-00-00-${THREADS[1]}.jsonl`]: [
    codexLine("2026-10-27T08:00:00.000", "session_meta", {
      id: THREADS[1],
      cwd: "/work/site",
      model_provider: "openai",
    }),
    codexTotal("2026-10-27T08:00:05.000", 12_400, 0, 310, 128),
    codexLine("2026-10-27T08:01:00.000", "turn_context", { model: "gpt-5.2-codex" }),
    codexTotal("2026-10-27T08:01:05.000", 412_400, 330_752, 9_310, 5_128),
    codexLine("2026-10-27T08:02:00.000", "turn_context", { model: "in-house-model" }),
    codexTotal("2026-10-27T08:02:05.000", 430_000, 330_752, 9_800, 5_128),
  ],
  ".claude/projects/-work-site/c1a0de00.jsonl": [
    claudeLine("2026-10-27T09:00:00.000", "m1", { input_tokens: 2200, output_tokens: 1 }),
    claudeLine("2026-10-27T09:00:01.000", "m1", { input_tokens: 2200, output_tokens: 1830 }),
    claudeLine("2026-10-27T09:05:00.000", "m2", {
      input_tokens: 1200,
      cache_read_input_tokens: 184_000,
      cache_creation_input_tokens: 21_000,
      cache_creation: { ephemeral_5m_input_tokens: 12_600, ephemeral_1h_input_tokens: 8400 },
      output_tokens: 4100,
    }),
    claudeLine("2026-10-27T09:06:00.000", "m3", { input_tokens: 3100, output_tokens: 900, speed: "fast" }),
  ],
};

const ALL = ["--since", "1970-01-01"] as const;

const QUESTIONS: readonly (readonly string[])[] = [
  ["daily", ...ALL],
  ["weekly", ...ALL],
  ["monthly", ...ALL],
  ["session", ...ALL],
  ["project", ...ALL],
  ["model", ...ALL],
  ["--by", "day,project", ...ALL],
  ["--by", "client", ...ALL],
  ["--by", "provider,month", ...ALL],
  ["daily", ...ALL, "--timezone", "America/Los_Angeles"],
];

const NARROWED: readonly (readonly string[])[] = [
  ["--since", "2026-10-25", "--until", "2026-10-25"],
  ["model", ...ALL, "--no-cost", "--client", "claude"],
  ["model", ...ALL, "--model", "qwen/qwen3-coder:free", "--project", "shop", "--session", "01a17"],
];

Deno.test("every report is as it was, is schema 1, and adds up to the same", async () => {
  await using world = await openUsageHome();
  for (const [path, lines] of Object.entries(LOGS)) await world.write(path, ...lines);
  const ask = async (...args: readonly string[]): Promise<string> =>
    (await world.ask(...args)).replaceAll(world.home, "$HOME").trimEnd();
  const found: Record<string, unknown> = {};
  const totals = new Set<string>();
  for (const question of [...QUESTIONS, ...NARROWED]) {
    const { generatedAt, ...report } = REPORT_SCHEMA.parse(
      JSON.parse(await ask(...question, "--json")),
    );
    assert.ok(Math.abs(Date.parse(generatedAt) - Date.now()) < 60_000);
    found[question.join(" ")] = report;
    if (!QUESTIONS.includes(question)) continue;
    totals.add(JSON.stringify(report.totals));
    for (const key of ["responses", "inputTokens", "outputTokens", "reasoningTokens"] as const) {
      assert.equal(report.rows.reduce((sum, row) => sum + row[key], 0), report.totals[key]);
    }
  }
  assert.equal(totals.size, 1, [...totals].join("\n"));
  found["table"] = (await ask(...ALL)).split("\n");
  found["csv"] = (await ask("project", ...ALL, "--csv")).split("\n");
  await assertGolden(found);
});

async function assertGolden(found: Readonly<Record<string, unknown>>): Promise<void> {
  if (Deno.env.get("UPDATE_GOLDEN") === "1") {
    await Deno.writeTextFile(GOLDEN, `${JSON.stringify(found, null, 2)}\n`);
  }
  assert.deepEqual(found, JSON.parse(await Deno.readTextFile(GOLDEN)));
}
