import assert from "node:assert/strict";
import fc from "fast-check";
import { findLinearly, findText } from "./find_text.ts";

function all(find: typeof findText, text: string, wanted: string): number[] {
  const starts: number[] = [];
  find(text, wanted, (start) => starts.push(start) > 0);
  return starts;
}

Deno.test("findText() finds every occurrence, overlapping ones too, and stops when told", () => {
  assert.deepEqual(all(findText, "aaa ba", "a"), [0, 1, 2, 5]);
  assert.deepEqual(all(findText, "aaaa", "aa"), [0, 1, 2]);
  assert.deepEqual(all(findText, "abc", "x"), []);
  const seen: number[] = [];
  findText("aaaa", "a", (start) => seen.push(start) < 2);
  assert.deepEqual(seen, [0, 1]);
});

Deno.test("findLinearly() finds what findText() finds", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 40 });
  const wanted = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 5 });
  fc.assert(fc.property(text, wanted, (one, other) => {
    assert.deepEqual(all(findLinearly, one, other), all(findText, one, other));
  }));
});

Deno.test("findText() ends on texts that make indexOf() take minutes", () => {
  const started = performance.now();
  assert.deepEqual(all(findText, "a".repeat(8_000_000), "b" + "a".repeat(500_000)), []);
  assert.deepEqual(all(findText, "a".repeat(8_000_000), "a".repeat(500_000) + "b"), []);
  assert.ok(performance.now() - started < 10_000);
});
