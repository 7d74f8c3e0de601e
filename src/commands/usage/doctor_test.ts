/** `agentos usage doctor` over a home in which everything is odd, and a report that has nothing to tell. @module */

import assert from "node:assert/strict";
import { openUsageHome } from "../../../tests/usage_sandbox.ts";
import { objectOf } from "../../base/json_fields.ts";

const LOGS = ".codex/sessions";

const idOf = (number: number): string => `01a05c69-4d00-7000-8000-00000000000${number}`;

function line(time: string | undefined, type: string, payload: object): string {
  return JSON.stringify({ ...(time === undefined ? {} : { timestamp: time }), type, payload });
}

function meta(number: number, more: object = {}): string {
  return line("2026-09-01T10:00:00.000Z", "session_meta", { id: idOf(number), cwd: "/p", ...more });
}

function total(time: string | undefined, input: number): string {
  const usage = { input_tokens: input, output_tokens: 1 };
  return line(time, "event_msg", { type: "token_count", info: { total_token_usage: usage } });
}

const MODEL = line("2026-09-01T10:00:00.000Z", "turn_context", { model: "in-house" });

Deno.test("the doctor names everything that may make the numbers wrong, with file and line", async () => {
  await using world = await openUsageHome();
  const later = new Date(Date.now() + 10 * 86_400_000).toISOString();
  const odd = await world.write(
    `${LOGS}/rollout-${idOf(1)}.jsonl`,
    meta(1),
    MODEL,
    total("2026-09-01T10:00:00.000Z", 100),
    total("2026-09-01T08:00:00.000Z", 200),
    total(later, 300),
    total("1999-09-01T08:00:00.000Z", 400),
    "torn {",
  );
  const old = await world.write(
    `${LOGS}/rollout-${idOf(2)}.jsonl`,
    `{"id":"${idOf(2)}","timestamp":"2025-05-01T10:00:00.000Z","instructions":null}`,
    '{"type":"message","role":"user","content":[]}',
  );
  const parent = await world.write(`${LOGS}/rollout-${idOf(3)}.jsonl`, meta(3), MODEL);
  await world.write(
    `${LOGS}/rollout-${idOf(4)}.jsonl`,
    meta(4, { source: { subagent: { thread_spawn: { parent_thread_id: idOf(3) } } } }),
    total("2026-09-01T10:00:09.000Z", 50),
  );
  const copy = await world.write(
    `${LOGS}/z-copy/rollout-${idOf(1)}.jsonl`,
    meta(1),
    total("2026-09-01T10:00:00.000Z", 100),
  );
  const lost = await world.write(
    `${LOGS}/rollout-${idOf(5)}.jsonl`,
    meta(5),
    total("2026-09-01T10:00:00.000Z", 7),
  );
  assert.match(await world.ask("model", "--since", "1970-01-01"), /^Total +6 +457 /m);
  await Deno.remove(lost);
  const said = (await world.ask("doctor")).split("\n");
  const says = (text: string): void =>
    assert.ok(said.includes(text), `${text}\n\nis not in\n\n${said.join("\n")}`);
  says("Codex CLI: 5 files, 6 responses");
  says(`  looked in ${world.home}/${LOGS}`);
  says("  3 files without usage:");
  says(`    ${old}: no line tells of tokens; some versions of the agent write none`);
  says(`    ${parent}: its work was handed on, and is in the log of the session that did it`);
  says(`    ${copy}: all its token counts are duplicate`);
  says("  1 only in the ledger, the file is gone:");
  says(`    ${lost}`);
  says("  3 odd clocks:");
  says(`    ${odd}:4: a response at 2026-09-01T08:00:00.000Z, after one at 2026-09-01T10:00:00.000Z`);
  says(`    ${odd}:5: a response at ${later}, in the future`);
  says(`    ${odd}:6: a response at 1999-09-01T08:00:00.000Z, before there were such agents`);
  says("1 line or file that could not be read:");
  says(`  ${odd}:7: the line is cut off or is no JSON object`);
  says("  openai/in-house: 4 responses");
  says("Claude Code: 0 files, 0 responses");

  const { prices, ...rest } = objectOf(JSON.parse(await world.ask("doctor", "--json")));
  assert.deepEqual(Object.keys(objectOf(prices)), ["source", "date"]);
  const clock = (line: number, message: string): object => ({ file: odd, line, code: "clock", message });
  const claude = { client: "claude", title: "Claude Code", files: 0, responses: 0 };
  assert.deepEqual(rest, {
    schema: 1,
    clients: [{
      client: "codex",
      title: "Codex CLI",
      files: 5,
      responses: 6,
      folders: [`${world.home}/${LOGS}`, `${world.home}/.codex/archived_sessions`],
      withoutUsage: [
        { file: old, reason: "no line tells of tokens; some versions of the agent write none" },
        { file: parent, reason: "its work was handed on, and is in the log of the session that did it" },
        { file: copy, reason: "all its token counts are duplicate" },
      ],
      gone: [lost],
      oddClocks: [
        clock(4, "a response at 2026-09-01T08:00:00.000Z, after one at 2026-09-01T10:00:00.000Z"),
        clock(5, `a response at ${later}, in the future`),
        clock(6, "a response at 1999-09-01T08:00:00.000Z, before there were such agents"),
      ],
    }, {
      ...claude,
      folders: [`${world.home}/.claude/projects`, `${world.home}/.config/claude/projects`],
      withoutUsage: [],
      gone: [],
      oddClocks: [],
    }],
    warnings: [{
      file: odd,
      line: 7,
      code: "broken-line",
      message: "the line is cut off or is no JSON object",
    }],
    unpriced: [
      { client: "codex", provider: "openai", model: "in-house", speed: "standard", responses: 4 },
      { client: "codex", provider: "openai", model: "unknown", speed: "standard", responses: 2 },
    ],
  });
});

Deno.test("what logs say moves no cursor: neither in what the doctor says, nor in what is explained", async () => {
  await using world = await openUsageHome();
  await world.write(
    `${LOGS}/rollout-${idOf(1)}.jsonl`,
    meta(1, { model_provider: "no\u001b[2Jbody" }),
    line("2026-09-01T10:00:00.000Z", "turn_context", { model: "a\u001b[31mb\nTotal 0" }),
    total("2026-09-01T10:00:01.000Z", 100),
  );
  const doctor = await world.ask("doctor");
  const explained = await world.ask("--explain", idOf(1));
  assert.match(doctor, /^1 model without a price:\n {2}no�\[2Jbody\/a�\[31mb�Total 0: 1 response$/m);
  assert.match(explained, /a�\[31mb�Total 0: a response of this session$/m);
  for (const said of [doctor, explained]) assert.doesNotMatch(said, /[^\P{Cc}\n]/u);
});

Deno.test("logs that tell of no tokens are a warning, and no silent nothing", async () => {
  await using world = await openUsageHome();
  await world.write(
    `${LOGS}/rollout-old.jsonl`,
    `{"id":"${idOf(2)}","timestamp":"2025-05-01T10:00:00.000Z","instructions":null}`,
  );
  assert.deepEqual(objectOf(JSON.parse(await world.ask("--json")))["warnings"], [{
    file: `${world.home}/${LOGS}`,
    code: "no-usage",
    message: "the one log here tells of no tokens; some versions of the agent write none",
  }]);
  assert.match(
    await world.ask(),
    /^No usage found in this range\.\n\n1 warning: .*\/sessions: the one log here/,
  );
});
