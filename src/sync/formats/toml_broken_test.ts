/**
 * Blocks that are no valid TOML: what is ours in them is replaced, what is anybody else's is never lost.
 *
 * @module
 */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import fc from "fast-check";
import { BLOCK_BEGIN, BLOCK_END } from "./managed_block.ts";
import { appliedOf, block } from "./toml_fixture.ts";
import { planTomlKeys, type TomlKeysPlan } from "./toml_keys.ts";
import { parseToml } from "../../base/toml_values.ts";

const FRAGMENT = `model = "m-2"
args = [
  "x", # ours
]
doc = """
[not.a.table]
k = 1
"""

# about it
[mcp_servers.agentOS-portfolio]
url = "http://127.0.0.1:8787/mcp"
limit = 60
`;
const OLD = FRAGMENT.replace("m-2", "m-1").replace("8787", "8000");
const USER = ["a = 1\n\n", "\n[t]\nk = 1\n"] as const;

function plan(inside: string, last?: string, take?: "home" | "repo"): TomlKeysPlan {
  return planTomlKeys({
    target: FRAGMENT,
    actual: `${USER[0]}${block(inside)}${USER[1]}`,
    applied: last === undefined ? undefined : appliedOf(last),
    take,
    retired: [],
  });
}

function refusal(result: TomlKeysPlan): string {
  if (result.kind !== "refuse") throw new Error(`expected a refusal: ${JSON.stringify(result)}`);
  return result.problems.map(({ line, message }) => `${line} ${message}`).join("\n");
}

const OURS: readonly { readonly name: string; readonly inside: string; readonly bare?: boolean }[] = [
  { name: "a string without its end", inside: OLD.replace('m-1"', "m-1"), bare: true },
  { name: "a value without its quotes", inside: OLD.replace('"m-1"', 'm-1"'), bare: true },
  { name: "a value that is gone", inside: OLD.replace('"m-1"', "") },
  { name: "a header without its end", inside: OLD.replace("portfolio]", "portfolio") },
  { name: "a header cut short", inside: OLD.replace("folio]", "") },
  { name: "a comment without its sign", inside: OLD.replace("# about it", "about it") },
  { name: "an array without its end", inside: OLD.replace("\n]\n", "\n") },
  { name: "an array without its beginning", inside: OLD.replace("args = [\n", "") },
  { name: "a line twice", inside: OLD.replace("limit = 60\n", "limit = 60\nlimit = 60\n") },
  { name: "a table twice", inside: `${OLD}${OLD.slice(OLD.indexOf("[mcp"))}` },
  { name: "a carriage return within a line", inside: OLD.replace('m-1"', 'm-1"\r\r') },
  { name: "a carriage return within the block", inside: OLD.replace('m-1"', 'm-1"\r') + "\r" },
  { name: "a NUL", inside: OLD.replace("m-1", "m\0-1") },
  { name: "Windows line ends", inside: OLD.replace('m-1"', "m-1").replaceAll("\n", "\r\n") },
];

for (const { name, inside, bare } of OURS) {
  Deno.test(`planTomlKeys() replaces a block of ours that is broken by ${name}`, () => {
    for (const last of bare === true ? [OLD, undefined] : [OLD]) {
      const result = plan(inside, last);
      if (result.kind !== "write") throw new Error(refusal(result));
      equal(result.text.replaceAll("\r\n", "\n"), `${USER[0]}${block(FRAGMENT)}${USER[1]}`);
    }
  });
}

const BROKEN = OLD.replace('m-1"', "m-1");

