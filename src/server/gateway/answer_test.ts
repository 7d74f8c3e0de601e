import assert from "node:assert/strict";
import { createParser } from "eventsource-parser";
import fc from "fast-check";
import { isObject, type JsonObject } from "../../base/json_fields.ts";
import { type AnswerWatch, type BrokenReason, openAnswer } from "./answer.ts";
import { bytesOfText, cutBytes, openTextAnswer, type TextAnswer, textOfBytes } from "./answer_fixture.ts";
import { flatten } from "./flatten.ts";
import { restoreEvent } from "./restore.ts";
import { nameTools } from "./tool_names.ts";
import type { Translation } from "./wire.ts";

const TOOLS = [
  { type: "function", name: "exec" },
  { type: "namespace", name: "mcp__files", tools: [{ type: "function", name: "read" }] },
];
const { names } = flatten({ tools: TOOLS });
const NO_NAMES = nameTools([]);

/** Keeps what was noticed. */
function watching(): AnswerWatch & {
  readonly outputs: number[];
  readonly ends: { response: JsonObject; type: string }[];
  readonly broken: BrokenReason[];
} {
  const outputs: number[] = [];
  const ends: { response: JsonObject; type: string }[] = [];
  const broken: BrokenReason[] = [];
  return {
    outputs,
    ends,
    broken,
    onFirstOutput: () => void outputs.push(1),
    onEnd: (response, type) => void ends.push({ response, type }),
    onBroken: (reason) => void broken.push(reason),
  };
}

function eventsOf(text: string): JsonObject[] {
  const events: JsonObject[] = [];
  const parser = createParser({
    onEvent: ({ data }) => {
      if (data === "[DONE]") return;
      const event: unknown = JSON.parse(data);
      if (isObject(event)) events.push(event);
    },
  });
  parser.feed(`${text}: end\n\n`);
  return events;
}

const sse = (event: JsonObject): string => `event: ${event["type"]}\ndata: ${JSON.stringify(event)}\n\n`;
const call = (name: string, namespace?: string): JsonObject => ({
  type: "function_call",
  call_id: "c",
  name,
  arguments: "{}",
  ...(namespace === undefined ? {} : { namespace }),
});
const created = {
  type: "response.created",
  sequence_number: 0,
  response: { id: "r", model: "m", created_at: 5 },
};
const completed = (output: readonly JsonObject[]): JsonObject => ({
  type: "response.completed",
  sequence_number: 9,
  response: { id: "r", model: "m", status: "completed", output, usage: { input_tokens: 1, cost: 0.5 } },
});

function run(answer: TextAnswer, pieces: readonly string[]): string {
  return pieces.map((piece) => answer.push(piece)).join("") + answer.end();
}

Deno.test("an answer passes text as it came, and restores calls", () => {
  const delta =
    'event: response.output_text.delta\ndata: {"type":"response.output_text.delta",  "delta":"é"}\n\n';
  const watch = watching();
  const answer = openTextAnswer(names, undefined, watch);
  assert.equal(answer.push(delta.slice(0, 20)), "");
  assert.equal(answer.push(`${delta.slice(20)}: keep alive\n\n`), `${delta}: keep alive\n\n`);
  assert.equal(watch.outputs.length, 1);
  assert.deepEqual(
    eventsOf(answer.push(sse({ type: "response.output_item.done", item: call("mcp__files__read") }))),
    [{ type: "response.output_item.done", item: call("read", "mcp__files") }],
  );
  const plain = sse({ type: "response.output_item.done", item: call("exec") });
  assert.equal(answer.push(plain), plain);
  assert.deepEqual(eventsOf(answer.push(sse(completed([call("mcp__files__read")])))), [
    completed([call("read", "mcp__files")]),
  ]);
  assert.equal(answer.end(), "");
  assert.deepEqual(watch.ends.map(({ type }) => type), ["response.completed"]);
  assert.deepEqual(watch.broken, []);
});

