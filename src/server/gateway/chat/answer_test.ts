import assert from "node:assert/strict";
import fc from "fast-check";
import { isObject, type JsonObject, objectOf } from "../../../base/json_fields.ts";
import { assertPublished } from "../../../../tests/openai_schema.ts";
import type { ResponsesEvent } from "../wire.ts";
import { translateAnswer } from "./answer.ts";
import { chunk, EXPECTED } from "./answer_fixture.ts";
import { unpackThinking } from "./thinking.ts";

/** Translates the data of a stream, which then ends; everything is held against the published schema. */
function stream(...data: (JsonObject | string)[]): readonly ResponsesEvent[] {
  const translation = translateAnswer(EXPECTED);
  const events = data.flatMap((one) =>
    translation.event(typeof one === "string" ? one : JSON.stringify(one))
  );
  return checkEvents([...events, ...translation.end()]);
}

/** What holds for every answer: begun once, ended once, each item whole, its pieces making up the whole. */
function checkEvents(events: readonly ResponsesEvent[]): readonly ResponsesEvent[] {
  for (const [sequence_number, event] of events.entries()) {
    assertPublished("ResponsesEvent", { ...event, sequence_number });
  }
  const types = events.map(({ type }) => type);
  assert.deepEqual(types.slice(0, 2), ["response.created", "response.in_progress"]);
  assert.equal(types.filter((type) => type === "response.created").length, 1);
  const ends = types.filter((type) => /^response\.(completed|incomplete|failed)$/.test(type));
  assert.equal(ends.length, 1);
  assert.equal(types.at(-1), ends[0]);

  const added = new Map<unknown, string[]>();
  const done = new Map<unknown, JsonObject>();
  for (const event of events) {
    const item = objectOf(event["item"]);
    const index = event["output_index"];
    if (event.type === "response.output_item.added") {
      assert.equal(index, added.size);
      added.set(index, []);
    } else if (event.type === "response.output_item.done") {
      assert.ok(!done.has(index));
      done.set(index, item);
    } else if (event.type.endsWith(".delta")) {
      assert.ok(!done.has(index), "a piece after the whole");
      added.get(index)?.push(String(event["delta"]));
    }
  }
  for (const [index, pieces] of added) {
    const item = done.get(index);
    if (item !== undefined) assert.equal(textOfItem(item), pieces.join(""));
  }
  const last = responseOf(events);
  const output = Array.isArray(last["output"]) ? last["output"] : [];
  if (last["status"] === "completed") {
    assert.deepEqual(new Set(done.keys()), new Set(added.keys()));
    assert.deepEqual(new Set(output), new Set(done.values()));
  }
  return events;
}

function textOfItem(item: JsonObject): string {
  if (item["type"] === "function_call") return String(item["arguments"]);
  const parts = Array.isArray(item["content"]) ? item["content"] : [];
  return parts.map((part: JsonObject) => part["text"]).join("");
}

const responseOf = (events: readonly ResponsesEvent[]): JsonObject => objectOf(events.at(-1)?.["response"]);
const itemsOf = (events: readonly ResponsesEvent[]): JsonObject[] =>
  events.flatMap(({ type, item }) => type === "response.output_item.done" && isObject(item) ? [item] : []);
const callsOf = (events: readonly ResponsesEvent[]): unknown[] =>
  itemsOf(events).filter(({ type }) => type === "function_call").map((item) => [
    item["call_id"],
    item["name"],
    item["arguments"],
  ]);
const errorOf = (events: readonly ResponsesEvent[]): unknown => {
  assert.equal(events.at(-1)?.type, "response.failed");
  return responseOf(events)["error"];
};

const text = (content: string): JsonObject => chunk({ content });
const callPart = (part: JsonObject): JsonObject => chunk({ tool_calls: [part] });
const STOP = chunk({}, "stop");
const CALLED = chunk({}, "tool_calls");

