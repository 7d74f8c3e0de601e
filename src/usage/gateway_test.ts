import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { NO_TOKENS } from "../base/token_counts.ts";
import { LEDGER_TABLES } from "../server/ledger_store.ts";
import { addSeen, readSeenResponses, type SeenResponse } from "./gateway.ts";
import type { Response } from "./model.ts";
import { openPrices } from "./price.ts";

const logged = (id: string | undefined, session = "s"): Response => ({
  client: "agent",
  id,
  session,
  at: 1,
  provider: "openrouter",
  model: "m",
  project: "/p",
  speed: "standard",
  tokens: { ...NO_TOKENS, input: 100, output: 10 },
  costUsd: undefined,
});
const seen = (id: string, thread: string | undefined, costUsd?: number): SeenResponse => ({
  id,
  at: 2,
  provider: "openrouter",
  model: "m",
  thread,
  tokens: { ...NO_TOKENS, input: 7, output: 3 },
  costUsd,
});

Deno.test("addSeen() gives a logged response the cost that its provider told, and counts it once", () => {
  const [response, ...others] = addSeen([logged("r1")], [seen("r1", "s", 0.25)], true);
  assert.deepEqual(others, []);
  assert.deepEqual(response, { ...logged("r1"), costUsd: 0.25, costSource: "provider" });
  assert.ok(response !== undefined);
  assert.deepEqual(openPrices({}).costOf(response), { usd: 0.25, source: "provider" });
});

Deno.test("addSeen() leaves a response to the table of prices when its provider told no cost", () => {
  assert.deepEqual(addSeen([logged("r1")], [seen("r1", "s")], true), [logged("r1")]);
});

Deno.test("addSeen() shows what no log tells of as the gateway's own, unless clients were chosen", () => {
  const all = [seen("r1", "s"), seen("hidden", "title", 0.5), seen("nameless", undefined)];
  const responses = addSeen([logged("r1")], all, true);
  assert.deepEqual(responses.map(({ client, id, costUsd }) => [client, id, costUsd]), [
    ["agent", "r1", undefined],
    ["gateway", "hidden", 0.5],
    ["gateway", "nameless", undefined],
  ]);
  assert.equal(addSeen([logged("r1")], all, false).length, 1);
});

Deno.test("addSeen() takes for told what a log without ids may tell of", () => {
  const responses = addSeen([logged(undefined, "old")], [seen("r1", "old", 1), seen("r2", "new", 1)], true);
  assert.deepEqual(responses.map(({ id }) => id), [undefined, "r2"]);
});

/** Client, session and cost of each. */
const counted = (responses: readonly Response[]): unknown[] =>
  responses.map(({ client, session, costUsd }) => [client, session, costUsd]);

Deno.test("addSeen() keeps apart what servers give the same id", () => {
  const hidden = [seen("r", "a", 1), seen("r", "b", 2), seen("r", "b", 3), seen("r", undefined, 4)];
  assert.deepEqual(counted(addSeen([], hidden, true)), [
    ["gateway", "a", 1],
    ["gateway", "b", 2],
    ["gateway", "b", 3],
    ["gateway", "", 4],
  ]);
  for (const all of [[seen("r", "b", 2), seen("r", "a", 1)], [seen("r", "a", 1), seen("r", "b", 2)]]) {
    assert.deepEqual(counted(addSeen([logged("r", "a")], all, true)), [["agent", "a", 1], [
      "gateway",
      "b",
      2,
    ]]);
    assert.deepEqual(counted(addSeen([logged("r", "b"), logged("r", "a")], all, true)), [
      ["agent", "b", 2],
      ["agent", "a", 1],
    ]);
  }
  const twice = [logged("r", "b"), logged("r", "b")];
  assert.deepEqual(counted(addSeen(twice, hidden, true)), [
    ["agent", "b", 2],
    ["agent", "b", 3],
    ["gateway", "a", 1],
    ["gateway", "", 4],
  ]);
  // The log has left the id out where it came again.
  const half = addSeen([logged("r", "b"), logged(undefined, "b")], hidden, true);
  assert.deepEqual(counted(half).slice(1), [["agent", "b", undefined], ["gateway", "a", 1], [
    "gateway",
    "",
    4,
  ]]);
});

Deno.test("addSeen() counts once what two logs tell of, or a log whose thread is not what the client said", () => {
  const copies = [logged("r", "a"), logged("r", "a")];
  assert.deepEqual(counted(addSeen(copies, [seen("r", "a", 1)], true)), [["agent", "a", 1], [
    "agent",
    "a",
    1,
  ]]);
  assert.deepEqual(counted(addSeen([logged("r", "a")], [seen("r", undefined, 1)], true)), [[
    "agent",
    "a",
    1,
  ]]);
  const same = { ...seen("r", "a", 1), tokens: logged("r").tokens };
  assert.deepEqual(counted(addSeen([logged("r", "/log")], [same], true)), [["agent", "/log", 1]]);
  assert.deepEqual(counted(addSeen([logged("r", "direct")], [seen("r", "a", 1)], true)), [
    ["agent", "direct", undefined],
    ["gateway", "a", 1],
  ]);
});

Deno.test("readSeenResponses() reads answers that were counted, and copes with a database that has none", () => {
  using db = new DatabaseSync(":memory:");
  assert.deepEqual(readSeenResponses(db), []);
  for (const script of LEDGER_TABLES.migrations) db.exec(script);
  const insert = db.prepare(
    "INSERT INTO model_requests (at, request_id, provider, thread, model_asked, response_id, status, input_tokens, cached_tokens, cache_write_tokens, output_tokens, reasoning_tokens, cost_usd, elapsed_ms) VALUES (5, 'x', 'openrouter', ?, 'm', ?, 200, ?, 2, 4, 3, 1, ?, 1.5)",
  );
  insert.run("t", "r1", 10, 0.125);
  insert.run(null, "r2", 10, null);
  insert.run("t", null, null, null);
  const tokens = { ...NO_TOKENS, input: 10, cached: 2, cacheWrite: 4, output: 3, reasoning: 1 };
  const row = { at: 5, provider: "openrouter", model: "m", tokens };
  assert.deepEqual(readSeenResponses(db), [
    { ...row, id: "r1", thread: "t", costUsd: 0.125 },
    { ...row, id: "r2", thread: undefined, costUsd: undefined },
  ]);
  assert.equal(readSeenResponses(db, 5).length, 2);
  assert.deepEqual(readSeenResponses(db, 6), []);
});

Deno.test("readSeenResponses() reads the table of an older server", () => {
  using db = new DatabaseSync(":memory:");
  for (const script of LEDGER_TABLES.migrations.slice(0, 2)) db.exec(script);
  db.exec(`
    INSERT INTO model_requests (at, request_id, provider, model_asked, response_id, status, input_tokens, cached_tokens,
      output_tokens, reasoning_tokens, elapsed_ms)
    VALUES (5, 'x', 'openrouter', 'm', 'r1', 200, 10, 2, 3, 1, 1.5)`);
  assert.deepEqual(readSeenResponses(db).map(({ tokens }) => [tokens.input, tokens.cacheWrite]), [[10, 0]]);
});