Deno.test("a call that is spelt with escapes is restored too", () => {
  const text = sse({ type: "response.output_item.done", item: call("mcp__files__read") })
    .replaceAll("function_call", "\\u0066unction\\u005fcall");
  const [event] = eventsOf(openTextAnswer(names, undefined, watching()).push(text));
  assert.deepEqual(event?.["item"], call("read", "mcp__files"));
});

Deno.test("an answer that breaks off ends with response.failed and says so", () => {
  const watch = watching();
  const [, failed] = eventsOf(run(openTextAnswer(names, undefined, watch), [sse(created), "data: {"]));
  assert.deepEqual(failed, {
    type: "response.failed",
    sequence_number: 1,
    response: {
      id: "r",
      object: "response",
      created_at: 5,
      model: "m",
      status: "failed",
      output: [],
      error: { code: "gateway_cut_off", message: "The provider's answer broke off before its end." },
    },
  });
  assert.deepEqual(watch.broken, ["cut_off"]);
});

Deno.test("an error event's own words reach the client", () => {
  const message = "No provider is available.";
  const error = { code: 502, message };
  for (
    const sent of [
      sse({ type: "error", error }),
      sse({ type: "error", message }),
      sse({ type: "response.error", error }),
      `data: ${JSON.stringify({ type: "response.error", message })}\n\n`,
      `event: response.error\ndata: ${JSON.stringify({ message })}\n\n`,
      `data: ${JSON.stringify({ error })}\n\n`,
      `data: ${JSON.stringify({ error: message })}\n\n`,
      sse({ type: "error", error }) + sse({ type: "error" }),
    ]
  ) {
    const watch = watching();
    const events = eventsOf(run(openTextAnswer(names, undefined, watch), [sse(created), sent]));
    const response = events.at(-1)?.["response"];
    assert.ok(isObject(response) && isObject(response["error"]));
    assert.equal(response["error"]["message"], message, sent);
    assert.deepEqual(watch.broken, ["cut_off"]);
  }
});

Deno.test("an event that is not JSON, or does not end, fails the answer, and nothing follows", () => {
  for (
    const [text, reason] of [["event: response.completed\ndata: {\n\n", "malformed"], [
      "x".repeat(50),
      "oversize",
    ]]
  ) {
    const watch = watching();
    const answer = openTextAnswer(names, undefined, watch, 40);
    const events = eventsOf(answer.push(`${text}`));
    assert.deepEqual(events.map(({ type }) => type), ["response.failed"]);
    assert.deepEqual(watch.broken, [reason]);
    assert.ok(answer.answer.isOver);
    assert.equal(answer.push(sse(completed([]))) + answer.end() + answer.fail("silent", "x"), "");
  }
});

Deno.test("a last event without its empty line counts", () => {
  const watch = watching();
  const text = run(openTextAnswer(names, undefined, watch), [sse(completed([])).trimEnd()]);
  assert.deepEqual(eventsOf(text), [completed([])]);
  assert.deepEqual(watch.broken, []);
});

/** Says each data line as one delta. */
const echo: Translation = {
  event: (data) =>
    data === "[DONE]"
      ? [completed([call("mcp__files__read")])].map((event) => ({ ...event, type: "response.completed" }))
      : [{ type: "response.output_text.delta", delta: data }],
  whole: () => [],
  refused: () => [],
  end: () => [{ type: "response.failed", response: { error: { message: "cut" } } }],
};

Deno.test("a translated answer is numbered, restored, and ends once", () => {
  const watch = watching();
  const text = run(openTextAnswer(names, echo, watch), [
    "data: a\n\n: alive\n\ndata: b\n\nda",
    "ta: [DONE]\n\ndata: late\n\n",
  ]);
  assert.ok(text.includes(": alive\n\n"));
  const events = eventsOf(text);
  assert.deepEqual(events.map(({ type, sequence_number }) => [type, sequence_number]), [
    ["response.output_text.delta", 0],
    ["response.output_text.delta", 1],
    ["response.completed", 2],
  ]);
  const response = events[2]?.["response"];
  assert.ok(isObject(response));
  assert.deepEqual(response["output"], [call("read", "mcp__files")]);
  assert.deepEqual(watch.ends.map(({ type }) => type), ["response.completed"]);
});

