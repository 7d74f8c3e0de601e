import assert from "node:assert/strict";
import { createParser, type EventSourceMessage } from "eventsource-parser";
import fc from "fast-check";
import { bytesOfText, cutBytes, textOfBytes } from "./answer_fixture.ts";
import {
  cutBlocks,
  NO_BYTES,
  OversizeBlock,
  readFields,
  renderEvent,
  replaceData,
  splitBlocks,
} from "./sse.ts";

/** What a finished reader of event streams makes of a text. */
function parseAll(text: string): { event: string | undefined; data: string }[] {
  const events: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => events.push(event) });
  parser.feed(text);
  return events.map(({ event, data }) => ({ event, data }));
}

const lineEnd = fc.constantFrom("\n", "\n", "\r\n", "\r");
const line = fc.oneof(
  fc.string({ maxLength: 12 }).map((text) => `data: ${text.replaceAll(/[\r\n]/g, "")}`),
  fc.constantFrom(
    "data",
    "data:",
    "data:x",
    "event: a",
    "event:b",
    ": comment",
    "id: 1",
    "retry: 5",
    "odd",
    "",
    "",
  ),
);
const stream = fc.array(fc.tuple(line, lineEnd), { maxLength: 30 })
  .map((lines) => lines.map(([text, end]) => text + end).join(""));

/** A cutter in words. */
function cutText(maxBytes: number): { push(text: string): string; rest(): string } {
  const cutter = cutBlocks(maxBytes);
  return {
    push: (text) => textOfBytes(cutter.push(bytesOfText(text))),
    rest: () => textOfBytes(cutter.rest()),
  };
}

function splitText(text: string): readonly string[] {
  return splitBlocks(bytesOfText(text)).map(textOfBytes);
}

Deno.test("cutBlocks() hands on what is whole and keeps what is not", () => {
  const cutter = cutText(100);
  assert.equal(cutter.push("data: 1\n"), "");
  assert.equal(cutter.push("\nda"), "data: 1\n\n");
  assert.equal(cutter.push("ta: 2\n\ndata: 3\n\ndata"), "data: 2\n\ndata: 3\n\n");
  assert.equal(cutter.rest(), "data");
});

Deno.test("cutBlocks() refuses a block that does not end", () => {
  const cutter = cutText(10);
  assert.equal(cutter.push("data: 1234"), "");
  assert.throws(() => cutter.push("5"), OversizeBlock);
});

Deno.test("cutBlocks() takes a long block in small pieces in time that grows with its length alone", () => {
  const cutter = cutBlocks(40_000_000);
  const piece = bytesOfText("x".repeat(100));
  for (let count = 0; count < 200_000; count++) assert.equal(cutter.push(piece), NO_BYTES);
  assert.equal(cutter.push(bytesOfText("\n\n")).length, 20_000_002);
});

Deno.test("whatever a stream is cut into: no text is lost, added or held back beyond its block", () => {
  fc.assert(fc.property(stream, fc.array(fc.nat(500)), (text, cuts) => {
    const cutter = cutBlocks(1_000_000);
    let passed = "";
    for (const piece of cutBytes(bytesOfText(text), cuts)) {
      const whole = textOfBytes(cutter.push(piece));
      assert.match(whole, /^$|[\r\n]$/);
      passed += whole;
      assert.equal(splitText(whole).join(""), whole);
    }
    assert.equal(passed + textOfBytes(cutter.rest()), text);
    assert.deepEqual(parseAll(`${passed}\n`), parseAll(`${passed}`), "a block was cut in two");
  }));
});

Deno.test("readFields() reads blocks as eventsource-parser does", () => {
  fc.assert(fc.property(stream, (text) => {
    const ours = splitText(text).filter((block) => /(\r\n|\n|\r(?!\n))(\r\n|\n|\r)$/.test(block))
      .map(readFields)
      .flatMap(({ event, data }) => data === undefined ? [] : [{ event: event || undefined, data }]);
    // A CR at the very end may be half a line end, so that package waits; the comparison does not.
    const theirs = parseAll(text.endsWith("\r") ? `${text}: end\n` : text);
    assert.deepEqual(ours, theirs);
  }));
});

Deno.test("replaceData() changes the data alone", () => {
  assert.equal(
    replaceData("event: a\r\ndata: 1\r\ndata: 2\r\nid: 7\r\n\r\n", "new"),
    "event: a\ndata: new\nid: 7\n\n",
  );
  assert.deepEqual(readFields(renderEvent("a", "{}")), { event: "a", data: "{}" });
});
