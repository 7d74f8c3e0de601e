/**
 * What of a user's TOML file is ours, as it stands there now: for `pull`, which copies nothing else. Pure.
 *
 * @module
 */

import { openDocument } from "./toml_document.ts";
import { readFragment } from "./toml_fragment.ts";
import { gatherOurs, isOurTable, ownedShare } from "./toml_found.ts";
import { isHeader, type TomlStatement } from "../../base/toml_scan.ts";

/** Our statements, edits included, with `\n` line ends. */
export interface ExtractedKeys {
  readonly text: string;
  /** For each line of the text, its line in the file, from 1. */
  readonly lines: readonly number[];
}

/**
 * Takes ours out: the keys and tables that the last push wrote, inside the block or outside it.
 *
 * @param applied the fragment that the last push wrote
 * @returns undefined when the file cannot be understood or holds nothing of ours
 */
export function extractKeys(text: string, applied: string): ExtractedKeys | undefined {
  const opened = openDocument(text, true);
  const read = readFragment(applied);
  if (opened.kind !== "document" || read.kind !== "fragment") return undefined;
  const owners = { wanted: undefined, last: read.fragment, retired: [] };
  const gathered = gatherOurs(opened.document, owners);
  if (gathered.kind !== "found" || gathered.found.broken) return undefined;
  const { inside, insideSections, insideValues, lines: lineAt } = gathered.found;

  const isOurs = (statement: TomlStatement): boolean => {
    switch (statement.kind) {
      case "key":
        return ownedShare(owners, statement.path, insideValues) !== "none";
      case "comment":
        return read.fragment.comments.has(statement.text);
      default:
        return true;
    }
  };
  const ours = insideSections.flatMap(({ header, statements }): readonly TomlStatement[] => {
    const kept = statements.filter(isOurs);
    if (header === undefined) return kept;
    const isKept = isOurTable(owners, header.path) || kept.some(({ kind }) => kind === "key");
    return isKept ? [header, ...kept] : [];
  });
  if (!ours.some((statement) => statement.kind === "key" || isHeader(statement))) return undefined;
  const first = ours.findIndex(({ kind }) => kind !== "blank");
  const last = ours.findLastIndex(({ kind }) => kind !== "blank");
  let extracted = "";
  const lines: number[] = [];
  for (const { start, end } of ours.slice(first, last + 1)) {
    const raw = inside.slice(start, end).replaceAll("\r\n", "\n");
    raw.replace(/\n$/, "").split("\n").forEach((_, index) => lines.push((lineAt.get(start) ?? 1) + index));
    extracted += raw;
  }
  return { text: extracted, lines };
}
