/**
 * The new text of a user's TOML file: our block with what the repo wants, everything of others' kept beside it.
 *
 * Tables and root keys of others' that stand inside the block are moved out unchanged; keys of others' in our tables stay
 * there; a comment that somebody put behind a line of ours stays behind it. The result is proven before it is
 * answered. Pure.
 *
 * @module
 */

import type { Glue } from "../model.ts";
import { BLOCK_BEGIN, BLOCK_END, blockPlace, joinBlock, unglue, withoutGlue } from "./managed_block.ts";
import type { BlockPlace, TomlDocument } from "./toml_document.ts";
import type { Fragment } from "./toml_fragment.ts";
import { findEntangled, type Foreign, separateForeign } from "./toml_foreign.ts";
import type { Found } from "./toml_found.ts";
import { findOrphaned } from "./toml_orphans.ts";
import type { Ownership } from "./toml_ownership.ts";
import { findUnproven, type UserParts } from "./toml_proof.ts";
import {
  isHeader,
  isPlaced,
  pathId,
  scanToml,
  type TomlHeader,
  type TomlStatement,
  trailingComment,
} from "../../base/toml_scan.ts";
import { parseToml, type TextProblem, valueAt, valuesEqual } from "../../base/toml_values.ts";

/** A new text with the white space that came with the block, or why none can be made. */
export type Composed =
  | {
    readonly kind: "text";
    readonly text: string;
    readonly glue: Glue;
    readonly notes: readonly TextProblem[];
  }
  | { readonly kind: "problem"; readonly problem: TextProblem };

/** Puts the file together. */
export function composeToml(
  document: TomlDocument,
  found: Found,
  owners: Ownership,
  glue: Glue,
): Composed {
  const { body, block, lineEnd, mark } = document;
  const { wanted } = owners;
  const entangled = findEntangled(found, owners);
  if (entangled !== undefined) return { kind: "problem", problem: entangled };
  const foreign = separateForeign(found, owners);
  const isBelowHeader = block !== undefined &&
    document.outside.some((statement) => isHeader(statement) && statement.start < block.start);
  if (foreign.rootKeys !== "" && isBelowHeader) {
    const message =
      "a key that is not ours stands in the managed block, and the block below a table's header; " +
      "move the key to where it belongs";
    return { kind: "problem", problem: { line: foreign.notes[0]?.line ?? block?.beginLine ?? 1, message } };
  }
  const outsideBefore = cut(body, 0, block?.start ?? body.length, found.cuts);
  const outsideAfter = block === undefined ? "" : cut(body, block.end, body.length, found.cuts);

  let text: string;
  let newGlue = glue;
  const inside = wanted === undefined ? "" : renderInside(found, owners, foreign);
  const blockText = setLineEnds(`${BLOCK_BEGIN}\n${inside}${BLOCK_END}\n`, lineEnd);
  const mustMove = block !== undefined && wanted !== undefined && isMisplaced(wanted, found.outside, block);
  const isWhole = foreign.rootKeys === "" && foreign.tables === "";
  if (block !== undefined && isWhole && wanted !== undefined && !mustMove) {
    text = outsideBefore + blockText + outsideAfter;
  } else {
    let { before, after } = block === undefined
      ? { before: outsideBefore, after: outsideAfter }
      : unglue(outsideBefore, outsideAfter, glue);
    before = block === undefined
      ? putRootKeys(before, foreign.rootKeys, lineEnd)
      : joinForeign(before, foreign.rootKeys, "", lineEnd);
    after = joinForeign("", foreign.tables, after, lineEnd);
    if (wanted === undefined) {
      text = joinLines(before, after, lineEnd);
    } else {
      if (block === undefined || mustMove) {
        const rest = joinLines(before, after, lineEnd);
        const isPlain = block === undefined && found.cuts.length === 0 && foreign.rootKeys === "";
        const place = blockPlace(isPlain ? found.outside : scanToml(rest) ?? [], rest.length);
        before = rest.slice(0, place);
        if (found.cuts.length > 0) before = withoutGlue(before, glue.before + glue.after, glue.before);
        after = rest.slice(place);
      }
      ({ text, glue: newGlue } = joinBlock(before, blockText, after, lineEnd));
    }
  }

  const orphaned = findOrphaned(body, text, found, owners);
  if (orphaned !== undefined) return { kind: "problem", problem: orphaned };
  const parts = userParts(outsideBefore, outsideAfter, found.outside, foreign, lineEnd);
  const problem = findUnproven(text, parts, wanted);
  if (problem !== undefined) {
    return { kind: "problem", problem: { line: block?.beginLine ?? 1, message: problem } };
  }
  return { kind: "text", text: mark + text, glue: newGlue, notes: foreign.notes };
}

