/** The rules by which Codex's log lines are responses, each shown by the smallest log that needs it. @module */

import assert from "node:assert/strict";
import fc from "fast-check";
import { readPlainly } from "../../src/usage/lines.ts";
import type { Log } from "../../src/usage/model.ts";
import { codexUsage } from "./usage.ts";

const T0 = Date.parse("2026-09-01T10:00:00.000Z");

/** Input, cached input, output, reasoning. */
type Counts = readonly [number, number, number, number];

const ZERO: Counts = [0, 0, 0, 0];

function plus(a: Counts, b: Counts): Counts {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]];
}

function idOf(number: number): string {
  return `01a05c69-4d00-7000-8000-${String(number).padStart(12, "0")}`;
}

function usage([input, cached, output, reasoning]: Counts, more: object = {}): object {
  return {
    input_tokens: input,
    cached_input_tokens: cached,
    output_tokens: output,
    reasoning_output_tokens: reasoning,
    total_tokens: input + output,
    ...more,
  };
}

/** A line, `seconds` after the beginning. */
function line(seconds: number, type: string, payload: object, more: object = {}): string {
  return JSON.stringify({ timestamp: new Date(T0 + seconds * 1000).toISOString(), ...more, type, payload });
}

function meta(seconds: number, id: number, more: object = {}): string {
  return line(seconds, "session_meta", {
    id: idOf(id),
    timestamp: new Date(T0 + seconds * 1000).toISOString(),
    cwd: "/p",
    model_provider: "openai",
    ...more,
  });
}

function turn(seconds: number, model: string, turnId = `t${seconds}`): readonly string[] {
  return [
    line(seconds, "event_msg", {
      type: "task_started",
      turn_id: turnId,
      started_at: Math.floor(T0 / 1000 + seconds),
    }),
    line(seconds, "turn_context", { turn_id: turnId, model }),
  ];
}

function total(seconds: number, sum: Counts, last?: Counts): string {
  return line(seconds, "event_msg", {
    type: "token_count",
    info: { total_token_usage: usage(sum), ...(last === undefined ? {} : { last_token_usage: usage(last) }) },
    rate_limits: null,
  });
}

function record(seconds: number, response: string, counts: Counts, more: object = {}): string {
  return line(seconds, "token_usage_record", { response_id: response, usage: usage(counts), ...more });
}

function read(lines: readonly string[], name: string): Log {
  const path = `/home/.codex/sessions/2026/09/01/rollout-2026-09-01T10-00-00-${name}.jsonl`;
  const bytes = new TextEncoder().encode(lines.map((text) => `${text}\n`).join(""));
  return { path, events: readPlainly(codexUsage, path, bytes).events };
}

/** Tokens per model of the logs of threads 1, 2, 3 and so on. */
function count(...threads: readonly (readonly string[])[]): Readonly<Record<string, Counts>> {
  return add(threads.map((lines, index) => read(lines, idOf(index + 1))));
}

function add(logs: readonly Log[]): Readonly<Record<string, Counts>> {
  const models: Record<string, Counts> = {};
  for (const { model, tokens } of codexUsage.resolve(logs, false).responses) {
    const { input, cached, output, reasoning } = tokens;
    models[model] = plus(models[model] ?? ZERO, [input, cached, output, reasoning]);
  }
  return models;
}

const A: Counts = [1000, 0, 100, 20];
const B: Counts = [2000, 800, 200, 40];
const C: Counts = [1500, 700, 50, 0];
const AB = plus(A, B);
const ABC = plus(AB, C);

Deno.test("two equal responses in one millisecond are two", () => {
  const twice = plus(A, A);
  assert.deepEqual(count([meta(0, 1), ...turn(1, "m"), total(5, A, A), total(5, twice, A)]), { m: twice });
});

Deno.test("an unchanged total is no usage, whatever the line says of the latest response", () => {
  assert.deepEqual(
    count([meta(0, 1), ...turn(1, "m"), total(5, A, A), total(6, A, A), total(7, A, B), total(8, AB, B)]),
    { m: AB },
  );
});

Deno.test("a response whose line was torn is in the next total", () => {
  assert.deepEqual(
    count([meta(0, 1), ...turn(1, "m"), total(5, A, A), total(6, AB, B).slice(0, 150), total(7, ABC, C)]),
    { m: ABC },
  );
});

