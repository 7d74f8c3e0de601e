/**
 * What the bench leaves for machines and for the docs: the newest result of each part.
 *
 * @module
 */

import { join } from "node:path";
import { type Finding, keepsBar } from "./measure.ts";

/** The results that the docs show. */
export const SAVED_RESULTS = join(import.meta.dirname ?? "", "results.json");

/** One part's newest run. */
export interface PartResult {
  /** The day, as YYYY-MM-DD. */
  readonly at: string;
  readonly machine: string;
  readonly findings: readonly Finding[];
}

/** By the part's name. */
export type Results = Readonly<Record<string, PartResult>>;

/** Reads results that were saved; none when there is no such file. */
export function readResults(path: string): Results {
  try {
    return JSON.parse(Deno.readTextFileSync(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
}

/** The results as they stand in the docs. */
export function renderResults(results: Results): string {
  const parts = Object.values(results);
  if (parts.length === 0) return "Nothing has been measured yet.";
  const runs = new Set(parts.map(({ at, machine }) => `${machine}, on ${at}`));
  const rows = parts.flatMap(({ findings }) => findings).map((finding) => {
    const { what, against, ratio, bar, detail } = finding;
    const held = bar === undefined ? "" : `${bar.kind} ${Number(bar.value.toFixed(2))}`;
    const verdict = bar === undefined ? "" : keepsBar(finding) ? "yes" : "**no**";
    return `| ${[what, against, `${ratio.toFixed(2)}×`, held, verdict, detail].join(" | ")} |`;
  });
  return [
    `Measured on: ${[...runs].join("; ")}.`,
    "",
    "| what | against | ratio | bar | kept | measured |",
    "| --- | --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}
