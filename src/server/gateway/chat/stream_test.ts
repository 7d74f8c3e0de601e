import assert from "node:assert/strict";
import fc from "fast-check";
import { isObject, type JsonObject } from "../../../base/json_fields.ts";
import { assertPublished } from "../../../../tests/openai_schema.ts";
import { type AnswerWatch, openAnswer } from "../answer.ts";
import { bytesOfText, cutBytes, openTextAnswer, textOfBytes } from "../answer_fixture.ts";
import type { Bytes } from "../sse.ts";
import { nameTools } from "../tool_names.ts";
import { translateAnswer } from "./answer.ts";
import { chunk, EXPECTED } from "./answer_fixture.ts";

const WATCH: AnswerWatch = { onFirstOutput: () => {}, onEnd: () => {}, onBroken: () => {} };
const NO_NAMES = nameTools([]);

/** What a client receives of a stream that arrives in these pieces. */
function relay(pieces: readonly Bytes[]): string {
  const answer = openAnswer(NO_NAMES, translateAnswer(EXPECTED), WATCH);
  return pieces.map((piece) => textOfBytes(answer.push(piece))).join("") + textOfBytes(answer.end());
}

function eventsOf(text: string): JsonObject[] {
  return text.split("\n").flatMap((line) => {
    const event: unknown = line.startsWith("data: ") ? JSON.parse(line.slice(6)) : undefined;
    return isObject(event) ? [event] : [];
  });
}

const anyDelta = fc.oneof(
  fc.record({ content: fc.string({ unit: "grapheme" }) }),
  fc.record({ reasoning_content: fc.string({ unit: "grapheme" }) }),
  fc.record({ index: fc.nat(2), text: fc.string({ unit: "grapheme" }) }).map(({ index, text }) => ({
    tool_calls: [{ index, id: `id${index}`, function: { name: "read", arguments: text } }],
  })),
);
const anyStream = fc.record({
  deltas: fc.array(anyDelta, { maxLength: 8 }),
  finish: fc.constantFrom("stop", "tool_calls", "length", "content_filter", null),
  hasUsage: fc.boolean(),
  isDone: fc.boolean(),
  lineEnd: fc.constantFrom("\n", "\r\n"),
}).map(({ deltas, finish, hasUsage, isDone, lineEnd }) => {
  const data = [
    ...deltas.map((delta) => chunk(delta)),
    ...(finish === null ? [] : [chunk({}, finish)]),
    ...(hasUsage ? [{ choices: [], usage: { prompt_tokens: 1, completion_tokens: 2 } }] : []),
  ].map((one) => JSON.stringify(one));
  if (isDone) data.push("[DONE]");
  return `: waiting${lineEnd}${lineEnd}${data.map((one) => `data: ${one}${lineEnd}${lineEnd}`).join("")}`;
});

Deno.test("a stream gives the same events whatever bytes it is cut into, numbered, as published, ended once", () => {
  fc.assert(
    fc.property(anyStream, fc.array(fc.nat(), { maxLength: 12 }), (stream, places) => {
      const bytes = bytesOfText(stream);
      const whole = relay([bytes]);
      assert.equal(relay(cutBytes(bytes, places)), whole);
      const events = eventsOf(whole);
      for (const event of events) assertPublished("ResponsesEvent", event);
      assert.deepEqual(events.map((event) => event["sequence_number"]), events.map((_, at) => at));
      const ends = events.filter(({ type }) => /\.(completed|incomplete|failed)$/.test(String(type)));
      assert.deepEqual(ends, events.slice(-1));
    }),
    { numRuns: 300 },
  );
});

Deno.test("a stream that is cut off anywhere still ends, in a failure that says so or as it would have", () => {
  fc.assert(
    fc.property(anyStream, fc.nat(), (stream, place) => {
      const bytes = bytesOfText(stream);
      const events = eventsOf(relay([bytes.subarray(0, place % (bytes.length + 1))]));
      const ends = events.filter(({ type }) => /\.(completed|incomplete|failed)$/.test(String(type)));
      assert.deepEqual(ends, events.slice(-1));
    }),
    { numRuns: 300 },
  );
});

Deno.test("bytes that are no stream at all end in a failure", () => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 }), (pieces) => {
    assert.equal(eventsOf(relay(pieces.map((piece) => piece.slice()))).at(-1)?.["type"], "response.failed");
  }));
});

Deno.test("each piece of text leaves in the moment in which it came", () => {
  const answer = openTextAnswer(NO_NAMES, translateAnswer(EXPECTED), WATCH);
  for (const word of ["one", " two", " three"]) {
    const passed = eventsOf(answer.push(`data: ${JSON.stringify(chunk({ content: word }))}\n\n`));
    assert.equal(passed.at(-1)?.["delta"], word);
  }
});
