import assert from "node:assert/strict";
import fc from "fast-check";
import { readGlob } from "./glob.ts";

/** Reads a glob that must be readable, and says whether it takes a path. */
function takes(glob: string, path: string, ignoreCase = false): boolean {
  const matcher = readGlob(glob, { ignoreCase });
  assert.ok(typeof matcher === "function", `${glob}: ${matcher}`);
  return matcher(path);
}

Deno.test("readGlob() matches as people expect of path globs", () => {
  const rows: readonly (readonly [glob: string, taken: readonly string[], left: readonly string[]])[] = [
    ["*.ts", ["a.ts", "deep/down/a.ts", ".ts"], ["a.tsx", "a.ts/b"]],
    ["src/*.ts", ["src/a.ts"], ["a.ts", "src/deep/a.ts", "x/src/a.ts"]],
    ["/src/*.ts", ["src/a.ts"], ["x/src/a.ts"]],
    ["/*.ts", ["a.ts"], ["src/a.ts"]],
    ["[^/]*.ts", ["a.ts"], ["src/a.ts", ".ts/a"]],
    ["a/[b/]c/d", ["a/bc/d"], ["a/[b/]c/d", "a//c/d"]],
    ["./*.{ts,md}", ["a.ts", "a.md"], ["src/a.ts"]],
    ["./src/**", ["src/a", "src/a/b", "src"], ["a/src"]],
    ["src/**/*.ts", ["src/a.ts", "src/a/b/c.ts"], ["src/a.js", "lib/a.ts"]],
    ["**/test/**/x?.[ch]", ["test/x1.c", "a/test/b/c/xy.h"], ["test/x.c", "a/x1.c", "test/x1.d"]],
    ["{src,lib}/*.{ts,js}", ["src/a.ts", "lib/b.js"], ["src/a.css", "doc/a.ts"]],
    ["a{b,c{d,e}}f", ["abf", "acdf", "acef"], ["acf", "af"]],
    ["a{b}", ["a{b}"], ["ab"]],
    ["[!a-c]x", ["dx", "zx"], ["ax", "bx"]],
    ["[]a]x", ["]x", "ax"], ["bx"]],
    ["[[:digit:]_]x", ["1x", "_x"], ["ax"]],
    ["a\\*b", ["a*b"], ["axb"]],
    ["[a", [], ["[a", "a"]],
    ["?", ["é", "😀"], ["ab", ""]],
  ];
  for (const [glob, taken, left] of rows) {
    for (const path of taken) assert.equal(takes(glob, path), true, `${glob} takes ${path}`);
    for (const path of left) assert.equal(takes(glob, path), false, `${glob} leaves ${path}`);
  }
  assert.equal(takes("*.TS", "a.ts", true), true);
  assert.equal(takes("README*", "readme.md"), false);
});

Deno.test("readGlob() says no to braces that multiply without end", () => {
  assert.equal(typeof readGlob("{a,b}".repeat(20), { ignoreCase: false }), "string");
});

Deno.test("readGlob() answers at once where a backtracking matcher never would", () => {
  const started = performance.now();
  assert.equal(takes("*a".repeat(100) + "*b", "a".repeat(250)), false);
  assert.equal(takes("**/a/".repeat(100) + "b", "a/".repeat(500) + "c"), false);
  assert.ok(performance.now() - started < 5_000);
});

Deno.test("readGlob() agrees with the plain definition of *, ** and ?", () => {
  const name = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 3 });
  const part = fc.oneof(
    fc.constant("**"),
    fc.string({ unit: fc.constantFrom("a", "b", "*", "?"), minLength: 1, maxLength: 4 })
      .filter((text) => !text.includes("**")),
  );
  fc.assert(
    fc.property(
      fc.array(part, { minLength: 2, maxLength: 4 }),
      fc.array(name, { minLength: 1, maxLength: 4 }),
      (parts, names) => {
        assert.equal(takes(parts.join("/"), names.join("/")), plainly(parts, names));
      },
    ),
    { numRuns: 2_000 },
  );
});

/** The definition itself: exponential, and for that reason only good on small things. */
function plainly(parts: readonly string[], names: readonly string[]): boolean {
  const [part, ...laterParts] = parts;
  const [name, ...laterNames] = names;
  if (part === undefined) return name === undefined;
  if (part === "**") return plainly(laterParts, names) || (name !== undefined && plainly(parts, laterNames));
  const source = part.replaceAll("?", ".").replaceAll("*", ".*");
  return name !== undefined && new RegExp(`^${source}$`).test(name) && plainly(laterParts, laterNames);
}
