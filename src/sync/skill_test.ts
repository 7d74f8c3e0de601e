/** What a skill's front matter must say. @module */

import { equal } from "node:assert/strict";
import { findSkillProblem } from "./skill.ts";

const TABLE: readonly [name: string, text: string, line: number | undefined][] = [
  ["a name and a description", "---\nname: a\ndescription: does b\n---\nbody\n", undefined],
  ["a description alone, Windows line ends", "---\r\ndescription: b\r\n---\r\n", undefined],
  ["a colon in the description", "---\ndescription: b: c\n---\n", undefined],
  ["a folded description", "---\ndescription: >-\n  b\n  c\n---\n", undefined],
  ["a quoted description and a quoted field", '---\n"description": "b" # c\n---\n', undefined],
  ["no front matter", "# a\n", 1],
  ["an open front matter", "---\ndescription: b\n", 1],
  ["no description", "---\nname: a\n---\n", 1],
  ["an empty description", "---\nname: a\ndescription:\n---\n", 3],
  ["a description that is only a comment", "---\ndescription: # b\n---\n", 2],
  ["empty quotes", '---\ndescription: ""\n---\n', 2],
  ["an empty literal", "---\ndescription: |\nname: a\n---\n", 2],
  ["a name of 65 characters", `---\ndescription: b\nname: ${"n".repeat(65)}\n---\n`, 3],
  ["a name of 64 characters", `---\ndescription: b\nname: ${"n".repeat(64)}\n---\n`, undefined],
];

for (const [name, text, line] of TABLE) {
  Deno.test(`findSkillProblem() ${line === undefined ? "accepts" : "names the line of"} ${name}`, () => {
    equal(findSkillProblem(text)?.line, line);
  });
}