Deno.test("an earlier total that comes again out of order is stale", () => {
  const lines = [meta(0, 1), ...turn(1, "m"), total(5, A, A), total(6, AB, B), total(7, A, A)];
  assert.deepEqual(count([...lines, total(8, AB, B), total(9, ABC, C)]), { m: ABC });
  assert.deepEqual(count(lines), { m: AB });
  assert.deepEqual(count([...lines, total(8, ABC, C)]), { m: ABC });
});

Deno.test("a counter that begins anew counts on, also when its first total was seen before", () => {
  const begun = [meta(0, 1), ...turn(1, "m"), total(5, A, A), total(6, AB, B)];
  assert.deepEqual(count([...begun, total(10, C, C), total(11, plus(C, B), B)]), { m: plus(ABC, B) });
  // The first response after the restart is as large as the very first one was.
  assert.deepEqual(count([...begun, total(10, A, A), total(11, plus(A, C), C)]), { m: plus(AB, plus(A, C)) });
  assert.deepEqual(count([...begun, total(10, A, A), total(10.5, A, A), total(11, plus(A, C), C)]), {
    m: plus(AB, plus(A, C)),
  });
  // A total from before the restart comes late.
  assert.deepEqual(count([...begun, total(10, C, C), total(11, AB, B), total(12, plus(C, A), A)]), {
    m: plus(AB, plus(C, A)),
  });
  // Nothing fell: the total is what the latest response alone used.
  const large: Counts = [9000, 900, 900, 90];
  assert.deepEqual(count([...begun, total(10, large, large)]), { m: plus(AB, large) });
});

Deno.test("the first response after a restart counts where it was first told of, however often its total is written again", () => {
  const again = [meta(0, 1), ...turn(1, "m"), total(5, A, A), total(6, AB, B), total(10, A, A)];
  const rest = [total(12, plus(A, C), C)];
  const expected = { m: plus(AB, plus(A, C)) };
  // A total of the same line that says nothing, another turn's model, and both.
  assert.deepEqual(count([...again, total(11, A, ZERO), ...rest]), expected);
  assert.deepEqual(count([...again, ...turn(11, "n"), total(11, A, A), ...rest]), {
    m: plus(AB, A),
    n: C,
  });
  assert.deepEqual(count([...again, ...turn(11, "n"), total(11, A, ZERO), ...rest]), {
    m: plus(AB, A),
    n: C,
  });
});

Deno.test("a context window error sets the total to nothing and is no usage", () => {
  const full = line(7, "event_msg", {
    type: "token_count",
    info: {
      total_token_usage: usage(ZERO, { total_tokens: 258_400 }),
      last_token_usage: usage(ZERO, { total_tokens: 255_100 }),
    },
  });
  assert.deepEqual(
    count([meta(0, 1), ...turn(1, "m"), total(5, A, A), total(6, AB, B), full, total(8, C, C)]),
    { m: ABC },
  );
});

Deno.test("lines that only look like usage are none", () => {
  const quoted = total(5, B, B);
  assert.deepEqual(
    count([
      meta(0, 1),
      ...turn(1, "m"),
      line(2, "response_item", { type: "function_call_output", output: quoted }),
      line(3, "response_item", { type: "token_count", info: { total_token_usage: usage(B) } }),
      line(3, "event_msg", {
        type: "agent_message",
        message: quoted,
        info: { total_token_usage: usage(B) },
      }),
      line(4, "event_msg", { type: "token_count", info: null, rate_limits: {} }),
      line(4, "compacted", {
        message: "",
        replacement_history: [{ type: "token_count", info: { total_token_usage: usage(B) } }],
      }),
      total(5, A, A),
    ]),
    { m: A },
  );
});

Deno.test("keys in another order and with spaces say the same", () => {
  const spaced = (text: string): string => JSON.stringify(JSON.parse(text), null, 1).replaceAll("\n", " ");
  const turned = (text: string): string =>
    JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text)).toReversed()));
  const lines = [meta(0, 1), ...turn(1, "m"), total(5, A, A), record(6, "r", C), total(6, AB, B)];
  const expected = count(lines);
  assert.deepEqual(expected, { m: ABC });
  assert.deepEqual(count(lines.map(spaced)), expected);
  assert.deepEqual(count(lines.map(turned)), expected);
});