Deno.test("an answer with thinking, text and two calls is told item by item, each piece at once", () => {
  const translation = translateAnswer(EXPECTED);
  const tell = (data: JsonObject | string): string[] =>
    translation.event(typeof data === "string" ? data : JSON.stringify(data)).map((event) => {
      const detail = event["delta"] ?? objectOf(event["item"])["id"] ?? "";
      return `${event.type.replace("response.", "")}${detail === "" ? "" : ` ${detail}`}`;
    });
  assert.deepEqual(tell(chunk({ role: "assistant", content: "" })), ["created", "in_progress"]);
  assert.deepEqual(tell(chunk({ reasoning_content: "Hm" })), [
    "output_item.added rs_x_0",
    "content_part.added",
    "reasoning_text.delta Hm",
  ]);
  assert.deepEqual(tell(chunk({ reasoning_content: "m." })), ["reasoning_text.delta m."]);
  assert.deepEqual(tell(text("\n\n")), []);
  assert.deepEqual(tell(text("Let me")), [
    "reasoning_text.done",
    "content_part.done",
    "output_item.done rs_x_0",
    "output_item.added msg_x_1",
    "content_part.added",
    "output_text.delta \n\nLet me",
  ]);
  assert.deepEqual(tell(text(" look.\n")), ["output_text.delta  look.\n"]);
  assert.deepEqual(
    tell(callPart({ index: 0, id: "a", type: "function", function: { name: "read", arguments: "" } })),
    ["output_text.done", "content_part.done", "output_item.done msg_x_1"],
  );
  assert.deepEqual(tell(callPart({ index: 0, function: { arguments: '{"p":' } })), [
    "output_item.added fc_x_2",
    'function_call_arguments.delta {"p":',
  ]);
  assert.deepEqual(tell(callPart({ index: 1, id: "b", function: { name: "now", arguments: "" } })), []);
  assert.deepEqual(tell(callPart({ index: 0, function: { arguments: "1}" } })), [
    "function_call_arguments.delta 1}",
  ]);
  assert.deepEqual(tell(CALLED), []);
  assert.deepEqual(tell({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 2 } }), []);
  assert.deepEqual(tell("[DONE]"), [
    "output_item.added fc_x_3",
    "function_call_arguments.done",
    "output_item.done fc_x_2",
    "function_call_arguments.delta {}",
    "function_call_arguments.done",
    "output_item.done fc_x_3",
    "completed",
  ]);
  assert.deepEqual(tell(text("more")), []);
  assert.deepEqual(translation.end(), []);
});

Deno.test("the whole answer carries every item, the usage and the model that served it", () => {
  const events = stream(
    chunk({ reasoning: "Hmm." }),
    text("Yes."),
    callPart({ index: 0, id: "a", function: { name: "read", arguments: "{}" } }),
    CALLED,
    {
      choices: [],
      model: "served",
      usage: {
        prompt_tokens: 100,
        completion_tokens: 20,
        total_tokens: 120,
        prompt_tokens_details: { cached_tokens: 60, cache_write_tokens: 5 },
        completion_tokens_details: { reasoning_tokens: 7 },
        cost: 0.00125,
      },
    },
    "[DONE]",
  );
  const { id, model, status, usage, output, created_at } = responseOf(events);
  assert.deepEqual({ id, model, status, created_at }, {
    id: "resp_x",
    model: "served",
    status: "completed",
    created_at: 7,
  });
  assert.deepEqual(usage, {
    input_tokens: 100,
    input_tokens_details: { cached_tokens: 60, cache_write_tokens: 5 },
    output_tokens: 20,
    output_tokens_details: { reasoning_tokens: 7 },
    total_tokens: 120,
    cost: 0.00125,
  });
  assert.deepEqual(output, itemsOf(events));
  const [thinking, message] = itemsOf(events);
  assert.deepEqual(unpackThinking(thinking?.["encrypted_content"]), { field: "reasoning", text: "Hmm." });
  assert.deepEqual(message, {
    type: "message",
    id: "msg_x_1",
    role: "assistant",
    status: "completed",
    content: [{ type: "output_text", text: "Yes.", annotations: [] }],
  });
});

