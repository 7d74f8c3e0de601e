/**
 * For tests: an answer that is given text and gives text.
 *
 * @module
 */

import { type Answer, type BrokenReason, openAnswer } from "./answer.ts";
import type { Bytes } from "./sse.ts";

/** An {@link Answer} in words. */
export interface TextAnswer {
  push(text: string): string;
  end(): string;
  fail(reason: BrokenReason, sentence: string): string;
  /** The answer itself. */
  readonly answer: Answer;
}

/** Opens an answer as {@link openAnswer} does. */
export function openTextAnswer(...args: Parameters<typeof openAnswer>): TextAnswer {
  const answer = openAnswer(...args);
  return {
    push: (text) => textOfBytes(answer.push(bytesOfText(text))),
    end: () => textOfBytes(answer.end()),
    fail: (reason, sentence) => textOfBytes(answer.fail(reason, sentence)),
    answer,
  };
}

/** UTF-8. */
export function bytesOfText(text: string): Bytes {
  return new TextEncoder().encode(text);
}

/** The text of UTF-8 bytes, a mark at the beginning kept. */
export function textOfBytes(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

/** Cuts bytes at some of their places, inside a character too. */
export function cutBytes(bytes: Bytes, places: readonly number[]): readonly Bytes[] {
  const at = [...new Set([0, ...places.map((place) => place % (bytes.length + 1)), bytes.length])]
    .toSorted((a, b) => a - b);
  return at.slice(1).map((end, index) => bytes.slice(at[index], end));
}
