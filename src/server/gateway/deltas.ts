/**
 * How far an answer is nothing but deltas: the words that the model says, thinks, or gives to a tool, one event each.
 *
 * They are nearly all of an answer, hold no name to restore, and begin and end nothing, so they are passed on as the
 * bytes that came. What an event is, its first bytes tell; after them only its end is looked for, at every second byte,
 * because two line ends in a row cannot hide between. That takes half of the time in which they could be decoded and
 * searched for all that is no delta.
 *
 * @module
 */

import { isLineEnd, LINE_FEED } from "./sse.ts";

const encoder = new TextEncoder();
/** What a delta begins with: the name of the event, or, where servers leave that out, the type in its data. */
const EVENT = encoder.encode("event: ");
const DATA = encoder.encode('data: {"type":"');
const DELTA = encoder.encode(".delta");
/** Every byte of a type is above; what ends one is not. */
const QUOTE = 0x22;
/** No byte of text is below; line ends are. */
const SPACE = 0x20;

/**
 * Where the run of deltas that begins at `start` ends: at the end of a block. It is `start` when there is none, or none
 * that this can be sure of.
 *
 * @param bytes whole blocks
 */
export function endOfDeltas(bytes: Uint8Array, start: number): number {
  for (let at = start;;) {
    const head = endOfDeltaHead(bytes, at);
    const end = head < 0 ? -1 : endOfPlainBlock(bytes, head);
    if (end < 0) return at;
    at = end;
  }
}

// The compiler takes each `?? 0` below away; what stands outside of the bytes is asked for at their rims alone.

/** Where the type of the delta ends that begins at `at`; -1 when none does. */
function endOfDeltaHead(bytes: Uint8Array, at: number): number {
  let to = holds(bytes, at, EVENT) ? at + EVENT.length : holds(bytes, at, DATA) ? at + DATA.length : -1;
  if (to < 0) return -1;
  while (to < bytes.length && (bytes[to] ?? 0) > QUOTE) to++;
  return holds(bytes, to - DELTA.length, DELTA) ? to : -1;
}

function holds(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  if (at + wanted.length > bytes.length) return false;
  let index = 0;
  while (index < wanted.length && bytes[at + index] === wanted[index]) index++;
  return index === wanted.length;
}

/** The end of a block from within it on; -1 unless it is two LF, because the other ends are rare and take more care. */
function endOfPlainBlock(bytes: Uint8Array, from: number): number {
  for (let at = from;; at += 2) {
    while (at < bytes.length && (bytes[at] ?? 0) >= SPACE) at += 2;
    if (at >= bytes.length) return -1;
    if (!isLineEnd(bytes[at])) continue;
    const first = isLineEnd(bytes[at - 1]) ? at - 1 : at;
    if (!isLineEnd(bytes[first + 1])) continue;
    return bytes[first] === LINE_FEED && bytes[first + 1] === LINE_FEED ? first + 2 : -1;
  }
}
