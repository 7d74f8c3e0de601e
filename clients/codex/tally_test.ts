/** A log that is tallied says the same as one that is counted by the rules. @module */

import assert from "node:assert/strict";
import fc from "fast-check";
import type { Response } from "../../src/usage/model.ts";
import { LOG_START } from "../../src/usage/lines.ts";
import { pour } from "../../src/usage/read.ts";
import { logOf } from "../../src/usage/readers.ts";
import { WINDOW_BYTES } from "../../src/usage/scan/engine.ts";
import { openScanner } from "../../src/usage/scan/scanner.ts";
import { listResponses } from "../../src/usage/tallied.ts";
import { codexUsage } from "./usage.ts";

const ID = "01a05c69-4d00-7000-8000-000000000001";
const OTHER = "01a05c69-4d00-7000-8000-000000000002";
const PATH = `/logs/rollout-2026-09-01T10-00-00-${ID}.jsonl`;

interface Counts {
  readonly input: number;
  readonly cached: number;
  readonly output: number;
  readonly reasoning: number;
}

const NONE: Counts = { input: 0, cached: 0, output: 0, reasoning: 0 };

function add(a: Counts, b: Counts): Counts {
  return {
    input: a.input + b.input,
    cached: a.cached + b.cached,
    output: a.output + b.output,
    reasoning: a.reasoning + b.reasoning,
  };
}

function render({ input, cached, output, reasoning }: Counts): string {
  return `{"input_tokens":${input},"cached_input_tokens":${cached},"output_tokens":${output},"reasoning_output_tokens":${reasoning},"total_tokens":${
    input + output
  }}`;
}

/** Writes the lines of a log, one second after another. */
function openLog(): {
  readonly lines: string[];
  line(rest: string): void;
  session(id?: string, more?: string): void;
  turn(turn: string, model: string): void;
  total(last: string | undefined): void;
  respond(own: Counts, record: string | undefined): void;
  readonly total_: { counts: Counts };
} {
  const lines: string[] = [];
  const total_ = { counts: NONE };
  const line = (rest: string): void => {
    const at = new Date(Date.UTC(2026, 8, 1) + lines.length * 1000).toISOString();
    lines.push(`{"timestamp":"${at}",${rest}}`);
  };
  const total = (last: string | undefined): void =>
    line(
      `"type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":${
        render(total_.counts)
      }${
        last === undefined ? "" : `,"last_token_usage":${last}`
      },"model_context_window":9},"rate_limits":null}`,
    );
  return {
    lines,
    total_,
    line,
    total,
    session: (id = ID, more = "") =>
      line(`"type":"session_meta","payload":{"id":"${id}",${more}"cwd":"/p","model_provider":"openai"}`),
    turn: (turn, model) =>
      line(`"type":"turn_context","payload":{"turn_id":"${turn}","cwd":"/p","model":"${model}"}`),
    respond(own, record): void {
      if (record !== undefined) line(record);
      total_.counts = add(total_.counts, own);
      total(render(own));
    },
  };
}

function renderRecord(own: Counts, id: string, turn: string, thread: string = ID): string {
  return `"type":"token_usage_record","payload":{"thread_id":"${thread}","turn_id":"${turn}","response_id":"${id}","usage":${
    render(own)
  }}`;
}

type Counted = Omit<Response, "id" | "names">;

function withoutIds(responses: readonly Response[]): readonly Counted[] {
  return responses.map(({ id: _id, names: _names, ...rest }) => rest);
}

/** Reads a log in pieces, and answers what came of it. */
function read(text: string, windowBytes: number, chunkBytes: number): {
  readonly outcome: "tallied" | "events" | "refused";
  readonly responses: readonly Counted[];
} {
  const bytes = new TextEncoder().encode(text);
  const tally = codexUsage.openTally?.(PATH);
  const scanner = openScanner(codexUsage, PATH, LOG_START, windowBytes, tally);
  for (let at = 0; at < bytes.length; at += chunkBytes) pour(bytes.subarray(at, at + chunkBytes), scanner);
  const reading = scanner.finish();
  const tallied = scanner.tallied();
  return {
    outcome: scanner.outcome(),
    responses: tallied === undefined
      ? withoutIds(codexUsage.count(logOf(PATH, reading), { parents: [], isShared: false }))
      : withoutIds(listResponses({ listed: [], tallied: [tallied] })),
  };
}

