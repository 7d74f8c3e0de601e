/**
 * What must hold for every edit of a settings file: the change is there, and every other byte is where it was.
 *
 * @module
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { isTomlTable, parseToml, valueAt, valuesEqual } from "../src/base/toml_values.ts";
import { type Edited, setKey, unsetKey } from "../src/config/edit.ts";
import { tomlFiles } from "./toml_arbitrary.ts";

const PATHS = [["repo"], ["server", "port"], ["server", "roots"], ["a", "b c", "d"], ["s1", "new"], [
  "r0",
  "new",
]];
const VALUES = ["1", "true", '"x # y"', '["/a", "/b"]', "[]"];

function textOf(edited: Edited): string {
  if (edited.kind === "problem") assert.fail(`line ${edited.line}: ${edited.message}`);
  return edited.text;
}

function read(text: string, path: readonly string[]): unknown {
  const parsed = parseToml(text.replace("\ufeff", ""));
  if (parsed.kind === "problem") assert.fail(parsed.problem.message);
  return valueAt(parsed.table, path);
}

/** How many of the first text's characters are not at the beginning or end of the second. */
function countLost(before: string, after: string): number {
  let head = 0;
  while (head < before.length && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < before.length - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  return before.length - head - tail;
}

const cases = fc.record({
  text: tomlFiles,
  path: fc.constantFrom(...PATHS),
  first: fc.constantFrom(...VALUES),
  second: fc.constantFrom(...VALUES),
});

/** A path through something that is no table is nobody's to edit. */
function canHold(text: string, path: readonly string[]): boolean {
  return path.slice(0, -1).every((_, at) => {
    const value = read(text, path.slice(0, at + 1));
    return value === undefined || isTomlTable(value);
  });
}

Deno.test("setKey() adds a key and keeps every byte; setting it again changes the value alone; unsetKey() takes it out", () => {
  let count = 0;
  fc.assert(
    fc.property(cases, ({ text, path, first, second }) => {
      if (!canHold(text, path) || read(text, path) !== undefined) return;
      const edited = setKey(text, path, first);
      // Inside an inline table nothing is added: a person must.
      if (edited.kind === "problem") return assert.match(text, /r0.*\{/);
      count++;
      const added = textOf(edited);
      assert.equal(countLost(text, added), 0);
      assert.ok(valuesEqual(read(added, path), read(`v = ${first}`, ["v"])));
      assert.equal(textOf(setKey(added, path, first)), added);
      const changed = textOf(setKey(added, path, second));
      assert.ok(countLost(added, changed) <= first.length);
      assert.ok(valuesEqual(read(changed, path), read(`v = ${second}`, ["v"])));
      const removed = textOf(unsetKey(changed, path));
      assert.equal(read(removed, path), undefined);
      assert.equal(countLost(removed, changed), 0);
    }),
    { numRuns: 500 },
  );
  assert.ok(count > 300, `${count} cases`);
});

const EXAMPLES:
  readonly (readonly [what: string, before: string, path: string, value: string, after: string])[] = [
    ["an empty file", "", "server.port", "1", "[server]\nport = 1\n"],
    ["a file without a last line end", "# x", "server.port", "1", "# x\n\n[server]\nport = 1\n"],
    [
      "a key with a comment behind it",
      "[server]\n  port\t=  1 # mine\n",
      "server.port",
      "22",
      "[server]\n  port\t=  22 # mine\n",
    ],
    [
      "a list over lines",
      "[server]\nroots = [\n  '/a', # a\n]\nport = 1\n",
      "server.roots",
      "[]",
      "[server]\nroots = []\nport = 1\n",
    ],
    [
      "a table with keys",
      "[server]\nport = 1\n# log_file = true\n\n[git]\n",
      "server.log_file",
      "true",
      "[server]\nport = 1\nlog_file = true\n# log_file = true\n\n[git]\n",
    ],
    ["a table without keys", "[server]\n[git]\n", "server.port", "1", "[server]\nport = 1\n[git]\n"],
    ["a root key among root keys", "a = 1\n\n[t]\n", "repo", "'/r'", "a = 1\nrepo = '/r'\n\n[t]\n"],
    [
      "a root key before tables",
      "# settings\n\n# the server\n[server]\n",
      "repo",
      "'/r'",
      "# settings\n\nrepo = '/r'\n\n# the server\n[server]\n",
    ],
    [
      "dotted keys",
      "server.port = 1\n",
      "server.log_file",
      "true",
      "server.port = 1\nserver.log_file = true\n",
    ],
    [
      "Windows' line ends",
      "[server]\r\nport = 1\r\n",
      "git.trusted",
      "[]",
      "[server]\r\nport = 1\r\n\r\n[git]\r\ntrusted = []\r\n",
    ],
    ["a table below", "[server.x]\na = 1\n", "server.port", "1", "[server.x]\na = 1\n\n[server]\nport = 1\n"],
  ];

for (const [what, before, path, value, after] of EXAMPLES) {
  Deno.test(`setKey() in ${what}`, () => assert.equal(textOf(setKey(before, path.split("."), value)), after));
}

Deno.test("setKey() and unsetKey() leave an inline table to its user's editor, and name its line", () => {
  const text = "\nserver = { port = 1 }\n";
  for (
    const edited of [setKey(text, ["server", "port"], "2"), setKey(text, ["server", "log_file"], "true")]
  ) {
    assert.deepEqual(edited.kind === "problem" ? edited.line : edited, 2);
  }
  assert.equal(setKey("server = 1\n", ["server", "port"], "2").kind, "problem");
});

Deno.test("unsetKey() takes the whole line and leaves a text without the key alone", () => {
  assert.equal(
    textOf(unsetKey("a = 1\n[server]\nport = 1 # x\nb = 2\n", ["server", "port"])),
    "a = 1\n[server]\nb = 2\n",
  );
  assert.equal(textOf(unsetKey("a = 1", ["server", "port"])), "a = 1");
});
