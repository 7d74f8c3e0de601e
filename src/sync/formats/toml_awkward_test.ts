/**
 * The files that other tools corrupt or refuse: odd encodings and line ends, markers gone astray, the same key in every
 * spelling, and what the program that owns the file does to our block.
 *
 * @module
 */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { BLOCK_BEGIN, BLOCK_END } from "./managed_block.ts";
import { appliedOf, block } from "./toml_fixture.ts";
import { planTomlKeys, type TomlKeysPlan } from "./toml_keys.ts";

const FRAGMENT = `model = "m-2"

[mcp_servers.agentOS-portfolio]
url = "http://127.0.0.1:8787/mcp"

[roles.planner]
effort = "high"
`;
const OLD = FRAGMENT.replace("m-2", "m-1").replace("8787", "8000");
const windows = (text: string): string => text.replaceAll("\n", "\r\n");

interface Case {
  readonly name: string;
  readonly actual: string | undefined;
  readonly applied?: string;
  readonly fragment?: string;
}

function plan({ actual, applied, fragment }: Case): TomlKeysPlan {
  return planTomlKeys({
    target: fragment ?? FRAGMENT,
    actual,
    applied: applied === undefined ? undefined : appliedOf(applied),
    take: undefined,
    retired: [],
  });
}

const WRITES: readonly (Case & { readonly expected: string })[] = [
  { name: "a comment only", actual: "# mine", expected: `# mine\n\n${block(FRAGMENT)}` },
  { name: "a byte order mark only", actual: "\ufeff", expected: `\ufeff${block(FRAGMENT)}` },
  {
    name: "mostly Windows line ends",
    actual: "a = 1\r\nb = 2\r\nc = 3\n",
    expected: `a = 1\r\nb = 2\r\nc = 3\n\r\n${windows(block(FRAGMENT))}`,
  },
  {
    name: "comments above the first table, a blank line between them",
    actual: "a = 1\n\n# one\n\n# two\n[t]\n",
    expected: `a = 1\n\n# one\n\n${block(FRAGMENT)}\n# two\n[t]\n`,
  },
  {
    name: "headers inside strings and arrays",
    actual: 'a = "[x]"\nb = """\n[not]\n"""\nc = [\n[1],\n]\n[t]\n',
    expected: `a = "[x]"\nb = """\n[not]\n"""\nc = [\n[1],\n]\n\n${block(FRAGMENT)}\n[t]\n`,
  },
  {
    name: "the parent table spelled out",
    actual: "[mcp_servers]\nmine.url = 'x'\n",
    expected: `${block(FRAGMENT)}\n[mcp_servers]\nmine.url = 'x'\n`,
  },
  {
    name: "a table of the user's below ours",
    actual: "[mcp_servers.agentOS-portfolio.tools.x]\napproval_mode = 'approve'\n",
    expected: `${block(FRAGMENT)}\n[mcp_servers.agentOS-portfolio.tools.x]\napproval_mode = 'approve'\n`,
  },
  {
    name: "markers with blanks and carriage returns around them",
    actual: `  ${BLOCK_BEGIN}  \r\n${OLD}\t${BLOCK_END} \n`,
    expected: block(FRAGMENT),
  },
  {
    name: "a block that stands under a table of the user's",
    actual: `a = 1\n\n[t]\nk = 1\n\n${block(OLD)}`,
    expected: `a = 1\n\n${block(FRAGMENT)}\n[t]\nk = 1\n\n`,
  },
  {
    name: "a root key behind a block that had no table until now",
    actual: `${block('model = "m-1"\n')}x = 1\n`,
    expected: `x = 1\n\n${block(FRAGMENT)}`,
  },
  {
    name: "several foreign tables inside the block, one of them below ours",
    actual:
      `${BLOCK_BEGIN}\n${OLD}\n[projects."/a"]\nt = 1\n\n[mcp_servers.agentOS-portfolio.tools.x]\nm = 1\n${BLOCK_END}\n`,
    applied: OLD,
    expected: `${
      block(FRAGMENT)
    }\n[projects."/a"]\nt = 1\n\n[mcp_servers.agentOS-portfolio.tools.x]\nm = 1\n`,
  },
  {
    name: "a comment behind a value and a header of ours",
    actual: block(OLD.replace('m-1"', 'm-1" # why').replace("planner]", "planner] # mine")),
    applied: OLD,
    expected: block(FRAGMENT.replace('m-2"', 'm-2" # why').replace("planner]", "planner] # mine")),
  },
  {
    name: "a comment line of the user's inside the block",
    actual: block(`# note\n${OLD}`),
    applied: OLD,
    expected: `${block(FRAGMENT)}\n# note\n`,
  },
  {
    name: "ours rewritten as an inline table",
    actual: block(
      `model = "m-1"\nmcp_servers = { agentOS-portfolio = { url = "http://127.0.0.1:8000/mcp" } }\n` +
        '[roles.planner]\neffort = "high"\n',
    ),
    applied: OLD,
    expected: block(FRAGMENT),
  },
  {
    name: "dotted root keys rewritten as a table",
    actual: `${block('model = "m"\n')}\n[t]\nk = 1\n\n[x.y]\nurl = "u"\n`,
    applied: 'model = "m"\nx.y.url = "u"\n',
    fragment: 'model = "n"\nx.y.url = "u"\n',
    expected: `${block('model = "n"\nx.y.url = "u"\n')}\n[t]\nk = 1\n\n`,
  },
  {
    name: "an element inside the block and one behind it",
    actual: `${block("[q]\nk = 1\n\n[[hooks.Stop]]\nm = 1\n")}[[hooks.Stop]]\nm = 2\n`,
    applied: "[q]\nk = 1\n",
    fragment: "[q]\nk = 2\n",
    expected: `${block("[q]\nk = 2\n")}\n[[hooks.Stop]]\nm = 1\n\n[[hooks.Stop]]\nm = 2\n`,
  },
  {
    name: "the BEGIN marker gone",
    actual: `a = 1\n\n${OLD}${BLOCK_END}\n\n[t]\n`,
    applied: OLD,
    expected: `a = 1\n\n\n${block(FRAGMENT)}\n[t]\n`,
  },
  {
    name: "a multi-line string of ours in a file with Windows line ends",
    actual: "a = 1\r\n",
    fragment: 'd = """\nx\ny\n"""\nb = 1\n',
    expected: `a = 1\r\n\r\n${windows(block('d = """|x|y|"""\nb = 1\n')).replaceAll("|", "\n")}`,
  },
  {
    name: "a fragment with a byte order mark, Windows line ends and no last one",
    actual: "a = 1\n",
    fragment: "\ufeff\r\nb = 1\r\nc = 2",
    expected: `a = 1\n\n${block("b = 1\nc = 2\n")}`,
  },
  { name: "an empty fragment", actual: "a = 1\n", fragment: "\n", expected: `a = 1\n\n${block("")}` },
];

