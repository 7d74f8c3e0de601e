/**
 * The same key in another spelling: what the repo respells, what a program that rewrites the file respells, and what a
 * user's choice means then.
 *
 * @module
 */

import { deepEqual, equal, ok } from "node:assert/strict";
import { appliedOf, block } from "./toml_fixture.ts";
import { planTomlKeys, type TomlKeysPlan } from "./toml_keys.ts";
import { parseToml } from "../../base/toml_values.ts";

function plan(
  input: Pick<Parameters<typeof planTomlKeys>[0], "target" | "actual" | "applied"> & {
    readonly take?: "home" | "repo";
  },
): TomlKeysPlan {
  return planTomlKeys({ take: undefined, ...input, retired: [] });
}

function written(result: TomlKeysPlan): Extract<TomlKeysPlan, { kind: "write" }> {
  if (result.kind !== "write") throw new Error(`expected a write: ${JSON.stringify(result)}`);
  return result;
}

function valuesOf(text: string): unknown {
  const parsed = parseToml(text);
  return parsed.kind === "table" ? parsed.table : parsed.problem;
}

const SPELLINGS = [
  {
    name: "dotted keys that become a table",
    old: 'mp.o.name = "O"\nmp.o.url = "a"\n',
    now: '[mp.o]\nname = "O"\nurl = "a"\n',
    kept: '[mp.o]\nname = "O"\nurl = "mine" # my own\n',
  },
  {
    name: "a table that becomes dotted keys",
    old: '[mp.o]\nname = "O"\nurl = "a"\n',
    now: 'mp.o.name = "O"\nmp.o.url = "a"\n',
    kept: 'mp.o.name = "O"\nmp.o.url = "mine" # my own\n',
  },
  {
    name: "a table that becomes a key of the one above",
    old: '[mp.o]\nname = "O"\nurl = "a"\n',
    now: '[mp]\no.name = "O"\no."url" = "a"\n',
    kept: '[mp]\no.name = "O"\no."url" = "mine" # my own\n',
  },
];

for (const { name, old, now, kept } of SPELLINGS) {
  Deno.test(`a value that is kept by choice stays the same key with ${name}`, () => {
    const actual = block(old.replace('"a"', '"mine" # my own'));
    const taken = written(plan({ target: now, actual, applied: appliedOf(old), take: "home" }));
    equal(taken.text, block(kept));
    deepEqual(valuesOf(taken.text), { mp: { o: { name: "O", url: "mine" } } });
    const again = plan({ target: now, actual: taken.text, applied: taken.applied });
    equal(again.kind, "same");
    ok(again.kind === "same");
    deepEqual(again.kept.paths, ["mp.o.url"]);
  });

  Deno.test(`a value that was kept before stays kept with ${name}`, () => {
    const actual = block(old.replace('"a"', '"mine" # my own'));
    const taken = plan({ target: old, actual, applied: appliedOf(old), take: "home" });
    equal(taken.kind, "same");
    const later = written(
      plan({ target: now, actual, applied: taken.kind === "same" ? taken.applied : undefined }),
    );
    equal(later.text, block(kept));
    deepEqual(later.kept, { now: [], paths: ["mp.o.url"] });
  });
}

const INLINE = '[s]\nurl = "u"\nheaders = { "X-A" = "b" }\nlimit = 10\n';
const OTHER_FORMS = [
  { name: "a sub-table", inside: '[s]\nurl = "u"\nlimit = 10\n\n[s.headers]\nX-A = "b"\n' },
  { name: "dotted keys", inside: '[s]\nurl = "u"\nheaders.X-A = "b"\nlimit = 10\n' },
  {
    name: "a part of the whole table inline",
    inside: 's = { url = "u", headers = { "X-A" = "b" }, limit = 10 }\n',
  },
];

for (const { name, inside } of OTHER_FORMS) {
  const applied = appliedOf(INLINE);
  const actual = `a = 1\n\n${block(inside)}`;
  const edited = actual.replace('"b"', '"c"');

  Deno.test(`an inline table of ours that became ${name} is ours still`, () => {
    const result = written(plan({ target: INLINE, actual, applied }));
    equal(result.text, `a = 1\n\n${block(INLINE)}`);
    deepEqual(result.notes, []);
    equal(result.isNews, false);
    equal(written(plan({ target: undefined, actual, applied })).text, "a = 1\n\n");
  });

  Deno.test(`an inline table of ours that became ${name} takes the repo's news`, () => {
    const target = INLINE.replace('"b"', '"d"');
    equal(written(plan({ target, actual, applied })).text, `a = 1\n\n${block(target)}`);
  });

  Deno.test(`an inline table of ours that became ${name} and was edited waits for a choice`, () => {
    for (const target of [INLINE, undefined]) {
      const result = plan({ target, actual: edited, applied });
      ok(result.kind === "refuse");
      deepEqual(result.problems.map(({ kind }) => kind), ["edited"]);
    }
    equal(
      written(plan({ target: INLINE, actual: edited, applied, take: "repo" })).text,
      `a = 1\n\n${block(INLINE)}`,
    );
    const kept = plan({ target: INLINE, actual: edited, applied, take: "home" });
    ok(kept.kind === "refuse");
    deepEqual(kept.problems.map(({ kind, message }) => `${kind}: ${message}`), [
      'unproven: "s.headers" was changed here since the last push, and cannot be kept in this form; ' +
      "write it as one key with its value, as the repo does",
    ]);
  });
}

