/**
 * The laws of owned keys in a user's TOML file: random files and a corpus of awkward ones, changed by anybody between two
 * pushes.
 *
 * @module
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { BLOCK_BEGIN, BLOCK_END } from "../src/sync/formats/managed_block.ts";
import { assertNothingLost, isRefused, leaves, missing, show, step } from "./format_steps.ts";
import { tomlFiles, tomlFragments } from "./toml_arbitrary.ts";
import { TOML_CORPUS } from "./toml_corpus.ts";

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
