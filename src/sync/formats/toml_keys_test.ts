/**
 * The managed fragment in a user's TOML file: worked cases, and the laws over random files and fragments.
 *
 * @module
 */

import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { BLOCK_BEGIN, BLOCK_END } from "./managed_block.ts";
import { appliedOf, block } from "./toml_fixture.ts";
import { type AppliedKeys, planTomlKeys, type TomlKeysPlan } from "./toml_keys.ts";
import { parseToml, valuesEqual } from "../../base/toml_values.ts";

const FRAGMENT = `model = "m-2"

[mcp_servers.agentOS-portfolio]
url = "http://127.0.0.1:8787/mcp"
`;
const OLD = FRAGMENT.replace("m-2", "m-1").replace("8787", "8000");

function plan(
  actual: string | undefined,
  applied?: AppliedKeys,
  target: string | undefined = FRAGMENT,
): TomlKeysPlan {
  return planTomlKeys({ target, actual, applied, take: undefined, retired: [] });
}

function written(result: TomlKeysPlan): string {
  if (result.kind !== "write") throw new Error(`expected a write: ${JSON.stringify(result)}`);
  return result.text;
}

function refusal(result: TomlKeysPlan): string {
  if (result.kind !== "refuse") throw new Error(`expected a refusal: ${JSON.stringify(result)}`);
  return result.problems.map(({ kind, line }) => `${kind}:${line}`).join(" ");
}

const WRITES: readonly {
  name: string;
  actual: string | undefined;
  applied?: AppliedKeys;
  expected: string;
}[] = [
  { name: "makes a missing file", actual: undefined, expected: block(FRAGMENT) },
  { name: "fills an empty file", actual: "", expected: block(FRAGMENT) },
  { name: "stands behind root keys", actual: "a = 1\n", expected: `a = 1\n\n${block(FRAGMENT)}` },
  { name: "closes an unfinished last line", actual: "a = 1", expected: `a = 1\n\n${block(FRAGMENT)}` },
  {
    name: "stands before the first table and the comment above it",
    actual: "a = 1\n\n# mine\n[t]\nk = 1\n",
    expected: `a = 1\n\n${block(FRAGMENT)}\n# mine\n[t]\nk = 1\n`,
  },
  {
    name: "keeps a byte order mark first",
    actual: "\ufeffa = 1\n",
    expected: `\ufeffa = 1\n\n${block(FRAGMENT)}`,
  },
  {
    name: "writes the file's line ends",
    actual: "a = 1\r\n",
    expected: `a = 1\r\n\r\n${block(FRAGMENT).replaceAll("\n", "\r\n")}`,
  },
  {
    name: "replaces an older block in place",
    actual: `a = 1\n\n${block(OLD)}\n# mine\n[t]\nk = 1 # x\n`,
    expected: `a = 1\n\n${block(FRAGMENT)}\n# mine\n[t]\nk = 1 # x\n`,
  },
  {
    name: "replaces a block that is broken only inside",
    actual: `a = 1\n\n${block('model = "x\n')}`,
    expected: `a = 1\n\n${block(FRAGMENT)}`,
  },
  {
    name: "moves a foreign table out of the block",
    actual: `${BLOCK_BEGIN}\n${OLD}\n[projects."/x"]\ntrust_level = "trusted"\n${BLOCK_END}\n`,
    applied: appliedOf(OLD),
    expected: `${block(FRAGMENT)}\n[projects."/x"]\ntrust_level = "trusted"\n`,
  },
  {
    name: "moves a foreign root key out of the block",
    actual: `${BLOCK_BEGIN}\nmodel = "m-1"\nnotify = ["x"]\n${
      OLD.slice(OLD.indexOf("\n[mcp"))
    }${BLOCK_END}\n`,
    applied: appliedOf(OLD),
    expected: `notify = ["x"]\n\n${block(FRAGMENT)}`,
  },
  {
    name: "leaves a key of somebody else's in our table",
    actual: block(`${OLD}enabled = false # for now\n`),
    applied: appliedOf(OLD),
    expected: block(`${FRAGMENT}enabled = false # for now\n`),
  },
  {
    name: "leaves a comment above a key of somebody else's in our table with it",
    actual: block(`${OLD}# off for now\n# until Monday\nenabled = false\n`),
    applied: appliedOf(OLD),
    expected: block(`${FRAGMENT}# off for now\n# until Monday\nenabled = false\n`),
  },
  {
    name: "moves a comment out of the block with the root key below it",
    actual: `${BLOCK_BEGIN}\n# mine\nnotify = ["x"]\n${OLD}# about nothing\n${BLOCK_END}\n`,
    applied: appliedOf(OLD),
    expected: `# mine\nnotify = ["x"]\n\n${block(FRAGMENT)}\n# about nothing\n`,
  },
  {
    name: "moves a comment out of the block with the table that the repo drops and the key below it",
    actual: block(`${OLD}\n[gone]\na = 1\n# mine\nb = 2\n`),
    applied: appliedOf(`${OLD}\n[gone]\na = 1\n`),
    expected: `${block(FRAGMENT)}\n[gone]\n# mine\nb = 2\n`,
  },
  {
    name: "takes our keys back when the markers are lost",
    actual: `a = 1\n${OLD}\n[t]\nk = 1\n`,
    applied: appliedOf(OLD),
    expected: `a = 1\n\n${block(FRAGMENT)}\n[t]\nk = 1\n`,
  },
  {
    name: "heals a lost END marker when it knows what it wrote",
    actual: `${BLOCK_BEGIN}\n${OLD}`,
    applied: appliedOf(OLD),
    expected: block(FRAGMENT),
  },
];

