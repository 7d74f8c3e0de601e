/**
 * What kind of bytes a file holds, and text as bytes in each encoding that agents' files come in.
 *
 * A file is UTF-8 unless it says otherwise by a byte order mark, or holds bytes that UTF-8 cannot; those are then
 * read as windows-1252, in which every byte is a character, so that nothing is lost.
 *
 * @module
 */

/** How a text file is encoded. */
export type TextEncoding = "utf-8" | "utf-8-bom" | "utf-16le" | "utf-16be" | "windows-1252";

/** The byte order mark that a text file starts with, or none. */
export type TextMark = "none" | "utf-8" | "utf-16le" | "utf-16be";

/** Images that clients can show, told by their first bytes. */
export type ImageType = "image/png" | "image/jpeg" | "image/gif" | "image/webp";

/** What the first bytes of a file say about the rest. */
export type ByteKind =
  | { readonly kind: "text"; readonly mark: TextMark }
  | { readonly kind: "image"; readonly mediaType: ImageType }
  | { readonly kind: "binary" };

/** So many bytes decide; git and ripgrep look about as far for a zero byte. */
export const SNIFF_BYTES = 8_192;

/** Tells text, images and other binary files apart by the first {@link SNIFF_BYTES} bytes. */
export function sniffBytes(head: Uint8Array): ByteKind {
  const mediaType = imageTypeOf(head);
  if (mediaType !== undefined) return { kind: "image", mediaType };
  if (startsWith(head, [0xef, 0xbb, 0xbf])) return { kind: "text", mark: "utf-8" };
  // FF FE 00 00 would be UTF-32, which nobody writes; its zero bytes make it binary below.
  if (startsWith(head, [0xff, 0xfe]) && !startsWith(head, [0xff, 0xfe, 0, 0])) {
    return { kind: "text", mark: "utf-16le" };
  }
  if (startsWith(head, [0xfe, 0xff])) return { kind: "text", mark: "utf-16be" };
  return head.subarray(0, SNIFF_BYTES).includes(0) ? { kind: "binary" } : { kind: "text", mark: "none" };
}

function imageTypeOf(head: Uint8Array): ImageType | undefined {
  if (startsWith(head, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return "image/png";
  if (startsWith(head, [0xff, 0xd8, 0xff])) return "image/jpeg";
  if (/^GIF8[79]a/.test(String.fromCharCode(...head.subarray(0, 6)))) return "image/gif";
  if (/^RIFF[^]{4}WEBP/.test(String.fromCharCode(...head.subarray(0, 12)))) return "image/webp";
  return undefined;
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, index) => bytes[index] === byte);
}

/** The characters of windows-1252 from 0x80 to 0x9f, by their byte. All others equal their byte. */
const WINDOWS_1252 = new TextDecoder("windows-1252").decode(
  Uint8Array.from({ length: 256 }, (_, byte) => byte),
);

/** Text as bytes, one character for each byte (a "binary string"); undefined when a character has no byte. */
export function encodeWindows1252(text: string): string | undefined {
  let encoded = "";
  for (const character of text) {
    const byte = WINDOWS_1252.indexOf(character);
    if (byte < 0) return undefined;
    encoded += String.fromCharCode(byte);
  }
  return encoded;
}
