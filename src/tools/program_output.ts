/**
 * What a program printed, made fit for an answer: without colours, control characters and passwords, and short.
 * Shared by the tools that run programs. Pure.
 *
 * @module
 */

import { stripVTControlCharacters } from "node:util";

/** The last `maxBytes` (as UTF-8) of a program's text; `…` in front says that more came before. */
export function shownOutput(text: string, maxBytes: number): string {
  const plain = maskCredentials(stripControls(text)).trim();
  const bytes = new TextEncoder().encode(plain);
  if (bytes.length <= maxBytes) return plain;
  let start = bytes.length - maxBytes;
  while (((bytes[start] ?? 0) & 0xc0) === 0x80) start++; // Not in the middle of a character.
  return `…${new TextDecoder().decode(bytes.subarray(start))}`;
}

/** Removes escape sequences and every control character but tab and line feed; `\r` starts a new line. */
function stripControls(text: string): string {
  return stripVTControlCharacters(text).replace(/\r\n?/g, "\n").replace(/[^\P{Cc}\t\n]/gu, "");
}

/**
 * Hides every password and every token of a URL in a text: `https://user:secret@host/?token=secret` becomes
 * `https://***@host/?token=***`. The bare user of an SSH URL (`ssh://git@host`) is no secret and stays.
 */
export function maskCredentials(text: string): string {
  return text.replace(
    /\b([A-Za-z][A-Za-z0-9+.-]*):\/\/([^\s/'"<>]*)@/g,
    (whole, scheme: string, user: string) =>
      /ssh/i.test(scheme) && !user.includes(":") ? whole : `${scheme}://***@`,
  ).replace(/([?&][\w.-]*(?:token|secret|password|passwd|key|auth)[\w.-]*=)[^\s&'"<>]+/gi, "$1***");
}
