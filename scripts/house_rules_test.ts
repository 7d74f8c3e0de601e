import assert from "node:assert/strict";
import plugin from "./house_rules.ts";

const DOC = "/**\n * What it is for.\n *\n * @module\n */\n";

/** The ids of the rules that a file breaks. */
function broken(source: string, filename = "/repo/src/base/x.ts"): string[] {
  return Deno.lint.runPlugin(plugin, filename, source).map(({ id }) => id);
}

const BAD: readonly (readonly [rule: string, source: string])[] = [
  ["house/module-doc", "export const a = 1;"],
  ["house/module-doc", "// a line\nexport const a = 1;"],
  ["house/module-doc", "/** No tag. */\nexport const a = 1;"],
  ["house/no-assertion", `${DOC}const a = b as string;`],
  ["house/no-assertion", `${DOC}const a = <string> b;`],
  ["house/no-assertion", `${DOC}const a = b as unknown as string;`],
  ["house/no-suppression", `${DOC}// @ts-ignore: why not\nconst a = 1;`],
  ["house/no-suppression", `${DOC}// @ts-expect-error: why not\nconst a = 1;`],
  ["house/no-suppression", `${DOC}// deno-lint-ignore no-console\nconst a = 1;`],
  ["house/no-suppression", `${DOC}/* deno-lint-ignore-file */\nconst a = 1;`],
  ["house/literal-import", `${DOC}await import(name);`],
  ["house/literal-import", `${DOC}await import("./" + name + ".ts");`],
  ["house/no-lost-using", `${DOC}async function f() { using a = open(); return await a.read(); }`],
  ["house/no-lost-using", `${DOC}async function f() { await using a = open(); await a.read(); }`],
  ["house/no-print", `${DOC}Deno.stdout.writeSync(bytes);`],
  ["house/no-print", `${DOC}const out = Deno.stderr;`],
  ["house/no-client", `${DOC}const codexHome = 1;`],
  ["house/no-client", `${DOC}const a = "~/.claude";`],
  ["house/no-client", `${DOC}const a = \`\${home}/.codex\`;`],
];

for (const [rule, source] of BAD) {
  Deno.test(`${rule} reports ${JSON.stringify(source.replace(DOC, ""))}`, () => {
    assert.ok(broken(source).length > 0);
    assert.deepEqual([...new Set(broken(source))], [rule]);
  });
}

Deno.test("the house rules leave good code alone", () => {
  const source = `${DOC}
    import { a as b } from "./a.ts";
    // Clients (Codex 0.169) may be named in comments; @ts-ignore may be spoken of.
    const c = [b] as const satisfies readonly string[];
    const help = { brief: "Keeps ~/.codex in step", description: ["Claude", "too"].join() };
    function f(): void { using g = c; use(g.a, g.b); }
    function h(): void { using held = lock(); f(); }
    if (Deno.stdout.isTerminal()) await import("./d.ts");`;
  assert.deepEqual(broken(source), []);
});

Deno.test("house/no-lost-using is for all that is bundled, and not for tests", () => {
  const source = `${DOC}function f() { using a = open(); a.read(); }`;
  assert.deepEqual(broken(source, "/repo/clients/codex/usage.ts"), ["house/no-lost-using"]);
  assert.deepEqual(broken(source, "/repo/src/base/x_test.ts"), []);
  assert.deepEqual(broken(source, "/repo/tests/e2e/x.ts"), []);
});

Deno.test("house/no-print is for all that ships but the two that print", () => {
  const source = `${DOC}Deno.stderr.writeSync(bytes);`;
  assert.deepEqual(broken(source, "/repo/clients/codex/usage.ts"), ["house/no-print"]);
  for (const file of ["src/cli/output.ts", "src/server/log.ts", "scripts/x.ts", "src/base/x_test.ts"]) {
    assert.deepEqual(broken(source, `/repo/${file}`), []);
  }
});

Deno.test("house/no-client is for src/ alone, house/module-doc not for tests", () => {
  const source = `${DOC}const a = "codex";`;
  assert.deepEqual(broken(source, "/repo/clients/codex/client.ts"), []);
  assert.deepEqual(broken(source, "/repo/src/base/x_test.ts"), []);
  assert.deepEqual(broken("const a = 1;", "/repo/src/base/x_test.ts"), []);
  assert.deepEqual(broken("/** Five lines. */\nconst a = 1;", "/repo/main.ts"), []);
});
