import assert from "node:assert/strict";
import { openAppFixture } from "./app_fixture.ts";
import { startMcp } from "./mcp.ts";
import { hasShortcut } from "./shortcut.ts";

const MESSAGES: readonly { readonly method: string; readonly params?: Record<string, unknown> }[] = [
  { method: "tools/list" },
  { method: "tools/list", params: {} },
  { method: "tools/list", params: { cursor: "x" } },
  { method: "tools/call" },
  { method: "tools/call", params: {} },
  { method: "tools/call", params: { name: "nothing" } },
  { method: "tools/call", params: { name: 5 } },
  { method: "tools/call", params: { name: "echo", arguments: [] } },
  { method: "tools/call", params: { name: "echo", arguments: { text: "ü\u2028" } } },
  { method: "tools/call", params: { name: "echo", arguments: { wrong: 1 } } },
  { method: "tools/call", params: { name: "fail", arguments: { how: "refusal" } } },
  { method: "tools/call", params: { name: "fail", arguments: { how: "unwritable" } } },
];

Deno.test("the shortcut answers as the SDK's server does", async () => {
  await using fast = await openAppFixture();
  await using whole = await openAppFixture(4711, (deps) => startMcp(deps, false));
  for (const message of MESSAGES) {
    assert.equal(hasShortcut({ jsonrpc: "2.0", id: 1, ...message }), true);
    for (const id of [7, "seven"]) {
      const [one, other] = await Promise.all(
        [fast, whole].map(async (fixture) => {
          const response = await fixture.post({ jsonrpc: "2.0", id, ...message });
          return { status: response.status, text: await response.text() };
        }),
      );
      assert.deepEqual(one, other);
    }
  }
  assert.deepEqual(
    fast.rows("tool_calls").map(({ tool, ok, size_bytes }) => [tool, ok, size_bytes]),
    whole.rows("tool_calls").map(({ tool, ok, size_bytes }) => [tool, ok, size_bytes]),
  );
});

Deno.test("a client that leaves aborts its call on both ways", async () => {
  for (const shortcuts of [true, false]) {
    await using fixture = await openAppFixture(4711, (deps) => startMcp(deps, shortcuts));
    const leaving = new AbortController();
    const params = { name: "wait", arguments: { ms: 60_000 } };
    const left = fixture.post({ jsonrpc: "2.0", id: 1, method: "tools/call", params }, {}, leaving.signal);
    while (fixture.waits.begun === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    leaving.abort();
    await left;
    assert.equal(fixture.waits.aborted, 1);
  }
});

Deno.test("hasShortcut() leaves every other request to the SDK", () => {
  for (const method of ["ping", "initialize", "resources/read", "tools", "tools/call/x"]) {
    assert.equal(hasShortcut({ jsonrpc: "2.0", id: 1, method }), false);
  }
  assert.equal(hasShortcut({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { task: {} } }), false);
});
