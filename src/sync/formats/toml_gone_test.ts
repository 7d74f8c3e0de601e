/**
 * What the repo drops: it goes wherever it stands, and what its user wrote beside it stays.
 *
 * @module
 */

import { deepEqual, equal, ok } from "node:assert/strict";
import { BLOCK_BEGIN } from "./managed_block.ts";
import { block } from "./toml_fixture.ts";
import { type AppliedKeys, planTomlKeys, type TomlKeysPlan } from "./toml_keys.ts";

const FRAGMENT = `model = "m" # ours
args = [
  "x", # ours too
]

[s] # of ours
url = "u"
limit = 10
`;
const REST = '[s]\nurl = "u"\n';
const APPLIED: AppliedKeys = { fragment: FRAGMENT, glue: { before: "", after: "" }, created: false };

function plan(target: string | undefined, actual: string, take?: "home" | "repo"): TomlKeysPlan {
  return planTomlKeys({ target, actual, applied: APPLIED, take, retired: [] });
}

function written(result: TomlKeysPlan): string {
  if (result.kind !== "write") throw new Error(`expected a write: ${JSON.stringify(result)}`);
  return result.text;
}

Deno.test("a root key that the repo drops goes also when the markers are lost", () => {
  const mine = "\n[t]\nk = 1\n";
  const bare = FRAGMENT.replace(" # of ours", "");
  equal(written(plan(REST, bare + mine)), block(REST) + mine);
  equal(written(plan(REST, `${BLOCK_BEGIN}\n${bare}${mine.trimStart()}`)), block(REST) + mine);
  const edited = plan(REST, bare.replace('"m"', '"mine"') + mine);
  ok(edited.kind === "refuse");
  deepEqual(edited.problems.map(({ kind, line }) => `${kind} ${line}`), ["edited 1"]);
});

Deno.test("a root key of the user's beside an intact block is theirs, though the last push wrote the same", () => {
  const text = written(plan(REST, `model = "m"\n\n${block(FRAGMENT.slice(FRAGMENT.indexOf("args")))}`));
  equal(text, `model = "m"\n\n${block(REST)}`);
});

const COMMENTED = FRAGMENT.replace("# ours\n", "# mine\n").replace('"x",', '# mine, above\n  "x",')
  .replace("# of ours", "# my table").replace("limit = 10", "limit = 10 # as I like it");

Deno.test("the user's comments beside and within values of ours outlive them", () => {
  const said = "# mine\n# mine, above\n";
  for (const lineEnd of ["\n", "\r\n"]) {
    const set = (text: string): string => text.replaceAll("\n", lineEnd);
    equal(
      written(plan(REST, set(block(COMMENTED)))),
      set(`${block(REST.replace("[s]", "[s] # my table"))}\n${said}# as I like it\n`),
    );
    equal(
      written(plan(undefined, set(block(COMMENTED)))),
      set(`${said}# my table\n# as I like it\n`),
    );
  }
  equal(written(plan(undefined, block(FRAGMENT))), "");
});

Deno.test("the user's comments within a value of ours outlive news of it", () => {
  const target = FRAGMENT.replace('"x"', '"y"');
  equal(
    written(plan(target, block(FRAGMENT.replace('"x",', '# mine\n  "x",')))),
    `${block(target)}\n# mine\n`,
  );
  const dotted = 'model = "m" # ours\nargs = [\n  "x", # ours too\n]\ns.url = "u"\ns.limit = 10\n';
  equal(
    written(plan(dotted, block(FRAGMENT.replace("10", "10 # mine")))),
    block(dotted.replace("10", "10 # mine")),
  );
});

Deno.test("a comment behind a part of a value of ours outlives the form it was written in", () => {
  const target = '[s]\nheaders = { A = "b" }\n';
  const actual = block('[s]\n\n[s.headers] # mine\nA = "b" # mine too\n');
  const applied = { ...APPLIED, fragment: target };
  const result = planTomlKeys({ target, actual, applied, take: undefined, retired: [] });
  equal(written(result), `${block(target.replace("}", "} # mine"))}\n# mine too\n`);
});

Deno.test("an edited root key that the repo drops stays a root key by choice, also when the markers are lost", () => {
  const last = 'model = "a"\nzz = 1\n';
  const tail = "\n[t]\nk = 1\n";
  const rows = [
    [`model = "edited"\nzz = 1\n${tail}`, `model = "edited"\n\n${block("zz = 1\n")}${tail}`],
    [
      `u = 1\nmodel = "edited"\nzz = 1\n# t\n[t]\n`,
      `u = 1\nmodel = "edited"\n\n${block("zz = 1\n")}\n# t\n[t]\n`,
    ],
    [`model = "edited"\nzz = 1\n`, `model = "edited"\n\n${block("zz = 1\n")}`],
  ] as const;
  for (const [actual, expected] of rows) {
    for (const lineEnd of ["\n", "\r\n"]) {
      const set = (text: string): string => text.replaceAll("\n", lineEnd);
      const applied = { ...APPLIED, fragment: last };
      const input = { target: "zz = 1\n", actual: set(actual), applied, take: undefined, retired: [] };
      equal(planTomlKeys(input).kind, "refuse");
      const taken = planTomlKeys({ ...input, take: "home" });
      equal(written(taken), set(expected));
      if (taken.kind === "refuse") return;
      const again = planTomlKeys({ ...input, actual: set(expected), applied: taken.applied });
      equal(again.kind, "same");
      const cleaned = planTomlKeys({ ...input, target: undefined, take: "home" });
      const lines = (text: string): readonly string[] => text.split(lineEnd).filter((line) => line !== "");
      deepEqual(lines(written(cleaned)), lines(set(actual.replace("zz = 1\n", ""))));
    }
  }
});
