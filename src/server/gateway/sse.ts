/**
 * Server-sent events: cut into blocks as bytes, read and written as text.
 *
 * Own code and not `eventsource-parser` (which the tests hold it against): most of an answer is passed on as it came,
 * so what is needed is where a block ends, not its fields; that package hands out fields only, and building the text
 * anew from them costs many times as much as passing it on.
 *
 * Source: HTML Living Standard, 9.2.6 "Interpreting an event stream" (2026-11).
 *
 * @module
 */
import { joinBytes } from "../../base/bytes.ts";

/** The bytes of a stream; what is handed on is often the very piece that came. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Nothing to hand on. */
export const NO_BYTES: Bytes = new Uint8Array();

/** Puts the pieces of a stream together into whole blocks, whatever they were cut into. */
export interface BlockCutter {
  /**
   * Takes the next piece.
   *
   * @returns everything up to the end of the last whole block: one block or more, or nothing yet
   * @throws {OversizeBlock} when a block outgrows what one may hold
   */
  push(piece: Bytes): Bytes;
  /** What is left when the stream is over: a block whose end never came, or nothing. */
  rest(): Bytes;
}

/** A block that does not end. */
export class OversizeBlock extends Error {
  override readonly name = "OversizeBlock";
}

/** The fields of one block. */
export interface EventFields {
  readonly event: string | undefined;
  /** Undefined when there is no data line: a comment, or a field alone. */
  readonly data: string | undefined;
}

/** LF, which nearly every server ends its lines with. */
export const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const LINE_END = /\r\n|\n|\r/;
/** The longest end of a block, less the byte that completes it. */
const END_REACH = 3;

/**
 * Makes a cutter for one stream.
 *
 * @param maxBytes so much waits for the end of its block, at most
 */
export function cutBlocks(maxBytes: number): BlockCutter {
  let waiting: Bytes[] = [];
  let waitingBytes = 0;
  let tail = NO_BYTES;

  function keep(piece: Bytes): void {
    if (piece.length === 0) return;
    waiting.push(piece);
    waitingBytes += piece.length;
    tail = joinPieces([tail, piece.subarray(-END_REACH)]).subarray(-END_REACH);
  }

  /** An end may stand across two pieces, so the last bytes before this one are looked at again; not all of them. */
  function endOfLast(piece: Bytes): number {
    const end = lastBlockEnd(piece);
    if (end > 0 || waitingBytes === 0) return end;
    return Math.max(0, lastBlockEnd(joinPieces([tail, piece.subarray(0, END_REACH)])) - tail.length);
  }

  return {
    push(piece): Bytes {
      const end = endOfLast(piece);
      if (end === 0) {
        keep(piece);
        if (waitingBytes > maxBytes) throw new OversizeBlock(`a block of more than ${maxBytes} bytes`);
        return NO_BYTES;
      }
      const head = end === piece.length ? piece : piece.subarray(0, end);
      const whole = waitingBytes === 0 ? head : joinPieces([...waiting, head]);
      waiting = [];
      waitingBytes = 0;
      tail = NO_BYTES;
      keep(piece.subarray(end));
      return whole;
    },
    rest: () => joinPieces(waiting),
  };
}

/** One piece of several; of a single one that very piece. */
export function joinPieces(pieces: readonly Bytes[]): Bytes {
  const [only, ...others] = pieces;
  return only !== undefined && others.length === 0 ? only : joinBytes(pieces);
}

/** Where the last whole block ends; 0 when none does. */
function lastBlockEnd(bytes: Uint8Array): number {
  let end = bytes.length;
  while (end > 1 && !endsWithEmptyLine(bytes, end)) end--;
  return end > 1 ? end : 0;
}

/** True when two line ends stand before `end`: the line between them is empty. */
function endsWithEmptyLine(bytes: Uint8Array, end: number): boolean {
  if (!isLineEnd(bytes[end - 1])) return false;
  const isCrLf = bytes[end - 1] === LINE_FEED && bytes[end - 2] === CARRIAGE_RETURN;
  return isLineEnd(bytes[isCrLf ? end - 3 : end - 2]);
}

/** True for each of the two bytes that end a line, alone or together. */
export function isLineEnd(byte: number | undefined): boolean {
  return byte === LINE_FEED || byte === CARRIAGE_RETURN;
}

/** Where the block ends that begins at `start`, its empty line taken in; the end of the bytes when they end before. */
export function blockEnd(bytes: Uint8Array, start: number): number {
  for (let at = start; at < bytes.length; at++) {
    if (!isLineEnd(bytes[at])) continue;
    const next = afterLineEnd(bytes, at);
    if (isLineEnd(bytes[next])) return afterLineEnd(bytes, next);
    at = next - 1;
  }
  return bytes.length;
}

function afterLineEnd(bytes: Uint8Array, at: number): number {
  return bytes[at] === CARRIAGE_RETURN && bytes[at + 1] === LINE_FEED ? at + 2 : at + 1;
}

/** The blocks of a run of whole blocks, each with its end; together they are the run. */
export function splitBlocks(bytes: Bytes): readonly Bytes[] {
  const blocks: Bytes[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = blockEnd(bytes, start);
    blocks.push(bytes.subarray(start, end));
    start = end;
  }
  return blocks;
}

/** Reads the fields of a block; those that no event of ours has are passed over. */
export function readFields(block: string): EventFields {
  let event: string | undefined;
  let data: string | undefined;
  for (const line of block.replace(/^\uFEFF/, "").split(LINE_END)) {
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "event") event = value;
    else if (field === "data") data = data === undefined ? value : `${data}\n${value}`;
  }
  return { event, data };
}

/** The block with other data; its other lines stay. */
export function replaceData(block: string, data: string): string {
  let isWritten = false;
  const lines = block.split(LINE_END).flatMap((line) => {
    if (line === "") return [];
    if (!/^data(:|$)/.test(line)) return [line];
    if (isWritten) return [];
    isWritten = true;
    return [`data: ${data}`];
  });
  return `${lines.join("\n")}\n\n`;
}

/** Writes an event. */
export function renderEvent(event: string, data: string): string {
  return `event: ${event}\ndata: ${data}\n\n`;
}
