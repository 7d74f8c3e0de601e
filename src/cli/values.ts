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

/** A day as people write it: `2026-11-23` or `20261123`; throws what is wrong with it. */
export function parseDay(word: string): string {
  const [, year, month, day] = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(word) ?? [];
  const text = `${year}-${month}-${day}`;
  const at = Date.parse(`${text}T00:00:00Z`);
  if (year === undefined || Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== text) {
    throw new SyntaxError("write a day as YYYY-MM-DD");
  }
  return text;
}

/** A span that ends today, in days: `7d`, `2w`, `3m` (of 30 days), `1y` (of 365). */
export function parseSpan(word: string): number {
  const [, count, unit] = /^(\d{1,4})([dwmy]?)$/.exec(word) ?? [];
  const days = Number(count) * ({ d: 1, w: 7, m: 30, y: 365 }[unit || "d"] ?? 1);
  if (count === undefined || days < 1) throw new SyntaxError("write a span as 7d, 2w, 3m or 1y");
  return days;
}

/** A number of lines, 1 to 100000. */
export function parseLines(word: string): number {
  const lines = Number(word);
  if (!/^\d{1,6}$/.test(word) || lines < 1 || lines > 100_000) {
    throw new SyntaxError("write a number from 1 to 100000");
  }
  return lines;
}