Deno.test("thinking is packed only for a client that asked for it", () => {
  const translation = translateAnswer({ ...EXPECTED, packsThinking: false });
  const events = [chunk({ reasoning: "Hmm." }), STOP].flatMap((one) =>
    translation.event(JSON.stringify(one))
  );
  const [thinking] = itemsOf([...events, ...translation.end()]);
  assert.deepEqual(thinking?.["content"], [{ type: "reasoning_text", text: "Hmm." }]);
  assert.ok(thinking !== undefined && !("encrypted_content" in thinking));
});

Deno.test("usage is taken wherever it comes, and never made up", () => {
  const usageOf = (...data: (JsonObject | string)[]): unknown => responseOf(stream(...data))["usage"];
  assert.equal(usageOf(text("a"), STOP, "[DONE]"), null);
  assert.equal(usageOf(text("a"), { ...STOP, usage: { completion_tokens: 2 } }), null);
  const plain = {
    input_tokens: 9,
    input_tokens_details: { cached_tokens: 4, cache_write_tokens: 0 },
    output_tokens: 2,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 11,
  };
  const usage = { prompt_tokens: 9, completion_tokens: 2, prompt_cache_hit_tokens: 4 };
  assert.deepEqual(usageOf(text("a"), { ...STOP, usage }), plain);
  // vLLM may report in every chunk; the last one counts.
  const growing = { ...text("a"), usage: { ...usage, completion_tokens: 1 } };
  assert.deepEqual(usageOf(growing, STOP, { choices: [], usage }, "[DONE]"), plain);
});

