/**
 * What a program printed, made fit for an answer: without colours, control characters and passwords, and short.
 * Shared by the tools that run programs. Pure.
 *
 * @module
 */

import { stripVTControlCharacters } from "node:util";

/** The last `maxChars` characters of a program's text; `…` in front says that more came before. */
export function shownOutput(text: string, maxChars: number): string {
  const plain = maskCredentials(stripControls(text)).trim();
  return plain.length <= maxChars ? plain : `…${plain.slice(plain.length - maxChars)}`;
}

/** Removes escape sequences and every control character but tab and line feed; `\r` starts a new line. */
function stripControls(text: string): string {
  return stripVTControlCharacters(text).replace(/\r\n?/g, "\n").replace(/[^\P{Cc}\t\n]/gu, "");
}

/**
 * Hides every password and every token of a URL in a text: `https://user:secret@host/` becomes
 * `https://***@host/`. The bare user of an SSH URL (`ssh://git@host`) is no secret and stays.
 */
export function maskCredentials(text: string): string {
  return text.replace(
    /\b([A-Za-z][A-Za-z0-9+.-]*):\/\/([^\s/'"<>]*)@/g,
    (whole, scheme: string, user: string) =>
      /ssh/i.test(scheme) && !user.includes(":") ? whole : `${scheme}://***@`,
  );
}
