/**
 * Cutting a text or a list into answers of a size that every client shows whole.
 *
 * Sizes are those of the JSON that is sent, where a line end takes two bytes. Pure.
 *
 * @module
 */

/** Where a piece ends, exclusive: an index into what was cut. */
export type PieceEnd = number;

/** Bytes that a value takes as JSON in UTF-8. */
export function jsonBytes(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}

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
    // A character takes at least one byte: a line of more characters cannot fit, and need not be measured.
    const bytes = lineEnd - end > free ? Infinity : jsonBytes(text.slice(end, lineEnd)) - 2;
    if (bytes > free) return end > start ? end : endInsideLine(text, start, free);
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

function endInsideLine(text: string, start: number, maxBytes: number): PieceEnd {
  let free = maxBytes;
  let end = start;
  for (const character of text.slice(start, start + maxBytes)) {
    free -= jsonBytes(character) - 2;
    if (free < 0 && end > start) break;
    end += character.length;
  }
  return end;
}