Deno.test("calls are told apart however a server numbers them", () => {
  const part = (index: number | undefined, id: string | undefined, name: string | undefined, args: unknown) =>
    callPart({
      ...(index === undefined ? {} : { index }),
      ...(id === undefined ? {} : { id }),
      function: { ...(name === undefined ? {} : { name }), arguments: args },
    });
  const two = [["a", "read", '{"p":1}'], ["b", "read", '{"p":2}']];
  const asPublished = [
    part(0, "a", "read", ""),
    part(0, undefined, undefined, '{"p":'),
    part(0, undefined, undefined, "1}"),
  ];
  const second = [part(1, "b", "read", ""), part(1, undefined, undefined, '{"p":2}')];
  assert.deepEqual(callsOf(stream(...asPublished, ...second, CALLED)), two, "as published");
  const [a0 = STOP, a1 = STOP, a2 = STOP] = asPublished;
  const [b0 = STOP, b1 = STOP] = second;
  assert.deepEqual(callsOf(stream(a0, b0, a1, b1, a2, CALLED)), two, "in turns");
  const both = chunk({
    tool_calls: [
      { index: 0, id: "a", function: { name: "read", arguments: '{"p":1}' } },
      { index: 1, id: "b", function: { name: "read", arguments: '{"p":2}' } },
    ],
  });
  assert.deepEqual(callsOf(stream(both, CALLED)), two, "in one chunk");
  const sameIndex = [part(0, "a", "read", '{"p":1}'), part(0, "b", "read", '{"p":2}')];
  assert.deepEqual(callsOf(stream(...sameIndex, CALLED)), two, "all at index 0");
  const noIndex = [part(undefined, "a", "read", { p: 1 }), part(undefined, "b", "read", { p: 2 })];
  assert.deepEqual(callsOf(stream(...noIndex, STOP)), two, "no index, arguments as an object");
  const repeated = [
    part(0, "a", "read", '{"p"'),
    part(0, "a", "read", ":1}"),
    part(1, "b", "read", '{"p":2}'),
  ];
  assert.deepEqual(callsOf(stream(...repeated, CALLED)), two, "id and name in every part");
  const newIds = [
    part(0, "a", "read", '{"p"'),
    part(0, "z", undefined, ":1}"),
    part(1, "b", "read", '{"p":2}'),
  ];
  assert.deepEqual(callsOf(stream(...newIds, CALLED)), two, "a new id in every part");
  const noIds = [part(0, undefined, "read", '{"p":1}'), part(0, undefined, "list", '{"p":2}')];
  assert.deepEqual(callsOf(stream(...noIds, CALLED)), [
    ["call_fc_x_0", "read", '{"p":1}'],
    ["call_fc_x_1", "list", '{"p":2}'],
  ], "no ids at all");
  const halves = [part(0, "a", "re", ""), part(0, undefined, "ad", ""), part(0, undefined, undefined, "{}")];
  assert.deepEqual(callsOf(stream(...halves, CALLED)), [["a", "read", "{}"]], "a name in two halves");
  const twins = [part(0, "a", "read", "{}"), part(1, "a", "read", "{}")];
  assert.deepEqual(callsOf(stream(...twins, CALLED)), [["a", "read", "{}"], ["a_2", "read", "{}"]], "one id");
  const old = chunk({ function_call: { name: "read", arguments: "{}" } }, "function_call");
  assert.deepEqual(callsOf(stream(old)), [["call_fc_x_0", "read", "{}"]], "the form before tool_calls");
  const late = stream(a0, part(1, "b", "read", '{"p":2}'), a1, a2, CALLED);
  assert.deepEqual(callsOf(late), two, "the second before the first");
  assert.deepEqual(itemsOf(late).map(({ id }) => id), ["fc_x_0", "fc_x_1"]);
  for (const args of [["null"], [" "], ["nu", "ll\n"], ["", "null"]]) {
    const parts = args.map((one) => part(0, "a", "read", one));
    assert.deepEqual(callsOf(stream(...parts, CALLED)), [["a", "read", "{}"]], `no arguments: ${args}`);
  }
  const odd = [part(0, "a", "read", "n"), part(0, "a", "read", "u"), part(0, "a", "read", "x")];
  assert.deepEqual(callsOf(stream(...odd, CALLED)), [["a", "read", "nux"]], "not null after all");
  assert.deepEqual(callsOf(stream(part(0, "a", "read", "n"), CALLED)), [["a", "read", "n"]], "half of null");
  const held = [part(0, "a", "read", '{"p":'), part(0, "a", "read", "null"), part(0, "a", "read", "}")];
  assert.deepEqual(callsOf(stream(...held, CALLED)), [["a", "read", '{"p":null}']], "null in an object");
  const pieces = Array.from({ length: 50_000 }, () => part(0, "a", "read", "aaaaaa"));
  const long = stream(part(0, "a", "read", '{"p":"'), ...pieces, part(0, "a", "read", '"}'), CALLED);
  assert.deepEqual(callsOf(long), [["a", "read", `{"p":"${"aaaaaa".repeat(50_000)}"}`]], "many pieces");
  const empty = callPart({});
  assert.deepEqual(callsOf(stream(empty, CALLED)), [], "nothing at all");
});

Deno.test("text after a call is a message of its own, and white space alone is none", () => {
  const part = callPart({ index: 0, id: "a", function: { name: "read", arguments: "{}" } });
  const kinds = (events: readonly ResponsesEvent[]): unknown => itemsOf(events).map(({ type }) => type);
  assert.deepEqual(kinds(stream(text("\n"), part, text("\n"), CALLED)), ["function_call"]);
  assert.deepEqual(kinds(stream(part, text("\nso"), CALLED)), ["message", "function_call"]);
  assert.deepEqual(kinds(stream(text("a"), chunk({ reasoning: "b" }), text("c"), STOP)), [
    "message",
    "reasoning",
    "message",
  ]);
  assert.deepEqual(kinds(stream(text("  "), STOP)), []);
  assert.deepEqual(itemsOf(stream(text("\n"), part, text("so"), CALLED)).map(textOfItem), ["so", "{}"]);
});

Deno.test("of several answers, which nobody asked for, the first is told", () => {
  const choice = (index: number, content: string): JsonObject => ({ index, delta: { content } });
  const both = { choices: [choice(1, "b"), choice(0, "a")] };
  const events = stream(both, { choices: [choice(1, "c")] }, STOP);
  assert.deepEqual(itemsOf(events).map(textOfItem), ["a"]);
});