Deno.test("what somebody adds to an inline table of ours in another form is a change of its value", () => {
  const actual = block('[s]\nurl = "u"\nlimit = 10\n\n[s.headers]\nX-A = "b"\nX-B = "mine"\n');
  const applied = appliedOf(INLINE);
  const result = plan({ target: INLINE, actual, applied });
  ok(result.kind === "refuse");
  deepEqual(result.problems.map(({ kind, line }) => `${kind} ${line}`), ["edited 7"]);
  equal(written(plan({ target: INLINE, actual, applied, take: "repo" })).text, block(INLINE));
  equal(plan({ target: undefined, actual, applied }).kind, "refuse");
});

Deno.test("without a record nothing that somebody added to an inline table of ours is lost", () => {
  const actual = block('[s]\nurl = "u"\nlimit = 10\n\n[s.headers]\nX-A = "b"\nX-B = "mine"\n');
  const result = plan({ target: INLINE, actual, applied: undefined });
  ok(result.kind === "refuse");
  deepEqual(result.problems.map(({ kind, line }) => `${kind} ${line}`), ["unproven 8"]);
});

Deno.test("what is the user's stays where the repo now wants an inline table, whatever they choose", () => {
  const last = '[s]\nurl = "u"\n[s.headers]\nX-A = "b"\n';
  const rows: readonly (readonly [name: string, inside: string, expected: string])[] = [
    ["a key in our table", `${last}X-B = "mine"\n`, "unproven 6"],
    ["a table of theirs", `${last}[s.headers.mine]\nk = 1\n`, "unproven 7"],
  ];
  for (const [name, inside, expected] of rows) {
    const input = { target: INLINE, actual: block(inside), applied: appliedOf(last) };
    equal(plan(input).kind, "refuse", name);
    equal(plan({ ...input, take: "home" }).kind, "refuse", name);
    const result = plan({ ...input, take: "repo" });
    ok(result.kind === "refuse", name);
    deepEqual(result.problems.map(({ kind, line }) => `${kind} ${line}`), [expected], name);
  }
});

Deno.test("an inline table of ours that became a sub-table is taken back when the markers are lost", () => {
  const actual = 'a = 1\n\n[s]\nurl = "u"\nlimit = 10\n\n[s.headers]\nX-A = "b"\n\n[mine]\nk = 1\n';
  const result = written(plan({ target: INLINE, actual, applied: appliedOf(INLINE) }));
  equal(result.text, `a = 1\n\n${block(INLINE)}\n[mine]\nk = 1\n`);
  const theirs = plan({
    target: INLINE,
    actual: actual.replace("X-A", "X-B"),
    applied: appliedOf(INLINE),
    take: "repo",
  });
  ok(theirs.kind === "refuse");
  deepEqual(theirs.problems.map(({ kind, line }) => `${kind} ${line}`), ["collision 7"]);
});

Deno.test("an array of ours that became tables, and an empty table of ours with a header, are ours still", () => {
  const target = 'list = [{ k = 1 }, { k = 2 }]\n\n[s]\nurl = "u"\nheaders = {}\n';
  const actual = block('[s]\nurl = "u"\n[s.headers]\n\n[[list]]\nk = 1\n\n[[list]]\nk = 2\n');
  equal(written(plan({ target, actual, applied: appliedOf(target) })).text, block(target));
  const more = actual.replace("k = 2\n", "k = 2\n\n[[list]]\nk = 3\n");
  const result = plan({ target, actual: more, applied: appliedOf(target) });
  ok(result.kind === "refuse");
  deepEqual(result.problems.map(({ kind }) => kind), ["edited"]);
});

const LINES = 'model = "m"\nrules = """\nOne.\nTwo.\n"""\n';