/**
 * What the user has, as texts of their own: in the order of the file when its two halves can be read alone, since the
 * order of an array's elements counts; else the halves together.
 */
function userParts(
  before: string,
  after: string,
  outside: readonly TomlStatement[],
  foreign: Foreign,
  lineEnd: string,
): UserParts {
  const kept = [...foreign.kept.values()];
  const hasArrays = foreign.tables !== "" && outside.some(({ kind }) => kind === "element");
  return hasArrays && [before, after].every((half) => parseToml(half).kind === "table")
    ? { texts: [before, foreign.rootKeys, foreign.tables, after], kept }
    : { texts: [before + lineEnd + after, foreign.rootKeys, foreign.tables], kept };
}

/** In place our root keys would fall into a table of the user's, or the user's root keys into one of ours. */
function isMisplaced(wanted: Fragment, outside: readonly TomlStatement[], block: BlockPlace): boolean {
  const hasRootKeys = wanted.sections[0]?.statements.some(({ kind }) => kind === "key") === true;
  if (hasRootKeys && outside.some((s) => isHeader(s) && s.start < block.start)) return true;
  return wanted.tables.size > 0 &&
    outside.find((s) => isPlaced(s) && s.start >= block.end)?.kind === "key";
}

/** The block's text between the markers: our statements, with what others put into our tables after them. */
function renderInside(found: Found, owners: Ownership, foreign: Foreign): string {
  const { wanted } = owners;
  if (wanted === undefined) return "";
  const present = presentStatements(found);
  let text = "";
  for (const { header, statements } of wanted.sections) {
    if (header !== undefined) text += renderHeader(header, wanted.text, present, owners);
    const kept = header === undefined ? undefined : foreign.kept.get(pathId(header.path))?.raw;
    const lastKey = statements.findLastIndex((s) => s.kind === "key");
    if (lastKey < 0 && kept !== undefined) text += kept;
    statements.forEach((statement, index) => {
      text += statement.kind === "key"
        ? renderKey(statement, present, found, owners)
        : wanted.text.slice(statement.start, statement.end);
      if (index === lastKey && kept !== undefined) text += kept;
    });
  }
  return text;
}

/** A statement as it stands in the block now. */
interface Present {
  readonly raw: string;
  readonly comment: string;
  /** As written: `url`, or `mcp_servers.x.url` where it stands in another table. */
  readonly name: string;
}

function presentStatements(found: Found): ReadonlyMap<string, Present> {
  const present = new Map<string, Present>();
  for (const { header, statements } of found.insideSections) {
    for (const statement of header === undefined ? statements : [header, ...statements]) {
      if (!isPlaced(statement)) continue;
      present.set(pathId(statement.path), {
        raw: found.inside.slice(statement.start, statement.end),
        comment: trailingComment(found.inside, statement),
        name: statement.name,
      });
    }
  }
  return present;
}

