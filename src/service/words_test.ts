import assert from "node:assert/strict";
import fc from "fast-check";
import {
  escapeXml,
  quoteForWindows,
  refuseControlCharacters,
  splitWindowsLine,
  unescapeXml,
} from "./words.ts";

Deno.test("quoteForWindows() writes words that Windows reads back", () => {
  assert.equal(quoteForWindows("C:\\Users\\me"), "C:\\Users\\me");
  assert.equal(quoteForWindows("C:\\Program Files\\"), '"C:\\Program Files\\\\"');
  assert.equal(quoteForWindows('a\\"b'), '"a\\\\\\"b"');
  assert.equal(quoteForWindows(""), '""');
  // The examples of Microsoft's own page.
  assert.deepEqual(splitWindowsLine('"a b c" d e'), ["a b c", "d", "e"]);
  assert.deepEqual(splitWindowsLine('"ab\\"c" "\\\\" d'), ['ab"c', "\\", "d"]);
  assert.deepEqual(splitWindowsLine('a\\\\\\b d"e f"g h'), ["a\\\\\\b", "de fg", "h"]);
  assert.deepEqual(splitWindowsLine('a\\\\\\"b c d'), ['a\\"b', "c", "d"]);
  assert.deepEqual(splitWindowsLine('a\\\\\\\\"b c" d e'), ["a\\\\b c", "d", "e"]);
  const word = fc.string({ unit: fc.constantFrom("a", " ", '"', "\\", "ü", "%", "\t") });
  fc.assert(fc.property(fc.array(word), (words) => {
    assert.deepEqual(splitWindowsLine(words.map(quoteForWindows).join(" ")), words);
  }));
});

Deno.test("escapeXml() leaves no markup in text", () => {
  assert.equal(escapeXml(`a<b>&"c"'d'`), "a&lt;b&gt;&amp;&quot;c&quot;'d'");
  fc.assert(fc.property(fc.string(), (text) => assert.equal(unescapeXml(escapeXml(text)), text)));
  assert.equal(escapeXml("C:\\Users\\Jörg\\100%"), "C:\\Users\\Jörg\\100%");
});

Deno.test("refuseControlCharacters() refuses what no unit file can hold", () => {
  for (const word of ["/a\nb", "/a\0", "/a\x1b", "\ud800"]) {
    assert.throws(() => refuseControlCharacters(word), { code: "config.invalid" });
  }
  refuseControlCharacters("/a b/ü/100%/\"'\\$x");
});