for (const { name, actual, applied, expected } of WRITES) {
  Deno.test(`planTomlKeys() ${name}`, () => {
    const text = written(plan(actual, applied));
    equal(text, expected);
  });
}

Deno.test("planTomlKeys() has nothing to do where somebody commented a key that they put into our table", () => {
  for (const below of ["# off for now\nenabled = false\n", "# one\nenabled = false\n# two\ntools.x = 1\n"]) {
    for (const lineEnd of ["\n", "\r\n"]) {
      const actual = block(`${FRAGMENT}${below}`).replaceAll("\n", lineEnd);
      equal(plan(actual, appliedOf(FRAGMENT)).kind, "same");
    }
  }
});

const REFUSALS: readonly {
  name: string;
  actual: string;
  applied?: AppliedKeys;
  target?: string;
  expected: string;
}[] = [
  {
    name: "an unclosed block",
    actual: `a = 1\n${BLOCK_BEGIN}\nold = 1\n[user]\nk = 2\n`,
    expected: "markers:2",
  },
  {
    name: "two blocks",
    actual: `${block("x = 1\n")}\n[u]\nk = 2\n\n${block("[y]\nz = 1\n")}`,
    expected: "markers:8",
  },
  { name: "a lone END", actual: `a = 1\n${BLOCK_END}\n`, expected: "markers:2" },
  { name: "a key behind the block", actual: `${block(OLD)}\nsandbox_mode = "x"\n`, expected: "stray:8" },
  { name: "broken TOML", actual: 'a = 1\nb = "x\n', expected: "invalid:2" },
  {
    name: "a table of the user's",
    actual: '[mcp_servers."agentOS-portfolio"]\nurl = "x"\n',
    expected: "collision:1",
  },
  {
    name: "a dotted key of the user's",
    actual: 'mcp_servers.agentOS-portfolio.url = "x"\n',
    expected: "collision:1",
  },
  {
    name: "an inline parent",
    actual: "a = 1\nmcp_servers = { x = { url = 'y' } }\n",
    expected: "collision:2",
  },
  { name: "a scalar parent", actual: "mcp_servers = 1\n", expected: "collision:1" },
  { name: "an array of tables as parent", actual: "[[mcp_servers]]\nx = 1\n", expected: "collision:1" },
  { name: "a root key of the user's", actual: 'model = "mine"\n', expected: "collision:1" },
  {
    name: "an edited value",
    actual: block(FRAGMENT.replace("8787", "9999")),
    applied: appliedOf(FRAGMENT),
    expected: "edited:5",
  },
  {
    name: "a time that was edited below the millisecond",
    actual: block("at = 07:32:00.123457\n"),
    applied: appliedOf("at = 07:32:00.123456\n"),
    target: "at = 07:32:00.123456\n",
    expected: "edited:2",
  },
  {
    name: "an edited value with news",
    actual: block(OLD.replace("8000", "9999")),
    applied: appliedOf(OLD),
    expected: "conflict:5",
  },
  {
    name: "a token left in the fragment",
    actual: "",
    target: 'a = 1\nmodel = "{{M}}"\n',
    expected: "invalid:2",
  },
  {
    name: "a secret in the fragment",
    actual: "",
    target: 'k = "sk-or-v1-0123456789abcdef0123"\n',
    expected: "invalid:1",
  },
];

