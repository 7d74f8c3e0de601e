/**
 * Server-sent events as text: cut into blocks, read, and written.
 *
 * Own code and not `eventsource-parser` (which the tests hold it against): most of an answer is passed on as it came,
 * so what is needed is where a block ends, not its fields; that package hands out fields only, and building the text
 * anew from them costs three times as much as passing it on.
 *
 * Source: HTML Living Standard, 9.2.6 "Interpreting an event stream" (2026-11).
 *
 * @module
 */

/** Puts the pieces of a stream together into whole blocks, whatever they were cut into. */
export interface BlockCutter {
  /**
   * Takes the next piece.
   *
   * @returns the text up to the end of the last whole block: one block or more, or nothing yet
   * @throws {OversizeBlock} when a block outgrows what one may hold
   */
  push(text: string): string;
  /** What is left when the stream is over: a block whose end never came, or nothing. */
  rest(): string;
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

/** An empty line: two line ends, the first of which is not half of a CRLF. */
const BLOCK_END = /\r\n(?:\r\n|\n|\r)|\n(?:\r\n|\n|\r)|\r(?!\n)(?:\r\n|\n|\r)/g;
const LINE_END = /\r\n|\n|\r/;
/** The longest end of a block, less the character that completes it. */
const END_REACH = 3;

/**
 * Makes a cutter for one stream.
 *
 * @param maxLength characters that wait for the end of their block, at most
 */
export function cutBlocks(maxLength: number): BlockCutter {
  let waiting: string[] = [];
  let length = 0;
  let tail = "";

  return {
    push(text): string {
      // Nearly every piece holds whole blocks, and is passed on as the very text it came as.
      if (length === 0 && text.endsWith("\n\n")) return text;
      // An end may stand across two pieces, so the last characters of the one before are looked at again; not the whole
      // of it, which would make a long block in many pieces cost the square of its length.
      const end = endOfLast(tail + text) - tail.length;
      if (end < 0) {
        waiting.push(text);
        length += text.length;
        if (length > maxLength) throw new OversizeBlock(`a block of more than ${maxLength} characters`);
        tail = (tail + text).slice(-END_REACH);
        return "";
      }
      waiting.push(text.slice(0, end));
      const whole = waiting.join("");
      const rest = text.slice(end);
      waiting = rest === "" ? [] : [rest];
      length = rest.length;
      tail = rest.slice(-END_REACH);
      return whole;
    },
    rest: () => waiting.join(""),
  };
}

/** Where the last whole block ends, or -1. */
function endOfLast(text: string): number {
  // Nearly every server ends its lines with LF alone.
  if (!text.includes("\r")) {
    const at = text.lastIndexOf("\n\n");
    return at < 0 ? -1 : at + 2;
  }
  let end = -1;
  for (const match of text.matchAll(BLOCK_END)) end = match.index + match[0].length;
  return end;
}

/** The blocks of a text of whole blocks, each with its end; together they are the text. */
export function splitBlocks(text: string): readonly string[] {
  const blocks: string[] = [];
  let start = 0;
  for (const match of text.matchAll(BLOCK_END)) {
    const end = match.index + match[0].length;
    blocks.push(text.slice(start, end));
    start = end;
  }
  if (start < text.length) blocks.push(text.slice(start));
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