Deno.test("a refusal is told as text, which every client shows and keeps", () => {
  const contentOf = (...data: JsonObject[]): unknown => itemsOf(stream(...data, STOP))[0]?.["content"];
  const told = (text: string): JsonObject[] => [{ type: "output_text", text, annotations: [] }];
  const refusal = [chunk({ refusal: "I will " }), chunk({ refusal: "not." })];
  assert.deepEqual(contentOf(...refusal), told("I will not."));
  assert.deepEqual(contentOf(text("No: "), ...refusal), told("No: I will not."));
  assert.deepEqual(contentOf({ choices: [{ message: { content: null, refusal: "No." } }] }), told("No."));
});

Deno.test("content in parts is read, with thinking in it or not", () => {
  const events = stream(
    chunk({ content: [{ type: "thinking", thinking: [{ type: "text", text: "Hm." }] }] }),
    chunk({ content: [{ type: "text", text: "Yes" }, { type: "text", text: "." }] }),
    STOP,
  );
  assert.deepEqual(itemsOf(events).map(textOfItem), ["Hm.", "Yes."]);
  // Such servers refuse a message with a field for it.
  assert.ok(!("encrypted_content" in objectOf(itemsOf(events)[0])));
});

Deno.test("an answer that ran out of tokens is incomplete, and its calls are not handed out", () => {
  const events = stream(
    text("Half"),
    callPart({ index: 0, id: "a", function: { name: "run", arguments: '{"cmd":"rm' } }),
    chunk({}, "length"),
    "[DONE]",
  );
  assert.equal(events.at(-1)?.type, "response.incomplete");
  const { incomplete_details, output } = responseOf(events);
  assert.deepEqual(incomplete_details, { reason: "max_output_tokens" });
  assert.deepEqual(itemsOf(events).map(({ type }) => type), ["message"]);
  assert.equal(Array.isArray(output) && objectOf(output[1])["status"], "incomplete");
  const [message] = itemsOf(stream(text("Half"), chunk({}, "length")));
  assert.equal(message?.["status"], "incomplete");
});

Deno.test("an answer that breaks off has failed, one that only forgets to say goodbye has not", () => {
  const broken = {
    code: "server_error",
    message: "The model's server ended the connection in the middle of its answer.",
  };
  assert.deepEqual(errorOf(stream()), broken);
  assert.deepEqual(errorOf(stream(text("a"))), broken);
  assert.equal(stream(text("a"), STOP).at(-1)?.type, "response.completed");
  assert.equal(stream(text("a"), "[DONE]").at(-1)?.type, "response.completed");
});

Deno.test("what goes wrong in the middle ends the answer with a sentence and the right code", () => {
  const after = (data: JsonObject | string): unknown =>
    errorOf(stream(text("a"), data, text("b"), STOP, "[DONE]"));
  const told = (code: string, message: string) => ({ code, message });
  assert.deepEqual(
    after({ error: { message: "the slot\nis gone", type: "server_error", code: 500 } }),
    told("server_error", "The model's server failed: the slot is gone"),
  );
  assert.deepEqual(
    after({ error: "out of memory" }),
    told("server_error", "The model's server failed: out of memory"),
  );
  assert.deepEqual(
    after({
      object: "error",
      message: "the template fails",
      type: "BadRequestError",
      param: null,
      code: 400,
    }),
    told("invalid_prompt", "The model's server failed: the template fails"),
  );
  assert.deepEqual(
    after({ error: { code: 429, message: "Slow down." }, choices: [] }),
    told("rate_limit_exceeded", "The model's server failed: Slow down."),
  );
  assert.deepEqual(
    after({
      error: { code: 400, message: "the context size has been exceeded", type: "exceed_context_size_error" },
    }),
    told("context_length_exceeded", "The model's server failed: the context size has been exceeded"),
  );
  assert.deepEqual(
    after("{oops"),
    told("server_error", "The model's server sent a piece of its answer that is no JSON."),
  );
  assert.deepEqual(
    errorOf(stream(text("a"), chunk({}, "content_filter"), "[DONE]")),
    told("invalid_prompt", "The model's server cut the answer off: its content filter did not let it pass."),
  );
  assert.deepEqual(
    errorOf(stream(text("a"), chunk({}, "error"))),
    told("server_error", "The model's server broke its answer off."),
  );
  assert.deepEqual(
    errorOf(stream(callPart({ index: 0, id: "a", function: { arguments: "{}" } }), CALLED)),
    told("server_error", "The model's server made the model call a tool without saying which."),
  );
});

