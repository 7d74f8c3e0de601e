import assert from "node:assert/strict";
import { createTurns } from "./turns.ts";

Deno.test("createTurns() runs work of one key in order, also after a failure, and other keys beside it", async () => {
  const takeTurn = createTurns();
  const said: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = takeTurn("a", async () => {
    await gate.promise;
    said.push("first");
    throw new Error("first fails");
  });
  const second = takeTurn("a", () => Promise.resolve(said.push("second")));
  await takeTurn("b", () => Promise.resolve(said.push("other key")));
  gate.resolve();
  await assert.rejects(first, /first fails/);
  assert.equal(await second, 3);
  assert.deepEqual(said, ["other key", "first", "second"]);
});
