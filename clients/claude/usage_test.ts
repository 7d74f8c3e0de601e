/** The rules by which Claude Code's log lines are responses, each shown by the smallest log that needs it. @module */

import assert from "node:assert/strict";
import fc from "fast-check";
import { readPlainly } from "../../src/usage/lines.ts";
import type { Log, Response } from "../../src/usage/model.ts";
import { claudeUsage } from "./usage.ts";

const OPUS = "claude-opus-4-6";

/** An answer's line; undefined leaves a key out. */
function answer(
  id: string,
  output: number,
  more: object = {},
  message: object = {},
  usage: object = {},
): string {
  return JSON.stringify({
    parentUuid: null,
    sessionId: "s1",
    cwd: "/p",
    type: "assistant",
    timestamp: "2026-09-01T10:00:00.000Z",
    requestId: `q-${id}`,
    message: {
      id,
      role: "assistant",
      model: OPUS,
      usage: { input_tokens: 10, output_tokens: output, ...usage },
      ...message,
    },
    ...more,
  });
}

function read(path: string, lines: readonly string[]): Log {
  const bytes = new TextEncoder().encode(lines.map((text) => `${text}\n`).join(""));
  return { path, events: readPlainly(claudeUsage, path, bytes).events };
}

function resolve(...files: readonly (readonly string[])[]): readonly Response[] {
  const logs = files.map((lines, index) => read(`/h/.claude/projects/p/s${index + 1}.jsonl`, lines));
  return claudeUsage.resolve(logs, false).responses;
}

/** Output tokens of each response; that is enough where the input plays no part. */
function outputs(...files: readonly (readonly string[])[]): readonly number[] {
  return resolve(...files).map(({ tokens }) => tokens.output).toSorted((a, b) => a - b);
}

Deno.test("of an answer's lines the one with the most output counts, in any order and in all files", () => {
  const lines = [answer("m1", 2), answer("m1", 2), answer("m1", 480), answer("m2", 7)];
  fc.assert(fc.property(fc.shuffledSubarray(lines, { minLength: 4 }), fc.nat(4), (mixed, cut) => {
    assert.deepEqual(outputs(mixed.slice(0, cut), mixed.slice(cut)), [7, 480]);
  }));
});

Deno.test("the message's id alone names an answer where lines have no request id", () => {
  const none = { requestId: undefined };
  assert.deepEqual(outputs([answer("m1", 2, none), answer("m1", 50, none)], [answer("m1", 50, none)]), [50]);
  assert.deepEqual(outputs([answer("m1", 2, none), answer("m1", 50)]), [50]);
  // A gateway may count its messages from one in each session: the request tells them apart.
  assert.deepEqual(outputs([answer("m1", 5, { requestId: "a" }), answer("m1", 6, { requestId: "b" })]), [
    5,
    6,
  ]);
});

Deno.test("lines without a message id count each, but a copy of one does not", () => {
  const bare = (uuid: string): string => answer("", 5, { uuid }, { id: undefined });
  assert.deepEqual(outputs([bare("u1"), bare("u2")], [bare("u1")]), [5, 5]);
});

Deno.test("a sub-agent's answer counts once, though its session's log repeats it as progress", () => {
  const inner = answer("m2", 35, { isSidechain: true }, { model: "claude-haiku-4-5-20251001" });
  const progress = JSON.stringify({
    type: "progress",
    sessionId: "s1",
    data: { type: "agent_progress", message: JSON.parse(inner) },
  });
  const found = resolve([answer("m1", 50), progress, progress], [inner]);
  assert.deepEqual(found.map(({ model, tokens }) => [model, tokens.output]), [
    [OPUS, 50],
    ["claude-haiku-4-5-20251001", 35],
  ]);
});

Deno.test("what no model answered is no usage", () => {
  const usage = { input_tokens: 500, output_tokens: 500 };
  assert.deepEqual(
    outputs([
      answer("m0", 9, {}, { model: "<synthetic>" }),
      answer("m9", 0, {}, {}, { input_tokens: 0 }),
      JSON.stringify({ type: "user", toolUseResult: { usage }, message: { role: "user", content: [] } }),
      JSON.stringify({ toolUseResult: { usage }, message: { content: '"usage"' }, type: "user" }),
      JSON.stringify({ type: "system", message: { usage } }),
      JSON.stringify({ type: "progress", data: { type: "bash_progress", usage } }),
      answer("m1", 3),
    ]),
    [3],
  );
});

