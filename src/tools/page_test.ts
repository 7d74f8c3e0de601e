/** Holds paging to its law: the pieces are the whole, none is too large, none is empty. @module */

import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { jsonBytes } from "../base/json_size.ts";
import { endOfListPiece, endOfTextPiece } from "./page.ts";

function piecesOf(text: string, maxBytes: number): readonly string[] {
  const pieces: string[] = [];
  for (let start = 0; start < text.length;) {
    const end = endOfTextPiece(text, start, maxBytes);
    equal(end > start, true);
    pieces.push(text.slice(start, end));
    start = end;
  }
  return pieces;
}

Deno.test("endOfTextPiece() cuts after the last line that fits", () => {
  deepEqual(piecesOf("one\ntwo\nthree", 12), ["one\ntwo\n", "three"]);
  deepEqual(piecesOf("one\ntwo\nthree\n", 14), ["one\ntwo\n", "three\n"]);
  deepEqual(piecesOf("short", 100), ["short"]);
});

Deno.test("endOfTextPiece() cuts a line that is longer than a piece between characters", () => {
  deepEqual(piecesOf("ab😀😀cd", 8), ["ab😀", "😀cd"]);
  deepEqual(piecesOf("a\u0000\u0000", 9), ["a\u0000", "\u0000"]);
});

Deno.test("endOfTextPiece() loses nothing and keeps to the size, for any text", () => {
  const text = fc.string({
    unit: fc.constantFrom("a", "é", "😀", "\n", "\r\n", '"', "\u0001"),
    maxLength: 200,
  });
  fc.assert(fc.property(text, fc.integer({ min: 8, max: 60 }), (whole, maxBytes) => {
    const pieces = piecesOf(whole, maxBytes);
    equal(pieces.join(""), whole);
    for (const piece of pieces) equal(jsonBytes(piece) <= maxBytes, true);
  }));
});

Deno.test("endOfTextPiece() passes over a megabyte in little time, in one line or in many", () => {
  equal(piecesOf("x".repeat(1_000_000), 8000).length, 126);
  equal(piecesOf("x\n".repeat(500_000), 8000).join("").length, 1_000_000);
});

Deno.test("endOfListPiece() takes what fits, and at least one", () => {
  equal(endOfListPiece(["aaaa", "bbbb", "cccc"], 0, 16), 2);
  equal(endOfListPiece(["aaaa", "bbbb", "cccc"], 2, 16), 3);
  equal(endOfListPiece(["a".repeat(100)], 0, 16), 1);
  equal(endOfListPiece([], 0, 16), 0);
});
