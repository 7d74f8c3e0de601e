import assert from "node:assert/strict";
import fc from "fast-check";
import { flatten } from "./flatten.ts";
import { restoreEvent, restoreResponse } from "./restore.ts";

const parameters = { type: "object", properties: { path: { type: "string" } } };
const functionTool = (name: string): Record<string, unknown> => ({
  type: "function",
  name,
  description: `does ${name}`,
  strict: false,
  parameters,
});
const NAMESPACE = {
  type: "namespace",
  name: "mcp__files",
  description: "Files of this machine.",
  tools: [functionTool("read"), functionTool("list")],
};

Deno.test("flatten() makes functions of the tools of a namespace, and says once what the namespace is for", () => {
  const { request, dropped } = flatten({
    model: "m",
    tools: [functionTool("exec"), NAMESPACE],
    tool_choice: "auto",
    stream: true,
  });
  assert.deepEqual(request, {
    model: "m",
    tools: [
      functionTool("exec"),
      {
        ...functionTool("read"),
        name: "mcp__files__read",
        description: "does read\n\nAbout all tools of mcp__files: Files of this machine.",
      },
      { ...functionTool("list"), name: "mcp__files__list" },
    ],
    tool_choice: "auto",
    stream: true,
  });
  assert.deepEqual(dropped, []);
});

Deno.test("flatten() leaves out what is no function and says which, once", () => {
  const { request, dropped } = flatten({
    model: "m",
    tools: [
      { type: "web_search", external_web_access: false },
      { type: "web_search" },
      { type: "local_shell" },
      { type: "custom", name: "apply_patch" },
      { ...NAMESPACE, tools: [{ type: "custom", name: "exec" }, functionTool("read")] },
      { type: "evil\nline" },
      7,
      functionTool("exec"),
    ],
    input: [{ type: "web_search_call", id: "w" }, { type: "message", role: "user", content: "hello" }],
  });
  const tools = Array.isArray(request["tools"]) ? request["tools"] : [];
  assert.deepEqual(tools.map((tool) => tool.name), ["mcp__files__read", "exec"]);
  assert.deepEqual(dropped, [
    "tool web_search",
    "tool local_shell",
    "tool custom",
    "tool evil?line",
    "tool without a type",
    "item web_search_call",
  ]);
  assert.deepEqual(request["input"], [{ type: "message", role: "user", content: "hello" }]);
});

Deno.test("flatten() drops the choice with the last tool", () => {
  const { request } = flatten({ model: "m", tools: [{ type: "web_search" }], tool_choice: "auto" });
  assert.deepEqual(request, { model: "m", tools: [] });
});

Deno.test("flatten() keeps every call of the conversation beside its output", () => {
  const output = { type: "function_call_output", call_id: "c1", output: "text" };
  const { request } = flatten({
    model: "m",
    tools: [NAMESPACE],
    input: [
      { type: "function_call", call_id: "c1", namespace: "mcp__files", name: "read", arguments: "{}" },
      output,
      { type: "function_call", call_id: "c2", namespace: "mcp__gone", name: "t", arguments: "{}" },
      { type: "function_call", call_id: "c3", name: "exec", arguments: "{}" },
      { type: "custom_tool_call", call_id: "c4", name: "apply_patch", input: "*** Begin" },
      { type: "custom_tool_call_output", call_id: "c4", output: "Done" },
      { type: "local_shell_call", call_id: "c5", action: { type: "exec", command: ["ls"] } },
      { type: "reasoning", summary: [], encrypted_content: "x" },
    ],
  });
  assert.deepEqual(request["input"], [
    { type: "function_call", call_id: "c1", name: "mcp__files__read", arguments: "{}" },
    output,
    { type: "function_call", call_id: "c2", name: "mcp__gone__t", arguments: "{}" },
    { type: "function_call", call_id: "c3", name: "exec", arguments: "{}" },
    { type: "function_call", call_id: "c4", name: "apply_patch", arguments: '{"input":"*** Begin"}' },
    { type: "function_call_output", call_id: "c4", output: "Done" },
    {
      type: "function_call",
      call_id: "c5",
      name: "local_shell",
      arguments: '{"type":"exec","command":["ls"]}',
    },
    { type: "reasoning", summary: [], encrypted_content: "x" },
  ]);
});

