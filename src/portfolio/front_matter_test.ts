/** Holds titles and summaries to what a list may show, whatever a file begins with. @module */

import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import {
  describe,
  type Description,
  maxSummaryLength,
  maxTitleLength,
  parseFrontMatter,
} from "./front_matter.ts";

function checkDescription(text: string, expected: Description): void {
  deepEqual(describe("name", text), expected);
}

Deno.test("describe() takes title and summary from the front matter", () => {
  const expected = { title: "Identity", summary: "Who I am." };
  checkDescription("---\ntitle: Identity\nsummary: Who I am.\nupdated:\n---\n# Other\n\nText", expected);
  checkDescription('---\r\ntitle: "Identity"\r\nsummary: >\r\n  Who\r\n  I am.\r\n---\r\n', expected);
  checkDescription("---\ntitle: Identity\nsummary: Who I am.\n...\n", expected);
});

Deno.test("describe() falls back to the first heading and paragraph", () => {
  const expected = { title: "Who I am", summary: "A back-end engineer." };
  checkDescription("# Who I am\n\nA back-end\nengineer.\n\nMore.", expected);
  checkDescription("<!-- a\n# note -->\n# Who I am\n> A back-end engineer.\n", expected);
  checkDescription("---\nupdated: 2026-01-01\n---\n# Who I am\n\n- A back-end engineer.", expected);
});

Deno.test("describe() answers for a file whose front matter is broken, foreign, open or hostile", () => {
  const aliases = "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]";
  for (
    const yaml of [
      "title: [",
      "title: {a: 1}\nsummary: 3",
      "- 1",
      "title: ''",
      "\tx",
      "a: 1\na: 2",
      "[".repeat(9000),
      aliases,
    ]
  ) {
    checkDescription(`---\n${yaml}\n---\n# Heading\n\nWords`, { title: "Heading", summary: "Words" });
  }
  checkDescription("---\n---\n", { title: "name", summary: "" });
  checkDescription("", { title: "name", summary: "" });
  equal(describe("name", "---\ntitle: never closed\n").title, "name");
  equal(describe("name", "---\n__proto__: {title: x}\n---\n").title, "name");
});

Deno.test("describe() never fails and always answers one short line each", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 2000 }), (words) => {
    for (const text of [words, `---\n${words}\n---\n${words}`, `# ${words}`]) {
      const { title, summary } = describe("name", text);
      equal(/[\r\n]/.test(title + summary), false);
      equal([...title].length <= maxTitleLength, true);
      equal([...summary].length <= maxSummaryLength, true);
    }
  }));
});

Deno.test("parseFrontMatter() loses no text", () => {
  deepEqual(parseFrontMatter("---\ntitle: a\n---\nbody\n---\nmore"), {
    fields: { title: "a" },
    body: "body\n---\nmore",
  });
  for (const text of ["text\n---\ntitle: a\n---\n", "----\na: 1\n---\n", " ---\na: 1\n---\n"]) {
    deepEqual(parseFrontMatter(text), { fields: {}, body: text });
  }
});
