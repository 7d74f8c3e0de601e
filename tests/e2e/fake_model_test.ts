/** Holds the scripted model to what the end-to-end tests lean on. @module */

import assert from "node:assert/strict";
import { converse, parseModelRequest, startFakeModel } from "./fake_model.ts";

const USER = { type: "message", role: "user", content: [{ type: "input_text", text: "go" }] };
const output = (call_id: string, text: string): unknown => ({
  type: "function_call_output",
  call_id,
  output: text,
});

Deno.test("parseModelRequest() reads tools of namespaces, the prompt and the outputs after it", () => {
  const request = parseModelRequest({
    model: "m",
    input: [
      { type: "message", role: "developer", content: [{ type: "input_text", text: "rules" }] },
      { type: "message", role: "user", content: [{ type: "input_text", text: "earlier" }] },
      output("old", "not counted"),
      USER,
      { type: "function_call", call_id: "a", name: "t", arguments: "{}" },
      output("a", "first"),
      { type: "function_call_output", call_id: "b", output: [{ type: "input_text", text: "second" }] },
    ],
    tools: [
      { type: "function", name: "exec_command" },
      {
        type: "namespace",
        name: "mcp__x",
        description: "what x is for",
        tools: [{ name: "t" }, { name: "u" }],
      },
      { type: "web_search" },
    ],
  }, {});
  assert.deepEqual(request.tools, ["exec_command", "mcp__x.t", "mcp__x.u", "web_search"]);
  assert.deepEqual(request.namespaces, { mcp__x: "what x is for" });
  assert.equal(request.prompt, "go");
  assert.deepEqual(request.outputs, [{ callId: "a", text: "first" }, { callId: "b", text: "second" }]);
});

Deno.test("converse() makes one response of calls made together and hands each its own output", async () => {
  const script = converse(async (call) => {
    const [first, second] = await Promise.all([
      call({ name: "a", arguments: {} }),
      call({ name: "b", arguments: {} }),
    ]);
    return await call({ name: `${first}${second}`, arguments: {} });
  });
  const one = await script([]);
  assert.ok("calls" in one);
  assert.deepEqual(one.calls.map((call) => call.name), ["a", "b"]);
  assert.equal(await script([]), one, "a repeated request got another answer");
  const [a = "", b = ""] = one.calls.map((call) => call.callId ?? "");
  const outputs = [{ callId: b, text: "B" }, { callId: a, text: "A" }];
  const two = await script(outputs);
  assert.ok("calls" in two);
  assert.deepEqual(two.calls.map((call) => call.name), ["AB"]);
  const three = await script([...outputs, { callId: two.calls[0]?.callId ?? "", text: "end" }]);
  assert.deepEqual(three, { say: "end" });
});

Deno.test("startFakeModel() streams parallel calls with usage and keeps the request", async () => {
  const model = startFakeModel(() => ({
    calls: [{ namespace: "mcp__x", name: "t", arguments: { a: 1 } }, { name: "u", arguments: {} }],
  }));
  try {
    const response = await fetch(`${model.baseUrl}/responses`, {
      method: "POST",
      body: JSON.stringify({ model: "m", input: [USER] }),
    });
    assert.equal(response.headers.get("content-type"), "text/event-stream");
    const text = await response.text();
    assert.deepEqual(
      [...text.matchAll(/^event: (.+)$/gm)].map((match) => match[1]),
      [
        "response.created",
        "response.output_item.done",
        "response.output_item.done",
        "response.completed",
      ],
    );
    assert.match(text, /"name":"t","namespace":"mcp__x","arguments":"\{\\"a\\":1\}"/);
    assert.match(text, /"usage":\{"input_tokens":100/);
    assert.equal(model.requests.length, 1);
    assert.equal(model.requests[0]?.prompt, "go");
  } finally {
    await model.close();
  }
});

Deno.test("startFakeModel() keeps what a script throws and answers 400", async () => {
  const model = startFakeModel(() => {
    throw new Error("no such page");
  });
  try {
    const response = await fetch(`${model.baseUrl}/responses`, {
      method: "POST",
      body: JSON.stringify({ model: "m", input: [USER] }),
    });
    assert.equal(response.status, 400);
    assert.match(await response.text(), /no such page/);
    assert.equal(model.scriptErrors.length, 1);
  } finally {
    await model.close();
  }
});