Deno.test("usage before any model is unknown; the model is the latest turn's", () => {
  assert.deepEqual(
    count([
      meta(0, 1),
      total(1, A, A),
      ...turn(2, "m1"),
      total(3, AB, B),
      ...turn(4, "m2"),
      total(5, AB, B),
      total(6, ABC, C),
    ]),
    { unknown: A, m1: B, m2: C },
  );
});

Deno.test("a record's model is that of its turn, also when another turn has begun", () => {
  assert.deepEqual(
    count([
      meta(0, 1),
      ...turn(1, "m1", "t1"),
      ...turn(2, "m2", "t2"),
      record(3, "r1", A, { turn_id: "t1" }),
      record(4, "r2", B, { turn_id: "t2" }),
    ]),
    { m1: A, m2: B },
  );
});

Deno.test("records count once by response, with a compaction's; totals count where there are no records", () => {
  const head = [meta(0, 1), ...turn(1, "m")];
  assert.deepEqual(count([...head, record(2, "r1", A), total(2, A, A), record(3, "r1", A)]), { m: A });
  // The total comes first, or lacks the compaction's response.
  assert.deepEqual(count([...head, total(2, A, A), record(2, "r1", A), record(3, "rc", C)]), {
    m: plus(A, C),
  });
  assert.deepEqual(
    count([...head, record(2, "r1", A), total(2, A, A), record(3, "rc", C), total(4, AB, B)]),
    {
      m: ABC,
    },
  );
  // An older version began the thread: its responses have totals alone.
  assert.deepEqual(
    count([...head, total(2, A, A), ...turn(3, "m"), record(4, "r2", B), total(4, AB, B)]),
    { m: AB },
  );
  // One of the two kinds of lines tells what was written to the cache, and the other does not.
  const written = line(2, "token_usage_record", {
    response_id: "r1",
    usage: usage(A, { cache_write_input_tokens: 70 }),
  });
  assert.deepEqual(count([...head, written, total(2, A, A)]), { m: A });
});

const PARENT = [meta(0, 1), ...turn(1, "m", "p1"), total(5, A, A), total(9, AB, B)];

/** The parent's lines with the time of the fork. */
function copyOf(lines: readonly string[], seconds: number): readonly string[] {
  return lines.map((text) =>
    JSON.stringify({ ...JSON.parse(text), timestamp: new Date(T0 + seconds * 1000).toISOString() })
  );
}

Deno.test("a fork that copied its parent's lines counts its own work alone", () => {
  const own = [...turn(60, "n", "c1"), total(61, AB, B), total(65, ABC, C)];
  for (
    const born of [
      { forked_from_id: idOf(1) },
      { parent_thread_id: idOf(1) },
      { source: { subagent: { thread_spawn: { parent_thread_id: idOf(1), depth: 1 } } } },
      // Nothing but the copied session line names the parent.
      {},
    ]
  ) {
    const child = [meta(60, 2, born), ...copyOf(PARENT, 60), ...own];
    assert.deepEqual(count(PARENT, child), { m: AB, n: C }, JSON.stringify(born));
    assert.deepEqual(count([], child), { n: C }, `parent gone, ${JSON.stringify(born)}`);
    const kept = [meta(60, 2, born), ...PARENT, ...own];
    assert.deepEqual(count(PARENT, kept), { m: AB, n: C }, `original times, ${JSON.stringify(born)}`);
    assert.deepEqual(count([], kept), { n: C }, `original times, parent gone, ${JSON.stringify(born)}`);
  }
});

Deno.test("in a fork's first second, and without a time of their own, turns are told apart by their ids", () => {
  const at = (ms: number): string =>
    `${(T0 + ms).toString(16).padStart(12, "0").replace(/^(.{8})/, "$1-")}-7000-8000-000000000001`;
  const child = [
    line(0.5, "session_meta", {
      id: at(500),
      timestamp: new Date(T0 + 500).toISOString(),
      forked_from_id: idOf(1),
    }),
    ...turn(0.5, "m", at(300)),
    total(0.5, AB, B),
    ...turn(0.5, "n", at(520)),
    total(0.6, ABC, C),
  ];
  const untimed = child.map((text) => text.replace(/,"started_at":\d+/, ""));
  for (const lines of [child, untimed]) {
    assert.deepEqual(add([read(lines, at(500))]), { n: C });
  }
});

