import assert from "node:assert/strict";
import { makeDeadlines } from "./deadlines.ts";

Deno.test("makeDeadlines() calls back what was not stopped, in order and once", async () => {
  const deadlines = makeDeadlines(50);
  // The deadlines alone do not keep the test running.
  const guard = setTimeout(() => undefined, 20_000);
  const expired: string[] = [];
  deadlines.start(() => expired.push("a"));
  const stop = deadlines.start(() => expired.push("stopped"));
  const started = performance.now();
  const last = new Promise<void>((resolve) => {
    deadlines.start(() => {
      expired.push("b");
      resolve();
    });
  });
  stop();
  await last;
  assert.ok(performance.now() - started >= 50);
  assert.deepEqual(expired, ["a", "b"]);
  await new Promise<void>((resolve) => {
    deadlines.start(() => {
      expired.push("c");
      resolve();
    });
  });
  assert.deepEqual(expired, ["a", "b", "c"]);
  clearTimeout(guard);
});
