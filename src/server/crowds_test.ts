/** Answers of a crowd go out together, others at once. @module */

import assert from "node:assert/strict";
import { watchCrowds } from "./crowds.ts";

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

Deno.test("one that comes alone is answered at once, and so is the first crowd", async () => {
  const crowds = watchCrowds("2.9.6");
  for (let call = 0; call < 3; call++) {
    crowds.begin();
    assert.equal(crowds.end(), undefined);
    await nextTurn();
  }
  crowds.begin();
  crowds.begin();
  assert.equal(crowds.end(), undefined);
  await nextTurn();
});

Deno.test("after a crowd, answers wait for the end of the turn, and for nothing else", async () => {
  const crowds = watchCrowds("2.9.6");
  crowds.begin();
  crowds.begin();
  await nextTurn();
  // One whose request came in another turn, when no other one has come.
  assert.equal(crowds.end(), undefined);
  const order: string[] = [];
  for (const name of ["one", "two"]) {
    crowds.begin();
    const end = crowds.end();
    assert.ok(end !== undefined);
    end.then(() => order.push(name));
  }
  await Promise.resolve();
  order.push("the turn");
  await nextTurn();
  assert.deepEqual(order, ["the turn", "one", "two"]);
  // The crowd has gone.
  crowds.begin();
  await crowds.end();
  await nextTurn();
  crowds.begin();
  assert.equal(crowds.end(), undefined);
  await nextTurn();
});

Deno.test("after a turn that took long, nobody waits for the next one", async () => {
  const crowds = watchCrowds("2.9.6");
  crowds.begin();
  crowds.begin();
  const endsMs = performance.now() + 10;
  while (performance.now() < endsMs) continue;
  await nextTurn();
  crowds.begin();
  assert.equal(crowds.end(), undefined);
  await nextTurn();
});

Deno.test("where the end of a turn takes a timer, nobody waits for it", async () => {
  const crowds = watchCrowds("2.4.2");
  for (let call = 0; call < 3; call++) {
    crowds.begin();
    crowds.begin();
    assert.equal(crowds.end(), undefined);
    await nextTurn();
  }
});
