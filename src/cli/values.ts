/**
 * How the words after a flag become values. Each throws an `Error` whose message finishes the sentence
 * "Cannot use "WORD" for --flag: …".
 *
 * @module
 */

/** Any text but the empty one. */
export function parseText(word: string): string {
  if (word.trim() === "") throw new SyntaxError("it is empty");
  return word;
}

/** A TCP port, 0 to 65535. */
export function parsePort(word: string): number {
  const port = Number(word);
  if (!/^\d{1,5}$/.test(word) || port > 65535) throw new SyntaxError("a port is a number from 0 to 65535");
  return port;
}

/** A client's version, `codex=0.169.0`. */
export function parseClientVersion(word: string): string {
  if (!/^[a-z]+=\d+\.\d+\.\d+/.test(word)) throw new SyntaxError("write it as ID=X.Y.Z");
  return word;
}
