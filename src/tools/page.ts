/**
 * Cutting a text or a list into answers of a size that every client shows whole.
 *
 * Sizes are those of the JSON that is sent, where a line end takes two bytes. Pure.
 *
 * @module
 */

import { jsonBytes, jsonTextBytes, startWithinJsonBytes } from "../base/json_size.ts";

/** Where a piece ends, exclusive: an index into what was cut. */
export type PieceEnd = number;

/**
 * The end of the piece of `text` that starts at `start`: after the last line that fits, or inside a line that is
 * longer than a piece, never inside a character.
 *
 * @param maxBytes of the piece as a JSON string
 */
export function endOfTextPiece(text: string, start: number, maxBytes: number): PieceEnd {
  let free = maxBytes - 2;
  let end = start;
  while (end < text.length) {
    const lineEnd = text.indexOf("\n", end) + 1 || text.length;
    // A character takes at least one byte, so a line of more characters need not be measured to its end.
    const line = text.slice(end, Math.min(lineEnd, end + free + 1));
    const bytes = jsonTextBytes(line);
    if (bytes > free) return end > start ? end : start + startWithinJsonBytes(line, free).length;
    free -= bytes;
    end = lineEnd;
  }
  return end;
}

/** The end of the piece of `items` that starts at `start`; at least one item. */
export function endOfListPiece(items: readonly unknown[], start: number, maxBytes: number): PieceEnd {
  let free = maxBytes - 2;
  let end = start;
  for (const item of items.slice(start)) {
    free -= jsonBytes(item) + 1;
    if (free < 0 && end > start) break;
    end++;
  }
  return end;
}