/** A header keeps the comment that somebody put behind it. */
function renderHeader(
  header: TomlHeader,
  source: string,
  present: ReadonlyMap<string, Present>,
  { last }: Ownership,
): string {
  const ours = source.slice(header.start, header.end);
  const actual = present.get(pathId(header.path));
  if (actual === undefined || actual.comment === "") return ours;
  const ourComments = [
    trailingComment(source, header),
    ...(last?.sections ?? []).map((section) =>
      section.header === undefined ? "" : trailingComment(last?.text ?? "", section.header)
    ),
  ];
  if (ourComments.includes(actual.comment)) return ours;
  return `${source.slice(header.start, header.contentEnd)} ${actual.comment}\n`;
}

/**
 * A statement that says our value in somebody else's layout is left as it is; where our value is news, a comment that
 * somebody put behind the old one stays behind the new one.
 */
function renderKey(
  { path, name }: Extract<TomlStatement, { kind: "key" }>,
  present: ReadonlyMap<string, Present>,
  found: Found,
  { wanted, last }: Ownership,
): string {
  const id = pathId(path);
  const ours = wanted?.keys.get(id);
  const actual = present.get(id);
  const applied = last?.keys.get(id);
  if (ours === undefined || actual === undefined) return ours?.raw ?? "";
  const isTouched = actual.raw.trimEnd() !== applied?.raw.trimEnd();
  if (isTouched && actual.name === name && valuesEqual(valueAt(found.insideValues, path), ours.value)) {
    return actual.raw.replaceAll("\r\n", "\n");
  }
  if (actual.comment === "" || actual.comment === ours.comment || actual.comment === applied?.comment) {
    return ours.raw;
  }
  const content = ours.raw.slice(0, ours.raw.lastIndexOf(ours.comment === "" ? "\n" : ours.comment))
    .trimEnd();
  return `${content} ${actual.comment}\n`;
}

/** Line ends between statements become the file's; those inside a multi-line string are part of its value. */
function setLineEnds(block: string, lineEnd: string): string {
  const convert = (text: string): string => text.replaceAll(/\r?\n/g, lineEnd);
  return (scanToml(block) ?? []).map((statement) => {
    const raw = block.slice(statement.start, statement.end);
    if (statement.kind !== "key" || !/"""|'''/.test(raw)) return convert(raw);
    return block.slice(statement.start, statement.contentEnd) +
      convert(block.slice(statement.contentEnd, statement.end));
  }).join("");
}

/** The user's last line may have no end; what comes to stand behind it then starts a line of its own all the same. */
function joinLines(before: string, after: string, lineEnd: string): string {
  const isOpen = before !== "" && !before.endsWith("\n") && after !== "" && !/^\r?\n/.test(after);
  return before + (isOpen ? lineEnd : "") + after;
}

/** Puts root keys into a file without a block: behind those that it has, since below a header they would be other keys. */
function putRootKeys(text: string, rootKeys: string, lineEnd: string): string {
  if (rootKeys === "") return text;
  const head = text.slice(0, blockPlace(scanToml(text) ?? [], text.length));
  const blanks = /(?<![^\n])(?:[ \t]*\r?\n)*$/.exec(head)?.[0].length ?? 0;
  const at = head.length - blanks;
  return joinForeign(text.slice(0, at), rootKeys, text.slice(at), lineEnd);
}

/** Puts what was moved out next to what stood there, a blank line between. */
function joinForeign(before: string, moved: string, after: string, lineEnd: string): string {
  if (moved === "") return before + after;
  const head = before === "" || before.endsWith("\n") ? before : before + lineEnd;
  const tail = moved.endsWith("\n") ? moved : moved + lineEnd;
  return head + tail + (after === "" || /^[ \t]*\r?\n/.test(after) ? "" : lineEnd) + after;
}

function cut(
  body: string,
  from: number,
  to: number,
  cuts: readonly { readonly start: number; readonly end: number }[],
): string {
  let text = "";
  let at = from;
  for (const { start, end } of cuts) {
    if (start < from || end > to) continue;
    text += body.slice(at, start);
    at = end;
  }
  return text + body.slice(at, to);
}
