import assert from "node:assert/strict";
import { isJSONRPCRequest } from "@modelcontextprotocol/sdk/types.js";
import fc from "fast-check";
import { classifyMessage, isRpcRequest } from "./rpc.ts";

/** Values that nearly are a request, with something wrong or odd in one or two places. */
const nearly = fc.record({
  jsonrpc: fc.constantFrom<unknown>("2.0", "2.0", "2.0", "2.0", "1.0", null),
  id: fc.oneof(fc.integer(), fc.string(), fc.constantFrom<unknown>(null, 1.5, 2 ** 60, [], {}, -0)),
  method: fc.constantFrom<unknown>("ping", "tools/call", "", "__proto__", 5, null),
  params: fc.oneof(
    fc.record({
      name: fc.string(),
      _meta: fc.oneof(
        fc.record({
          progressToken: fc.constantFrom<unknown>(1, "a", 1.5, null, {}),
          "io.modelcontextprotocol/related-task": fc.constantFrom<unknown>(
            { taskId: "t" },
            { taskId: 1 },
            {},
            null,
            "t",
          ),
          other: fc.jsonValue(),
        }, { requiredKeys: [] }),
        fc.jsonValue(),
      ),
    }, { requiredKeys: [] }),
    fc.jsonValue(),
  ),
  more: fc.jsonValue(),
}, { requiredKeys: ["jsonrpc", "id", "method"] });

Deno.test("isRpcRequest() lets nothing through that the SDK would drop", () => {
  let taken = 0;
  fc.assert(
    fc.property(fc.oneof(nearly, nearly, fc.jsonValue()), (value) => {
      // As it comes off the wire: without undefined, with `__proto__` as a key like others.
      const message = JSON.parse(JSON.stringify(value));
      if (!isRpcRequest(message)) return;
      taken++;
      assert.ok(isJSONRPCRequest(message), JSON.stringify(message));
    }),
    { numRuns: 5000 },
  );
  assert.ok(taken > 20, `only ${taken} of the tried messages were requests`);
});

Deno.test("isRpcRequest() takes what clients send", () => {
  const sent = [
    { jsonrpc: "2.0", id: 0, method: "initialize", params: { protocolVersion: "2025-11-25" } },
    { jsonrpc: "2.0", id: "a", method: "tools/list" },
    {
      jsonrpc: "2.0",
      id: -1,
      method: "tools/call",
      params: { name: "x", _meta: { progressToken: 1, more: {} } },
    },
    { jsonrpc: "2.0", id: 1, method: "ping", params: { _meta: {} } },
  ];
  for (const message of sent) {
    assert.ok(isRpcRequest(message) && isJSONRPCRequest(message));
    assert.equal(classifyMessage(message).kind, "request");
  }
});

Deno.test("classifyMessage() tells one-way messages from wrong ones", () => {
  const kinds: readonly [unknown, string][] = [
    [{ jsonrpc: "2.0", method: "notifications/initialized" }, "oneWay"],
    [{ jsonrpc: "2.0", id: 1, result: null }, "oneWay"],
    [{ jsonrpc: "2.0", id: "x", error: { code: 1, message: "" } }, "oneWay"],
    [{ jsonrpc: "2.0", id: null, method: "ping" }, "wrong"],
    [{ jsonrpc: "2.0", id: 1 }, "wrong"],
    [{ jsonrpc: "2.0", result: {} }, "wrong"],
    [{ method: "x" }, "wrong"],
    [[], "wrong"],
    [null, "wrong"],
  ];
  for (const [value, kind] of kinds) assert.equal(classifyMessage(value).kind, kind, JSON.stringify(value));
});