/** What the rules say of it. */
function countPlainly(text: string): readonly Counted[] {
  const scanner = openScanner(codexUsage, PATH);
  pour(new TextEncoder().encode(text), scanner);
  const log = logOf(PATH, scanner.finish());
  return withoutIds(codexUsage.count(log, { parents: [], isShared: false }));
}

const counts: fc.Arbitrary<Counts> = fc.record({
  input: fc.integer({ min: 0, max: 5 }),
  cached: fc.integer({ min: 0, max: 2 }),
  output: fc.integer({ min: 0, max: 3 }),
  reasoning: fc.integer({ min: 0, max: 1 }),
});

/** What happens in a log: mostly what is plain, now and then anything. */
const step = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant("recorded" as const), own: counts }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("advance" as const), own: counts }) },
  { weight: 6, arbitrary: fc.constant({ kind: "repeat" as const }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("turn" as const), model: fc.constantFrom("m-1", "m-2", "für") }),
  },
  { weight: 4, arbitrary: fc.constant({ kind: "message" as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: "limits" as const }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom({ kind: "fast" as const }, { kind: "settings of another" as const }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("lone record" as const), own: counts }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        "late record" as const,
        "other counts" as const,
        "record twice" as const,
        "record of another" as const,
        "record of a turn before" as const,
        "advance without last" as const,
        "other last" as const,
        "spaced" as const,
      ),
      own: counts,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      { kind: "anew" as const },
      { kind: "session" as const },
      { kind: "session of another" as const },
      { kind: "broken" as const },
      { kind: "odd number" as const },
      { kind: "no time" as const },
    ),
  },
);

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

function renderLog(steps: readonly Step[], isEnded: boolean, begins: string): string {
  const log = openLog();
  if (begins === "turn") log.turn("turn-0", "m-0");
  if (begins !== "nothing") log.session(ID, begins === "fork" ? `"forked_from_id":"${OTHER}",` : "");
  let turn = 0;
  for (const [index, one] of steps.entries()) {
    const id = `resp_${index}`;
    const current = `turn-${turn}`;
    switch (one.kind) {
      case "recorded":
        log.respond(one.own, renderRecord(one.own, id, current));
        break;
      case "advance":
        log.respond(one.own, undefined);
        break;
      case "repeat":
        log.total(undefined);
        break;
      case "turn":
        turn++;
        log.line(`"type":"event_msg","payload":{"type":"task_started","turn_id":"turn-${turn}"}`);
        log.turn(`turn-${turn}`, one.model);
        break;
      case "message":
        log.line(`"type":"response_item","payload":{"type":"message","text":"\\"type\\":\\"token_count\\""}`);
        break;
      case "limits":
        log.line(
          `"type":"event_msg","payload":{"type":"token_count","info":null,"rate_limits":{"plan":"p"}}`,
        );
        break;
      case "fast":
        log.line(
          `"type":"event_msg","payload":{"type":"thread_settings_applied","thread_id":"${ID}","thread_settings":{"model":"m-3","service_tier":"fast"}}`,
        );
        break;
      case "settings of another":
        log.line(
          `"type":"event_msg","payload":{"type":"thread_settings_applied","thread_id":"${OTHER}","thread_settings":{"model":"m-4","service_tier":"flex"}}`,
        );
        break;
      case "lone record":
        log.line(renderRecord(one.own, id, current));
        break;
      case "late record":
        log.respond(one.own, undefined);
        log.line(renderRecord(one.own, id, current));
        break;
      case "other counts":
        log.respond(one.own, renderRecord({ ...one.own, input: one.own.input + 1 }, id, current));
        break;
      case "record twice":
        log.line(renderRecord(one.own, id, current));
        log.respond(one.own, renderRecord(one.own, id, current));
        break;
      case "record of another":
        log.line(renderRecord(one.own, id, current, OTHER));
        break;
      case "record of a turn before":
        log.respond(one.own, renderRecord(one.own, id, `turn-${Math.max(0, turn - 1)}`));
        break;
      case "advance without last":
        log.total_.counts = add(log.total_.counts, one.own);
        log.total(undefined);
        break;
      case "other last":
        log.total_.counts = add(log.total_.counts, one.own);
        log.total(render({ ...one.own, output: one.own.output + 1 }));
        break;
      case "spaced":
        log.total_.counts = add(log.total_.counts, one.own);
        log.line(
          `"type" : "event_msg", "payload": {"type":"token_count","info":{"total_token_usage": ${
            render(log.total_.counts)
          }}}`,
        );
        break;
      case "anew":
        log.total_.counts = { ...NONE, input: 1 };
        log.total(render(log.total_.counts));
        break;
      case "session":
        log.session();
        break;
      case "session of another":
        log.session(OTHER);
        break;
      case "broken":
        log.lines.push('{"torn":');
        break;
      case "odd number":
        log.line(
          `"type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":{"input_tokens":1e2}}}`,
        );
        break;
      case "no time":
        log.lines.push(
          `{"type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":${
            render(add(log.total_.counts, { ...NONE, input: 1 }))
          }}}}`,
        );
        break;
    }
  }
  return log.lines.join("\n") + (isEnded ? "\n" : "");
}