Deno.test("a total of the parent's that comes again in a child is stale, in its own part and at the end of the copy", () => {
  const own = (seconds: number, base: Counts): readonly string[] => [
    ...turn(seconds, "mini", `c${seconds}`),
    total(seconds + 5, plus(base, B), B),
  ];
  for (const isThere of [true, false]) {
    for (
      const kin of [{ forked_from_id: idOf(1) }, {
        source: { subagent: { thread_spawn: { parent_thread_id: idOf(1) } } },
      }]
    ) {
      const truth = { ...(isThere ? { m: AB } : {}), mini: plus(B, C) };
      for (const again of [total(209, A, A), total(209, AB, B)]) {
        const child = [
          meta(200, 2, kin),
          ...copyOf(PARENT, 200),
          ...own(202, AB),
          again,
          total(211, plus(plus(AB, B), C), C),
        ];
        assert.deepEqual(count(isThere ? PARENT : [], child), truth);
      }
      // The parent's last line was itself one that came again.
      const late = [...PARENT, total(10, A, A)];
      const child = [
        meta(200, 2, kin),
        ...copyOf(late, 200),
        ...own(202, AB),
        total(211, plus(plus(AB, B), C), C),
      ];
      assert.deepEqual(count(isThere ? late : [], child), truth);
      // A child that reads the copy to its end goes on from that line.
      const onward = [
        meta(200, 2, kin),
        ...copyOf(late, 200),
        ...turn(202, "mini", "c202"),
        total(207, plus(A, C), C),
        total(211, plus(plus(A, C), B), B),
      ];
      assert.deepEqual(count(isThere ? late : [], onward), truth);
    }
  }
});

Deno.test("what a child used before a turn that can be read as its own is its own, where the parent never had it", () => {
  const [, second = ""] = turn(202, "mini", "c1");
  const child = [
    meta(200, 2, { forked_from_id: idOf(1) }),
    ...copyOf(PARENT, 200),
    // The line that began the turn is torn.
    second,
    total(207, plus(AB, B), B),
    ...turn(210, "mini", "c2"),
    total(215, plus(plus(AB, B), C), C),
  ];
  assert.deepEqual(count(PARENT, child), { m: AB, mini: plus(B, C) });
});

Deno.test("a fork whose counter begins anew counts its own work alone", () => {
  const child = [
    meta(60, 2, { forked_from_id: idOf(1) }),
    ...copyOf(PARENT, 60),
    ...turn(60, "n", "c1"),
    total(65, C, C),
    total(66, plus(C, B), B),
  ];
  assert.deepEqual(count(PARENT, child), { m: AB, n: plus(C, B) });
  assert.deepEqual(count([], child), { n: plus(C, B) });
});

Deno.test("a fork whose counter begins at nothing counts also what is as large as its parent's first response", () => {
  const child = [
    meta(60, 2, { forked_from_id: idOf(1) }),
    ...turn(61, "n", "c1"),
    total(65, A, A),
    total(66, plus(A, C), C),
  ];
  assert.deepEqual(count(PARENT, child), { m: AB, n: plus(A, C) });
  const copied = [child[0] ?? "", ...copyOf(PARENT, 60), ...child.slice(1)];
  assert.deepEqual(count(PARENT, copied), { m: AB, n: plus(A, C) });
});

Deno.test("without turns, the run of totals that the parent has too is the parent's, or the first second's lines", () => {
  const noTurns = PARENT.filter((text) => !text.includes("task_started"));
  const child = [
    meta(60, 2, { forked_from_id: idOf(1) }),
    ...copyOf(noTurns, 60.2),
    line(62, "turn_context", { model: "n" }),
    total(65, ABC, C),
  ];
  assert.deepEqual(count(noTurns, child), { m: AB, n: C });
  assert.deepEqual(count([], child), { n: C });
});

