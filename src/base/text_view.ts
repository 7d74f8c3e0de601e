/**
 * A file's bytes as a string that can be searched and cut, and that gives the very same bytes back.
 *
 * In an 8-bit encoding each character of the string is one byte, so that bytes which are wrong in it survive; in
 * UTF-16 each is one unit. A byte order mark is kept apart, where no edit can reach it.
 *
 * @module
 */

import { Buffer, isUtf8 } from "node:buffer";
import { joinBytes } from "./bytes.ts";
import { encodeWindows1252, type TextEncoding, type TextMark } from "./text_encoding.ts";

/** Safely below what any stack takes in one call. */
const MAX_ARGUMENTS = 8_192;

/** A file's text, lossless. */
export interface TextView {
  readonly encoding: TextEncoding;
  /** Without the mark. Not for people: see `decode`. */
  readonly text: string;
  /**
   * The ways in which this file may hold a piece of ordinary text, the likeliest first. Each writes the piece as it
   * would stand in `text`, or answers undefined when it lacks one of the characters.
   */
  readonly encoders: readonly ((snippet: string) => string | undefined)[];
  /** Ordinary text from a piece of `text`. */
  decode(piece: string): string;
  /** The bytes of a whole file, mark included. */
  toBytes(text: string): Uint8Array;
}

/** Views the bytes of a text file, or answers undefined when they are cut inside a UTF-16 unit. */
export function viewText(bytes: Uint8Array, mark: TextMark): TextView | undefined {
  if (mark === "utf-16le" || mark === "utf-16be") {
    return bytes.length % 2 === 0 ? viewUtf16(bytes, mark) : undefined;
  }
  const markBytes = mark === "utf-8" ? 3 : 0;
  const encoding = mark === "utf-8" ? "utf-8-bom" : isUtf8(bytes) ? "utf-8" : "windows-1252";
  const decoder = new TextDecoder(encoding === "windows-1252" ? encoding : "utf-8", { ignoreBOM: true });
  return {
    encoding,
    text: toLatin1(bytes.subarray(markBytes)),
    // A file that is not UTF-8 throughout may still hold some of it.
    encoders: encoding === "windows-1252" ? [encodeWindows1252, encodeUtf8] : [encodeUtf8],
    decode: (piece) => decoder.decode(Buffer.from(piece, "latin1")),
    toBytes: (text) => joinBytes([bytes.subarray(0, markBytes), Buffer.from(text, "latin1")]),
  };
}

function viewUtf16(bytes: Uint8Array, mark: "utf-16le" | "utf-16be"): TextView {
  // A copy, because swapping works in place.
  const little = (part: Uint8Array): Buffer =>
    mark === "utf-16le" ? asBuffer(part) : Buffer.from(part).swap16();
  return {
    encoding: mark,
    text: little(bytes.subarray(2)).toString("utf16le"),
    encoders: [(snippet) => snippet],
    decode: (piece) => piece.toWellFormed(),
    toBytes: (text) => joinBytes([bytes.subarray(0, 2), little(Buffer.from(text, "utf16le"))]),
  };
}

function encodeUtf8(snippet: string): string {
  return toLatin1(new TextEncoder().encode(snippet));
}

/** Each byte as one unit. By hand, because Deno 2.4.2's Buffer takes 2 s for 16 MB, where this takes 0.1 s. */
function toLatin1(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let start = 0; start < bytes.length; start += MAX_ARGUMENTS) {
    const units = bytes.subarray(start, start + MAX_ARGUMENTS);
    pieces.push(Reflect.apply(String.fromCharCode, undefined, units));
  }
  return pieces.join("");
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
