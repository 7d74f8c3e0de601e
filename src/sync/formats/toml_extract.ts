/**
 * What of a user's TOML file is ours, as it stands there now: for `pull`, which copies nothing else. Pure.
 *
 * @module
 */

import { openDocument, type TomlDocument } from "./toml_document.ts";
import { readFragment } from "./toml_fragment.ts";
import { gatherOurs } from "./toml_found.ts";
import { isOurTable, ownedShare } from "./toml_ownership.ts";
import { isHeader, type TomlStatement } from "../../base/toml_scan.ts";
import { parseToml, type TextProblem } from "../../base/toml_values.ts";

/** What was taken out, with `\n` line ends. */
export interface ExtractedKeys {
  readonly kind: "keys";
  /** Our statements, edits included. */
  readonly text: string;
  /** All that stands in our block, and what of ours stands outside it. */
  readonly around: string;
  /** For each line of `around`, its line in the file, from 1. */
  readonly lines: readonly number[];
}

/**
 * Takes ours out: the keys and tables that the last push wrote, inside the block or outside it.
 *
 * @param applied the fragment that the last push wrote
 * @returns why the file cannot be understood, or undefined when it holds nothing of ours
 */
export function extractKeys(
  file: string,
  applied: string,
): ExtractedKeys | { readonly kind: "problem"; readonly problem: TextProblem } | undefined {
  const read = readFragment(applied);
  if (read.kind !== "fragment") return undefined;
  const opened = openDocument(file, true);
  if (opened.kind === "problems") {
    const [problem = { line: 1, message: "it cannot be understood" }] = opened.problems;
    return { kind: "problem", problem };
  }
  const owners = { wanted: undefined, last: read.fragment, retired: [] };
  const gathered = gatherOurs(opened.document, owners);
  if (gathered.kind === "problem") return gathered;
  if (gathered.found.broken) return { kind: "problem", problem: findBreak(opened.document) };
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
  const text = ours.slice(first, last + 1).map(({ start, end }) => inside.slice(start, end)).join("");
  const all = insideSections.flatMap(({ header, statements }) =>
    header === undefined ? statements : [header, ...statements]
  );
  const lines = all.flatMap(({ start, end }) => {
    const count = inside.slice(start, end).replace(/\n$/, "").split("\n").length;
    return Array.from({ length: count }, (_, index) => (lineAt.get(start) ?? 1) + index);
  });
  return {
    kind: "keys",
    text: text.replaceAll("\r\n", "\n"),
    around: inside.replaceAll("\r\n", "\n"),
    lines,
  };
}

/** Where a block that is no TOML is broken: what the whole file says first, since all else in it is sound. */
function findBreak({ body, block }: TomlDocument): TextProblem {
  const parsed = parseToml(body);
  const problem = parsed.kind === "problem" ? parsed.problem : { line: block?.beginLine ?? 1, message: "" };
  return { ...problem, message: `the managed block is not TOML: ${problem.message}` };
}
