/**
 * A user's TOML file taken apart: what is ours, wherever it stands, and what is not. Pure.
 *
 * Ours is what stands between the markers, and what the last push wrote and somebody moved out of them: a program that
 * rewrites the file may delete a marker together with the table next to it.
 *
 * @module
 */

import { findNotOurs } from "./toml_broken.ts";
import type { TomlDocument } from "./toml_document.ts";
import { type Fragment, keyAt, type Section, splitSections } from "./toml_fragment.ts";
import type { Ownership } from "./toml_ownership.ts";
import {
  isHeader,
  isPlaced,
  isWithin,
  pathId,
  type PlacedStatement,
  quoteName,
  scanToml,
  type TomlPath,
  type TomlStatement,
} from "../../base/toml_scan.ts";
import { parseToml, type TextProblem, type TomlValues, valueAt } from "../../base/toml_values.ts";

/** The file taken apart. */
export interface Found {
  /** Our block's content together with what was taken back, as a text of its own; lines map to the file's. */
  readonly inside: string;
  readonly insideSections: readonly Section[];
  /** With `\n` line ends in texts that span lines, as fragments have them. */
  readonly insideValues: TomlValues;
  /** Line in the file of each statement of `inside`, by its offset there. */
  readonly lines: ReadonlyMap<number, number>;
  /** True when the block's content is not TOML: it is replaced whole. */
  readonly broken: boolean;
  /** Statements outside the block that stay where they are. */
  readonly outside: readonly TomlStatement[];
  /** Ranges of the body, in order, that leave the outside: taken-back statements and loose markers. */
  readonly cuts: readonly { readonly start: number; readonly end: number }[];
  readonly takenLine: number | undefined;
}

/** Takes a file apart, or says what keeps ours from being told from the rest. */
export function gatherOurs(
  document: TomlDocument,
  owners: Ownership,
): { readonly kind: "found"; readonly found: Found } | {
  readonly kind: "problem";
  readonly problem: TextProblem;
} {
  const { body, block, outside } = document;
  const within = block === undefined ? "" : body.slice(block.insideStart, block.insideEnd);
  const withinStatements = scanToml(within);
  const broken = withinStatements === undefined || parseToml(within).kind === "problem";
  const foreign = broken ? findNotOurs(within, owners) : undefined;
  if (foreign !== undefined) {
    return { kind: "problem", problem: { ...foreign, line: (block?.beginLine ?? 0) + foreign.line } };
  }
  const present = new Set(
    (broken ? [] : withinStatements).filter(isPlaced).map(({ path }) => pathId(path)),
  );
  // A key that the repo drops is ours still when no marker says so; beside an intact block it may be the user's copy.
  const asked = block === undefined ? undefined : owners.wanted;
  const taken = owners.last === undefined ? [] : takeBack(body, outside, owners.last, asked, present);
  const takenOffsets = new Set(taken.map(({ start }) => start));
  // A marker that lost its other half may stand between statements of ours: it goes, wherever it stands.
  const loose = new Set(document.looseMarkers.map(({ start }) => start));
  const isRootKey = (s: TomlStatement): boolean => s.kind === "key" && s.table.length === 0;
  const rootKeys = taken.filter(isRootKey);
  const sections = taken.filter((s) => !isRootKey(s) && !loose.has(s.start));

  const lines = new Map<number, number>();
  let inside = "";
  const append = (statements: readonly TomlStatement[], source: string, lineShift: number): void => {
    for (const statement of statements) {
      lines.set(inside.length, statement.line + lineShift);
      const raw = source.slice(statement.start, statement.end);
      inside += raw.endsWith("\n") ? raw : `${raw}${document.lineEnd}`;
    }
  };
  append(rootKeys, body, 0);
  if (!broken) append(withinStatements, within, block?.beginLine ?? 0);
  append(sections, body, 0);

  // A record has `\n` line ends; those of the file are no edit of a text that spans lines.
  const parsed = parseToml(inside.replaceAll("\r\n", "\n"));
  if (parsed.kind === "problem") {
    const message = `what is ours here cannot be put together again: ${parsed.problem.message}`;
    return { kind: "problem", problem: { line: block?.beginLine ?? taken[0]?.line ?? 1, message } };
  }
  const leaves = ({ start }: TomlStatement): boolean => takenOffsets.has(start) || loose.has(start);
  const orphan = findOrphan(taken, outside.filter((statement) => !leaves(statement)));
  if (orphan !== undefined) return { kind: "problem", problem: orphan };
  return {
    kind: "found",
    found: {
      inside,
      insideSections: splitSections(scanToml(inside) ?? []),
      insideValues: parsed.table,
      lines,
      broken,
      outside: outside.filter((statement) => !leaves(statement)),
      cuts: outside.filter(leaves).map(({ start, end }) => ({ start, end })),
      takenLine: taken[0]?.line,
    },
  };
}

