import assert from "node:assert/strict";
import { applyPatch } from "diff";
import fc from "fast-check";
import { unifiedDiff } from "./show_diff.ts";

Deno.test("a change among equal lines has its context also where the patch aligns it further down", () => {
  const before = "l1\nl2\nl3\nl4\n\nb\n\n\nz1\nz2\nz3\nz4\n";
  const after = before.replace("\nb\n\n", "aa\n");
  const [head = "", ...lines] = unifiedDiff(before, after, 10_000).split("\n");
  const last = lines.findLastIndex((line) => /^[+-]/.test(line));
  assert.deepEqual(lines.slice(last + 1), [" z1", " z2", " z3"], head);
});

Deno.test("unifiedDiff() shows what changed with its lines' numbers", () => {
  const before = Array.from({ length: 20 }, (_, index) => `line ${index + 1}\n`).join("");
  assert.equal(
    unifiedDiff(before, before.replace("line 10\n", "line ten\nand more\n"), 9_000),
    [
      "@@ -7,7 +7,8 @@",
      " line 7",
      " line 8",
      " line 9",
      "-line 10",
      "+line ten",
      "+and more",
      " line 11",
      " line 12",
      " line 13",
    ].join("\n"),
  );
  assert.equal(unifiedDiff(before, before, 9_000), "");
  assert.match(unifiedDiff("a", "a\n", 9_000), /No newline at end of file/);
});

Deno.test("unifiedDiff() is a patch: applied to the old text it gives the new one", () => {
  const lines = fc.array(fc.constantFrom("a", "b", "c", "", "d d"), { maxLength: 30 });
  fc.assert(fc.property(lines, lines, lines, fc.boolean(), (head, middle, tail, ended) => {
    const end = ended ? "\n" : "";
    const before = [...head, ...tail, "x"].join("\n") + end;
    const after = [...head, ...middle, ...tail, "x"].join("\n") + end;
    const diff = unifiedDiff(before, after, 1e6);
    assert.equal(diff === "" ? before : applyPatch(before, `--- a\n+++ a\n${diff}\n`), after);
  }));
});

Deno.test("unifiedDiff() keeps to its size and time", () => {
  const before = Array.from({ length: 50_000 }, (_, index) => `old ${index}`).join("\n");
  const all = unifiedDiff(before, before.replaceAll("old", "new"), 7_000);
  assert.equal(all, "(49999 lines from line 1 on became 49999; too many changes to show)");
  const cut = unifiedDiff(before, before.replace(/old (?=\d{2}\n)/g, "new "), 1_000);
  assert.match(cut, /\(\d+ more lines\)$/);
  assert.ok(new TextEncoder().encode(JSON.stringify(cut)).length <= 1_000);
  assert.ok(unifiedDiff("x".repeat(100_000), "y".repeat(100_000), 7_000).length < 2_000);
});
