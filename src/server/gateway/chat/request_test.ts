import assert from "node:assert/strict";
import fc from "fast-check";
import { AppError } from "../../../base/errors.ts";
import { isObject, type JsonObject } from "../../../base/json_fields.ts";
import { assertPublished, findFault } from "../../../../tests/openai_schema.ts";
import type { ChatMessage, ChatRequest } from "./model.ts";
import { toChatRequest } from "./request.ts";
import { packThinking } from "./thinking.ts";

/** Translates, and holds the result against the published schema. */
function translate(request: JsonObject): ChatRequest {
  const { body } = toChatRequest({ model: "tiny", stream: true, ...request });
  assertPublished("ChatRequest", body);
  return body;
}

const messagesOf = (...input: JsonObject[]): readonly ChatMessage[] => translate({ input }).messages;
const say = (role: string, ...texts: string[]): JsonObject => ({
  type: "message",
  role,
  content: texts.map((text) => ({ type: role === "assistant" ? "output_text" : "input_text", text })),
});
const call = (id: string, name: string, args = "{}"): JsonObject => ({
  type: "function_call",
  call_id: id,
  name,
  arguments: args,
});
const output = (id: string, value: unknown): JsonObject => ({
  type: "function_call_output",
  call_id: id,
  output: value,
});
const think = (text: string): JsonObject => ({
  type: "reasoning",
  summary: [],
  encrypted_content: packThinking({ field: "reasoning_content", text }),
});
const told = (id: string, content: string): ChatMessage => ({ role: "tool", tool_call_id: id, content });
const called = (id: string, name: string, args = "{}") => ({
  id,
  type: "function",
  function: { name, arguments: args },
} as const);

const PIXEL = "data:image/png;base64,iVBORw0KGgo=";

Deno.test("what a client says first is one system message, and users' messages in a row are one", () => {
  const messages = translate({
    instructions: "Be brief.",
    input: [
      say("developer", "You are an agent.", "Work alone."),
      { role: "system", content: "Obey." },
      say("user", "# AGENTS.md"),
      say("user", "Say hi.", "Now."),
      say("assistant", "Hi", "!"),
      say("developer", "<mode>plan</mode>"),
      say("user", "And now?"),
    ],
  }).messages;
  assert.deepEqual(messages, [
    { role: "system", content: "Be brief.\n\nYou are an agent.\n\nWork alone.\n\nObey." },
    { role: "user", content: "# AGENTS.md\n\nSay hi.\n\nNow." },
    { role: "assistant", content: "Hi!" },
    { role: "user", content: "<mode>plan</mode>\n\nAnd now?" },
  ]);
});

Deno.test("an input that is a text is what the user says", () => {
  assert.deepEqual(translate({ input: "Hello" }).messages, [{ role: "user", content: "Hello" }]);
});

Deno.test("calls made together are one message, and their outputs follow in the order of the calls", () => {
  const messages = messagesOf(
    say("user", "Look."),
    say("assistant", "I look."),
    call("a", "read", '{"path":"x"}'),
    call("b", "list"),
    output("b", "two"),
    output("a", [{ type: "input_text", text: "one" }, { type: "input_text", text: "more" }]),
    call("c", "read"),
    output("c", { content: "three", success: true }),
    say("assistant", "Done."),
  );
  assert.deepEqual(messages, [
    { role: "user", content: "Look." },
    {
      role: "assistant",
      content: "I look.",
      tool_calls: [called("a", "read", '{"path":"x"}'), called("b", "list")],
    },
    told("a", "one\n\nmore"),
    told("b", "two"),
    { role: "assistant", content: "", tool_calls: [called("c", "read")] },
    told("c", "three"),
    { role: "assistant", content: "Done." },
  ]);
});

Deno.test("outputs of calls that ran one after the other stay with their own call, ids used again or not", () => {
  const messages = messagesOf(
    call("0", "a"),
    output("0", "first"),
    call("0", "b"),
    output("0", "second"),
    say("user", "Go on."),
    call("1", "c"),
    say("user", "Wait."),
    output("1", "late"),
  );
  assert.deepEqual(messages, [
    { role: "assistant", content: "", tool_calls: [called("0", "a")] },
    told("0", "first"),
    { role: "assistant", content: "", tool_calls: [called("0", "b")] },
    told("0", "second"),
    { role: "user", content: "Go on." },
    { role: "assistant", content: "", tool_calls: [called("1", "c")] },
    told("1", "late"),
    { role: "user", content: "Wait." },
  ]);
});