/** An element that is taken back leaves nothing behind that only it gives a place. */
function findOrphan(
  taken: readonly TomlStatement[],
  stay: readonly TomlStatement[],
): TextProblem | undefined {
  const elements = taken.filter(isHeader).filter(({ kind }) => kind === "element").map(({ path }) => path);
  if (elements.length === 0) return undefined;
  const orphan = stay.filter(isPlaced).find(({ path }) =>
    elements.some((element) => isWithin(path, element))
  );
  if (orphan === undefined) return undefined;
  const message = `${
    quoteName(orphan.name)
  } stands below an element of ours that lost its markers; give it a header of its own`;
  return { line: orphan.line, message };
}

/**
 * Statements outside the block that the last push wrote: whole sections under a header of ours, and root keys. A
 * value that was edited is taken back too, so that the edit is noticed.
 */
function takeBack(
  body: string,
  outside: readonly TomlStatement[],
  last: Fragment,
  wanted: Fragment | undefined,
  present: ReadonlySet<string>,
): readonly TomlStatement[] {
  const isAbsent = ({ path }: { readonly path: TomlPath }): boolean => !present.has(pathId(path));
  const isOurKey = (statement: PlacedStatement): boolean => {
    const { path } = statement;
    const key = keyAt(last, path);
    return key !== undefined && isAbsent(statement) && isAbsent(key) &&
      (wanted === undefined || keyAt(wanted, path) !== undefined);
  };
  const isOurSection = (section: Section): boolean => {
    const { header, statements } = section;
    if (header === undefined || !isAbsent(header)) return false;
    if (header.kind === "element") return isOurElement(body, section, last);
    const keys = statements.filter((statement) => statement.kind === "key");
    const isWritten = ({ path }: PlacedStatement): boolean => valueAt(last.values, path) !== undefined;
    return last.tables.has(pathId(header.path)) || (keys.every(isOurKey) && keys.some(isWritten));
  };
  const taken: TomlStatement[] = [];
  for (const section of splitSections(outside)) {
    const { header, statements } = section;
    if (header === undefined) taken.push(...statements.filter((s) => s.kind === "key" && isOurKey(s)));
    else if (isOurSection(section)) {
      taken.push(header, ...statements.slice(0, statements.findLastIndex(({ kind }) => kind === "key") + 1));
    }
  }
  return withBlanksBetween(outside, [...taken, ...commentsAbove(outside, taken, last.comments)]);
}

/**
 * Blank lines between two statements that are taken back were ours too, and so were those behind the last one when there
 * are some before the first: what stays is kept apart by one run of them. In file order.
 */
function withBlanksBetween(
  outside: readonly TomlStatement[],
  taken: readonly TomlStatement[],
): readonly TomlStatement[] {
  const starts = new Set(taken.map(({ start }) => start));
  const all: TomlStatement[] = [];
  let blanks: TomlStatement[] = [];
  let previous: "nothing" | "taken" | "kept" = "nothing";
  let isApart = true;
  for (const statement of outside) {
    const isTaken = starts.has(statement.start);
    if (statement.kind === "blank" && !isTaken) {
      blanks.push(statement);
      continue;
    }
    if (isTaken && previous !== "taken") isApart = previous === "nothing" || blanks.length > 0;
    if (previous === "taken" && (isTaken || isApart)) all.push(...blanks);
    if (isTaken) all.push(statement);
    previous = isTaken ? "taken" : "kept";
    blanks = [];
  }
  return all;
}

/** An element of an array of tables has no name; it is ours when it says exactly what one of ours says. */
function isOurElement(body: string, section: Section, last: Fragment): boolean {
  const { header } = section;
  if (header === undefined) return false;
  const text = (statements: readonly TomlStatement[], source: string): string =>
    statements.filter((s) => s.kind === "key").map((s) => source.slice(s.start, s.end).trim()).join("\n");
  return last.sections.some((ours) =>
    ours.header?.name === header.name && text(ours.statements, last.text) === text(section.statements, body)
  );
}

/** Our own comment lines that stand directly above statements which are taken back. */
function commentsAbove(
  outside: readonly TomlStatement[],
  taken: readonly TomlStatement[],
  comments: ReadonlySet<string>,
): readonly TomlStatement[] {
  const starts = new Set(taken.map(({ start }) => start));
  const above: TomlStatement[] = [];
  outside.forEach((statement, index) => {
    if (!starts.has(statement.start)) return;
    for (let at = index - 1; at >= 0; at--) {
      const candidate = outside[at];
      if (candidate?.kind !== "comment" || !comments.has(candidate.text) || starts.has(candidate.start)) {
        break;
      }
      above.push(candidate);
    }
  });
  return above;
}
