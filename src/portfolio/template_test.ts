/** Holds the marks of templates to being found, all of them and quickly. @module */

import { deepEqual, equal } from "node:assert/strict";
import { findUnfilled } from "./template.ts";

Deno.test("findUnfilled() names each open question and example with its line", () => {
  const text = [
    "# Title",
    "<!-- fill in: Name? -->",
    "<!-- a comment of the user's -->",
    "<!--FILL IN: Two",
    "  lines? -->",
    "<!-- example: begin (an invented person) -->",
    "Nadia",
    "<!-- example: end -->",
  ].join("\r\n");
  deepEqual(findUnfilled(text), [
    { kind: "question", line: 2, question: "Name?" },
    { kind: "question", line: 4, question: "Two lines?" },
    { kind: "example", line: 6, question: "" },
  ]);
});

Deno.test("findUnfilled() finds nothing in a filled-in file", () => {
  deepEqual(findUnfilled("# Identity\n\nI fill in: forms. <!-- example: end --> <!-- fill in: unclosed"), []);
});

Deno.test("findUnfilled() is done with a megabyte of open marks without a noticeable wait", () => {
  equal(findUnfilled("<!-- fill in:".repeat(80_000)).length, 0);
  equal(findUnfilled("<!--fill in:-->".repeat(70_000)).length, 70_000);
});