Deno.test("an event by the name of error is one, whatever it holds", () => {
  const after = (data: string): unknown => {
    const translation = translateAnswer(EXPECTED);
    const begun = translation.event(JSON.stringify(text("a")));
    return errorOf(checkEvents([...begun, ...translation.event(data, "error"), ...translation.end()]));
  };
  const told = (message: string) => ({
    code: "server_error",
    message: `The model's server failed: ${message}`,
  });
  assert.deepEqual(after('{"message":"upstream exploded","code":500}'), told("upstream exploded"));
  assert.deepEqual(after('{"error":{"message":"upstream exploded"}}'), told("upstream exploded"));
  assert.deepEqual(after('{"error":null,"message":"upstream exploded"}'), told("upstream exploded"));
  assert.deepEqual(after('"upstream exploded"'), told("upstream exploded"));
  assert.deepEqual(after("upstream exploded"), told("upstream exploded"));
});

Deno.test("a null error is none", () => {
  assert.equal(stream({ ...text("a"), error: null }, STOP).at(-1)?.type, "response.completed");
});

Deno.test("refusals of a server become a sentence; only those that may pass are asked again", () => {
  const refused = (status: number, body: unknown, retryAfter?: number): unknown => {
    const answer = typeof body === "string" ? body : JSON.stringify(body);
    return errorOf(checkEvents(translateAnswer(EXPECTED).refused(status, answer, retryAfter)));
  };
  const told = (code: string, message: string) => ({
    code,
    message: `The model's server answered ${message}`,
  });
  // llama.cpp, vLLM, Ollama, OpenAI, FastAPI, a proxy.
  assert.deepEqual(
    refused(400, {
      error: {
        code: 400,
        message: "request (9000 tokens) exceeds the available context size (4096 tokens), try increasing it",
        type: "exceed_context_size_error",
      },
    }),
    told(
      "context_length_exceeded",
      "400: request (9000 tokens) exceeds the available context size (4096 tokens), try increasing it",
    ),
  );
  assert.deepEqual(
    refused(400, {
      object: "error",
      message: "This model's maximum context length is 4096 tokens.",
      code: 400,
    }),
    told("context_length_exceeded", "400: This model's maximum context length is 4096 tokens."),
  );
  assert.deepEqual(
    refused(404, { error: { message: 'model "x" not found, try pulling it first', type: "api_error" } }),
    told("invalid_prompt", '404: model "x" not found, try pulling it first'),
  );
  assert.deepEqual(
    refused(401, { error: { message: "Incorrect API key provided.", code: "invalid_api_key" } }),
    told("invalid_prompt", "401: Incorrect API key provided."),
  );
  assert.deepEqual(refused(422, { detail: "Unprocessable" }), told("invalid_prompt", "422: Unprocessable"));
  assert.deepEqual(refused(404, "404 page not found\n"), told("invalid_prompt", "404: 404 page not found"));
  assert.deepEqual(refused(500, { error: "boom" }), told("server_error", "500: boom"));
  assert.deepEqual(refused(502, ""), told("server_error", "502: it did not say why."));
  const page =
    "<html>\r\n<head><title>502 Bad\nGateway</title><style>b{color:red}</style></head>\n<body>x</body>";
  assert.deepEqual(
    refused(502, page),
    told("server_error", '502: a web page with the title "502 Bad Gateway".'),
  );
  for (
    const untitled of ["<!DOCTYPE html><h1>x</h1>", "\n<h1>x</h1>", "<!-- x --><p>", "<html><title></title>"]
  ) {
    assert.deepEqual(
      refused(404, untitled),
      told("invalid_prompt", "404: a web page that does not say why."),
    );
  }
  assert.deepEqual(refused(400, "<think> is no tag"), told("invalid_prompt", "400: <think> is no tag"));
  assert.deepEqual(
    refused(503, { error: { message: "Loading model", type: "unavailable_error", code: 503 } }),
    told("rate_limit_exceeded", "503: Loading model Please try again in 10s."),
  );
  assert.deepEqual(
    refused(429, { error: { message: "Slow." } }, 7),
    told("rate_limit_exceeded", "429: Slow. Please try again in 7s."),
  );
  assert.deepEqual(refused(429, { error: { message: "Slow." } }), told("rate_limit_exceeded", "429: Slow."));
  assert.deepEqual(
    refused(429, { error: { message: "Too many tokens today." } }, 3600),
    told("invalid_prompt", "429: Too many tokens today. It takes requests again in 3600 seconds."),
  );
  const broke = { message: "You exceeded your current quota.", type: "insufficient_quota" };
  for (const error of [broke, { ...broke, type: "requests", code: "insufficient_quota" }]) {
    const expected = told("invalid_prompt", "429: You exceeded your current quota.");
    assert.deepEqual(refused(429, { error }), expected);
    assert.deepEqual(refused(429, { error }, 7), expected);
  }
  const long = objectOf(refused(400, "x".repeat(5000)));
  assert.ok(String(long["message"]).length < 2100);
});