Deno.test("a torn line, in the copy or in the parent's log, does not make the rest of the copy the child's", () => {
  const ABCA = plus(ABC, A);
  const parent = [
    meta(0, 1),
    line(1, "turn_context", { model: "m" }),
    total(4, A, A),
    total(6, AB, B),
    total(8, ABC, C),
  ];
  const own = [line(62, "turn_context", { model: "n" }), total(65, ABCA, A)];
  const tear = (lines: readonly string[], torn: number): readonly string[] =>
    lines.map((text, index) => index === torn ? text.slice(0, 90) : text);
  for (const torn of [2, 3]) {
    const child = (copied: readonly string[]): readonly string[] => [
      meta(60, 2, { forked_from_id: idOf(1) }),
      ...copyOf(copied, 60.2),
      ...own,
    ];
    assert.deepEqual(
      count(parent, tear(child(parent), torn + 1)),
      { m: ABC, n: A },
      `line ${torn} of the copy`,
    );
    assert.deepEqual(
      count(tear(parent, torn), child(parent)),
      { m: ABC, n: A },
      `line ${torn} of the parent's`,
    );
  }
});

Deno.test("what the parent used after a fork is no sign of a copy, however equal it is to the fork's own work", () => {
  const noTurns = PARENT.filter((text) => !text.includes("task_started"));
  const later = [...noTurns, total(200, ABC, C), total(300, plus(ABC, A), A)];
  const own = [line(62, "turn_context", { model: "n" }), total(65, ABC, C), total(69, plus(ABC, A), A)];
  const copied = [meta(60, 2, { forked_from_id: idOf(1) }), ...copyOf(noTurns, 60.2), ...own];
  assert.deepEqual(count(later, copied), { m: plus(ABC, A), n: plus(C, A) });
  const referred = [meta(60, 2, { forked_from_id: idOf(1) }), ...own];
  assert.deepEqual(count(later, referred), { m: plus(ABC, A), n: plus(C, A) });
});

Deno.test("a fork by reference goes on from its parent's total, whether the parent's log is there or not", () => {
  const child = [meta(60, 2, { forked_from_id: idOf(1) }), ...turn(61, "n", "c1"), total(65, ABC, C)];
  assert.deepEqual(count(PARENT, child), { m: AB, n: C });
  assert.deepEqual(count([], child), { n: C });
});

Deno.test("ordinals tell what is inherited", () => {
  for (
    const born of [
      { subagent_history_start_ordinal: 4, parent_thread_id: idOf(1) },
      { history_base: { thread_id: idOf(1), end_ordinal_exclusive: 4 } },
      { forked_from_id: idOf(1), forked_from_ordinal_exclusive: 4 },
    ]
  ) {
    const lines = [...PARENT.slice(1), ...turn(60, "n", "c1"), total(65, ABC, C)];
    const child = [
      meta(60, 2, born),
      ...lines.map((text, ordinal) => JSON.stringify({ ordinal, ...JSON.parse(text) })),
    ];
    assert.deepEqual(count(PARENT, child), { m: AB, n: C }, JSON.stringify(born));
    assert.deepEqual(count([], child), { n: C }, JSON.stringify(born));
  }
});

Deno.test("siblings count each, however equal their work and its times are", () => {
  const born = { parent_thread_id: idOf(1) };
  for (const later of [0, 30]) {
    const sibling = (id: number, start: number): readonly string[] => [
      meta(start, id, born),
      ...turn(start, "n", `s${id}`),
      total(start + 5, A, A),
      total(start + 9, AB, B),
    ];
    assert.deepEqual(count(PARENT, sibling(2, 60), sibling(3, 60 + later), sibling(4, 60 + 2 * later)), {
      m: AB,
      n: plus(AB, plus(AB, AB)),
    });
  }
});

Deno.test("a sub-agent's counter may begin at nothing or go on from its parent's", () => {
  const born = { source: { subagent: { thread_spawn: { parent_thread_id: idOf(1) } } } };
  const head = [meta(60, 2, born), ...turn(60, "n", "c1")];
  assert.deepEqual(count(PARENT, [...head, total(65, C, C), total(66, plus(C, A), A)]), {
    m: AB,
    n: plus(C, A),
  });
  assert.deepEqual(count(PARENT, [...head, total(65, ABC, C)]), { m: AB, n: C });
  // Its first line is torn: the second one holds both responses.
  assert.deepEqual(count(PARENT, [...head, total(66, plus(C, A), A)]), { m: AB, n: plus(C, A) });
});