Deno.test("a translation is told the names of events, and of errors that are no event by the standard", () => {
  const told: [string, string | undefined][] = [];
  const listening: Translation = { ...echo, event: (data, name) => (told.push([data, name]), []) };
  const pieces = [
    "data: a\n\nevent: error\r\ndata: b\r\n\r\n",
    ': alive\n\nerror: {"c":1}\n\n',
    'error: {"d":1}',
  ];
  run(openTextAnswer(names, listening, watching()), pieces);
  assert.deepEqual(told, [["a", undefined], ["b", "error"], ['{"c":1}', "error"], ['{"d":1}', "error"]]);
});

Deno.test("a translated answer that breaks off ends with what the wire says", () => {
  const events = eventsOf(run(openTextAnswer(names, echo, watching()), ["data: a\n\n"]));
  assert.deepEqual(events.map(({ type }) => type), ["response.output_text.delta", "response.failed"]);
});

const word = fc.constantFrom("a", "b", "a__b", "b__c", "mcp__x", "mcp__x__y", "y", "n".repeat(70));
const toolSet = fc.array(fc.tuple(fc.option(word, { nil: undefined }), word), { minLength: 1, maxLength: 6 });
const ends = fc.constantFrom("\n", "\r\n");
const between = fc.constantFrom("", ": alive\n\n", "\n", "retry: 3\n\n", "data: [DONE]\n\n");

Deno.test("for any tools, any events and any cuts: what was flattened comes back, in order", () => {
  const scene = fc.tuple(toolSet, ends, between, fc.array(fc.nat(20_000), { maxLength: 40 }), fc.string());
  fc.assert(fc.property(scene, ([tools, end, filler, cuts, text]) => {
    const calls = tools.map(([namespace, name]) => call(name, namespace));
    const { request, names: own } = flatten({
      tools: tools.map(([namespace, name]) =>
        namespace === undefined
          ? { type: "function", name }
          : { type: "namespace", name: namespace, tools: [{ type: "function", name }] }
      ),
      input: calls,
    });
    const flat = Array.isArray(request["input"]) ? request["input"] : [];
    const stream = (items: readonly unknown[]): JsonObject[] => [
      created,
      { type: "response.output_text.delta", delta: text },
      ...items.flatMap((item) => [
        { type: "response.output_item.added", item },
        { type: "response.function_call_arguments.delta", delta: '"function_call": é' },
        { type: "response.output_item.done", item },
      ]),
      completed(items.filter(isObject)),
    ];
    const wire = bytesOfText(stream(flat).map(sse).join(filler).replaceAll("\n", end));
    const answer = openAnswer(own, undefined, watching());
    const got = cutBytes(wire, cuts).map((piece) => textOfBytes(answer.push(piece))).join("") +
      textOfBytes(answer.end());
    assert.deepEqual(eventsOf(got), stream(calls));
  }));
});

const junk = fc.array(
  fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.constantFrom(
      "data: {",
      "\n\n",
      "\r\n\r\n",
      "event: response.completed\n",
      'data: {"type":"response.completed","response":null}\n\n',
      'data: {"type":"function_call","item":[1],"response":{"output":{}}}\n\n',
      'data: {"__proto__":{"x":1},"type":"response.output_item.done","item":{"type":"function_call","name":"constructor"}}\n\n',
      'data: ["function_call"]\n\n',
      "data: null\n\n",
      "event: error\ndata: {}\n\n",
    ),
  ),
  { maxLength: 30 },
);