for (const row of WRITES) {
  Deno.test(`planTomlKeys() copes with ${row.name}`, () => {
    const result = plan(row);
    if (result.kind !== "write") throw new Error(JSON.stringify(result));
    equal(result.text, row.expected);
    const again = planTomlKeys({
      target: row.fragment ?? FRAGMENT,
      actual: result.text,
      applied: result.applied,
      take: undefined,
      retired: [],
    });
    equal(again.kind, "same");
  });
}

const UNTOUCHED: readonly Case[] = [
  { name: "Windows line ends in the block alone", actual: windows(block(FRAGMENT)), applied: FRAGMENT },
  { name: "no line end behind END", actual: block(FRAGMENT).trimEnd() },
  {
    name: "a comment behind a value of ours",
    actual: block(FRAGMENT.replace("planner]", "planner] # x")),
    applied: FRAGMENT,
  },
  {
    name: "a lesser line end in the block",
    actual: `a = 1\r\nb = 1\r\n\r\n${block("c = 1\n")}`,
    fragment: "c = 1",
  },
];

for (const row of UNTOUCHED) {
  Deno.test(`planTomlKeys() leaves ${row.name} as it is`, () => equal(plan(row).kind, "same"));
}

const REFUSALS: readonly (Case & { readonly expected: RegExp })[] = [
  {
    name: "nested markers",
    actual: `${BLOCK_BEGIN}\n${block("x = 1\n")}${BLOCK_END}\n`,
    expected: /^2 .*lines? 1.*2.*4.*5/,
  },
  {
    name: "reversed markers",
    actual: `${BLOCK_END}\na = 1\n${BLOCK_BEGIN}\n`,
    expected: /^1 .*END on line 1, BEGIN on line 3/,
  },
  { name: "markers without their #", actual: ">>> agentos managed >>>\n", expected: /^1 / },
  {
    name: "a broken file with an unclosed block",
    actual: `a = "x\n${BLOCK_BEGIN}\n`,
    expected: /^2 .*BEGIN on line 2/,
  },
  {
    name: "several stray keys",
    actual: `${block(OLD)}\nx = 1\ny = 2\n`,
    expected: /^11 .*"roles.planner.x"[^]*\n12 .*"y"/,
  },
  {
    name: "a broken block with a table of somebody else's in it",
    actual: `a = 1\n${BLOCK_BEGIN}\nmodel = \n[projects."/x"]\n${BLOCK_END}\n`,
    expected: /^4 .*\[projects\."\/x"\], which is not ours/,
  },
  { name: "a quoted header", actual: 'a = 1\n[mcp_servers."agentOS-portfolio"]\n', expected: /^2 / },
  { name: "an escaped header", actual: '[mcp_servers."agentOS\\u002dportfolio"]\n', expected: /^1 / },
  { name: "a spaced header", actual: "[ mcp_servers . agentOS-portfolio ]\n", expected: /^1 / },
  { name: "an inline table", actual: "[mcp_servers]\nagentOS-portfolio = { url = 'x' }\n", expected: /^2 / },
  {
    name: "a dotted key in a table",
    actual: "[mcp_servers]\nagentOS-portfolio.url = 'x'\n",
    expected: /^2 /,
  },
  { name: "an array of tables of our name", actual: "[[mcp_servers.agentOS-portfolio]]\n", expected: /^1 / },
  {
    name: "an array of tables below our root key",
    actual: "# c\n[t]\n\n[[model.x]]\n",
    expected: /^4 \[\[model\.x\]\] already defines what the fragment defines as "model"$/,
  },
  {
    name: "an array of tables below a key of our table",
    actual: "[[roles.planner.effort.x.y]]\n",
    expected: /^1 .*"roles\.planner\.effort"/,
  },
  { name: "a scalar where our table's parent is", actual: "mcp_servers = 1\n", expected: /^1 / },
  { name: "our key beside our block", actual: `model = "x"\n\n${block(OLD)}`, expected: /^1 / },
  { name: "our table behind our block", actual: `${block(OLD)}\n[roles.planner]\n`, expected: /^11 / },
  {
    name: "a statement that mixes ours with others",
    actual: block(
      'mcp_servers = { agentOS-portfolio = { url = "http://127.0.0.1:8000/mcp" }, x = { url = "y" } }\n',
    ),
    applied: OLD,
    expected: /^2 .*mixes/,
  },
  { name: "a NUL", actual: "a = 1\n# x\0\n", expected: /^2 / },
  { name: "nothing but NULs", actual: "\0\0\0\0", expected: /^1 / },
  { name: "a bare carriage return", actual: "a = 1\rb = 2\n", expected: /^1 / },
  { name: "a bare carriage return in a comment", actual: "b = 1\n# a\rb\n", expected: /^2 / },
  { name: "two byte order marks", actual: "\ufeff\ufeffa = 1\n", expected: /^1 / },
  { name: "an unescaped Windows path", actual: 'a = 1\np = "F:\\proj"\n', expected: /^2 / },
  { name: "a table defined twice", actual: "[t]\na = 1\n[t]\nb = 1\n", expected: /^3 / },
  { name: "a marker in the fragment", actual: "", fragment: `x = 1\n${BLOCK_END}\n`, expected: /^2 / },
];

