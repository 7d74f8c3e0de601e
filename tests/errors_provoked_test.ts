/**
 * Every code of ERRORS, provoked by what its reader would do, and its words held to `golden/errors.txt`: what a user or a
 * model reads is reviewed like code. A code without a provocation fails here.
 *
 * `UPDATE_GOLDEN=1 deno test -A tests/errors_provoked_test.ts` writes the file; read the difference.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { ERRORS } from "../src/base/errors.ts";
import { COMMAND_PROVOCATIONS } from "./provoke/commands.ts";
import { GATEWAY_PROVOCATIONS } from "./provoke/gateway.ts";
import type { Said } from "./provoke/provocation.ts";
import { SERVER_PROVOCATIONS } from "./provoke/server.ts";
import { TOOL_PROVOCATIONS } from "./provoke/tools.ts";

const GOLDEN = join(import.meta.dirname ?? ".", "golden", "errors.txt");
const IS_UPDATE = Deno.env.get("UPDATE_GOLDEN") === "1";

const PROVOCATIONS = new Map(
  [COMMAND_PROVOCATIONS, SERVER_PROVOCATIONS, TOOL_PROVOCATIONS, GATEWAY_PROVOCATIONS].flatMap((table) =>
    Object.entries(table)
  ),
);

/** Code to its lines in the golden file. */
async function readGolden(): Promise<ReadonlyMap<string, string>> {
  const text = await Deno.readTextFile(GOLDEN).catch(() => "");
  return new Map(
    text.split(/\n(?=\S)/).filter((part) => part.trim() !== "").map((part) => {
      const [code = "", ...lines] = part.trimEnd().split("\n");
      return [code, lines.join("\n")];
    }),
  );
}

function render({ sentence, hint }: Said): string {
  return `  error: ${sentence.replaceAll("\n", "\n         ")}\n  hint:  ${
    hint.replaceAll("\n", "\n         ")
  }`;
}

const golden = await readGolden();
const fresh = new Map<string, string>();

Deno.test("every code has a provocation, and every provocation a code", () => {
  assert.deepEqual([...PROVOCATIONS.keys()].sort(), Object.keys(ERRORS).sort());
});

for (const code of Object.keys(ERRORS)) {
  Deno.test(`${code} is provoked, and says what golden/errors.txt says`, async () => {
    const provoke = PROVOCATIONS.get(code);
    if (provoke === undefined) assert.fail(`add a provocation of ${code} to tests/provoke/`);
    const said = await provoke();
    assert.equal(said.code, code, said.sentence);
    fresh.set(code, render(said));
    if (!IS_UPDATE) assert.equal(render(said), golden.get(code));
  });
}

Deno.test("golden/errors.txt holds no other code", async () => {
  if (IS_UPDATE) {
    const text = Object.keys(ERRORS).map((code) => `${code}\n${fresh.get(code) ?? golden.get(code) ?? ""}\n`)
      .join("");
    await Deno.writeTextFile(GOLDEN, text);
  }
  assert.deepEqual([...(await readGolden()).keys()], Object.keys(ERRORS));
});