Deno.test("a call without output gets one, and an output without call is told", () => {
  const messages = messagesOf(output("gone", "42"), call("a", "run"), say("user", "Stop."));
  assert.deepEqual(messages, [
    { role: "user", content: "Output of the tool call gone:\n\n42" },
    { role: "assistant", content: "", tool_calls: [called("a", "run")] },
    told("a", "There is no output: the call was broken off."),
    { role: "user", content: "Stop." },
  ]);
});

Deno.test("arguments that are no JSON object become one, so that a template can read them", () => {
  const [first] = messagesOf(
    call("a", "run", '{"cmd":'),
    call("b", "run", ""),
    call("c", "run", "[1]"),
    call("d", "run", "null"),
  );
  assert.deepEqual(first, {
    role: "assistant",
    content: "",
    tool_calls: [
      called("a", "run", '{"invalid_json":"{\\"cmd\\":"}'),
      called("b", "run", "{}"),
      called("c", "run", '{"invalid_json":"[1]"}'),
      called("d", "run", "{}"),
    ],
  });
});

Deno.test("images reach the model: the user's in their place, a tool's after all outputs", () => {
  const messages = messagesOf(
    {
      role: "user",
      content: [
        { type: "input_text", text: "Compare" },
        { type: "input_image", image_url: PIXEL, detail: "original" },
        { type: "input_image", image_url: "https://example.org/a.png" },
      ],
    },
    call("a", "view_image"),
    call("b", "list"),
    output("a", [{ type: "input_text", text: "seen:" }, {
      type: "input_image",
      image_url: PIXEL,
      detail: "low",
    }]),
    output("b", "x"),
    say("user", "Well?"),
  );
  assert.deepEqual(messages, [
    {
      role: "user",
      content: [
        { type: "text", text: "Compare" },
        { type: "image_url", image_url: { url: PIXEL, detail: "high" } },
        { type: "image_url", image_url: { url: "https://example.org/a.png" } },
      ],
    },
    { role: "assistant", content: "", tool_calls: [called("a", "view_image"), called("b", "list")] },
    told(
      "a",
      "seen:\n\n[Attachment 1 of the output of view_image (call a): see the next message of the user.]",
    ),
    told("b", "x"),
    {
      role: "user",
      content: [
        { type: "text", text: "Attachment 1 of the output of view_image (call a):" },
        { type: "image_url", image_url: { url: PIXEL, detail: "low" } },
        { type: "text", text: "Well?" },
      ],
    },
  ]);
});

Deno.test("an image is shown as the user's, whoever sends it along", () => {
  const [message] = messagesOf({
    role: "developer",
    content: [{ type: "input_text", text: "Look:" }, { type: "input_image", image_url: PIXEL }],
  });
  assert.deepEqual(message, {
    role: "user",
    content: [{ type: "text", text: "Look:" }, { type: "image_url", image_url: { url: PIXEL } }],
  });
});

Deno.test("files and audio keep their kind", () => {
  const [message] = messagesOf({
    role: "user",
    content: [
      { type: "input_file", file_data: "data:application/pdf;base64,AA==", filename: "a.pdf" },
      { type: "input_audio", input_audio: { data: "AA==", format: "wav" } },
    ],
  });
  assert.deepEqual(message, {
    role: "user",
    content: [
      { type: "file", file: { file_data: "data:application/pdf;base64,AA==", filename: "a.pdf" } },
      { type: "input_audio", input_audio: { data: "AA==", format: "wav" } },
    ],
  });
});

Deno.test("a model's thinking goes back to it until the user speaks again, and nobody else's does", () => {
  const messages = messagesOf(
    think("old"),
    say("assistant", "Yes."),
    say("user", "Why?"),
    think("hm"),
    call("a", "read"),
    output("a", "x"),
    { type: "reasoning", summary: [{ type: "summary_text", text: "s" }], encrypted_content: "gAAAAB" },
    { type: "reasoning", summary: [], encrypted_content: '{"field":"reasoning","text":"foreign"}' },
    think("so"),
    say("assistant", "Because."),
    think("broken off"),
  );
  assert.deepEqual(messages, [
    { role: "assistant", content: "Yes." },
    { role: "user", content: "Why?" },
    { role: "assistant", content: "", reasoning_content: "hm", tool_calls: [called("a", "read")] },
    told("a", "x"),
    { role: "assistant", content: "Because.", reasoning_content: "so\n\nbroken off" },
  ]);
});

Deno.test("thinking alone, of an answer that was broken off, is no message", () => {
  assert.deepEqual(messagesOf(say("user", "Go."), think("hm")), [{ role: "user", content: "Go." }]);
});