for (const row of REFUSALS) {
  Deno.test(`planTomlKeys() refuses ${row.name}, and says where`, () => {
    const result = plan(row);
    if (result.kind !== "refuse") throw new Error(JSON.stringify(result));
    match(result.problems.map(({ line, message }) => `${line} ${message}`).join("\n"), row.expected);
  });
}

Deno.test("planTomlKeys() reads and keeps a file of 300 KB", () => {
  const tables = Array.from(
    { length: 5000 },
    (_, at) => `[projects."/home/u/p${at}"]\ntrust_level = "trusted"\n`,
  );
  const result = plan({ name: "", actual: tables.join("\n") });
  if (result.kind !== "write") throw new Error(result.kind);
  ok(result.text.endsWith(tables.join("\n")));
});

const HOME = FRAGMENT.replace("high", "mine");

Deno.test("planTomlKeys() keeps the user's value by choice, until the repo's value changes", () => {
  const taken = planTomlKeys({
    target: FRAGMENT,
    actual: block(HOME),
    applied: appliedOf(FRAGMENT),
    take: "home",
    retired: [],
  });
  equal(taken.kind, "same");
  if (taken.kind !== "same") return;
  deepEqual(taken.kept.now.map(({ line }) => line), [8]);
  const applied = taken.applied;

  const later = planTomlKeys({
    target: FRAGMENT,
    actual: block(HOME),
    applied,
    take: undefined,
    retired: [],
  });
  equal(later.kind, "same");
  if (later.kind === "same") deepEqual(later.kept, { now: [], paths: ["roles.planner.effort"] });

  const other = FRAGMENT.replace("m-2", "m-3");
  const news = planTomlKeys({ target: other, actual: block(HOME), applied, take: undefined, retired: [] });
  if (news.kind !== "write") throw new Error(news.kind);
  equal(news.text, block(HOME.replace("m-2", "m-3")));
  const still = planTomlKeys({
    target: other,
    actual: news.text,
    applied: news.applied,
    take: undefined,
    retired: [],
  });
  equal(still.kind, "same");

  const clash = planTomlKeys({
    target: FRAGMENT.replace("high", "low"),
    actual: block(HOME),
    applied,
    take: undefined,
    retired: [],
  });
  if (clash.kind !== "refuse") throw new Error(clash.kind);
  deepEqual(clash.problems.map(({ kind, line }) => `${kind} ${line}`), ["conflict 8"]);

  const repo = planTomlKeys({ target: FRAGMENT, actual: block(HOME), applied, take: "repo", retired: [] });
  if (repo.kind !== "write") throw new Error(repo.kind);
  equal(repo.text, block(FRAGMENT));

  const clean = planTomlKeys({
    target: undefined,
    actual: block(HOME),
    applied,
    take: undefined,
    retired: [],
  });
  equal(clean.kind, "refuse");
});

