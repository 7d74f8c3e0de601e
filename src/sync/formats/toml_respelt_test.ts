/**
 * The same key in another spelling: what the repo respells, what a program that rewrites the file respells, and what a
 * user's choice means then.
 *
 * @module
 */

import { deepEqual, equal, ok } from "node:assert/strict";
import { BLOCK_BEGIN, BLOCK_END } from "./managed_block.ts";
import { type AppliedKeys, planTomlKeys, type TomlKeysPlan } from "./toml_keys.ts";
import { parseToml } from "../../base/toml_values.ts";

const block = (fragment: string): string => `${BLOCK_BEGIN}\n${fragment}${BLOCK_END}\n`;
const appliedOf = (fragment: string): AppliedKeys => ({
  fragment,
  glue: { before: "", after: "" },
  created: false,
});

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
