/**
 * The laws of every way in which our part can sit in a file: random files of users', random contents of ours, and a
 * corpus of awkward documents. Formats are values in, values out, so nothing is written here.
 *
 * @module
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import type { Format, FormatInput, FormatOutcome } from "../src/sync/formats/format.ts";
import { BLOCK_BEGIN, BLOCK_END } from "../src/sync/formats/managed_block.ts";
import { MARKDOWN_BEGIN, MARKDOWN_END } from "../src/sync/formats/markdown_block.ts";
import { FORMATS } from "../src/sync/formats/mod.ts";
import { isTomlTable, parseToml, valueAt, valuesEqual } from "../src/base/toml_values.ts";
import type { AppliedEntry, FormatId } from "../src/sync/model.ts";
import { tomlFiles, tomlFragments } from "./toml_arbitrary.ts";
import { TOML_CORPUS } from "./toml_corpus.ts";

/** What a user may have where an entry of a format goes, and what we may put there. */
interface Sample {
  readonly users: fc.Arbitrary<string | undefined>;
  readonly contents: fc.Arbitrary<string>;
  /** The lines around our part; undefined when the whole file is ours. */
  readonly markers: readonly [string, string] | undefined;
}

const prose = fc.array(
  fc.constantFrom(
    "# Title",
    "text",
    "",
    "- item",
    "```",
    "é 🦕",
    `see ${MARKDOWN_BEGIN} there`,
    "<!-- mine -->",
  ),
  { maxLength: 8 },
);
const texts = fc.tuple(
  prose,
  fc.constantFrom("\n", "\r\n"),
  fc.constantFrom("", "\n", "\n\n"),
  fc.constantFrom("", "\ufeff"),
)
  .map(([lines, lineEnd, end, mark]) => mark + (lines.join("\n") + end).replaceAll("\n", lineEnd));
const ours = fc.tuple(
  fc.array(fc.constantFrom("## Ours", "a", "b", "", "c c"), { minLength: 1, maxLength: 5 }),
  fc.constantFrom("\n", "\r\n"),
  fc.constantFrom("", "\n", "\n\n"),
).map(([lines, lineEnd, end]) => (lines.join("\n") + end).replaceAll("\n", lineEnd));

const SAMPLES: Readonly<Record<FormatId, Sample>> = {
  "whole-file": { users: fc.constant(undefined), contents: ours, markers: undefined },
  "markdown-block": {
    users: fc.option(texts, { nil: undefined }),
    contents: ours,
    markers: [MARKDOWN_BEGIN, MARKDOWN_END],
  },
  "toml-keys": {
    users: fc.option(fc.oneof(tomlFiles, fc.constantFrom(...TOML_CORPUS.map(({ text }) => text))), {
      nil: undefined,
      freq: 20,
    }),
    contents: tomlFragments,
    markers: [BLOCK_BEGIN, BLOCK_END],
  },
};

/** A file and its record, after a step. */
interface Step {
  readonly text: string | undefined;
  readonly applied: AppliedEntry | undefined;
  readonly outcome: FormatOutcome;
}

type Choice = Partial<Pick<FormatInput, "take" | "merge">>;

/** One push of `wanted` (undefined: a clean). */
function step(
  id: FormatId,
  wanted: string | undefined,
  before: Pick<Step, "text" | "applied">,
  choice: Choice = {},
): Step {
  const format: Format = FORMATS[id];
  const outcome = format.plan({
    wanted,
    actual: before.text,
    applied: before.applied,
    take: choice.take,
    merge: choice.merge,
    retired: [],
  });
  const text = outcome.action === "write"
    ? outcome.after
    : outcome.action === "remove"
    ? undefined
    : before.text;
  const applied = outcome.applied === undefined
    ? undefined
    : { ...outcome.applied, kind: "config" as const, format: id };
  return { text, applied, outcome };
}

const isRefused = ({ outcome }: Step): boolean => outcome.action === "refuse";
const show = ({ outcome }: Step): string => `${outcome.state}, ${outcome.action}: ${outcome.reason}`;

/** True when `text` is `user` with nothing but one run of line ends added. */
function hasOnlyLineEndsMore(text: string, user: string): boolean {
  let lead = 0;
  while (lead < user.length && text[lead] === user[lead]) lead++;
  const rest = user.length - lead;
  return text.endsWith(user.slice(lead)) && text.length >= user.length &&
    /^[\r\n]*$/.test(text.slice(lead, text.length - rest));
}

