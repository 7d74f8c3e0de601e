import assert from "node:assert/strict";
import fc from "fast-check";
import { bytesOfText, textOfBytes } from "./answer_fixture.ts";
import { endOfDeltas } from "./deltas.ts";
import { splitBlocks } from "./sse.ts";

const DELTA = "event: response.output_text.delta\ndata: {}\n\n";
const BARE = 'data: {"type":"response.output_text.delta","delta":"é"}\n\n';

Deno.test("endOfDeltas() goes over deltas of both spellings and stops before all else", () => {
  const deltas = bytesOfText(DELTA + BARE + DELTA).length;
  for (
    const other of [
      "",
      ": alive\n\n",
      "event: response.completed\ndata: {}\n\n",
      "\n",
      'data: {"type":"x.done"}\n\n',
    ]
  ) {
    assert.equal(endOfDeltas(bytesOfText(DELTA + BARE + DELTA + other), 0), deltas, other);
    assert.equal(endOfDeltas(bytesOfText(other + DELTA), 0), other === "" ? DELTA.length : 0, other);
  }
  assert.equal(endOfDeltas(bytesOfText(": alive\n\n" + DELTA), 9), 9 + DELTA.length);
});

Deno.test("for any text: the run ends with a block, and every block of it begins as a delta", () => {
  const piece = fc.constantFrom(
    DELTA,
    BARE,
    "event: ",
    'data: {"type":"',
    ".delta",
    "x",
    "é",
    "\n",
    "\r",
    "\n\n",
    "\r\n",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const bytes = bytesOfText(pieces.join(""));
      const end = endOfDeltas(bytes, 0);
      const run = splitBlocks(bytes.subarray(0, end)).map(textOfBytes);
      for (const block of run) {
        assert.match(block, /^(event: |data: \{"type":")[^\s"]*\.delta(?=[\s"])[^]*\n\n$/);
      }
      // What begins inside a block is none.
      assert.deepEqual(splitBlocks(bytes).slice(0, run.length).map(textOfBytes), run);
    }),
    { numRuns: 2000 },
  );
});