Deno.test("copied records are the parent's", () => {
  const parent = [...PARENT.slice(0, 3), record(5, "r1", A, { thread_id: idOf(1) }), total(5, A, A)];
  for (const named of [{}, { thread_id: idOf(1) }]) {
    const child = [
      meta(60, 2, { parent_thread_id: idOf(1) }),
      record(60, "r1", A, named),
      ...turn(60, "n", "c1"),
      record(60.5, "r1", A, named),
      record(65, "r2", C, { thread_id: idOf(2) }),
    ];
    assert.deepEqual(count(parent, child), { m: A, n: C });
  }
});

Deno.test("copies of a session count once, also when one is older or lacks a kind of line", () => {
  const lines = [
    meta(0, 1),
    ...turn(1, "m"),
    total(4, A, A),
    record(4, "r1", A),
    record(6, "r2", B),
    total(6, AB, B),
  ];
  const whole = read(lines, idOf(1));
  for (let length = 3; length <= lines.length; length++) {
    const part = read(lines.slice(0, length), `${idOf(1)}-copy`);
    assert.deepEqual(add([whole, part]), { m: AB }, `${length} lines`);
    assert.deepEqual(add([part, whole]), { m: AB }, `${length} lines first`);
  }
  const { responses } = codexUsage.resolve([whole, read(lines, "renamed")], false);
  assert.deepEqual([...new Set(responses.map(({ session }) => session))], [idOf(1)]);
});

Deno.test("copies of a session count once, also when a line of the first of them is torn", () => {
  const lines = [meta(0, 1), ...turn(1, "m"), total(4, A, A), total(6, AB, B), total(8, ABC, C)];
  const whole = read(lines, idOf(1));
  for (const torn of [4, 5]) {
    const text = lines.map((line, index) => index === torn - 1 ? line.slice(0, 90) : line);
    const part = read(text, `${idOf(1)}-copy`);
    assert.deepEqual(add([part, whole]), { m: ABC }, `line ${torn}`);
    assert.deepEqual(add([whole, part]), { m: ABC }, `line ${torn}`);
  }
});

Deno.test("the provider is the session's, then what its settings say; the speed is the thread's", () => {
  const applied = (seconds: number, settings: object, thread = 1): string =>
    line(seconds, "event_msg", {
      type: "thread_settings_applied",
      thread_id: idOf(thread),
      thread_settings: settings,
    });
  const { responses } = codexUsage.resolve([
    read([
      meta(0, 1, { model_provider: "openrouter" }),
      ...turn(1, "vendor/m:free"),
      total(2, A, A),
      applied(3, { model: "m2", model_provider_id: "openai", service_tier: "priority" }),
      applied(3, { model: "m3", model_provider_id: "other", service_tier: "flex" }, 2),
      total(4, AB, B),
      applied(5, { model: "m2", model_provider_id: "openai", service_tier: null }),
      total(6, ABC, C),
    ], idOf(1)),
  ], false);
  assert.deepEqual(responses.map(({ provider, speed }) => [provider, speed]), [
    ["openrouter", "standard"],
    ["openai", "fast"],
    ["openai", "standard"],
  ]);
});

Deno.test("CODEX_HOME is a list of homes, or of folders of sessions in them", () => {
  const folders = (value: string | undefined): readonly string[] => codexUsage.folders(() => value, "/h");
  assert.deepEqual(folders(undefined), ["/h/.codex/sessions", "/h/.codex/archived_sessions"]);
  assert.deepEqual(folders("~/a/, /b/sessions ,,$HOME/a"), [
    "/h/a/sessions",
    "/h/a/archived_sessions",
    "/b/sessions",
  ]);
});

Deno.test("a log of before the middle of 2025 has a session and no usage", () => {
  const log = read([
    `{"id":"${idOf(1)}","timestamp":"2025-06-01T10:00:00.000Z","instructions":null}`,
    '{"record_type":"state"}',
    '{"type":"message","role":"user","content":[]}',
  ], idOf(1));
  assert.deepEqual(log.events.map(({ kind }) => kind), ["session"]);
  assert.deepEqual(add([log]), {});
});