/** True when a block of whole marker lines can be taken out so that the user's text is left. */
function isUserAroundBlock(text: string, user: string, [begin, end]: readonly [string, string]): boolean {
  const lines = text.split(/(?<=\n)/);
  const at = (marker: string): readonly number[] =>
    lines.flatMap((line, index) => line.replace("\ufeff", "").trim() === marker ? [index] : []);
  return at(begin).some((first) =>
    at(end).some((last) => {
      const mark = lines[first]?.startsWith("\ufeff") === true ? "\ufeff" : "";
      const rest = mark + [...lines.slice(0, first), ...lines.slice(last + 1)].join("");
      return first < last && hasOnlyLineEndsMore(rest, user);
    })
  );
}

const IDS = Object.keys(FORMATS).filter((id): id is FormatId => Object.hasOwn(SAMPLES, id));

Deno.test("there is a sample for every format", () => {
  assert.deepEqual(Object.keys(SAMPLES).sort(), Object.keys(FORMATS).sort());
});

for (const id of IDS) {
  const { users, contents, markers } = SAMPLES[id];
  const start = (text: string | undefined): Pick<Step, "text" | "applied"> => ({ text, applied: undefined });

  Deno.test(`law of ${id}: push twice is push once, and check is clean after a push`, () => {
    fc.assert(
      fc.property(users, contents, (user, wanted) => {
        const first = step(id, wanted, start(user));
        fc.pre(!isRefused(first));
        const second = step(id, wanted, first);
        assert.equal(second.outcome.state, "clean", show(second));
        assert.equal(second.outcome.action, "none");
        assert.deepEqual(second.applied, first.applied);
        assert.equal(second.text, first.text);
      }),
      { numRuns: 500 },
    );
  });

  Deno.test(`law of ${id}: after any number of pushes, clean gives the user's bytes back`, () => {
    fc.assert(
      fc.property(users, fc.array(contents, { minLength: 1, maxLength: 4 }), (user, versions) => {
        let state = start(user);
        for (const wanted of versions) {
          const next = step(id, wanted, state);
          assert.ok(!isRefused(next), show(next));
          state = next;
        }
        const cleaned = step(id, undefined, state);
        assert.ok(!isRefused(cleaned), show(cleaned));
        assert.equal(cleaned.text, user);
        assert.equal(cleaned.applied, undefined);
      }),
      { numRuns: 500 },
    );
  });

  Deno.test(`law of ${id}: what the user removed is not missed by a clean, and comes back with a push`, () => {
    fc.assert(
      fc.property(users, contents, (user, wanted) => {
        const pushed = step(id, wanted, start(user));
        fc.pre(!isRefused(pushed) && pushed.applied !== undefined);
        const cleaned = step(id, undefined, { text: undefined, applied: pushed.applied });
        assert.deepEqual([cleaned.outcome.action, cleaned.applied], ["none", undefined], show(cleaned));
        const again = step(id, wanted, { text: undefined, applied: pushed.applied });
        assert.deepEqual([again.outcome.state, again.outcome.action], ["missing", "write"], show(again));
      }),
      { numRuns: 100 },
    );
  });

  Deno.test(`law of ${id}: without a record of the last push, a second push adopts what stands there`, () => {
    fc.assert(
      fc.property(users, contents, (user, wanted) => {
        const first = step(id, wanted, start(user));
        fc.pre(!isRefused(first) && first.text !== undefined);
        const second = step(id, wanted, { text: first.text, applied: undefined });
        assert.equal(second.outcome.action, "adopt", show(second));
        assert.equal(second.text, first.text);
      }),
      { numRuns: 200 },
    );
  });

  if (markers !== undefined) {
    Deno.test(`law of ${id}: every byte outside our part stays`, () => {
      fc.assert(
        fc.property(users, contents, (user, wanted) => {
          const { text } = step(id, wanted, start(user));
          fc.pre(text !== undefined && text !== user);
          assert.ok(text !== undefined);
          assert.ok(isUserAroundBlock(text, user ?? "", markers), JSON.stringify({ user, text }));
        }),
        { numRuns: 500 },
      );
    });
  }

  Deno.test(`law of ${id}: an edit of ours is never overwritten unasked, and stays by choice`, () => {
    fc.assert(
      fc.property(users, contents, contents, fc.nat(), (user, wanted, news, place) => {
        const pushed = step(id, wanted, start(user));
        fc.pre(!isRefused(pushed));
        const text = pushed.text ?? "";
        const edited = editOurs(id, text, place);
        fc.pre(edited !== undefined && edited !== text);
        const next = step(id, news, { text: edited, applied: pushed.applied });
        if (next.text !== edited) assertNothingLost(id, edited ?? "", next.text ?? "", [wanted, news]);
        const kept = step(id, news, { text: edited, applied: pushed.applied }, { take: "home" });
        if (!isRefused(kept)) {
          const again = step(id, news, kept);
          assert.equal(again.text, kept.text, "a choice holds at the next push");
          assert.ok(!isRefused(again), show(again));
        }
        const taken = step(id, news, { text: edited, applied: pushed.applied }, { take: "repo" });
        if (!isRefused(taken)) {
          assert.equal(step(id, news, taken).outcome.state, "clean");
        }
      }),
      { numRuns: 500 },
    );
  });
}

