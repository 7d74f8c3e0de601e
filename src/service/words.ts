/**
 * Words in the files and command lines of other programs: XML, and Windows' command lines. Pure.
 *
 * @module
 */

import { AppError } from "../base/errors.ts";

/**
 * Refuses a word that no unit file can hold.
 *
 * @throws {AppError} config.invalid
 */
export function refuseControlCharacters(word: string): void {
  if (word.isWellFormed() && !/\p{Cc}/u.test(word)) return;
  throw new AppError("config.invalid", `A service cannot be given ${JSON.stringify(word)}`, {
    hint: "Name a path without line breaks and other control characters.",
  });
}

/** Text as it stands inside an XML element or between double quotes. */
export function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/**
 * A word of a Windows command line, as `CommandLineToArgvW` and the C runtime take it apart.
 *
 * Source: "Parsing C command-line arguments", Microsoft Learn, read 2026-11: a backslash counts as such unless a run
 * of them stands before a double quote, where each must be doubled.
 */
export function quoteForWindows(word: string): string {
  if (word !== "" && !/[\s"]/.test(word)) return word;
  return `"${word.replaceAll(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, "$1$1")}"`;
}

/** Undoes {@link escapeXml}. */
export function unescapeXml(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&");
}

/** The words of a Windows command line; undoes {@link quoteForWindows}. */
export function splitWindowsLine(line: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quoted = false;
  for (const [part, slashes = "", letter = ""] of line.matchAll(/(\\*)("|[^\\]|$)/gs)) {
    if (part === "") continue;
    if (letter === '"') {
      word = (word ?? "") + slashes.slice(Math.ceil(slashes.length / 2));
      if (slashes.length % 2 === 1) word += letter;
      else quoted = !quoted;
    } else if (/\s/.test(letter) && !quoted) {
      if (slashes !== "") word = (word ?? "") + slashes;
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + part;
  }
  return word === undefined ? words : [...words, word];
}
