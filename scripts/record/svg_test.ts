import assert from "node:assert/strict";
import { readSvg, renderSvg } from "./svg.ts";

Deno.test("renderSvg() draws a session whose text readSvg() reads back", () => {
  const svg = renderSvg([
    { command: 'echo "<a> & b"', output: '<a> & b\n  indented "quotes"\n' },
    { command: "true", output: "" },
    { command: "long", output: "x".repeat(200) },
  ]);
  assert.deepEqual(readSvg(svg), [
    '$ echo "<a> & b"',
    "<a> & b",
    '  indented "quotes"',
    "",
    "$ true",
    "",
    "",
    "$ long",
    `${"x".repeat(103)}…`,
  ]);
  assert.equal(
    svg,
    renderSvg([
      { command: 'echo "<a> & b"', output: '<a> & b\n  indented "quotes"\n' },
      { command: "true", output: "" },
      { command: "long", output: "x".repeat(200) },
    ]),
  );
  assert.doesNotMatch(svg, /<script|href/);
});
