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

Deno.test("stopping a deadline twice, or one that has ended, leaves the others alone", async () => {
  const deadlines = makeDeadlines(20);
  const guard = setTimeout(() => undefined, 20_000);
  const expired: string[] = [];
  const stopFirst = deadlines.start(() => expired.push("first"));
  const stopEarlier = deadlines.start(() => expired.push("earlier"));
  const stopLater: (() => void)[] = [];
  const last = new Promise<void>((resolve) => {
    deadlines.start(() => {
      expired.push("stops");
      stopEarlier();
      stopLater.forEach((stop) => stop());
      // What starts now is not due before its own time.
      deadlines.start(() => {
        expired.push("started within");
        resolve();
      });
    });
  });
  stopLater.push(deadlines.start(() => expired.push("later")));
  deadlines.start(() => expired.push("last"));
  stopFirst();
  stopFirst();
  await last;
  assert.deepEqual(expired, ["earlier", "stops", "last", "started within"]);
  clearTimeout(guard);
});