for (const { name, actual, applied, target, expected } of REFUSALS) {
  Deno.test(`planTomlKeys() refuses ${name}, with the line`, () => {
    equal(refusal(plan(actual, applied, target)), expected);
  });
}

const UNFINISHED: readonly { name: string; inside: string; target?: string; expected: string }[] = [
  {
    name: "a key in our table",
    inside: `${FRAGMENT}enabled = false\n`,
    expected: "a = 1\n[mcp_servers.agentOS-portfolio]\nenabled = false\n",
  },
  { name: "a comment", inside: `${FRAGMENT}# my own note\n`, expected: "a = 1\n# my own note\n" },
  { name: "a table", inside: `${FRAGMENT}[t]\nk = 1\n`, expected: "a = 1\n[t]\nk = 1\n" },
];

for (const { name, inside, expected } of UNFINISHED) {
  Deno.test(`planTomlKeys() joins ${name} from the block to a last line without an end by a new one`, () => {
    for (const lineEnd of ["\n", "\r\n"]) {
      const set = (text: string): string => text.replaceAll("\n", lineEnd);
      const applied = { ...appliedOf(FRAGMENT), glue: { before: lineEnd + lineEnd, after: "" } };
      const actual = set(`a = 1\n\n${block(inside)}`);
      const result = planTomlKeys({ target: undefined, actual, applied, take: undefined, retired: [] });
      equal(written(result), set(expected));
    }
  });
}

Deno.test("planTomlKeys() gives what it moves out a line of its own where the block is put anew", () => {
  const applied = { ...appliedOf(OLD), glue: { before: "\n\n", after: "" } };
  const rows = [
    `${OLD.replace("url", "# mine\nurl")}[t]\nk = 1`,
    `[t]\nk = 1\n\n${block(`${OLD}# mine\n`)}`,
  ];
  for (const actual of rows) {
    equal(written(plan(actual, applied)), `${block(FRAGMENT)}\n[t]\nk = 1\n# mine\n`);
  }
});

Deno.test("planTomlKeys() leaves marker text in strings and longer comments alone", () => {
  const actual = `doc = """\n${BLOCK_BEGIN}\n${BLOCK_END}\n"""\n# see ${BLOCK_BEGIN}\n`;
  ok(written(plan(actual)).startsWith(`${actual}\n${BLOCK_BEGIN}`));
});

/** Texts of user files: trivia, root keys, tables, dotted and quoted keys, arrays of tables, multi-line values. */
const userFiles = fc.record({
  roots: fc.array(
    fc.constantFrom(
      "a = 1",
      'b = "x" # note',
      "c = [\n  1, # one\n  2,\n]",
      'd.e = """\n[not]\n"""',
      "'q x' = 1.0",
      "# a comment",
      "",
    ),
  ),
  tables: fc.array(fc.constantFrom(
    "[t]\nk = 1",
    "# above\n[ t . u ]  # odd\n  k   =   9007199254740993",
    "[projects.\"/home/u/x\"]\ntrust_level = 'trusted'",
    "[mcp_servers.mine]\ncommand = 'npx' # keep\n",
    "[[hooks]]\nname = 'a'\n[hooks.env]\nX = '1'",
    "[[hooks]]\nname = 'b'",
    "[tui]",
    "",
  )),
  lineEnd: fc.constantFrom("\n", "\r\n"),
  mark: fc.constantFrom("", "\ufeff"),
  last: fc.constantFrom("", "\n", "\n\n"),
}).map(({ roots, tables, lineEnd, mark, last }) => {
  const unique = (items: readonly string[]): string[] => [...new Set(items)];
  const text = [...unique(roots), ...unique(tables)].join("\n").trimEnd();
  return mark + (text === "" ? "" : text + last).replaceAll("\n", lineEnd);
}).filter((text) => parseToml(text.replace("\ufeff", "")).kind === "table");