const FOREIGN: readonly {
  readonly name: string;
  readonly inside: string;
  readonly expected: RegExp;
  /** Nobody can know without a record. */
  readonly known?: boolean;
}[] = [
  {
    name: "an array over lines",
    inside: BROKEN.replace("args", 'notify = [\n  "x",\n]\nargs'),
    expected: /^5 .*"notify", which is not ours/,
  },
  {
    name: "a string over lines",
    inside: BROKEN.replace("args", 'notes = """\nmodel = 1\n"""\nargs'),
    expected: /^5 .*"notes"/,
  },
  {
    name: "a broken key",
    inside: OLD.replace("args", 'sandbox_mode = "read-only\nargs'),
    expected: /^5 .*"sandbox_mode"/,
  },
  {
    name: "a broken header",
    inside: `${OLD}\n[projects."/x"\ntrust_level = "trusted"\n`,
    expected: /^18 .*this line/,
  },
  {
    name: "a comment",
    inside: BROKEN.replace("args", "# my note\nargs"),
    expected: /^5 .*a comment that is not ours/,
  },
  {
    name: "a comment behind a value",
    inside: BROKEN.replace("limit = 60", "limit = 60 # mine"),
    expected: /^16 .*comment/,
  },
  {
    name: "a comment behind a header",
    inside: BROKEN.replace("portfolio]", "portfolio] # mine"),
    expected: /^14 .*comment/,
  },
  {
    name: "a comment within a value",
    inside: BROKEN.replace("# ours", "# mine"),
    expected: /^6 .*/,
  },
  {
    name: "a comment behind a broken value",
    inside: OLD.replace('m-1"', "m-1 # mine"),
    expected: /^4 .*/,
  },
  {
    name: "a value in our array",
    inside: BROKEN.replace('  "x"', '  "y",\n  "x"'),
    expected: /^6 .*/,
    known: true,
  },
  {
    name: "an edited value beside a broken line",
    inside: BROKEN.replace("limit = 60", "limit = 90"),
    expected: /^16 .*"mcp_servers\.agentOS-portfolio\.limit" in it was changed here/,
    known: true,
  },
  {
    name: "an edited value in the broken line",
    inside: OLD.replace('"m-1"', '"mine'),
    expected: /^4 .*"model" in it was changed here/,
    known: true,
  },
  {
    name: "a second value of one key",
    inside: OLD.replace("args", 'model = "mine"\nargs'),
    expected: /^5 .*"model" in it was changed here/,
    known: true,
  },
  {
    name: "a table in a string of ours that lost its end",
    inside: OLD.replace('k = 1\n"""\n', 'k = 1\n[projects."/x"]\nn = """\n"""\n'),
    expected: /^\d+ /,
  },
  {
    name: "an inline table of ours and others",
    inside: BROKEN.replace("args", 'mcp_servers = { x = { url = "y" } }\nargs'),
    expected: /^5 .*"mcp_servers"/,
  },
  { name: "words", inside: OLD.replace("args", "remember the milk\nargs"), expected: /^5 .*this line/ },
];

for (const { name, inside, expected, known } of FOREIGN) {
  Deno.test(`planTomlKeys() does not throw ${name} away with a broken block`, () => {
    for (const last of known === true ? [OLD] : [OLD, undefined]) {
      match(refusal(plan(inside, last)), expected);
      match(refusal(plan(inside, last, "repo")), expected);
    }
  });
}

Deno.test("planTomlKeys() does not take an edited key beside a broken block for ours", () => {
  const result = planTomlKeys({
    target: FRAGMENT,
    actual: `model = "mine"\n\n${block(BROKEN)}`,
    applied: appliedOf(OLD),
    take: undefined,
    retired: [],
  });
  match(refusal(result), /^1 "model"/);
});

Deno.test("planTomlKeys() does not judge a block that is broken all over, nor search it all for each line", () => {
  match(refusal(plan("args = [\n".repeat(20_000))), /has too many broken lines to be judged/);
  equal(plan("args = [\n".repeat(3)).kind, "write");
  const broken = { target: FRAGMENT, applied: undefined, take: undefined, retired: [] };
  const actual = `${"a = [\n".repeat(20_000)}${block(OLD)}${"a = [\n".repeat(20_000)}`;
  ok(planTomlKeys({ ...broken, actual }).kind === "refuse");
});

