import { deepEqual, equal, ok } from "node:assert/strict";
import type { FormatOutcome } from "./format.ts";
import { joinBlock, unglue } from "./managed_block.ts";
import { markdownBlock } from "./markdown_block.ts";

const ROWS: readonly {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  readonly glue: readonly [string, string];
  readonly expected: readonly [string, string];
}[] = [
  {
    name: "a blank line on each side",
    before: "a\n\n",
    after: "\nb\n",
    glue: ["\n", "\n"],
    expected: ["a\n", "b\n"],
  },
  {
    name: "blank lines that got Windows line ends since",
    before: "a\r\n\r\n",
    after: "\r\nb\r\n",
    glue: ["\n", "\n"],
    expected: ["a\r\n", "b\r\n"],
  },
  {
    name: "blank lines that lost their Windows line ends since",
    before: "a\n\n",
    after: "\nb\n",
    glue: ["\r\n", "\r\n"],
    expected: ["a\n", "b\n"],
  },
  {
    name: "the end of a line that had none",
    before: "a\r\n\r\n",
    after: "",
    glue: ["\n\n", ""],
    expected: ["a", ""],
  },
  {
    name: "the end of a line that had none, with something behind it now",
    before: "a\r\n\r\n",
    after: "b\r\n",
    glue: ["\n\n", ""],
    expected: ["a\r\n", "b\r\n"],
  },
  {
    name: "no line end of the user's",
    before: "a\n",
    after: "b\n",
    glue: ["\n", "\n"],
    expected: ["a\n", "b\n"],
  },
  {
    name: "no Windows line end of the user's",
    before: "a\r\n",
    after: "",
    glue: ["\n", ""],
    expected: ["a\r\n", ""],
  },
  {
    name: "the end of a line of blanks",
    before: "a\n  \n",
    after: "",
    glue: ["\n", ""],
    expected: ["a\n  ", ""],
  },
  {
    name: "nothing where nothing was put",
    before: "a\n\n",
    after: "\nb",
    glue: ["", ""],
    expected: ["a\n\n", "\nb"],
  },
];

for (const { name, before, after, glue, expected } of ROWS) {
  Deno.test(`unglue() takes ${name} off`, () => {
    const result = unglue(before, after, { before: glue[0], after: glue[1] });
    deepEqual([result.before, result.after], expected);
  });
}

Deno.test("unglue() takes off what joinBlock() put there, in whatever line ends", () => {
  for (const before of ["", "a", "a\n", "a\n\n", "a\n  ", "\n"]) {
    for (const after of ["", "b", "\nb\n", "\n"]) {
      // A block begins where a line begins: what ends without a line end has nothing behind it.
      if (!/(^|\n)$/.test(before) && after !== "") continue;
      const { glue } = joinBlock(before, "X\n", after, "\n");
      for (const lineEnd of ["\n", "\r\n"]) {
        const set = (text: string): string => text.replaceAll("\n", lineEnd);
        deepEqual(unglue(set(before + glue.before), set(glue.after + after), glue), {
          before: set(before),
          after: set(after),
        });
      }
    }
  }
});

Deno.test("a byte order mark before the block of a Markdown file is the user's, and stays", () => {
  const push = (
    actual: string | undefined,
    wanted: string | undefined,
    applied?: FormatOutcome["applied"],
  ): FormatOutcome =>
    markdownBlock.plan({
      actual,
      wanted,
      applied: applied && { ...applied, kind: "agents-md", format: "markdown-block" },
      take: undefined,
      retired: [],
      merge: undefined,
    });
  const first = push(undefined, "ours\n");
  ok(first.action === "write");
  const marked = `\ufeff${first.after}mine\n`;
  const second = push(marked, "news\n", first.applied);
  ok(second.action === "write");
  equal(second.after, marked.replace("ours", "news"));
  const last = push(second.after, undefined, second.applied);
  ok(last.action === "write");
  equal(last.after, "\ufeffmine\n");
});