/** Changes one digit or letter inside our part; undefined when there is none. */
function editOurs(id: FormatId, text: string, place: number): string | undefined {
  const markers = SAMPLES[id].markers;
  const from = markers === undefined ? 0 : text.lastIndexOf(markers[0]) + markers[0].length;
  const to = markers === undefined ? text.length : text.lastIndexOf(markers[1]);
  const places = [...text.slice(from, to).matchAll(/(?<=\d)(?=['"/\n])|(?<=[a-c])\n/g)].map(({ index }) =>
    from + index
  );
  const at = places[place % Math.max(1, places.length)];
  return at === undefined ? undefined : `${text.slice(0, at)}7${text.slice(at)}`;
}

/** What stands in a text of TOML, by path; elements of an array of tables share one, in their order. */
function leaves(text: string): ReadonlyMap<string, readonly unknown[]> | undefined {
  const parsed = parseToml(text.replace(/^\ufeff/, ""));
  if (parsed.kind === "problem") return undefined;
  const found = new Map<string, unknown[]>();
  const visit = (value: unknown, path: readonly string[]): void => {
    if (isTomlTable(value)) {
      for (const key of Object.keys(value)) visit(valueAt(value, [key]), [...path, key]);
    } else if (Array.isArray(value) && value.length > 0 && value.every(isTomlTable)) {
      for (const element of value) visit(element, [...path, "*"]);
    } else {
      const id = JSON.stringify(path);
      found.set(id, [...found.get(id) ?? [], value]);
    }
  };
  visit(parsed.table, []);
  return found;
}

/** The values that `from` has at a path and `at` has not. */
function missing(from: readonly unknown[], at: readonly unknown[] = []): readonly unknown[] {
  return from.filter((value) => !at.some((other) => valuesEqual(other, value)));
}

/**
 * After a push over a changed file: every value is there that was not exactly ours. A header that was added above a line of
 * ours, or lost, makes it a key of another table; it is ours still.
 */
function assertNothingLost(id: FormatId, before: string, after: string, contents: readonly string[]): void {
  if (id !== "toml-keys") {
    assert.equal(after, before, "an edited text was replaced unasked");
    return;
  }
  const [had, has] = [leaves(before), leaves(after)];
  assert.ok(has !== undefined, "the result is no TOML");
  const nameOf = (path: string): string => path.slice(path.lastIndexOf(",") + 1).replace(/^\[/, "");
  const ours = contents.flatMap((content) => [...leaves(content) ?? []])
    .map(([path, values]) => ({ name: nameOf(path), values }));
  for (const [path, values] of had ?? []) {
    const lost: readonly unknown[] = missing(values, has.get(path)).filter((value) =>
      !ours.some(({ name, values }) => name === nameOf(path) && missing([value], values).length === 0)
    );
    assert.deepEqual(lost, [], `${path} was lost or changed`);
  }
}

Deno.test("law of toml-keys: whatever happens to the lines of a pushed file, no value of anybody's is lost", () => {
  const change = fc.record({
    kind: fc.constantFrom("delete", "double", "insert", "move", "join"),
    at: fc.nat(),
    to: fc.nat(),
    line: fc.constantFrom(
      BLOCK_BEGIN,
      BLOCK_END,
      '[projects."/x"]',
      "[features]",
      "stray = 1",
      "enabled = false",
      "[mcp_servers.agentOS-portfolio.tools.t]",
      "[mcp_servers.agentOS-portfolio]",
      "[[hooks.SessionStart]]",
      "[[hooks.SessionStart.hooks]]",
      "model = 'theirs'",
      "",
      "# note",
    ),
  });
  const count = { written: 0, refused: 0 };
  fc.assert(
    fc.property(
      tomlFiles,
      tomlFragments,
      tomlFragments,
      fc.array(change, { minLength: 1, maxLength: 4 }),
      (user, wanted, news, changes) => {
        const pushed = step("toml-keys", wanted, { text: user, applied: undefined });
        const lines = (pushed.text ?? "").split(/(?<=\n)/);
        for (const { kind, at, to, line } of changes) {
          const index = at % Math.max(1, lines.length);
          if (kind === "insert") lines.splice(index, 0, `${line}\n`);
          else if (kind === "double") lines.splice(index, 0, lines[index] ?? "");
          else if (kind === "join") lines[index] = (lines[index] ?? "").trimEnd();
          else {
            const [moved = ""] = lines.splice(index, 1);
            if (kind === "move") lines.splice(to % (lines.length + 1), 0, moved);
          }
        }
        const changed = lines.join("");
        for (const target of [wanted, news, undefined]) {
          const next = step("toml-keys", target, { text: changed, applied: pushed.applied });
          if (isRefused(next)) {
            count.refused++;
            assert.ok((next.outcome.line ?? 0) >= 1, "a refusal names a line");
            continue;
          }
          count.written++;
          assertNothingLost("toml-keys", changed, next.text ?? "", [wanted, target ?? ""]);
          if (target !== undefined) {
            const again = step("toml-keys", target, next);
            assert.equal(again.text, next.text, `the second push changed it: ${show(again)}`);
          }
        }
      },
    ),
    { numRuns: 1500 },
  );
  assert.ok(count.written > 100 && count.refused > 100, JSON.stringify(count));
});

Deno.test("law of toml-keys: what is put before or behind a pushed file is still there after a clean", () => {
  const head = fc.constantFrom("", "# hello\n", "added = 1\n");
  const tail = fc.constantFrom("", "\n[added_table]\nk = 1\n", "[added_table]\nk = 1", "\n\n# bye");
  fc.assert(
    fc.property(tomlFiles, tomlFragments, head, tail, (user, wanted, before, behind) => {
      const pushed = step("toml-keys", wanted, { text: user, applied: undefined });
      const mark = (pushed.text ?? "").startsWith("\ufeff") ? "\ufeff" : "";
      const body = (pushed.text ?? "").slice(mark.length);
      const text = mark + before + body + (body.endsWith("\n") || behind === "" ? behind : `\n${behind}`);
      const cleaned = step("toml-keys", undefined, { text, applied: pushed.applied });
      assert.ok(!isRefused(cleaned), show(cleaned));
      const [had, has] = [leaves(user), leaves(cleaned.text ?? "")];
      const expected = new Map([...had ?? [], ...leaves(before) ?? [], ...leaves(behind) ?? []]);
      assert.deepEqual([...has?.keys() ?? []].sort(), [...expected.keys()].sort());
      for (const [path, values] of expected) assert.deepEqual(missing(values, has?.get(path)), [], path);
      if (behind === "") assert.equal(cleaned.text, mark + before + user.slice(mark.length));
    }),
    { numRuns: 500 },
  );
});

Deno.test("what a user put below an element of ours is never left without it", () => {
  const wanted = "[[hooks.SessionStart]]\nmatcher = 'startup'\n";
  const pushed = step("toml-keys", wanted, { text: "a = 1\n", applied: undefined });
  const text = `${pushed.text}\n[[hooks.SessionStart.hooks]]\ncommand = 'mine'\n`;
  for (const target of [wanted, wanted.replace("startup", "resume"), undefined]) {
    const next = step("toml-keys", target, { text, applied: pushed.applied });
    assert.ok(isRefused(next) && next.outcome.line !== undefined, show(next));
  }
});

for (const { name, text } of TOML_CORPUS) {
  Deno.test(`a user's file that is ${name} takes every fragment, and has its bytes back after a clean`, () => {
    fc.assert(
      fc.property(tomlFragments, tomlFragments, (wanted, news) => {
        const first = step("toml-keys", wanted, { text, applied: undefined });
        assert.ok(!isRefused(first), show(first));
        const has = leaves(first.text ?? "");
        for (const [path, values] of [...leaves(text) ?? [], ...leaves(wanted) ?? []]) {
          assert.deepEqual(missing(values, has?.get(path)), [], path);
        }
        const second = step("toml-keys", news, first);
        assert.ok(!isRefused(second), show(second));
        assert.equal(step("toml-keys", undefined, second).text, text);
      }),
      { numRuns: 20 },
    );
  });
}