Deno.test("whatever stands in a log: what is tallied is what the rules count", () => {
  const outcomes = new Map<string, number>();
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 30 }),
      fc.boolean(),
      fc.oneof(
        { weight: 8, arbitrary: fc.constant("session") },
        { weight: 1, arbitrary: fc.constantFrom("turn", "nothing", "fork") },
      ),
      fc.constantFrom(900, 2000, WINDOW_BYTES),
      fc.constantFrom(64, 700, WINDOW_BYTES),
      (steps, isEnded, begins, windowBytes, chunkBytes) => {
        const text = renderLog(steps, isEnded, begins);
        const { outcome, responses } = read(text, windowBytes, chunkBytes);
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        // A log that is refused after its beginning is gone is read anew by who reads it.
        if (outcome !== "refused") assert.deepEqual(responses, countPlainly(text));
      },
    ),
    { numRuns: 1500 },
  );
  for (const outcome of ["tallied", "events", "refused"]) {
    assert.ok((outcomes.get(outcome) ?? 0) > 50, `${outcome}: ${outcomes.get(outcome)}`);
  }
});

Deno.test("a plain log is tallied, with and without records, and in any pieces", () => {
  for (const kind of ["recorded", "advance"] as const) {
    const steps: Step[] = [];
    for (let count = 1; count < 40; count++) {
      const own = { input: 10 * count, cached: count, output: 3, reasoning: 1 };
      if (count % 9 === 1) steps.push({ kind: "turn", model: count % 2 === 0 ? "m-1" : "m-2" });
      steps.push({ kind, own }, { kind: "repeat" }, { kind: "message" });
      if (count % 16 === 0) steps.push({ kind: "limits" }, { kind: "fast" });
    }
    const text = renderLog(steps, true, "session");
    const expected = countPlainly(text);
    assert.equal(expected.length, 39);
    assert.equal(new Set(expected.map(({ model, speed }) => `${model} ${speed}`)).size, 4);
    for (
      const [windowBytes, chunkBytes] of [[900, 100], [4000, 333], [WINDOW_BYTES, WINDOW_BYTES]] as const
    ) {
      assert.deepEqual(read(text, windowBytes, chunkBytes), { outcome: "tallied", responses: expected });
    }
  }
});

Deno.test("a log of more responses than there is room for at once is tallied, up to where ids are no longer kept", () => {
  const own = { input: 10, cached: 1, output: 3, reasoning: 1 };
  const many = (kind: "advance" | "recorded", count: number): string =>
    renderLog(
      [{ kind: "turn", model: "m-1" }, ...Array.from({ length: count }, () => ({ kind, own }))],
      true,
      "session",
    );
  const advances = many("advance", 5000);
  assert.deepEqual(read(advances, WINDOW_BYTES, WINDOW_BYTES), {
    outcome: "tallied",
    responses: countPlainly(advances),
  });
  assert.equal(read(many("recorded", 11_000), WINDOW_BYTES, WINDOW_BYTES).outcome, "tallied");
  assert.equal(read(many("recorded", 13_000), WINDOW_BYTES, WINDOW_BYTES).outcome, "refused");
});
