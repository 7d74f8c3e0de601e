import assert from "node:assert/strict";
import { assetName, renderSums, TARGETS } from "./targets.ts";

Deno.test("every platform has a file of its own, named by version and platform alone", () => {
  assert.deepEqual(TARGETS.map((target) => assetName("1.2.3", target)), [
    "agentos-1.2.3-linux-x64.gz",
    "agentos-1.2.3-linux-arm64.gz",
    "agentos-1.2.3-macos-x64.gz",
    "agentos-1.2.3-macos-arm64.gz",
    "agentos-1.2.3-windows-x64.exe",
  ]);
});

Deno.test("renderSums() writes what sha256sum --check reads, in one order", () => {
  assert.equal(renderSums({ "b.gz": "22", "a.gz": "11" }), "11  a.gz\n22  b.gz\n");
});
