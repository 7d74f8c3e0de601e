/**
 * The laws of every way in which our part can sit in a file: random files of users', random contents of ours, and a
 * corpus of awkward documents. Formats are values in, values out, so nothing is written here.
 *
 * @module
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { BLOCK_BEGIN, BLOCK_END } from "../src/sync/formats/managed_block.ts";
import { MARKDOWN_BEGIN, MARKDOWN_END } from "../src/sync/formats/markdown_block.ts";
import { FORMATS } from "../src/sync/formats/mod.ts";
import type { FormatId } from "../src/sync/model.ts";
import { assertNothingLost, isRefused, show, type Step, step } from "./format_steps.ts";
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

  Deno.test(`law of ${id}: a file whose line ends all changed since the push has the user's bytes after a clean`, () => {
    fc.assert(
      fc.property(users, contents, contents, fc.constantFrom("\n", "\r\n"), (user, wanted, news, lineEnd) => {
        const set = (text: string | undefined): string | undefined => text?.replace(/\r?\n/g, lineEnd);
        const pushed = step(id, wanted, start(user));
        fc.pre(!isRefused(pushed));
        const turned = { text: set(pushed.text), applied: pushed.applied };
        const updated = step(id, news, turned);
        for (const state of [turned, ...(isRefused(updated) ? [] : [updated])]) {
          const cleaned = step(id, undefined, state);
          if (markers === undefined && isRefused(cleaned)) continue;
          assert.ok(!isRefused(cleaned), show(cleaned));
          assert.equal(cleaned.text, set(user));
        }
        if (!isRefused(updated)) assert.equal(step(id, news, updated).text, updated.text);
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
