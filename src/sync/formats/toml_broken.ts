/**
 * A managed block that is no valid TOML: it is replaced whole, so all that is in it must be ours.
 *
 * Nobody can say what a broken text means, so it is read line by line: what still is a statement is judged as one, and a
 * line that is none must be what is left of a line of ours. In doubt it is not ours. Pure.
 *
 * @module
 */

import { commentsOf, type Fragment, keyAt } from "./toml_fragment.ts";
import { isOurTable, isRetired, leavesOf, ownedShareOf, type Ownership, partsOf } from "./toml_ownership.ts";
import {
  endOfLine,
  innerComments,
  quoteName,
  renderPath,
  scanKeyName,
  type ScanPlace,
  scanStart,
  scanStatement,
  scanToml,
  type TomlPath,
  type TomlStatement,
  trailingComment,
} from "../../base/toml_scan.ts";
import { parseToml, type TextProblem, valueAt, valuesEqual } from "../../base/toml_values.ts";

/** A block with more broken lines is not judged: the end of each value is looked for through all the rest. */
const MAX_BROKEN_LINES = 100;

/** The walk through a broken block. */
interface Walk {
  readonly owners: Ownership;
  readonly place: ScanPlace;
  brokenLines: number;
}

/**
 * The first line of a broken block that would be lost with it; lines count from 1 in the block's content. Undefined when
 * each is ours: unedited where there is a record, and named as a key that the repo wants where there is none.
 */
export function findNotOurs(within: string, owners: Ownership): TextProblem | undefined {
  const text = within.replaceAll("\r\n", "\n");
  const walk: Walk = { owners, place: scanStart(), brokenLines: 0 };
  let line = 1;
  for (let offset = 0; offset < text.length;) {
    const step = judgeAt(text, offset, line, walk);
    if ("message" in step) {
      return { line, message: `the managed block is not TOML, and ${step.message}; correct it first` };
    }
    line += text.slice(offset, step.end).split("\n").length - 1;
    offset = step.end;
  }
  return undefined;
}

/** What is ours up to an offset, or the line that is not. */
type Step = { readonly end: number } | { readonly message: string };

function judgeAt(text: string, offset: number, line: number, walk: Walk): Step {
  const lineEnd = endOfLine(text, offset);
  const statement = scanStatement(text, offset, line, walk.place);
  if (statement !== undefined && parseToml(text.slice(statement.start, statement.end)).kind === "table") {
    const message = judgeStatement(text, statement, walk);
    if (message === undefined) return { end: statement.end };
    // A value that is open by mistake runs on into the lines below it; each of those may be ours alone.
    if (statement.end === lineEnd) return { message };
  }
  if (++walk.brokenLines > MAX_BROKEN_LINES) return { message: "has too many broken lines to be judged" };
  const message = judgeLine(text.slice(offset, lineEnd), walk);
  return message === undefined ? { end: lineEnd } : { message };
}

/** Says what is not ours about a statement that can be read. */
function judgeStatement(text: string, statement: TomlStatement, walk: Walk): string | undefined {
  const { owners } = walk;
  const parts = partsOf(owners);
  switch (statement.kind) {
    case "blank":
      return undefined;
    case "comment":
      return parts.some(({ comments }) => comments.has(statement.text)) ? undefined : FOREIGN_COMMENT;
    case "key":
      return judgeKey(text, statement, walk) ?? judgeComments(text, statement, parts);
    default:
      return isOurTable(owners, statement.path)
        ? judgeComments(text, statement, parts)
        : notOurs(statement.name);
  }
}

const FOREIGN_COMMENT = "holds a comment that is not ours";

function notOurs(name: string): string {
  return `holds ${quoteName(name)}, which is not ours`;
}

function judgeComments(
  text: string,
  statement: TomlStatement,
  parts: readonly Fragment[],
): string | undefined {
  const ours = new Set(["", ...parts.flatMap(commentsOf)]);
  const comments = [trailingComment(text, statement), ...innerComments(text, statement)];
  return comments.every((comment) => ours.has(comment)) ? undefined : FOREIGN_COMMENT;
}

