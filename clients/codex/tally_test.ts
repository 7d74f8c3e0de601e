/** A log that is tallied says the same as one that is counted by the rules. @module */

import assert from "node:assert/strict";
import fc from "fast-check";
import type { FindParent, Log, ParentView, Response } from "../../src/usage/model.ts";
import { LOG_START } from "../../src/usage/lines.ts";
import { pour } from "../../src/usage/read.ts";
import { logOf } from "../../src/usage/readers.ts";
import { WINDOW_BYTES } from "../../src/usage/scan/engine.ts";
import { openScanner } from "../../src/usage/scan/scanner.ts";
import { listResponses } from "../../src/usage/tallied.ts";
import { viewParent } from "./inherited.ts";
import { ID, type Life, OTHER, PLAIN, renderLog, type Step, step } from "./tally_fixture.ts";
import { codexUsage } from "./usage.ts";

type Counted = Omit<Response, "id" | "names">;

function withoutIds(responses: readonly Response[]): readonly Counted[] {
  return responses.map(({ id: _id, names: _names, ...rest }) => rest);
}

const pathOf = (id: string): string => `/logs/rollout-2026-09-01T10-00-00-${id}.jsonl`;

/** Reads a log in pieces, and answers what came of it. */
function read(
  text: string,
  windowBytes: number,
  chunkBytes: number,
  id = ID,
  findParent: FindParent = () => undefined,
): {
  readonly outcome: "tallied" | "events" | "refused";
  readonly responses: readonly Counted[];
  readonly view: ParentView | undefined;
} {
  const bytes = new TextEncoder().encode(text);
  const path = pathOf(id);
  const tally = codexUsage.openTally?.(path, findParent);
  const scanner = openScanner(codexUsage, path, LOG_START, windowBytes, tally);
  for (let at = 0; at < bytes.length; at += chunkBytes) pour(bytes.subarray(at, at + chunkBytes), scanner);
  const reading = scanner.finish();
  const { tallied, view } = scanner.tallied() ?? {};
  return {
    outcome: scanner.outcome(),
    responses: tallied === undefined
      ? withoutIds(codexUsage.count(logOf(path, reading), { parents: [], isShared: false }))
      : withoutIds(listResponses({ listed: [], tallied: [tallied] })),
    view: view?.(),
  };
}

/** What its lines say. */
function readLines(text: string, id = ID): Log {
  const scanner = openScanner(codexUsage, pathOf(id));
  pour(new TextEncoder().encode(text), scanner);
  return logOf(pathOf(id), scanner.finish());
}

/** What the rules say of it. */
function countPlainly(text: string, id = ID, parents: readonly Log[] = []): readonly Counted[] {
  return withoutIds(codexUsage.count(readLines(text, id), { parents, isShared: false }));
}

Deno.test("whatever stands in a log: what is tallied is what the rules count", () => {
  const outcomes = new Map<string, number>();
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 30 }),
      fc.boolean(),
      fc.oneof(
        { weight: 8, arbitrary: fc.constant("session") },
        { weight: 1, arbitrary: fc.constantFrom("turn", "begun", "nothing", "fork") },
      ),
      fc.constantFrom(900, 2000, WINDOW_BYTES),
      fc.constantFrom(64, 700, WINDOW_BYTES),
      (steps, isEnded, begins, windowBytes, chunkBytes) => {
        const { text } = renderLog(steps, isEnded, begins);
        const { outcome, responses, view } = read(text, windowBytes, chunkBytes);
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        // A log that is refused after its beginning is gone is read anew by who reads it.
        if (outcome !== "refused") assert.deepEqual(responses, countPlainly(text));
        // A child asks both for the same.
        if (view !== undefined) {
          const { totals, turns } = viewParent(readLines(text));
          assert.deepEqual({ totals: view.totals, turns: view.turns }, { totals, turns });
        }
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
    const { text } = renderLog(steps, true, "session");
    const expected = countPlainly(text);
    assert.equal(expected.length, 39);
    assert.equal(new Set(expected.map(({ model, speed }) => `${model} ${speed}`)).size, 4);
    for (
      const [windowBytes, chunkBytes] of [[900, 100], [4000, 333], [WINDOW_BYTES, WINDOW_BYTES]] as const
    ) {
      const { outcome, responses } = read(text, windowBytes, chunkBytes);
      assert.deepEqual({ outcome, responses }, { outcome: "tallied", responses: expected });
    }
  }
});

Deno.test("a log whose turns have no names is tallied", () => {
  const own = { input: 10, cached: 1, output: 3, reasoning: 1 };
  const { text } = renderLog(
    [
      { kind: "unnamed turn", model: "m-1" },
      { kind: "advance", own },
      { kind: "unnamed turn", model: "m-5" },
      { kind: "advance", own },
    ],
    true,
    "session",
  );
  const { outcome, responses } = read(text, WINDOW_BYTES, WINDOW_BYTES);
  assert.equal(outcome, "tallied");
  assert.deepEqual(responses.map(({ model }) => model), ["m-1", "m-5"]);
});

