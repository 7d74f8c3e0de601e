import assert from "node:assert/strict";
import fc from "fast-check";
import { findMatches, lineNumbers, replaceSpans } from "./edit.ts";

function replaced(text: string, wanted: string, replacement: string): string {
  return replaceSpans(text, findMatches(text, wanted).spans, replacement);
}

Deno.test("findMatches() finds a text whichever way its lines end", () => {
  for (const wanted of ["b\nc", "b\r\nc"]) {
    assert.deepEqual(findMatches("a\nb\nc", wanted).spans, [{ start: 2, end: 5 }]);
    assert.deepEqual(findMatches("a\r\nb\r\nc", wanted).spans, [{ start: 3, end: 7 }]);
    assert.deepEqual(findMatches("b\r\nc b\nc", wanted).spans, [{ start: 0, end: 4 }, { start: 5, end: 8 }]);
  }
  assert.deepEqual(findMatches("a\r\nb", "\nb").spans, [{ start: 1, end: 4 }]);
  assert.deepEqual(findMatches("a\r\nb", "\r").spans, []);
  assert.deepEqual(findMatches("a\rb", "\r").spans, [{ start: 1, end: 2 }]);
});

Deno.test("findMatches() sees matches that reach into each other", () => {
  assert.equal(findMatches("aaa", "aa").overlap, true);
  assert.equal(findMatches("aaaa", "aa").overlap, true);
  assert.equal(findMatches("aabaa", "aa").overlap, false);
});

Deno.test("replaceSpans() takes the replacement literally and gives it the line ends of its place", () => {
  assert.equal(replaced("a X b", "X", "$& $1 $$ $`"), "a $& $1 $$ $` b");
  assert.equal(replaced("a\r\nX\r\nb", "X", "1\n2"), "a\r\n1\r\n2\r\nb");
  assert.equal(replaced("a\nX\nb", "X", "1\r\n2"), "a\n1\n2\nb");
  assert.equal(replaced("a\r\nX", "X", "1\n2"), "a\r\n1\r\n2");
  assert.equal(replaced("X\nb\r\nX\r\n", "X", "1\n2"), "1\n2\nb\r\n1\r\n2\r\n");
  assert.equal(replaced("X", "X", "1\r\n2"), "1\r\n2");
  assert.equal(replaced("a\r\nb", "a\n", ""), "b");
});

Deno.test("lineNumbers() counts lines from 1", () => {
  const text = "x\nx x\r\n\nx";
  assert.deepEqual(lineNumbers(text, findMatches(text, "x").spans), [1, 2, 2, 4]);
});

Deno.test("an edit changes exactly the matches, in files with one kind of line end", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "\n", "$", "\u00e9", " "), maxLength: 40 });
  const wanted = fc.string({ unit: fc.constantFrom("a", "b", "\n"), minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(text, wanted, text, (before, old, replacement) => {
      if (findMatches(before, old).overlap) return;
      const expected = before.split(old).join(replacement);
      assert.equal(replaced(before, old, replacement), expected);
      const crlf = (lines: string): string => lines.replaceAll("\n", "\r\n");
      if (before.includes("\n")) assert.equal(replaced(crlf(before), old, replacement), crlf(expected));
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("an edit leaves every byte outside the matches as it was, whatever the line ends", () => {
  const unit = fc.constantFrom("a", "b", "\n", "\r\n", "\r", "\u0000", "\u00ff");
  fc.assert(
    fc.property(
      fc.array(unit, { maxLength: 30 }),
      fc.array(unit, { minLength: 1, maxLength: 3 }),
      (parts, old) => {
        const text = parts.join("");
        const { spans } = findMatches(text, old.join(""));
        const kept: string[] = [];
        let end = 0;
        for (const span of spans) {
          assert.ok(span.start >= end && span.end > span.start);
          assert.equal(
            text.slice(span.start, span.end).replaceAll("\r\n", "\n"),
            old.join("").replaceAll("\r\n", "\n"),
          );
          kept.push(text.slice(end, span.start));
          end = span.end;
        }
        kept.push(text.slice(end));
        assert.equal(replaceSpans(text, spans, "<new>"), kept.join("<new>"));
      },
    ),
    { numRuns: 2_000 },
  );
});