function judgeKey(
  text: string,
  { start, end, path, table, name }: Extract<TomlStatement, { kind: "key" }>,
  { owners }: Walk,
): string | undefined {
  const raw = text.slice(start, end);
  const parsed = parseToml(raw);
  const value = parsed.kind === "table" ? valueAt(parsed.table, path.slice(table.length)) : undefined;
  if (ownedShareOf(owners, path, value) !== "all") return notOurs(name);
  if (isAsWritten(value, path, partsOf(owners))) return undefined;
  return owners.last === undefined && !hasStatementsWithin(raw) ? undefined : edited(path);
}

function edited(path: TomlPath): string {
  return `${quoteName(renderPath(path))} in it was changed here`;
}

/** True for a value that one of ours has, or whose parts ours have where several of ours were put into one. */
function isAsWritten(value: unknown, path: TomlPath, parts: readonly Fragment[]): boolean {
  const isOf = (actual: unknown, at: TomlPath): boolean =>
    parts.some(({ values }) => valuesEqual(valueAt(values, at), actual));
  if (isOf(value, path)) return true;
  return parts.every((part) => keyAt(part, path) === undefined) &&
    leavesOf(value, path).every((leaf) => isOf(valueAt(value, leaf.slice(path.length)), leaf));
}

/** True for a value over several lines that may have swallowed statements of somebody else's. */
function hasStatementsWithin(raw: string): boolean {
  return raw.split("\n").slice(1).some((line) =>
    scanToml(line)?.some(({ kind }) => kind !== "blank" && kind !== "comment") === true ||
    scanKeyName(line) !== undefined
  );
}

/** Says what is not ours about a line that cannot be read. */
function judgeLine(line: string, { owners, place }: Walk): string | undefined {
  const parts = partsOf(owners);
  const key = scanKeyName(line);
  if (key === undefined) {
    if (plain(line) === "") return undefined;
    const header = parts.flatMap(({ text, sections }) =>
      sections.flatMap(({ header }) => header === undefined ? [] : [{ text, header }])
    ).find(({ text, header }) => isRestOf(line, text.slice(header.start, header.end)));
    if (header !== undefined) {
      scanStatement(header.text, header.header.start, 1, place);
      return undefined;
    }
    return parts.flatMap(otherLines).some((ours) => isRestOf(line, ours))
      ? undefined
      : "holds this line, which is not ours";
  }
  const path = [...place.table, ...key.parts];
  const ours = parts.flatMap((part) => keyAt(part, path) ?? []);
  if (ours.length === 0 && !isRetired(owners, path)) return notOurs(key.name);
  if (ours.flatMap(({ raw }) => raw.split("\n")).some((known) => isPartOf(line, known))) return undefined;
  if (owners.last !== undefined) return edited(path);
  return line.includes("#") ? FOREIGN_COMMENT : undefined;
}

/** The lines of a fragment that begin no statement, and its comments. */
function otherLines({ text, sections }: Fragment): readonly string[] {
  return sections.flatMap(({ statements }) => statements).flatMap((statement) => {
    const lines = text.slice(statement.start, statement.end).split("\n");
    return statement.kind === "key" ? lines.slice(1) : lines;
  });
}

/** True when at least half of a line of ours is left, and nothing else. */
function isRestOf(line: string, ours: string): boolean {
  return plain(line).length * 2 >= plain(ours).length && isPartOf(line, ours);
}

/** True for what is left of a line of ours when a piece of it is gone: nothing of anybody else's is in it. */
function isPartOf(line: string, ours: string): boolean {
  const [left, whole] = [plain(line), plain(ours)];
  if (left.length > whole.length) return false;
  let head = 0;
  while (head < left.length && left[head] === whole[head]) head++;
  return whole.endsWith(left.slice(head));
}

/** Quotes, brackets, blanks and control characters are what a broken line lacks, or has too many of. */
function plain(line: string): string {
  return line.replace(/[\s\p{Cc}"'[\]{},]/gu, "");
}