Deno.test("an answer that does not stream is told as one that does", () => {
  const whole = (answer: unknown): readonly ResponsesEvent[] => {
    const translation = translateAnswer(EXPECTED);
    const events = translation.whole(answer);
    assert.deepEqual(translation.end(), []);
    return checkEvents(events);
  };
  const message = {
    role: "assistant",
    content: "Yes.",
    refusal: null,
    reasoning_content: "Hm.",
    tool_calls: [
      { id: "a", type: "function", function: { name: "read", arguments: '{"p":1}' } },
      { id: "b", type: "function", function: { name: "read", arguments: "" } },
    ],
  };
  const answer = {
    id: "c",
    object: "chat.completion",
    created: 1,
    model: "served",
    choices: [{ index: 0, message, finish_reason: "tool_calls", logprobs: null }],
    usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
  };
  const events = whole(answer);
  assert.deepEqual(itemsOf(events).slice(0, 2).map(textOfItem), ["Hm.", "Yes."]);
  assert.deepEqual(callsOf(events), [["a", "read", '{"p":1}'], ["b", "read", "{}"]]);
  assert.equal(objectOf(responseOf(events)["usage"])["total_tokens"], 3);
  assert.equal(errorOf(whole([])) !== undefined, true);
  assert.deepEqual(errorOf(whole({ error: { message: "no" } })), {
    code: "server_error",
    message: "The model's server failed: no",
  });
});

Deno.test("an answer that never stops is ended", () => {
  const translation = translateAnswer(EXPECTED);
  const piece = JSON.stringify(text("x".repeat(2 * 1024 * 1024)));
  const types = Array.from({ length: 9 }, () => translation.event(piece).at(-1)?.type);
  assert.deepEqual(types.slice(7), ["response.output_text.delta", "response.failed"]);
  assert.deepEqual(translation.event(piece), []);

  const endless = translateAnswer(EXPECTED);
  const nothing = Array.from({ length: 1001 }, (_, at) => callPart({ index: at, id: `${at}` }));
  const ends = nothing.map((one) => endless.event(JSON.stringify(one)).at(-1)?.type);
  assert.deepEqual(ends.slice(-2), [undefined, "response.failed"]);
  const turning = Array.from(
    { length: 1002 },
    (_, at) => chunk(at % 2 === 0 ? { content: "a" } : { reasoning: "b" }),
  );
  assert.equal(stream(...turning, STOP).at(-1)?.type, "response.failed");
  const blank = stream(...Array.from({ length: 5000 }, () => text(" ")), STOP);
  assert.equal(textOfItem(objectOf(itemsOf(blank)[0])).length, 5000);
});

