/** One is one, and all others are many. @module */

import assert from "node:assert/strict";
import { sayCount } from "./say_count.ts";

Deno.test("sayCount() says one thing in the singular and none or more in the plural", () => {
  assert.deepEqual([0, 1, 2].map((count) => sayCount(count, "file")), ["0 files", "1 file", "2 files"]);
  assert.deepEqual([1, 2].map((count) => sayCount(count, "entry", "entries")), ["1 entry", "2 entries"]);
  assert.equal(sayCount(1234, "response", undefined, (count) => `~${count}`), "~1234 responses");
});
