import assert from "node:assert/strict";
import fc from "fast-check";
import { makeChainFinder } from "./byte_chain.ts";
import type { FileContent } from "./file_content.ts";
import { makePattern } from "./pattern.ts";
import { makeScanner } from "./scan.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Where the chain of an expression ends in a text; undefined when there is no chain. */
function chainIn(source: string, text: string, flags = "gm"): number | undefined {
  return makeChainFinder(new RegExp(source, flags))?.(encode(text), 0);
}

Deno.test("makeChainFinder() finds what must stand side by side", () => {
  for (
    const [source, text, end] of [
      ["\\w+ \\d+", "some text 7", 10],
      ["\\w+ \\d+", "some text", -1],
      ["\\w+\\s+\\d+", "a \u00a07", 4],
      ["(\\w+)=(?:\\d){2}", "a=1 b=23", 7],
      ["[a-f][^x]\\d", "é-1 bé1", 6],
      ["^\\w\\d{2}-\\b[A-Z]", "5-A 555-A", 8],
      ["(?=q)\\w\\d$", "q1", 1],
      ["\\w\\d(?:a|b)*:", "1a:", 2],
    ] as const
  ) {
    assert.equal(chainIn(source, text), end, `${source} in ${text}`);
  }
});

Deno.test("makeChainFinder() knows nothing of what says little, or is not understood", () => {
  for (
    const source of [
      "\\w+",
      ".*",
      "",
      "\\d?",
      "a|\\d\\d",
      "[^x]+",
      "\\1\\d\\d",
      "\\cA\\d\\d",
      "(?i:\\d\\d)",
      "\\d+ \\d",
    ]
  ) {
    assert.equal(chainIn(source, "x"), undefined, source);
  }
  assert.equal(chainIn("\\d\\d", "x", "gim"), undefined);
  assert.equal(chainIn("\\d\\d", "x", "gu"), undefined);
});

Deno.test("makeChainFinder() does not grow with what an expression repeats", () => {
  for (const sign of ["+", "{8}", "{7,9}"]) {
    const source = `${"(?:".repeat(60)}\\w \\d${`)${sign}`.repeat(60)}`;
    assert.doesNotThrow(() => chainIn(source, "x"), source);
  }
});

const atom = fc.constantFrom(
  ..."ak.1 é日-{}]",
  ...["\\d", "\\D", "\\w", "\\W", "\\s", "\\S", "\\.", "\\x61", "\\u00e9", "\\u212a", "\\t", "\\-"],
  ...["[ab1]", "[^a]", "[\\w-]", "[^]", "[]", "[é-日]", "[\\]a]", "[a\\s]", "[.]"],
);
const edge = fc.constantFrom("", "", "", "^", "$", "\\b", "\\B");
const quantifier = fc.constantFrom(
  "",
  "",
  "",
  "",
  "*",
  "+",
  "?",
  "{2}",
  "{0}",
  "{1,}",
  "{1,2}",
  "+?",
  "{2,2}",
  "{9}",
);
const { expression } = fc.letrec<{ expression: string; term: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: "small" },
    {
      weight: 5,
      arbitrary: fc.array(tie("term"), { minLength: 1, maxLength: 5 }).map((terms) => terms.join("")),
    },
    { weight: 1, arbitrary: fc.tuple(tie("expression"), tie("expression")).map((both) => both.join("|")) },
  ),
  term: fc.oneof(
    { depthSize: "small" },
    { weight: 6, arbitrary: fc.tuple(edge, atom, quantifier).map((parts) => parts.join("")) },
    {
      weight: 1,
      arbitrary: fc.tuple(
        fc.constantFrom("(", "(?:", "(?<n>", "(?=", "(?!", "(?<=", "(?<!"),
        tie("expression"),
        fc.constantFrom("", "", "+", "?", "{2}"),
      ).map(([open, inner, end]) =>
        `${open}${inner})${open.includes("<=") || open.includes("<!") ? "" : end}`
      ),
    },
  ),
}));
const text = fc.array(
  fc.oneof(
    fc.constantFrom(..."aAkK1. é日-{}]_\t\r\n", "\n", "\r\n", "\u212a", "\u00a0", "😀", "aa", "a1", " 1"),
    fc.string({ unit: "binary", maxLength: 3 }),
  ),
  { maxLength: 40 },
).map((parts) => parts.join("").toWellFormed());

/** Lines as a search numbers them. */
function linesOf(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line) => line.replace(/\r$/, ""));
}

Deno.test("for any expression and any text: a search finds what the expression finds line by line", () => {
  let chains = 0;
  fc.assert(
    fc.property(expression, text, fc.boolean(), (query, text, ignoreCase) => {
      const pattern = patternOf(query, ignoreCase);
      if (pattern === undefined) return;
      if (makeChainFinder(pattern.expression) !== undefined) chains++;
      const file: FileContent = { kind: "utf8", bytes: encode(text) };
      const scan = makeScanner({ pattern: { ...pattern, needles: [] }, contextLines: 0 }, () => file);
      const found = scan("file", 0, 1_000).matches.map(({ line, column }) => [line, column]);
      // Without `m`, which would have lines end at more than line feeds.
      const alone = new RegExp(pattern.expression, pattern.expression.flags.replace("m", ""));
      const expected = linesOf(text).flatMap((line, index) => {
        alone.lastIndex = 0;
        const match = alone.exec(line);
        return match === null ? [] : [[index + 1, match.index + 1]];
      });
      assert.deepEqual(found, expected);
    }),
    { numRuns: 4000 },
  );
  assert.ok(chains > 300, `only ${chains} had a chain`);
});

/** Undefined for what is refused. */
function patternOf(query: string, ignoreCase: boolean): ReturnType<typeof makePattern> | undefined {
  try {
    return makePattern({ query, regex: true, ignoreCase });
  } catch {
    return undefined;
  }
}