Deno.test("functions are offered under `function`, anything else is left out and named", () => {
  const { body, dropped } = toChatRequest({
    model: "tiny",
    tools: [
      {
        type: "function",
        name: "read",
        description: "Reads.",
        parameters: { type: "object" },
        strict: false,
      },
      { type: "function", name: "now", strict: true },
      { type: "web_search" },
    ],
    tool_choice: "auto",
    parallel_tool_calls: true,
    input: [{ type: "web_search_call", id: "ws" }],
  });
  assert.deepEqual(body, {
    model: "tiny",
    messages: [],
    stream: false,
    tools: [
      { type: "function", function: { name: "read", description: "Reads.", parameters: { type: "object" } } },
      {
        type: "function",
        function: { name: "now", parameters: { type: "object", properties: {} }, strict: true },
      },
    ],
    tool_choice: "auto",
    parallel_tool_calls: true,
  });
  assert.deepEqual(dropped, ["item web_search_call", "tool web_search"]);
});

Deno.test("a choice of tools is kept where the servers have a word for it", () => {
  const tools = ["a", "b"].map((name) => ({ type: "function", name }));
  const choose = (choice: unknown): Pick<ChatRequest, "tools" | "tool_choice"> => {
    const { tools: offered, tool_choice } = translate({ tools, tool_choice: choice });
    return { ...(offered && { tools: offered }), ...(tool_choice && { tool_choice }) };
  };
  const names = (offer: Pick<ChatRequest, "tools">): unknown =>
    offer.tools?.map((tool) => tool.function.name);
  for (const word of ["auto", "none", "required"]) assert.equal(choose(word).tool_choice, word);
  const one = choose({ type: "function", name: "b" });
  assert.deepEqual([names(one), one.tool_choice], [["b"], "required"]);
  const allowed = { type: "allowed_tools", mode: "required", tools: [{ type: "function", name: "a" }] };
  assert.deepEqual([names(choose(allowed)), choose(allowed).tool_choice], [["a"], "required"]);
  assert.deepEqual(choose({ type: "function", name: "gone" }), {});
  // Nothing to choose from: nothing is said of choosing.
  const none = translate({ tools: [{ type: "web_search" }], tool_choice: "auto", parallel_tool_calls: true });
  for (const field of ["tools", "tool_choice", "parallel_tool_calls"]) assert.ok(!(field in none), field);
});

Deno.test("limits and forms go by the names that every server reads, the rest stays here", () => {
  const body = translate({
    temperature: 0.5,
    top_p: 0.9,
    max_output_tokens: 100,
    reasoning: { effort: "xhigh", summary: "auto" },
    text: {
      verbosity: "low",
      format: { type: "json_schema", name: "plan", schema: { type: "object" }, strict: true },
    },
    store: false,
    include: ["reasoning.encrypted_content"],
    prompt_cache_key: "k",
    client_metadata: { a: "b" },
    metadata: { a: "b" },
    service_tier: "auto",
    truncation: "auto",
    previous_response_id: null,
    user: "ada",
  });
  assert.deepEqual(body, {
    model: "tiny",
    messages: [],
    stream: true,
    stream_options: { include_usage: true },
    temperature: 0.5,
    top_p: 0.9,
    max_tokens: 100,
    reasoning_effort: "high",
    response_format: {
      type: "json_schema",
      json_schema: { name: "plan", schema: { type: "object" }, strict: true },
    },
    user: "ada",
  });
  const format = translate({ text: { format: { type: "json_object" } } }).response_format;
  assert.deepEqual(format, { type: "json_object" });
  const efforts = ["none", "minimal", "low", "medium", "high", "max", "turbo", undefined].map((effort) =>
    translate({ reasoning: { effort } }).reasoning_effort
  );
  assert.deepEqual(efforts, ["none", "low", "low", "medium", "high", "high", undefined, undefined]);
});

Deno.test("what would change the answer is refused, not left out", () => {
  const image = { role: "user", content: [{ type: "input_image", file_id: "file_1" }] };
  const refused: JsonObject[] = [
    { previous_response_id: "resp_1" },
    { conversation: { id: "c" } },
    { background: true },
    { input: [image] },
    { input: [{ role: "user", content: [{ type: "input_file", file_url: "https://example.org/a.pdf" }] }] },
  ];
  for (const request of refused) {
    assert.throws(
      () => toChatRequest({ model: "tiny", ...request }),
      (error) => error instanceof AppError && error.code === "gateway.request",
      JSON.stringify(request),
    );
  }
});

