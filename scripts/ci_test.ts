import assert from "node:assert/strict";
import { countStep, parseCounts, renderCounts } from "./ci.ts";

Deno.test("parseCounts() reads the last line that deno test prints", () => {
  const output = "a ... ok (1ms)\n\nok | 41 passed (3 steps) | 0 failed | 2 ignored (8s)\n\n";
  assert.deepEqual(parseCounts(output), { passed: 41, failed: 0, skipped: 2 });
  assert.deepEqual(parseCounts("FAILED | 17 passed | 1 failed (276ms)\n\nerror: Test failed\n"), {
    passed: 17,
    failed: 1,
    skipped: 0,
  });
  assert.deepEqual(
    parseCounts("ok | 1 passed | 0 failed (1ms)\nok | 2 passed | 0 failed (1ms)\n")?.passed,
    2,
  );
});

Deno.test("parseCounts() finds nothing where no test ran", () => {
  assert.equal(parseCounts("error: Type checking failed.\n"), undefined);
  assert.equal(parseCounts("it says: ok | 1 passed"), undefined);
});

Deno.test("countStep() calls a step that crashed a failure, whatever it counted", () => {
  const counts = { passed: 5, failed: 0, skipped: 0 };
  assert.deepEqual(countStep(0, counts), counts);
  assert.deepEqual(countStep(1, counts), { passed: 5, failed: 1, skipped: 0 });
  assert.deepEqual(countStep(1, { ...counts, failed: 3 }), { passed: 5, failed: 3, skipped: 0 });
  assert.deepEqual(countStep(137, undefined), { passed: 0, failed: 1, skipped: 0 });
  assert.deepEqual(countStep(0, undefined), { passed: 1, failed: 0, skipped: 0 });
});

Deno.test("renderCounts() mentions skipped tests only when there are some", () => {
  assert.equal(renderCounts({ passed: 3, failed: 0, skipped: 0 }), "3 passed, 0 failed");
  assert.equal(renderCounts({ passed: 3, failed: 1, skipped: 2 }), "3 passed, 1 failed, 2 skipped");
});