/** What one thread of a tree does: responses, some of them told again, and how it was born. */
interface Plan {
  readonly parent: number;
  readonly style: "copy" | "reference" | "ordinals" | "agent";
  readonly hasRecords: boolean;
  readonly responses: readonly { readonly counts: Counts; readonly again: number }[];
}

const counts = fc.tuple(
  fc.integer({ min: 1, max: 5000 }),
  fc.nat(900),
  fc.integer({ min: 1, max: 300 }),
  fc.nat(30),
)
  .map((numbers): Counts => [numbers[0] + numbers[1], numbers[1], numbers[2] + numbers[3], numbers[3]]);

const plan: fc.Arbitrary<Plan> = fc.record({
  parent: fc.nat(),
  style: fc.constantFrom("copy", "reference", "ordinals", "agent"),
  hasRecords: fc.boolean(),
  responses: fc.array(fc.record({ counts, again: fc.nat(2) }), { minLength: 1, maxLength: 4 }),
});

/** Writes the logs of a tree of threads as the versions of Codex do, and what was used in truth. */
function grow(plans: readonly Plan[]): { logs: string[][]; truth: Readonly<Record<string, Counts>> } {
  const logs: string[][] = [];
  const sums: Counts[] = [];
  const truth: Record<string, Counts> = {};
  for (const [index, { parent, style, hasRecords, responses }] of plans.entries()) {
    const start = index * 1000;
    const from = index === 0 ? undefined : parent % index;
    const origin = from === undefined ? [] : logs[from] ?? [];
    let sum: Counts = from === undefined || style === "agent" ? ZERO : sums[from] ?? ZERO;
    const model = `m${index}`;
    const fork = { forked_from_id: idOf((from ?? 0) + 1) };
    const birth = style === "agent"
      ? { parent_thread_id: idOf((from ?? 0) + 1) }
      : style === "ordinals"
      ? { ...fork, subagent_history_start_ordinal: origin.length }
      : fork;
    const own: string[] = [...turn(start, model, `turn-${index}`)];
    for (const [at, { counts: used, again }] of responses.entries()) {
      const seconds = start + 10 + at * 10;
      sum = plus(sum, used);
      if (hasRecords) own.push(record(seconds, `r-${index}-${at}`, used, { thread_id: idOf(index + 1) }));
      for (let time = 0; time <= again; time++) own.push(total(seconds + time, sum, used));
      truth[model] = plus(truth[model] ?? ZERO, used);
    }
    const number = (text: string, ordinal: number): string =>
      JSON.stringify({ ordinal, ...JSON.parse(text) });
    const copied = from === undefined || style === "agent" || style === "reference"
      ? []
      : style === "copy"
      ? copyOf(origin, start)
      : origin;
    const lines = [...copied, ...own];
    logs.push([
      meta(start, index + 1, from === undefined ? {} : birth),
      ...(style === "ordinals" ? lines.map(number) : lines),
    ]);
    sums.push(sum);
  }
  return { logs, truth };
}

Deno.test("trees of forks and sub-agents add up to what was used", () => {
  fc.assert(fc.property(fc.array(plan, { minLength: 1, maxLength: 5 }), (plans) => {
    const { logs, truth } = grow(plans);
    assert.deepEqual(count(...logs), truth);
  }));
});

Deno.test("of a run that is broken off and begins again in the parent, the longest part is the parent's", () => {
  const sums = (...numbers: readonly number[]): readonly string[] =>
    numbers.map((number) =>
      line(number, "event_msg", {
        type: "token_count",
        info: { total_token_usage: usage([number, 0, number, 0]) },
      })
    );
  const noTurns = [meta(0, 1), line(1, "turn_context", { model: "m" })];
  const parent = [...noTurns, ...sums(5, 3, 5, 3, 5, 9)];
  const copied = copyOf([...noTurns, ...sums(5, 3, 5, 9)], 60.2);
  const child = [
    meta(60, 2, { forked_from_id: idOf(1) }),
    ...copied,
    line(62, "turn_context", { model: "n" }),
    ...sums(70),
  ];
  assert.deepEqual(count(parent, child)["n"], [61, 0, 61, 0]);
});
