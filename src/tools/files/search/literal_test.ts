import assert from "node:assert/strict";
import fc from "fast-check";
import { makeFinder } from "./literal.ts";

const letters = fc.string({ unit: fc.constantFrom("a", "b", "A", "B", "@", "`", "é"), maxLength: 40 });
const texts = fc.array(
  fc.string({ unit: fc.constantFrom("a", "b", "A", "@", "`"), minLength: 1, maxLength: 5 }),
  {
    minLength: 1,
    maxLength: 3,
  },
);

Deno.test("makeFinder() finds every first occurrence that indexOf finds, going forwards", () => {
  fc.assert(
    fc.property(letters, texts, fc.boolean(), (text, wanted, ignoreCase) => {
      const fold = (one: string): string =>
        ignoreCase ? one.replace(/[A-Z]/g, (letter) => letter.toLowerCase()) : one;
      // One unit per byte, so that offsets are those of the bytes.
      const haystack = new TextEncoder().encode(text);
      const bytes = fold(String.fromCharCode(...haystack));
      const find = makeFinder(wanted, ignoreCase);
      for (let from = 0; from <= haystack.length; from++) {
        const offsets = wanted.map((one) => bytes.indexOf(fold(one), from)).filter((offset) => offset !== -1);
        assert.equal(find?.(haystack, from), offsets.length === 0 ? -1 : Math.min(...offsets));
      }
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("makeFinder() finds texts longer than its jumps reach, and non-ASCII ones by their bytes", () => {
  const long = `${"ab".repeat(300)}c`;
  const haystack = new TextEncoder().encode(`${"ab".repeat(1_000)}c größer`);
  assert.equal(makeFinder([long], false)?.(haystack, 0), 2_001 - long.length);
  assert.equal(makeFinder([long.toUpperCase()], true)?.(haystack, 0), 2_001 - long.length);
  assert.equal(makeFinder(["größer"], false)?.(haystack, 0), 2_002);
  assert.equal(makeFinder([], false), undefined);
});
