/** The digest by which an untouched file is known again. @module */

import { equal, notEqual } from "node:assert/strict";
import fc from "fast-check";
import { digestSettled } from "./settled.ts";

Deno.test("digestSettled() is the same for the same texts, and another for any other", () => {
  const texts = fc.record({
    wanted: fc.string(),
    actual: fc.string(),
    retired: fc.array(fc.string(), { maxLength: 2 }),
  });
  fc.assert(fc.property(texts, texts, (left, right) => {
    equal(digestSettled(left), digestSettled({ ...left }));
    const same = JSON.stringify([left.wanted, left.actual, left.retired.join("\n")]) ===
      JSON.stringify([right.wanted, right.actual, right.retired.join("\n")]);
    if (!same && !left.wanted.includes("\0")) notEqual(digestSettled(left), digestSettled(right));
  }));
});

Deno.test("digestSettled() sees one changed character anywhere in a long file", () => {
  const actual = "model = 'x' # of the user's\n".repeat(300);
  const before = digestSettled({ wanted: "a = 1\n", actual, retired: [] });
  for (let at = 0; at < actual.length; at += 97) {
    const edited = `${actual.slice(0, at)}~${actual.slice(at + 1)}`;
    notEqual(digestSettled({ wanted: "a = 1\n", actual: edited, retired: [] }), before);
  }
});
