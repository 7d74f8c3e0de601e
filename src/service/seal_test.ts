import assert from "node:assert/strict";
import { judgeUnit, OPEN_SEAL, sealUnit } from "./seal.ts";

Deno.test("judgeUnit() tells what agentos wrote from what it did not, or somebody edited since", async () => {
  const first = await sealUnit(`# ${OPEN_SEAL}\nExecStart="/a"\n`);
  const second = await sealUnit(`# ${OPEN_SEAL}\nExecStart="/b"\n`);
  assert.match(first, /^# Written by agentos service install, sha256 [1-9a-f][0-9a-f]{63}\n/);
  assert.equal(await judgeUnit(undefined, first), "absent");
  assert.equal(await judgeUnit(first, first), "current");
  assert.equal(await judgeUnit(first, second), "outdated");
  assert.equal(await judgeUnit(first), "outdated");
  assert.equal(await judgeUnit(first.replace("/a", "/c"), first), "edited");
  assert.equal(await judgeUnit(`${first}# mine\n`, first), "edited");
  assert.equal(await judgeUnit(`${first.replaceAll("\n", "\r\n")}`, first), "edited");
  for (const foreign of ["", "[Service]\nExecStart=/a\n", "# Written by agentos\n", first.slice(60)]) {
    assert.equal(await judgeUnit(foreign, first), "foreign", foreign);
  }
});
