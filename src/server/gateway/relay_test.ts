import assert from "node:assert/strict";
import fc from "fast-check";
import { makeDeadlines } from "../deadlines.ts";
import { openAnswer } from "./answer.ts";
import { bytesOfText, cutBytes } from "./answer_fixture.ts";
import { readText, relayAnswer, TooMuch } from "./relay.ts";
import { nameTools } from "./tool_names.ts";

const COMPLETED = 'data: {"type":"response.completed","response":{"id":"r"}}\n\n';

function streamOf(pieces: readonly Uint8Array<ArrayBuffer>[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  // Of bytes, as the body of an answer is.
  return new ReadableStream({
    type: "bytes",
    start(controller): void {
      pieces.forEach((piece) => piece.length > 0 && controller.enqueue(piece.slice()));
      controller.close();
    },
  });
}

Deno.test("whatever the bytes are cut into, characters too: they arrive as they were, in order", async () => {
  const event = fc.string({ unit: "binary", maxLength: 20 })
    .map((text) => `data: ${JSON.stringify({ type: "x.delta", delta: text })}\n\n`);
  const scene = fc.tuple(
    fc.array(fc.oneof(event, fc.constantFrom("é\n\n", ": 日\n\n", "\n\n")), { maxLength: 12 }),
    fc.array(fc.nat(2000)),
  );
  await fc.assert(fc.asyncProperty(scene, async ([events, cuts]) => {
    const text = `${events.join("")}${COMPLETED}`.toWellFormed();
    const bytes = bytesOfText(text);
    const pieces = cutBytes(bytes, cuts);
    let isDone = false;
    const watch = { onFirstOutput: () => undefined, onEnd: () => undefined, onBroken: () => undefined };
    const relayed = relayAnswer(streamOf(pieces), openAnswer(nameTools([]), undefined, watch), {
      idle: makeDeadlines(10_000),
      abort: () => undefined,
      onDone: () => void (isDone = true),
      onGone: () => undefined,
    });
    assert.deepEqual(await new Response(relayed).bytes(), bytes);
    assert.ok(isDone);
  }));
});

Deno.test("readText() reads to its limit and no further", async () => {
  const pieces = [new Uint8Array([0xc3]), new Uint8Array([0xa9, 0x61])];
  assert.equal(await readText(streamOf(pieces), 3), "éa");
  await assert.rejects(readText(streamOf(pieces), 2), TooMuch);
  assert.equal(await readText(null, 0), "");
});
