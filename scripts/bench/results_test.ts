import assert from "node:assert/strict";
import type { Finding } from "./measure.ts";
import { readResults, renderResults } from "./results.ts";

const finding: Finding = {
  what: "a call",
  against: "another",
  ratio: 8.5,
  bar: { kind: "at least", value: 8 },
  detail: "850 against 100 calls per second",
};

Deno.test("renderResults() names each machine once, and says which bars are not kept", () => {
  const text = renderResults({
    mcp: { at: "2026-11-23", machine: "2 cores", findings: [finding, { ...finding, ratio: 7.9 }] },
    search: {
      at: "2026-11-23",
      machine: "2 cores",
      findings: [{ ...finding, bar: undefined }, { ...finding, bar: { kind: "at least", value: 1 / 3 } }],
    },
  });
  assert.deepEqual(text.split("\n"), [
    "Measured on: 2 cores, on 2026-11-23.",
    "",
    "| what | against | ratio | bar | kept | measured |",
    "| --- | --- | --- | --- | --- | --- |",
    "| a call | another | 8.50× | at least 8 | yes | 850 against 100 calls per second |",
    "| a call | another | 7.90× | at least 8 | **no** | 850 against 100 calls per second |",
    "| a call | another | 8.50× |  |  | 850 against 100 calls per second |",
    "| a call | another | 8.50× | at least 0.33 | yes | 850 against 100 calls per second |",
  ]);
});

Deno.test("renderResults() says so when nothing was measured", () => {
  assert.equal(renderResults(readResults("/nowhere/results.json")), "Nothing has been measured yet.");
});
