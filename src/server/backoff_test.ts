import assert from "node:assert/strict";
import { nextDelay } from "./backoff.ts";

Deno.test("nextDelay() doubles from 100 ms to 30 s while the worker keeps crashing", () => {
  const delays: number[] = [];
  let delay = 0;
  for (let crash = 0; crash < 12; crash++) delays.push(delay = nextDelay(delay, 50));
  assert.deepEqual(delays.slice(0, 4), [100, 200, 400, 800]);
  assert.deepEqual(delays.slice(-3), [30_000, 30_000, 30_000]);
});

Deno.test("nextDelay() starts again after a minute of health", () => {
  assert.equal(nextDelay(30_000, 60_000), 100);
  assert.equal(nextDelay(30_000, 59_999), 30_000);
});
