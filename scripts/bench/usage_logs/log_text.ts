/**
 * What the generators of logs share: text as it stands in real logs, ids, times, and files that are written in
 * large pieces.
 *
 * @module
 */

import { seeded } from "../seeded.ts";

/** Tokens of one model, as the generator knows them. */
export interface TruthRow {
  responses: number;
  input: number;
  cached: number;
  output: number;
  reasoning: number;
}

/** What the logs add up to, by model. */
export type Truth = Record<string, TruthRow>;

/** Adds a response to the truth. */
export function addTruth(truth: Truth, model: string, row: Omit<TruthRow, "responses">): void {
  const sum = truth[model] ??= { responses: 0, input: 0, cached: 0, output: 0, reasoning: 0 };
  sum.responses++;
  sum.input += row.input;
  sum.cached += row.cached;
  sum.output += row.output;
  sum.reasoning += row.reasoning;
}

/** Draws from a seeded generator. */
export interface Draw {
  /** From 0 to 1. */
  unit(): number;
  /** A whole number, both ends included. */
  between(low: number, high: number): number;
  chance(share: number): boolean;
  pick<Item>(items: readonly [Item, ...Item[]]): Item;
  /** A UUID of version 7 for a time. */
  id(at: number): string;
}

/** Opens a source of chance. */
export function openDraw(seed: number): Draw {
  const unit = seeded(seed);
  const between = (low: number, high: number): number => low + Math.floor(unit() * (high - low + 1));
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => between(0, 15).toString(16)).join("");
  return {
    unit,
    between,
    chance: (share) => unit() < share,
    pick: (items) => items[between(0, items.length - 1)] ?? items[0],
    id: (at) => {
      const time = at.toString(16).padStart(12, "0");
      return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(3)}-8${hex(3)}-${hex(12)}`;
    },
  };
}

const WORDS = [
  "const",
  "return",
  "value",
  "the",
  "token_count",
  "usage",
  "if",
  "=>",
  "{",
  "}",
  "import",
  "für",
];

/** Source code and prose, escaped for JSON: a line break every forty characters or so, quotes, look-alikes of usage. */
export function openTexts(draw: Draw): (sizeBytes: number) => string {
  const pool: string[] = [];
  for (let size = 0; size < 3_000_000;) {
    const words = Array.from(
      { length: draw.between(3, 12) },
      () => WORDS[draw.between(0, WORDS.length - 1)] ?? "",
    );
    const line = draw.chance(0.02)
      ? '{\\"type\\":\\"token_count\\",\\"info\\":{\\"total_token_usage\\":{\\"input_tokens\\":99}}}\\n'
      : `  ${words.join(" ")}${draw.chance(0.3) ? ' \\"text\\";' : ""}\\n`;
    pool.push(line);
    size += line.length;
  }
  return (sizeBytes) => {
    const parts: string[] = [];
    for (let size = 0, at = draw.between(0, pool.length - 1); size < sizeBytes; at = (at + 1) % pool.length) {
      const part = pool[at] ?? "";
      parts.push(part);
      size += part.length;
    }
    return parts.join("");
  };
}

/** Most bytes are in texts of 1 to 50 KB; a few are of a megabyte and more. */
export function drawSize(draw: Draw, longShare: number): number {
  if (draw.chance(longShare)) return draw.between(1_000_000, 1_600_000);
  return Math.floor(1000 * 50 ** (draw.unit() ** 1.3));
}

/** Writes a file line by line, in pieces of about a megabyte. */
export function openFile(
  path: string,
): { write(line: string): void; readonly sizeBytes: number; close(): void } {
  const file = Deno.openSync(path, { write: true, create: true, truncate: true });
  const encoder = new TextEncoder();
  let waiting: string[] = [];
  let waitingChars = 0;
  let sizeBytes = 0;
  const flush = (): void => {
    const bytes = encoder.encode(waiting.join(""));
    for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
    sizeBytes += bytes.length;
    waiting = [];
    waitingChars = 0;
  };
  return {
    write(line): void {
      waiting.push(line, "\n");
      waitingChars += line.length + 1;
      if (waitingChars > 1_000_000) flush();
    },
    get sizeBytes(): number {
      return sizeBytes + waitingChars;
    },
    close(): void {
      flush();
      file.close();
    },
  };
}