Deno.test("fuzz: junk never throws, and every answer has exactly one end", () => {
  fc.assert(
    fc.property(junk, (pieces) => {
      for (const translation of [undefined, echo]) {
        const watch = watching();
        const text = run(openTextAnswer(names, translation, watch, 500), pieces);
        assert.ok(
          watch.ends.length + watch.broken.length === 1,
          `${watch.ends.length} ${watch.broken.length}`,
        );
        if (watch.broken.length > 0) assert.match(text, /event: response\.failed\ndata: .*\n\n$/);
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("fuzz: answers side by side never see each other", () => {
  fc.assert(fc.property(junk, junk, (left, right) => {
    const alone = [left, right].map((pieces) => run(openTextAnswer(names, undefined, watching()), pieces));
    const [one, other] = [
      openTextAnswer(names, undefined, watching()),
      openTextAnswer(NO_NAMES, undefined, watching()),
    ];
    const together = ["", ""];
    for (let index = 0; index < Math.max(left.length, right.length); index++) {
      together[0] += one.push(left[index] ?? "");
      together[1] += other.push(right[index] ?? "");
    }
    together[0] += one.end();
    together[1] += other.end();
    assert.equal(together[0], alone[0]);
    if (!right.some((piece) => piece.includes("function_call"))) assert.equal(together[1], alone[1]);
  }));
});

/** Blocks as servers send them and as none should, so that every way through the answer is taken. */
const anyBlock = fc.tuple(
  fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 30 }).map((delta) => ({
      type: "response.output_text.delta",
      delta,
    })),
    fc.constantFrom<JsonObject>(
      { type: "response.function_call_arguments.delta", delta: '{"function_call":' },
      { type: "response.output_item.done", item: call("mcp__files__read") },
      { type: "response.function_call_arguments.done", name: "mcp__files__read", arguments: "{}" },
      { type: "response.output_text.done", text: "é" },
      { type: "error", message: "no" },
      created,
      completed([call("mcp__files__read")]),
    ),
  ),
  fc.constantFrom(
    "event: TYPE\ndata: DATA\n\n",
    "data: DATA\n\n",
    "event:TYPE\ndata:DATA\n\n",
    ": alive\n\nid: 1\ndata: DATA\n\n",
    "\n",
  ),
  fc.constantFrom("\n", "\n", "\n", "\r\n", "\r"),
).map(([event, shape, end]) =>
  shape.replaceAll("\n", end).replace("TYPE", () => `${event["type"]}`).replace(
    "DATA",
    () => JSON.stringify(event),
  )
);

Deno.test("for any blocks and any cuts: each event arrives as if it alone were read, and all else untouched", () => {
  const scene = fc.tuple(fc.array(anyBlock, { maxLength: 12 }), fc.array(fc.nat(5000), { maxLength: 20 }));
  fc.assert(
    fc.property(scene, ([blocks, cuts]) => {
      const sent = blocks.join("");
      for (const own of [names, NO_NAMES]) {
        const watch = watching();
        const answer = openAnswer(own, undefined, watch);
        const passed = cutBytes(bytesOfText(sent), cuts).map((piece) => textOfBytes(answer.push(piece))).join(
          "",
        );
        const events = eventsOf(sent);
        assert.deepEqual(eventsOf(passed), events.map((event) => restoreEvent(event, own)));
        if (own === NO_NAMES) assert.match(sent.slice(passed.length), /^[\r\n]*$/);
        if (own === NO_NAMES) assert.equal(sent.slice(0, passed.length), passed);
        const isEnded = events.some(({ type }) => type === "response.completed");
        assert.equal(textOfBytes(answer.end()) === "", isEnded);
        assert.equal(watch.ends.length + watch.broken.length, 1);
        const hasOutput = /\.delta|output_item/.test(sent);
        assert.equal(watch.outputs.length, hasOutput ? 1 : 0);
      }
    }),
    { numRuns: 500 },
  );
});