Deno.test("planTomlKeys() reads marker text in a string outside as text, also while the block is broken", () => {
  for (const user of [`doc2 = """\n${BLOCK_BEGIN}\n${BLOCK_END}\n"""\n`, `x = '''\n${BLOCK_END}\n'''\n`]) {
    const result = planTomlKeys({
      target: FRAGMENT,
      actual: `${user}\n${block(BROKEN)}\n[t]\n${user}`,
      applied: appliedOf(OLD),
      take: undefined,
      retired: [],
    });
    if (result.kind !== "write") throw new Error(refusal(result));
    equal(result.text, `${user}\n${block(FRAGMENT)}\n[t]\n${user}`);
  }
});

const STATEMENTS = [
  'notify = ["x"]',
  'notify = [\n  "x",\n]',
  'notes = """\nmodel = "m-1"\n[mcp_servers.agentOS-portfolio]\n"""',
  '[projects."/home/u/x"]\ntrust_level = "trusted"',
  '[projects."/home/u/x"\ntrust_level = "trusted"',
  "enabled = false",
  "enabled = fal se",
  "# my own note",
  'sandbox_mode = "read-only',
  "hooks.x = { y = 1,\n z = 2 }",
  "[[hooks.Stop]]\nmatcher = 'x'",
  'unfinished = """\nwords',
  "remember the milk",
];
/** Lines of the fragment that a statement begins with: in a text of ours, a line is a change of its value. */
const BETWEEN = [0, 1, 4, 8, 9, 10, 11, 12, 13];
const BREAKS = ['"', "]", "[", "=", "'", '"""', "{"];

Deno.test("law: whatever somebody else wrote into a broken block is still there after every push", () => {
  const count = { refused: 0, written: 0 };
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...STATEMENTS), fc.nat()), { maxLength: 2 }),
      fc.array(fc.tuple(fc.constantFrom("cut", "add", "drop"), fc.constantFrom(...BREAKS), fc.nat()), {
        minLength: 1,
        maxLength: 3,
      }),
      fc.boolean(),
      fc.constantFrom("\n", "\r\n"),
      (foreign, breaks, isRecorded, lineEnd) => {
        const lines = OLD.split("\n").slice(0, -1);
        const inserted = new Map(
          foreign.map(([statement, place]) => [BETWEEN[place % BETWEEN.length], statement]),
        );
        for (const [kind, sign, place] of breaks) {
          const index = place % lines.length;
          const line = lines[index] ?? "";
          if (kind === "drop") lines[index] = line.replace(sign, "");
          else lines[index] = kind === "cut" ? line.slice(0, place % (line.length + 1)) : line + sign;
        }
        const inside = [...lines, ""].map((line, index) =>
          `${inserted.has(index) ? `${inserted.get(index)}\n` : ""}${line}`
        );
        // Where a block can be read and nobody recorded it, a line within a text of ours is its value.
        fc.pre(isRecorded || parseToml(inside.join("\n")).kind === "problem");
        const actual = `${USER[0]}${block(inside.join("\n"))}${USER[1]}`.replaceAll("\n", lineEnd);
        const result = planTomlKeys({
          target: FRAGMENT,
          actual,
          applied: isRecorded ? appliedOf(OLD) : undefined,
          take: undefined,
          retired: [],
        });
        if (result.kind === "refuse") {
          count.refused++;
          for (const { line } of result.problems) ok(line >= 1 && line <= actual.split("\n").length);
          return;
        }
        count.written++;
        const text = result.kind === "write" ? result.text : actual;
        for (const statement of inserted.values()) {
          for (const line of statement.split("\n")) ok(text.includes(line), `${line} was lost`);
        }
        const again = planTomlKeys({
          target: FRAGMENT,
          actual: text,
          applied: result.applied,
          take: undefined,
          retired: [],
        });
        deepEqual(again.kind, "same");
      },
    ),
    { numRuns: 2000 },
  );
  ok(count.refused > 100 && count.written > 100, JSON.stringify(count));
});