Deno.test("flatten() renames the tools of a choice", () => {
  const choose = (tool_choice: unknown): unknown =>
    flatten({ model: "m", tools: [NAMESPACE], tool_choice }).request["tool_choice"];
  assert.deepEqual(choose({ type: "function", namespace: "mcp__files", name: "read" }), {
    type: "function",
    name: "mcp__files__read",
  });
  assert.deepEqual(
    choose({
      type: "allowed_tools",
      mode: "auto",
      tools: [{ type: "function", namespace: "mcp__files", name: "list" }],
    }),
    { type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "mcp__files__list" }] },
  );
});

Deno.test("flatten() lets odd requests through for the provider to judge", () => {
  for (
    const odd of [{ model: "m" }, { input: "text", tools: null }, { tools: {}, input: [1, null, "x", {}] }]
  ) {
    assert.deepEqual(flatten(odd).request, odd);
  }
});

Deno.test("restoreEvent() restores items, whole responses and finished arguments, and nothing else", () => {
  const { names } = flatten({ tools: [NAMESPACE] });
  const call = { type: "function_call", id: "f", call_id: "c", name: "mcp__files__read", arguments: "{}" };
  const whole = { ...call, namespace: "mcp__files", name: "read" };
  assert.deepEqual(restoreEvent({ type: "response.output_item.done", item: call }, names), {
    type: "response.output_item.done",
    item: whole,
  });
  assert.deepEqual(restoreEvent({ type: "response.completed", response: { output: [call, 1] } }, names), {
    type: "response.completed",
    response: { output: [whole, 1] },
  });
  assert.deepEqual(
    restoreEvent({ type: "response.function_call_arguments.done", name: "mcp__files__list" }, names),
    { type: "response.function_call_arguments.done", namespace: "mcp__files", name: "list" },
  );
  const message = { type: "response.output_item.done", item: { type: "message", name: "mcp__files__read" } };
  assert.equal(restoreEvent(message, names), message);
});

Deno.test("restoreEvent() makes an object of arguments that are null", () => {
  const { names } = flatten({ tools: [NAMESPACE] });
  const named = { type: "response.function_call_arguments.done", name: "mcp__files__read" };
  const item = { type: "function_call", call_id: "c", name: "mcp__files__read", arguments: "null" };
  const whole = { ...item, namespace: "mcp__files", name: "read", arguments: "{}" };
  assert.deepEqual(restoreEvent({ type: "response.output_item.done", item }, names)["item"], whole);
  assert.deepEqual(restoreResponse({ output: [item] }, names), { output: [whole] });
  assert.equal(restoreEvent({ ...named, arguments: "null" }, names)["arguments"], "{}");
  assert.equal(restoreEvent({ ...named, arguments: '{"a":null}' }, names)["arguments"], '{"a":null}');
});

const word = fc.oneof(
  fc.constantFrom("a", "b__c", "a__b", "c", "read"),
  fc.string({ minLength: 1, maxLength: 70 }),
);
const functions = fc.array(word, { minLength: 1, maxLength: 5 });
const toolSets = fc.array(
  fc.oneof(
    word.map(functionTool),
    fc.tuple(word, functions).map(([name, tools]) => ({
      type: "namespace",
      name,
      description: "",
      tools: tools.map(functionTool),
    })),
  ),
  { maxLength: 8 },
);

Deno.test("for any set of tools, every call comes back as what it was", () => {
  fc.assert(fc.property(toolSets, (tools) => {
    const calls = tools.flatMap((tool) =>
      "tools" in tool && Array.isArray(tool.tools)
        ? tool.tools.map(({ name }) => ({
          type: "function_call",
          namespace: tool.name,
          name,
          arguments: "{}",
        }))
        : [{ type: "function_call", name: tool.name, arguments: "{}" }]
    );
    const { request, names } = flatten({ tools, input: calls });
    assert.ok(!JSON.stringify(request["input"]).includes('"namespace"'));
    assert.deepEqual(restoreResponse({ output: request["input"] }, names), { output: calls });
    const sent = Array.isArray(request["tools"]) ? request["tools"] : [];
    const distinct = new Set(calls.map((call) => JSON.stringify(call)));
    assert.equal(new Set(sent.map(({ name }) => name)).size, distinct.size);
  }));
});
