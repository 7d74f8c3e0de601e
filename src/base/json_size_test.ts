import assert from "node:assert/strict";
import fc from "fast-check";
import { jsonTextBytes } from "./json_size.ts";

Deno.test("jsonTextBytes() counts what JSON.stringify() would write", () => {
  const anyUnits = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) =>
    String.fromCharCode(...units)
  );
  fc.assert(fc.property(fc.oneof(fc.string({ unit: "binary" }), anyUnits), (text) => {
    assert.equal(jsonTextBytes(text), new TextEncoder().encode(JSON.stringify(text)).length - 2);
  }));
});
