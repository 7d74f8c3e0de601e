import assert from "node:assert/strict";
import { DEFAULT_PORT, parsePortVariable } from "./port.ts";

Deno.test("parsePortVariable() takes 0 to 65535, and the default when there is none", () => {
  assert.equal(parsePortVariable(undefined), DEFAULT_PORT);
  assert.equal(parsePortVariable("0"), 0);
  assert.equal(parsePortVariable("65535"), 65535);
  for (const text of ["65536", "-1", "1e3", "80 ", "0x50", "http"]) {
    assert.throws(() => parsePortVariable(text), { code: "config.invalid" }, text);
  }
});
