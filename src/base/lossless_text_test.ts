/** Bytes through strings and back, JSON included. @module */

import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { decodeLossless, encodeLossless, isBinary } from "./lossless_text.ts";

Deno.test("law: any bytes survive the way to a string, through JSON, and back", () => {
  const anyBytes = fc.oneof(
    fc.uint8Array(),
    fc.string({ unit: "binary" }).map((text) => new TextEncoder().encode(text)),
  );
  fc.assert(fc.property(anyBytes, (bytes) => {
    const stored = JSON.parse(JSON.stringify(decodeLossless(bytes)));
    deepEqual([...encodeLossless(stored)], [...bytes]);
  }));
});

Deno.test("decodeLossless() gives UTF-8 as its text, byte order mark and emoji included", () => {
  const text = "\ufeffcafé 👋\n";
  equal(decodeLossless(new TextEncoder().encode(text)), text);
  equal(isBinary(text), false);
  equal(isBinary(decodeLossless(Uint8Array.of(0x89, 0x50, 0x4e, 0x47))), true);
});