Deno.test("the published schema refuses what it should", () => {
  assert.match(
    findFault("ChatRequest", { model: "m", messages: [{ role: "tool", content: "x" }] }) ?? "",
    /ChatRequest/,
  );
  const image = { type: "image_url", image_url: { url: PIXEL } };
  const tool = { role: "tool", tool_call_id: "a", content: [image] };
  assert.notEqual(findFault("ChatRequest", { model: "m", messages: [tool] }), undefined);
  assert.notEqual(findFault("ChatRequest", { model: "m", messages: [], input: [] }), undefined);
  assert.equal(
    findFault("ChatRequest", { model: "m", messages: [{ role: "user", content: [image] }] }),
    undefined,
  );
});

/** Any conversation; texts are numbered later, so that each can be found again. */
const anyItem = fc.oneof(
  fc.constantFrom("user", "assistant", "developer").map((role) => ({ kind: role })),
  fc.record({ kind: fc.constantFrom("call", "output", "image"), id: fc.constantFrom("a", "b", "c") }),
);

Deno.test("every text, call and output of any conversation is in the messages once, in order", () => {
  fc.assert(fc.property(fc.array(anyItem, { maxLength: 30 }), (kinds) => {
    const input = kinds.map((item, at): JsonObject => {
      const text = `<${at}>`;
      if (!("id" in item)) return say(item.kind, text);
      if (item.kind === "call") return call(item.id, text);
      return output(
        item.id,
        item.kind === "output"
          ? text
          : [{ type: "input_text", text }, { type: "input_image", image_url: `${PIXEL}${text}` }],
      );
    });
    const { messages } = translate({ input });
    checkTurns(messages);
    const marks = (of: (message: ChatMessage) => unknown): string[] =>
      messages.flatMap((message) => JSON.stringify(of(message) ?? "").match(/<\d+>/g) ?? []);
    const all = kinds.map((_, at) => `<${at}>`);
    // Each is there; names of calls also stand in the note of an image of theirs.
    const seen = new Set(marks((message) => message));
    assert.deepEqual(all.filter((mark) => !seen.has(mark)), []);
    const numbers = (found: string[]): number[] => found.map((mark) => Number(mark.slice(1, -1)));
    const rising = (found: number[]): boolean =>
      found.every((one, at) => at === 0 || one > (found[at - 1] ?? 0));
    assert.ok(rising(numbers(marks((message) => message.role === "assistant" ? message : ""))));
    // What users said keeps its order, without the outputs that were told to them.
    const ids = kinds.flatMap((item, at) => "id" in item ? [at] : []);
    const users = numbers(marks((message) => message.role === "user" ? message.content : ""));
    assert.ok(rising(users.filter((at) => !ids.includes(at))));
  }));
});

/** What templates and servers ask of a conversation. */
function checkTurns(messages: readonly ChatMessage[]): void {
  for (const [at, message] of messages.entries()) {
    const before = messages[at - 1];
    if (message.role === "system") assert.equal(at, 0);
    if (message.role === "user") assert.notEqual(before?.role, "user");
    if (message.role !== "assistant") continue;
    const calls = message.tool_calls ?? [];
    assert.ok(message.content !== "" || calls.length > 0);
    const answers = messages.slice(at + 1, at + 1 + calls.length);
    assert.deepEqual(
      answers.map((answer) => answer.role === "tool" ? answer.tool_call_id : answer.role),
      calls.map(({ id }) => id),
    );
    assert.notEqual(messages[at + 1 + calls.length]?.role, "tool");
    for (const { function: { arguments: args } } of calls) assert.ok(isObject(JSON.parse(args)));
  }
}

Deno.test("no request at all makes the translation throw anything but a refusal", () => {
  const field = fc.constantFrom(
    "type",
    "role",
    "content",
    "call_id",
    "name",
    "arguments",
    "output",
    "input",
    "tools",
    "tool_choice",
    "text",
    "format",
    "reasoning",
    "instructions",
    "stream",
    "image_url",
    "message",
    "function_call",
    "user",
    "assistant",
    "function_call_output",
    "reasoning",
    "allowed_tools",
    "encrypted_content",
    "function",
  );
  const { any } = fc.letrec<{ any: unknown }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 5 },
      fc.oneof(field, fc.string(), fc.integer(), fc.boolean(), fc.constant(null)),
      fc.array(tie("any"), { maxLength: 4 }),
      fc.dictionary(field, tie("any"), { maxKeys: 6 }),
    ),
  }));
  fc.assert(
    fc.property(fc.dictionary(field, any, { maxKeys: 8 }), (request) => {
      try {
        const { body } = toChatRequest({ model: "tiny", ...request });
        assertPublished("ChatRequest", body);
        checkTurns(body.messages);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
      }
    }),
    { numRuns: 500 },
  );
});
