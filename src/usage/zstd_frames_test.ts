/** Compressed files that ask for memory, frame by frame. @module */

import assert from "node:assert/strict";
import { openFrameWalk } from "./zstd_frames.ts";

const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];

/** A frame of one stored block after an empty one, with a checksum, that asks for this window. */
function frame(window: number, content: string): readonly number[] {
  const bytes = new TextEncoder().encode(content);
  const header = bytes.length << 3 | 1;
  return [...MAGIC, 4, window, 0, 0, 0, header & 255, header >> 8 & 255, header >> 16, ...bytes, 1, 2, 3, 4];
}

/** A frame whose content is its window, of a size that is written in eight bytes. */
function single(size: number): readonly number[] {
  return [
    ...MAGIC,
    0xe0,
    ...[0, 8, 16, 24, 32].map((bits) => Math.floor(size / 2 ** bits) % 256),
    0,
    0,
    0,
    3,
    0,
    0,
    65,
  ];
}

const SKIPPABLE = [0x5f, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, ...MAGIC.slice(1)];
const SMALL = frame(0x40, "small");
const LARGE_WORDS = /^it asks for 1,920 MB of memory to be unpacked; no log needs more than 128 MB$/;

/** Walks in parts of so many bytes. */
function walk(bytes: readonly number[], size: number): void {
  const check = openFrameWalk();
  for (let at = 0; at < bytes.length; at += size) check(new Uint8Array(bytes.slice(at, at + size)));
}

for (const size of [1, 2, 7, 1000]) {
  Deno.test(`openFrameWalk() refuses a window over 128 MB in any frame, read ${size} at a time`, () => {
    walk([...SMALL, ...SKIPPABLE, ...SMALL, ...frame(0x88, "128 MB"), ...single(2 ** 27), ...SMALL], size);
    for (const before of [[], SMALL, SKIPPABLE, [...SMALL, ...SKIPPABLE, ...single(5)]]) {
      const refused = (bytes: readonly number[]): void => walk([...before, ...bytes], size);
      assert.throws(() => refused(frame(0xa7, "x")), { name: "RangeError", message: LARGE_WORDS });
      assert.throws(() => refused(frame(0x89, "x")), /it asks for 144 MB/);
      assert.throws(() => refused(single(2 ** 27 + 1)), /it asks for 129 MB/);
      assert.throws(() => refused(single(2 ** 36)), /it asks for 65,536 MB/);
    }
  });
}

Deno.test("openFrameWalk() leaves to others what is no frame", () => {
  walk([...SMALL, 1, 2, 3, 4, ...frame(0xa7, "x")], 3);
  walk(SMALL.slice(0, 9), 3);
  walk([], 3);
});
