/**
 * How long a text or a value gets when it is sent as JSON.
 *
 * @module
 */

/** Anything but printable ASCII that stands for itself. */
const NEEDS_COUNTING = /[^ !#-[\]-~]/;

/**
 * Bytes of the text as a JSON string in UTF-8 (as `JSON.stringify` writes it), without the two quotes; counted
 * without making it.
 */
export function jsonTextBytes(text: string): number {
  if (!NEEDS_COUNTING.test(text)) return text.length;
  let bytes = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit >= 0xd800 && unit <= 0xdfff) {
      // A whole pair is four bytes; half of one is written as \udxxx.
      const code = text.codePointAt(at) ?? unit;
      bytes += code > 0xffff ? 4 : 6;
      if (code > 0xffff) at++;
    } else if (unit >= 0x80) bytes += unit < 0x800 ? 2 : 3;
    else if (unit >= 0x20) bytes += unit === 0x22 || unit === 0x5c ? 2 : 1;
    else bytes += unit === 0x0a || unit === 0x0d || unit === 0x09 || unit === 0x08 || unit === 0x0c ? 2 : 6;
  }
  return bytes;
}

/** The longest start of the text that takes at most so many bytes as JSON; never ends inside a character. */
export function startWithinJsonBytes(text: string, maxBytes: number): string {
  let [free, end] = [maxBytes, 0];
  for (const character of text) {
    free -= jsonTextBytes(character);
    if (free < 0) break;
    end += character.length;
  }
  return text.slice(0, end);
}

/** Bytes that a value takes as JSON in UTF-8. */
export function jsonBytes(value: unknown): number {
  return utf8Bytes(JSON.stringify(value));
}

const encoder = new TextEncoder();
const scratch = new Uint8Array(64 * 1024);

/** Bytes that a text takes in UTF-8; of texts as long as answers are, without keeping them. */
export function utf8Bytes(text: string): number {
  if (text.length * 3 <= scratch.length) return encoder.encodeInto(text, scratch).written;
  return encoder.encode(text).length;
}
