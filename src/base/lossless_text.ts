/**
 * Any bytes as a string and back, none lost: UTF-8 as its text, everything else byte by byte as lone surrogates, which no
 * UTF-8 text holds (the "surrogateescape" of Python, PEP 383).
 *
 * So one code path compares, records and restores text files and images alike; JSON keeps lone surrogates, escaped.
 *
 * @module
 */

const ESCAPE = 0xdc00;
const ESCAPED = /[\udc80-\udcff]/;

/** The bytes as a string; a byte order mark is kept as a character. */
export function decodeLossless(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    const pieces: string[] = [];
    // Bytes below 0x80 are themselves; others are escaped also where they would be UTF-8, so that the way back is one.
    for (let at = 0; at < bytes.length; at += 8192) {
      const units = Array.from(bytes.subarray(at, at + 8192), (byte) => byte < 0x80 ? byte : ESCAPE | byte);
      pieces.push(String.fromCharCode(...units));
    }
    return pieces.join("");
  }
}

/** The bytes that {@link decodeLossless} was given. */
export function encodeLossless(text: string): Uint8Array<ArrayBuffer> {
  return isBinary(text)
    ? Uint8Array.from({ length: text.length }, (_, at) => text.charCodeAt(at) & 0xff)
    : new TextEncoder().encode(text);
}

/** True for a string that stands for bytes which are not UTF-8. */
export function isBinary(text: string): boolean {
  return ESCAPED.test(text) && !text.isWellFormed();
}
