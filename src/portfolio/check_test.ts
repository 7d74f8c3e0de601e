import { deepEqual, equal, match } from "node:assert/strict";
import { checkFile } from "./check.ts";
import { EMBEDDED_FILES } from "./embedded.ts";

const GOOD = "---\ntitle: Identity\nsummary: Who I am.\n---\n\n# Identity\n\nAda.\n";

function said(text: string, live: readonly string[] = []): readonly string[] {
  return checkFile("identity.md", text, live).map(({ kind, line, message }) => `${kind} ${line} ${message}`);
}

Deno.test("checkFile() finds nothing in a file that is filled in and described", () =>
  deepEqual(said(GOOD), []));

Deno.test("checkFile() names every open part of each template, and nothing else there", () => {
  let count = 0;
  for (const [filename, text] of Object.entries(EMBEDDED_FILES)) {
    for (const { kind, line, message } of checkFile(filename, text, [])) {
      equal(kind, "unfilled", `${filename}: ${message}`);
      match(text.split("\n")[line - 1] ?? "", /<!--/);
      count++;
    }
  }
  equal(count, Object.values(EMBEDDED_FILES).join("").match(/<!-- (?:fill in|example: begin)/g)?.length);
});

Deno.test("checkFile() says what is wrong with a front matter, with its line", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["# Identity\n", /^front-matter 1 it has no front matter/],
    ["---\ntitle: [\nsummary: x\n---\n", /^front-matter \d its front matter is not YAML: /],
    ["---\nsummary: x\n---\n", /^front-matter 1 its front matter has no title/],
    ["---\ntitle: x\nsummary:\n---\n", /^front-matter 1 its front matter has no summary/],
    [`---\ntitle: x\nsummary: ${"y".repeat(201)}\n---\n`, /its summary is longer than 200 characters/],
  ];
  for (const [text, wanted] of cases) {
    equal(said(text).length, 1, text);
    match(said(text)[0] ?? "", wanted);
  }
});

Deno.test("checkFile() finds secrets by shape and by value, and never repeats them", () => {
  const key = `sk-${"a1".repeat(12)}`;
  for (
    const found of [said(`${GOOD}key: ${key}\n`), said(`${GOOD}the word tiger-lily-7\n`, ["tiger-lily-7"])]
  ) {
    equal(found.length, 1);
    match(found[0] ?? "", /^secret 9 it holds what looks like a secret \(/);
    equal(/sk-|tiger/.test(found[0] ?? ""), false);
  }
});
