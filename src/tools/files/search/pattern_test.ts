import assert from "node:assert/strict";
import fc from "fast-check";
import { AppError } from "../../../base/errors.ts";
import { makePattern, type Pattern } from "./pattern.ts";

function regex(query: string, ignoreCase = false): Pattern {
  return makePattern({ query, regex: true, ignoreCase });
}

function refusalOf(query: string, isRegex = true): string {
  try {
    makePattern({ query, regex: isRegex, ignoreCase: false });
  } catch (error) {
    assert.ok(error instanceof AppError && error.code === "search.pattern", String(error));
    return error.message;
  }
  assert.fail(`${query} was not refused`);
}

Deno.test("makePattern() finds the longest text that every match of an expression holds", () => {
  const needles: Record<string, string> = {
    "function\\s+\\w+Handler": "Handler",
    "function\\s+of": "of",
    "foo|barbaz": "foo barbaz",
    "foo|\\d": "",
    "x(?:foo|b(?:ar|az+))y": "foo ar az",
    "a(?:bcd|efg)hij": "hij",
    "ab(?:cdef)+g": "cdef",
    "ab(cdefg)?h": "ab",
    "[a]b": "",
    "colou?r": "colo",
    "x{0,3}yz": "yz",
    "(?=.*needle)line": "needle",
    "(?!never)some": "some",
    "[abc]\\d+": "",
    "\\x41\\u0042C\\t": "ABC\t",
    "(?i:insensitive) mark": " mark",
    "é+è\\.ü": "è.ü",
    "a\\|b": "a|b",
    "[)]tail": "tail",
    "a{,3}": "a{,3}",
  };
  for (const [query, expected] of Object.entries(needles)) {
    assert.equal(regex(query).needles.join(" "), expected, query);
  }
});

Deno.test("makePattern() refuses back-references and line breaks, naming the construct and its place", () => {
  assert.match(refusalOf("(a+)x\\1"), /\\1 is a back-reference.* at position 6\./);
  assert.match(refusalOf("(?<word>a+)\\k<word>"), /\\k<word> is a back-reference.* at position 12\./);
  assert.match(refusalOf("a\\nb"), /\\n is a line break at position 2\./);
  assert.match(refusalOf("(a"), /unterminated group/i);
  assert.match(refusalOf("*"), /nothing to repeat/i);
  assert.match(refusalOf("", false), /empty/);
  assert.match(refusalOf("a\nb", false), /line break/);
});

Deno.test("makePattern() does not take an escape inside a class, or \\k without a named group, for a back-reference", () => {
  assert.ok(regex("[\\1]").expression.test("\x01"));
  assert.ok(regex("\\k<a>").expression.test("k<a>"));
  assert.ok(regex("[^\\n]").expression.test("a"));
  assert.ok(regex("\\\\1").expression.test("\\1"));
});

Deno.test("makePattern() takes Unicode properties and characters beyond the first plane as the flag u does", () => {
  assert.deepEqual("añ1".match(regex("\\p{L}").expression), ["a", "ñ"]);
  assert.deepEqual("😀😀".match(regex("😀{2}").expression), ["😀😀"]);
});

Deno.test("makePattern() spells ignoring case out, so that the linear engine can run the expression", () => {
  const pattern = regex("^(a+)[b-d-]+\\x65$", true);
  assert.equal(pattern.expression.flags, "gm");
  assert.ok(pattern.expression.test("AaBD-E"));
  assert.equal(regex("é", true).expression.flags, "gim");
});

const atom = fc.oneof(
  fc.constantFrom(..."abkzAKZ09 _-."),
  fc.constantFrom(
    "\\w",
    "\\d",
    "\\s",
    "\\.",
    "\\x4b",
    "\\-",
    "[a-k]",
    "[^A-C]",
    "[-a]",
    "[z-]",
    "[\\w-]",
    "[.-Z]",
    "(?:ab|K)",
    "(?:Ab|b(?:k|z9)+)",
    "ab|bz",
    "(z)",
  ),
);
const expression = fc.array(fc.tuple(atom, fc.constantFrom("", "", "", "?", "*", "+", "{1,2}", "+?")), {
  minLength: 1,
  maxLength: 5,
}).map((parts) => parts.flat().join(""));
const line = fc.string({ unit: fc.constantFrom(..."abkzAKZ09 _-.é"), maxLength: 12 });

Deno.test("makePattern() keeps the meaning of an expression when it spells both cases out", () => {
  fc.assert(
    fc.property(expression, line, (query, text) => {
      const spelled = regex(query, true).expression;
      assert.deepEqual(
        [...text.matchAll(spelled)].map(String),
        [...text.matchAll(new RegExp(query, "gi"))].map(String),
      );
    }),
    { numRuns: 2000 },
  );
});

Deno.test("makePattern() names only needles that every matching line holds", () => {
  fc.assert(
    fc.property(expression, line, fc.boolean(), (query, text, ignoreCase) => {
      const { needles } = regex(query, ignoreCase);
      if (needles.length === 0 || !new RegExp(query, ignoreCase ? "i" : "").test(text)) return;
      const fold = (one: string): string => ignoreCase ? one.toLowerCase() : one;
      assert.ok(needles.some((needle) => fold(text).includes(fold(needle))), `${query}: ${needles}`);
    }),
    { numRuns: 2000 },
  );
});