/** One thing that a model does: text, thinking, or a call. */
const anyAct = fc.oneof(
  fc.record({
    kind: fc.constantFrom("content", "reasoning_content"),
    text: fc.string({ minLength: 1, unit: "grapheme" }),
  }),
  fc.record({ kind: fc.constant("call"), text: fc.json() }),
);

Deno.test("however a server cuts texts and arguments into chunks, the same items come out, with all of the text", () => {
  fc.assert(fc.property(fc.array(anyAct, { maxLength: 8 }), fc.infiniteStream(fc.nat(7)), (acts, sizes) => {
    const cut = (whole: string): string[] => {
      const pieces: string[] = [];
      for (let rest = whole; rest !== "";) {
        const size = 1 + (sizes.next().value ?? 0);
        pieces.push(rest.slice(0, size));
        rest = rest.slice(size);
      }
      return pieces;
    };
    const deltas = (split: (whole: string) => string[]): JsonObject[] => {
      let index = 0;
      return acts.flatMap(({ kind, text: whole }) => {
        if (kind !== "call") return split(whole).map((piece) => chunk({ [kind]: piece }));
        const at = index++;
        const first = callPart({ index: at, id: `id${at}`, function: { name: "f", arguments: "" } });
        return [
          first,
          ...split(whole).map((piece) => callPart({ index: at, function: { arguments: piece } })),
        ];
      });
    };
    const [inOne, inMany] = [stream(...deltas((whole) => [whole]), STOP), stream(...deltas(cut), STOP)];
    assert.deepEqual(itemsOf(inMany), itemsOf(inOne));
    assert.deepEqual(responseOf(inMany), responseOf(inOne));
    const told = (kind: string): string =>
      acts.flatMap((act) => act.kind === kind ? [act.text] : []).join("");
    const made = (type: string): string =>
      itemsOf(inMany).flatMap((item) => item["type"] === type ? [textOfItem(item)] : []).join("");
    assert.equal(made("reasoning"), told("reasoning_content"));
    assert.equal(made("message").replaceAll(/\s/g, ""), told("content").replaceAll(/\s/g, ""));
    assert.deepEqual(callsOf(inMany).length, acts.filter(({ kind }) => kind === "call").length);
  }));
});

Deno.test("whatever a server sends, nothing throws and the answer ends once", () => {
  const word = fc.constantFrom(
    "choices",
    "delta",
    "message",
    "content",
    "tool_calls",
    "index",
    "id",
    "function",
    "name",
    "arguments",
    "finish_reason",
    "usage",
    "prompt_tokens",
    "completion_tokens",
    "prompt_tokens_details",
    "cached_tokens",
    "cost",
    "error",
    "code",
    "type",
    "text",
    "thinking",
    "reasoning",
    "reasoning_content",
    "refusal",
    "function_call",
    "model",
    "stop",
    "length",
  );
  const { any } = fc.letrec<{ any: unknown }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 5 },
      fc.oneof(word, fc.string(), fc.double(), fc.nat(3), fc.boolean(), fc.constant(null)),
      fc.array(tie("any"), { maxLength: 3 }),
      fc.dictionary(word, tie("any"), { maxKeys: 5 }),
    ),
  }));
  const delta = fc.dictionary(word, any, { maxKeys: 5 });
  const near = delta.map((one) => JSON.stringify(chunk(one)));
  const data = fc.oneof(
    near,
    any.map((one) => JSON.stringify(one)),
    fc.string(),
    fc.constantFrom("[DONE]", ""),
  );
  fc.assert(fc.property(fc.array(data, { maxLength: 8 }), (all) => void stream(...all)), { numRuns: 1000 });
  fc.assert(fc.property(any, (answer) => void checkEvents(translateAnswer(EXPECTED).whole(answer))));
  const body = fc.oneof(any.map((one) => JSON.stringify(one)), fc.string());
  fc.assert(
    fc.property(
      fc.integer({ min: 400, max: 599 }),
      body,
      fc.option(fc.nat(), { nil: undefined }),
      (status, one, wait) => {
        checkEvents(translateAnswer(EXPECTED).refused(status, one, wait));
      },
    ),
  );
});