Deno.test("planTomlKeys() leaves out what the user defines, by choice, and puts it back when they no longer do", () => {
  const mine = '[mcp_servers.agentOS-portfolio]\nurl = "http://other:1/mcp"\n';
  const taken = planTomlKeys({
    target: FRAGMENT,
    actual: mine,
    applied: undefined,
    take: "home",
    retired: [],
  });
  if (taken.kind !== "write") throw new Error(JSON.stringify(taken));
  equal(taken.text, `${block('model = "m-2"\n\n[roles.planner]\neffort = "high"\n')}\n${mine}`);
  const later = planTomlKeys({
    target: FRAGMENT,
    actual: taken.text,
    applied: taken.applied,
    take: undefined,
    retired: [],
  });
  equal(later.kind, "same");
  const freed = planTomlKeys({
    target: FRAGMENT,
    actual: taken.text.replace(mine, ""),
    applied: taken.applied,
    take: undefined,
    retired: [],
  });
  if (freed.kind !== "write") throw new Error(freed.kind);
  ok(freed.text.includes(FRAGMENT));
});

Deno.test("planTomlKeys() takes old forms of ours away inside the block only", () => {
  const old = `profile = "planner"\n[profiles.planner]\nmodel = "x"\n`;
  const retired = [["profile"], ["profiles", "planner"]];
  const inside = planTomlKeys({
    target: 'a = "b"\n',
    actual: block(old),
    applied: undefined,
    take: undefined,
    retired,
  });
  if (inside.kind !== "write") throw new Error(inside.kind);
  equal(inside.text, block('a = "b"\n'));
  const outside = planTomlKeys({
    target: 'a = "b"\n',
    actual: old,
    applied: undefined,
    take: undefined,
    retired,
  });
  if (outside.kind !== "write") throw new Error(outside.kind);
  ok(outside.text.includes("[profiles.planner]"));
});