Deno.test("a log of more responses than there is room for at once is tallied, up to where ids are no longer kept", () => {
  const own = { input: 10, cached: 1, output: 3, reasoning: 1 };
  const many = (kind: "advance" | "recorded", count: number): string =>
    renderLog(
      [{ kind: "turn", model: "m-1" }, ...Array.from({ length: count }, () => ({ kind, own }))],
      true,
      "session",
    ).text;
  const advances = many("advance", 5000);
  const { outcome, responses, view } = read(advances, WINDOW_BYTES, WINDOW_BYTES);
  assert.deepEqual({ outcome, responses }, { outcome: "tallied", responses: countPlainly(advances) });
  assert.equal(view?.totals.length, 5000);
  assert.equal(read(many("recorded", 11_000), WINDOW_BYTES, WINDOW_BYTES).outcome, "tallied");
  assert.equal(read(many("recorded", 13_000), WINDOW_BYTES, WINDOW_BYTES).outcome, "refused");
});

/** How a child begins: by a copy of its parent's first lines, by reference, or as a sub-agent. */
const birth = fc.record({
  kind: fc.constantFrom("copy", "reference", "agent", "agent of old"),
  copiedShare: fc.double({ min: 0, max: 1, noNaN: true }),
  isParentThere: fc.boolean(),
  /** What stands behind its session line and what is copied. */
  first: fc.constantFrom("turn", "turn", "turn", "begun", "nothing"),
  /** What its log begins with. */
  begins: fc.constantFrom("session", "session", "session", "session", "begun"),
  /** Its total may begin anew, whatever it is said to be. */
  isTotalOwn: fc.boolean(),
});

type Birth = typeof birth extends fc.Arbitrary<infer Value> ? Value : never;

const FIRST_STEPS: Readonly<Record<string, readonly Step[]>> = {
  turn: [{ kind: "turn", model: "m-2" }],
  begun: [{ kind: "begun" }],
};

function beLife({ kind, copiedShare, isTotalOwn }: Birth, parent: ReturnType<typeof renderLog>): Life {
  const isCopy = kind === "copy" || kind === "agent of old";
  const copied = isCopy ? parent.rests.slice(0, Math.round(copiedShare * parent.rests.length)) : [];
  const line = kind === "reference"
    ? `"forked_from_id":"${ID}","history_base":{"thread_id":"${ID}","end_ordinal_exclusive":0},`
    : kind === "agent"
    ? `"parent_thread_id":"${ID}","subagent_history_start_ordinal":1,`
    : kind === "agent of old"
    ? `"source":{"subagent":{"thread_spawn":{"parent_thread_id":"${ID}"}}},`
    : `"forked_from_id":"${ID}",`;
  return {
    ...PLAIN,
    id: OTHER,
    from: 40,
    more: line,
    isNumbered: kind === "reference" || kind === "agent",
    copied,
    total: isTotalOwn ? PLAIN.total : parent.total,
  };
}

Deno.test("whatever a child's log holds, and its parent's: what is tallied is what the rules count", () => {
  const outcomes = new Map<string, number>();
  fc.assert(
    fc.property(
      birth,
      fc.array(step, { maxLength: 12 }),
      fc.array(step, { maxLength: 20 }),
      fc.constantFrom(900, 2000, WINDOW_BYTES),
      (born, parentSteps, steps, windowBytes) => {
        const parent = renderLog([{ kind: "turn", model: "m-1" }, ...parentSteps], true, "session");
        const first: readonly Step[] = FIRST_STEPS[born.first] ?? [];
        const child = renderLog([...first, ...steps], true, born.begins, beLife(born, parent));
        const tallied = read(parent.text, WINDOW_BYTES, WINDOW_BYTES);
        // One that could not be tallied cannot be asked.
        const view = born.isParentThere ? tallied.view ?? "unread" : undefined;
        const findParent = (session: string): typeof view => session === ID ? view : undefined;
        const { outcome, responses, view: own } = read(child.text, windowBytes, 700, OTHER, findParent);
        outcomes.set(`${born.kind} ${outcome}`, (outcomes.get(`${born.kind} ${outcome}`) ?? 0) + 1);
        if (outcome !== "tallied") return;
        const parents = born.isParentThere ? [readLines(parent.text)] : [];
        assert.deepEqual(responses, countPlainly(child.text, OTHER, parents));
        const { totals, turns } = viewParent(readLines(child.text, OTHER));
        assert.deepEqual({ totals: own?.totals, turns: own?.turns }, { totals, turns });
      },
    ),
    { numRuns: 3000 },
  );
  for (const kind of ["copy", "reference", "agent", "agent of old"]) {
    assert.ok((outcomes.get(`${kind} tallied`) ?? 0) > 50, JSON.stringify([...outcomes]));
  }
});