Deno.test("input is what was new, what was read from the cache and what was written to it", () => {
  const [first, second, third] = resolve([
    answer("m1", 1, {}, {}, {
      cache_read_input_tokens: 100,
      cache_creation_input_tokens: 30,
      cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 },
    }),
    answer("m2", 1, {}, {}, {
      cache_creation: { ephemeral_5m_input_tokens: 1, ephemeral_1h_input_tokens: 2 },
    }),
    answer("m3", 1, {}, {}, { cache_creation_input_tokens: 5 }),
  ]);
  assert.deepEqual(first?.tokens, {
    input: 140,
    cached: 100,
    cacheWrite: 30,
    cacheWrite1h: 20,
    output: 1,
    reasoning: 0,
  });
  assert.deepEqual([second?.tokens.input, second?.tokens.cacheWrite, second?.tokens.cacheWrite1h], [
    13,
    3,
    2,
  ]);
  assert.deepEqual([third?.tokens.cacheWrite, third?.tokens.cacheWrite1h], [5, 0]);
});

Deno.test("counts beyond all reason stay counts", () => {
  const most = Number.MAX_SAFE_INTEGER;
  const [found] = resolve([
    answer("m1", most, {}, {}, {
      input_tokens: most,
      cache_creation_input_tokens: 1,
      cache_read_input_tokens: most,
    }),
  ]);
  assert.deepEqual([found?.tokens.input, found?.tokens.output], [most, most]);
});

const ARN = "arn:aws:bedrock:us-east-1:123456789012:";

Deno.test("a logged cost, the speed, the model and the provider are the answer's own", () => {
  const found = resolve([
    answer("m1", 1, { costUSD: 0.25 }),
    answer("m1", 2),
    answer("m2", 1, {}, {}, { speed: "fast" }),
    answer("m3", 1, {}, { model: "us.anthropic.claude-opus-4-5-20251101-v1:0" }),
    answer("m3-gov", 1, {}, { model: "us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0" }),
    answer("m3-arn", 1, {}, { model: `${ARN}inference-profile/us.anthropic.claude-opus-4-5-20251101-v1:0` }),
    answer("m3-own", 1, {}, { model: `${ARN}application-inference-profile/abc123` }),
    answer("m4", 1, {}, { model: "vendor/model" }),
    answer("m5", 1, {}, { model: undefined }),
    answer("m6", 1, { type: undefined }),
    answer("m7", 1, { costUSD: -1 }),
  ]);
  assert.deepEqual(found.map(({ provider, model, speed, costUsd }) => [provider, model, speed, costUsd]), [
    ["anthropic", OPUS, "standard", 0.25],
    ["anthropic", OPUS, "fast", undefined],
    ["amazon-bedrock", "us.anthropic.claude-opus-4-5-20251101-v1:0", "standard", undefined],
    ["amazon-bedrock", "us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0", "standard", undefined],
    [
      "amazon-bedrock",
      `${ARN}inference-profile/us.anthropic.claude-opus-4-5-20251101-v1:0`,
      "standard",
      undefined,
    ],
    ["amazon-bedrock", `${ARN}application-inference-profile/abc123`, "standard", undefined],
    ["unknown", "vendor/model", "standard", undefined],
    ["unknown", "unknown", "standard", undefined],
    ["anthropic", OPUS, "standard", undefined],
    ["anthropic", OPUS, "standard", undefined],
  ]);
});

Deno.test("a line without a session or time takes them from its file and its other lines", () => {
  const bare = answer("m1", 9, { sessionId: undefined, timestamp: undefined });
  const log = read("/h/.claude/projects/p/s7/subagents/agent-abc.jsonl", [bare, answer("m1", 2)]);
  const [found] = claudeUsage.resolve([log], false).responses;
  assert.deepEqual([found?.session, found?.at], ["s7", Date.parse("2026-09-01T10:00:00.000Z")]);
});

Deno.test("both places are looked into, or those that CLAUDE_CONFIG_DIR lists", () => {
  const folders = (value: string | undefined): readonly string[] => claudeUsage.folders(() => value, "/h");
  assert.deepEqual(folders(undefined), ["/h/.claude/projects", "/h/.config/claude/projects"]);
  assert.deepEqual(folders("~/a/, $HOME/b/projects,"), ["/h/a/projects", "/h/b/projects"]);
});

Deno.test("of each line of an answer it can be said whether it counts", () => {
  const { findings } = claudeUsage.resolve([read("/p/s1.jsonl", [answer("m1", 2), answer("m1", 480)])], true);
  assert.deepEqual(findings.map(({ line, verdict }) => [line, verdict]), [[1, "repeated"], [2, "counted"]]);
});