Deno.test("a text of many lines in a file whose line ends became Windows' is the same text", () => {
  const actual = `a = 1\n\n${block(LINES)}`.replaceAll("\n", "\r\n");
  const applied = appliedOf(LINES);
  equal(plan({ target: LINES, actual, applied }).kind, "same");
  equal(written(plan({ target: undefined, actual, applied })).text, "a = 1\r\n\r\n");
  const news = written(plan({ target: LINES.replace('"m"', '"n"'), actual, applied }));
  deepEqual(valuesOf(news.text), { a: 1, model: "n", rules: "One.\nTwo.\n" });
  equal(plan({ target: LINES.replace('"m"', '"n"'), actual: news.text, applied: news.applied }).kind, "same");
});

Deno.test("an edit of a text of many lines in a Windows file is noticed, and kept by choice for good", () => {
  const actual = block(LINES.replace("Two", "Three")).replaceAll("\n", "\r\n");
  const applied = appliedOf(LINES);
  equal(plan({ target: LINES, actual, applied }).kind, "refuse");
  const kept = plan({ target: LINES, actual, applied, take: "home" });
  ok(kept.kind === "same");
  const later = plan({ target: LINES, actual, applied: kept.applied });
  ok(later.kind === "same");
  deepEqual(later.kept, { now: [], paths: ["rules"] });
});

Deno.test("a carriage return that is written as an escape is part of the text", () => {
  const target = 'rules = "One.\\nTwo."\n';
  const actual = block('rules = "One.\\r\\nTwo."\n').replaceAll("\n", "\r\n");
  equal(plan({ target, actual, applied: appliedOf(target) }).kind, "refuse");
});

Deno.test("a value that cannot be kept says why, with its place", () => {
  const target = '[s]\nurl = "u"\n';
  const rows: readonly (readonly [actual: string, problem: string])[] = [
    [
      'url = "u?k=sk-abcdefghijklmnop1234567890"',
      "unproven 3:12 it holds what looks like a secret (API key)",
    ],
    ['url = "{{x}}"', "unproven 3:8 the token {{x}} was not expanded"],
    ['url = """\n{{x}}"""', "unproven 4:1 the token {{x}} was not expanded"],
  ];
  for (const [statement, problem] of rows) {
    const actual = block(`[s]\n${statement}\n`);
    const result = plan({ target, actual, applied: appliedOf(target), take: "home" });
    ok(result.kind === "refuse");
    const reason = '"s.url" was changed here since the last push, and cannot be kept: ';
    deepEqual(
      result.problems.map(({ kind, line, column, message }) =>
        `${kind} ${line}:${column} ${message.replace(reason, "")}`
      ),
      [problem],
    );
    // Where the repo drops the key it becomes the user's, and nothing is recorded of it.
    const dropped = plan({ target: 'a = "b"\n', actual, applied: appliedOf(target), take: "home" });
    equal(written(dropped).text, `${block('a = "b"\n')}\n[s]\n${statement}\n`);
  }
});

Deno.test("a changed inline table of ours that became a sub-table is the user's once the repo drops it", () => {
  const actual = block('[s]\nurl = "u"\nlimit = 10\n\n[s.headers]\nX-A = "c" # mine\n');
  const rest = '[s]\nurl = "u"\nlimit = 10\n';
  const result = written(plan({ target: rest, actual, applied: appliedOf(INLINE), take: "home" }));
  equal(result.text, `${block(rest)}\n[s.headers]\nX-A = "c" # mine\n`);
  equal(plan({ target: rest, actual: result.text, applied: result.applied }).kind, "same");
});

Deno.test("an edit that is kept stays in the file where the repo's new spelling cannot stand beside the user's", () => {
  const old = '[mp.o]\nurl = "a"\n[mp.o.x]\nk = 1\n';
  const target = 'b = 1\n[mp]\no.url = "a"\n';
  const own = "\n[mp]\nmine = 1\n";
  const actual = block(old.replace('"a"', '"mine"')) + own;
  const taken = written(plan({ target, actual, applied: appliedOf(old), take: "home" }));
  deepEqual(valuesOf(taken.text), { b: 1, mp: { mine: 1, o: { url: "mine" } } });
  const again = plan({ target, actual: taken.text, applied: taken.applied });
  equal(again.kind, "same");
});

Deno.test("a value that was kept and is the repo's again is nobody's own, whatever its spelling", () => {
  const applied = { ...appliedOf('[s]\nurl = "mine"\n'), heldAgainst: '[s]\nurl = "u"\n' };
  const actual = block('[s]\n"url" = "u" # as before\n');
  for (const take of [undefined, "home"] as const) {
    const result = plan({
      target: '[s]\nurl = "u"\n',
      actual,
      applied,
      ...(take === undefined ? {} : { take }),
    });
    const { text, kept, applied: now } = written(result);
    equal(text, block('[s]\nurl = "u" # as before\n'));
    deepEqual(kept, { now: [], paths: [] });
    equal(plan({ target: '[s]\nurl = "u"\n', actual: text, applied: now }).kind, "same");
  }
});
