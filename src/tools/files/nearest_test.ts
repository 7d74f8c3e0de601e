import assert from "node:assert/strict";
import { findNearest } from "./nearest.ts";

const text = [
  "import a from 'a';",
  "",
  "function add(one: number, other: number): number {",
  "\treturn one + other;",
  "}",
  "",
  "function subtract(one: number, other: number): number {",
  "\treturn one - other;",
  "}",
].join("\n");

Deno.test("findNearest() tells white space, case and content apart", () => {
  const space = findNearest(text, "  return one - other;\n}");
  assert.deepEqual([space?.line, space?.differs], [8, "only in whitespace"]);
  assert.match(space?.diff ?? "", /^- {2}return one - other;$/m);
  assert.match(space?.diff ?? "", /^\+\treturn one - other;$/m);

  const letters = findNearest(text, "Function Add(");
  assert.deepEqual([letters?.line, letters?.differs], [3, "only in upper and lower case"]);

  const content = findNearest(
    text,
    "function subtract(one: number, other: number): number {\n\treturn other - one;\n}",
  );
  assert.deepEqual([content?.line, content?.differs], [7, "in its content"]);

  const close = findNearest(text, "function substract(one: number, othr: number) {");
  assert.deepEqual([close?.line, close?.differs], [7, "in its content"]);
});

Deno.test("findNearest() says nothing where nothing is near", () => {
  for (const wanted of ["completely different words here, zzz", " \n ", "\n"]) {
    assert.equal(findNearest(text, wanted), undefined, wanted);
  }
  assert.equal(findNearest("", "x"), undefined);
});

Deno.test("findNearest() is quick and short on large and hostile texts", () => {
  const started = performance.now();
  const large = Array.from({ length: 100_000 }, (_, index) => `line number ${index} ${"ab".repeat(8)}`).join(
    "\n",
  );
  assert.ok((findNearest(large, `${"x".repeat(400)}\nline number 5000x`)?.diff.length ?? 0) < 3_000);
  findNearest("a".repeat(4_000_000), "b".repeat(200));
  findNearest("return;\n".repeat(100_000), "return;\n".repeat(5_000) + "x");
  assert.ok(performance.now() - started < 15_000);
});