const fragments = fc.record({
  roots: fc.subarray(['model = "m"', 'approval_policy = "never" # ours', "x.y = [1,\n 2]"]),
  tables: fc.subarray([
    '[mcp_servers.agentOS-portfolio]\nurl = "http://127.0.0.1:1/mcp"\ntool_timeout_sec = 60',
    "# about it\n[model_providers.openrouter]\nname = 'OpenRouter'",
    "[roles.planner]\neffort = 'high'",
  ]),
}).map(({ roots, tables }) => [...roots, ...tables].join("\n") + "\n");

Deno.test("law: push twice is push once, and push then clean gives the user's bytes back", () => {
  fc.assert(
    fc.property(userFiles, fragments, fragments, (user, first, second) => {
      const pushed = plan(user, undefined, first);
      if (pushed.kind === "refuse") throw new Error(JSON.stringify(pushed.problems));
      const text = pushed.kind === "write" ? pushed.text : user;
      equal(plan(text, pushed.applied, first).kind, "same");

      const updated = plan(text, pushed.applied, second);
      if (updated.kind === "refuse") throw new Error(JSON.stringify(updated.problems));
      const newer = updated.kind === "write" ? updated.text : text;
      const cleaned = planTomlKeys({
        target: undefined,
        actual: newer,
        applied: updated.applied,
        take: undefined,
        retired: [],
      });
      equal(cleaned.kind === "write" ? cleaned.text : newer, user);
    }),
    { numRuns: 400 },
  );
});

Deno.test("law: what somebody else writes inside the block survives every push, value for value", () => {
  const foreign = fc.subarray([
    "[tui]\nseen = true\n",
    '\n# theirs\n[projects."/p"]\ntrust_level = "trusted"\n',
    "[[hooks.Stop]]\nmatcher = 'x'\n",
    "[features]\nhooks = true # yes\n",
  ]);
  fc.assert(
    fc.property(fragments, fragments, foreign, (first, second, tables) => {
      const pushed = plan("user = 1\n", undefined, first);
      const text = written(pushed);
      if (pushed.kind === "refuse") return;
      const invaded = text.replace(`${BLOCK_END}\n`, `${tables.join("")}${BLOCK_END}\n`);
      const next = plan(invaded, pushed.applied, second);
      if (next.kind === "refuse") throw new Error(JSON.stringify(next.problems));
      const result = next.kind === "write" ? next.text : invaded;
      const values = parseToml(result);
      const expected = parseToml(`user = 1\n${tables.join("")}`);
      if (values.kind === "problem" || expected.kind === "problem") throw new Error("not TOML");
      for (const [key, value] of Object.entries(expected.table)) {
        ok(valuesEqual(values.table[key], value), key);
      }
      for (const table of tables) ok(result.includes(table.trim()), "its bytes are kept");
      deepEqual(plan(result, next.applied, second).kind, "same");
    }),
    { numRuns: 300 },
  );
});

Deno.test("law: no text makes it throw, and a refusal always names a line of the file", () => {
  const lines = fc.array(
    fc.constantFrom(
      BLOCK_BEGIN,
      BLOCK_END,
      "[t]",
      "k = 1",
      'model = "m-1"',
      "[[x]]",
      "\ufeff",
      '"""',
      "'''",
      "]",
      "}",
      "#",
      "a.b.c = {",
      "\r",
    ),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(lines, fc.boolean(), (parts, known) => {
      const text = parts.join("\n");
      const result = plan(text, known ? appliedOf(OLD) : undefined);
      if (result.kind !== "refuse") return;
      for (const { line } of result.problems) ok(line >= 1 && line <= parts.length + 1, `line ${line}`);
    }),
    { numRuns: 2000 },
  );
});
