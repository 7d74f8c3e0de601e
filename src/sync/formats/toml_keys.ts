/**
 * Owned key paths inside a TOML file that belongs to somebody else: the plan for one file.
 *
 * What we own are key paths, not text. The user and the program that reads the file edit it too: tables that stand
 * inside our block but are not ours are moved out unchanged; keys that are not ours but stand in our tables stay
 * there; our own keys found outside after the markers were lost are taken back; a value of ours that somebody changed
 * is refused, not overwritten. Everything else keeps its bytes, its line ends and its order. Before a new text is
 * answered it is parsed again and must hold exactly the user's old values plus ours. Pure.
 *
 * @module
 */

import type { Format, FormatInput, FormatOutcome } from "./format.ts";
import { BLOCK_BEGIN, BLOCK_END, blockPlace, joinBlock, NO_GLUE, unglue } from "./managed_block.ts";
import type { Glue } from "../model.ts";
import { openDocument, type TomlDocument } from "./toml_document.ts";
import { type Fragment, readFragment, type Section, splitSections } from "./toml_fragment.ts";
import { findUnproven } from "./toml_proof.ts";
import { isWithin, pathId, renderPath, scanToml, type TomlPath, type TomlStatement } from "./toml_scan.ts";
import { parseToml, type TextProblem, type TomlValues, valueAt, valuesEqual } from "./toml_values.ts";

/** What the last push put into the file: enough to tell an edit from news, and to give the user's bytes back. */
export interface AppliedKeys {
  readonly fragment: string;
  readonly glue: Glue;
  /** True when the file did not exist before the first push. */
  readonly created: boolean;
}

/** One file's target, actual and applied. */
export interface TomlKeysInput {
  /** The fragment that the repo wants; undefined to remove what is ours. */
  readonly target: string | undefined;
  /** The file's text, a byte order mark included; undefined when it does not exist. */
  readonly actual: string | undefined;
  readonly applied: AppliedKeys | undefined;
  /** True to overwrite values of ours that were edited. */
  readonly takeRepo: boolean;
}

/** Why a file is refused, in the file itself or in the fragment. */
export interface TomlKeysProblem extends TextProblem {
  readonly kind: "invalid" | "markers" | "collision" | "stray" | "edited" | "conflict" | "unproven";
  readonly place: "file" | "fragment";
}

/** What to do with the file. A `write` of an empty text to a file that we made means: remove the file. */
export type TomlKeysPlan =
  | { readonly kind: "same"; readonly applied: AppliedKeys | undefined }
  | {
    readonly kind: "write";
    readonly text: string;
    readonly applied: AppliedKeys | undefined;
    /** What is done besides writing our values, each a sentence part with its line in the old file. */
    readonly notes: readonly TextProblem[];
  }
  | { readonly kind: "refuse"; readonly problems: readonly TomlKeysProblem[] };

/** Plans one file. Never answers a text that loses or changes a value of the user's. */
export function planTomlKeys(input: TomlKeysInput): TomlKeysPlan {
  const target = input.target === undefined ? undefined : readFragment(input.target);
  if (target?.kind === "problem") return refuse("invalid", "fragment", [target.problem]);
  const applied = input.applied === undefined ? undefined : readFragment(input.applied.fragment);
  const wanted = target?.fragment;
  const last = applied?.kind === "fragment" ? applied.fragment : undefined;
  const opened = openDocument(input.actual ?? "", last !== undefined);
  if (opened.kind === "problems") {
    const kind = opened.problems[0]?.message.startsWith("the markers") ? "markers" : "invalid";
    return refuse(kind, "file", opened.problems);
  }
  const { document } = opened;
  const stray = findStrayKey(document);
  if (stray !== undefined) return refuse("stray", "file", [stray]);
  const found = gatherOurs(document, wanted, last);
  const edits = input.takeRepo ? [] : findEdits(found, wanted, last);
  if (edits.length > 0) return { kind: "refuse", problems: edits };
  const collisions = wanted === undefined ? [] : findCollisions(found.outside, wanted);
  if (collisions.length > 0) return refuse("collision", "file", collisions);
  return compose(input, document, found, wanted, last);
}

function refuse(
  kind: TomlKeysProblem["kind"],
  place: TomlKeysProblem["place"],
  problems: readonly TextProblem[],
): TomlKeysPlan {
  return { kind: "refuse", problems: problems.map((problem) => ({ ...problem, kind, place })) };
}

/** A key between END and the next header belongs to our last table in TOML's eyes, and to the user in the user's. */
function findStrayKey(document: TomlDocument): TextProblem | undefined {
  const { block, body, outside } = document;
  if (block === undefined) return undefined;
  const inside = scanToml(body.slice(block.insideStart, block.insideEnd)) ?? [];
  if (!inside.some((statement) => statement.kind === "table" || statement.kind === "element")) {
    return undefined;
  }
  const next = outside.find((s) => s.start >= block.end && s.kind !== "blank" && s.kind !== "comment");
  if (next?.kind !== "key") return undefined;
  return {
    line: next.line,
    message: `the key "${next.name}" stands behind the managed block and so belongs to its last table; ` +
      "move it above the block or under a header of its own",
  };
}

/** The file taken apart: what is ours, wherever it stands, and what is not. */
interface Found {
  /** Our block's content together with what was taken back, as a text of its own; lines map to the file's. */
  readonly inside: string;
  readonly insideSections: readonly Section[];
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

function gatherOurs(document: TomlDocument, wanted: Fragment | undefined, last: Fragment | undefined): Found {
  const { body, block, outside } = document;
  const within = block === undefined ? "" : body.slice(block.insideStart, block.insideEnd);
  const withinStatements = scanToml(within);
  const withinParsed = parseToml(within);
  const broken = withinStatements === undefined || withinParsed.kind === "problem";
  const present = new Set(
    (broken ? [] : withinStatements).flatMap((s) => isPlaced(s) ? [pathId(s.path)] : []),
  );
  const taken = last === undefined ? [] : takeBack(body, outside, last, wanted, present);
  const takenOffsets = new Set(taken.map((statement) => statement.start));
  const rootKeys = taken.filter((s) => s.kind === "key" && s.table.length === 0);
  const sections = taken.filter((s) => !rootKeys.includes(s));

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

  const parsed = parseToml(inside);
  const stay = outside.filter((s) => !takenOffsets.has(s.start) && !document.looseMarkers.includes(s));
  return {
    inside,
    insideSections: splitSections(scanToml(inside) ?? []),
    insideValues: parsed.kind === "table" ? parsed.table : {},
    lines,
    broken,
    outside: stay,
    cuts: outside.filter((s) => !stay.includes(s)).map(({ start, end }) => ({ start, end })),
    takenLine: taken[0]?.line,
  };
}

function isPlaced(statement: TomlStatement): statement is Extract<TomlStatement, { path: TomlPath }> {
  return statement.kind === "key" || statement.kind === "table" || statement.kind === "element";
}

/**
 * Statements outside the block that the last push wrote: whole sections under a header of ours, and root keys. A
 * value that was edited is taken back too, for `findEdits` to refuse it with its line.
 */
function takeBack(
  body: string,
  outside: readonly TomlStatement[],
  last: Fragment,
  wanted: Fragment | undefined,
  present: ReadonlySet<string>,
): readonly TomlStatement[] {
  const ours = (path: TomlPath): boolean => !present.has(pathId(path));
  const taken: TomlStatement[] = [];
  for (const section of splitSections(outside)) {
    const { header, statements } = section;
    const isOurs = header === undefined
      ? false
      : header.kind === "table"
      ? last.tables.has(pathId(header.path)) && ours(header.path)
      : isOurElement(body, section, last) && ours(header.path);
    if (isOurs && header !== undefined) {
      const keys = statements.filter((s) => s.kind === "key");
      const lastKey = keys.at(-1);
      taken.push(header, ...statements.filter((s) => lastKey !== undefined && s.start <= lastKey.start));
    } else if (header === undefined) {
      taken.push(...statements.filter((s) => {
        if (s.kind !== "key" || !ours(s.path)) return false;
        return last.keys.has(pathId(s.path)) && (wanted === undefined || wanted.keys.has(pathId(s.path)));
      }));
    }
  }
  const comments = commentsAbove(outside, taken, last.comments);
  return withBlanksBetween(outside, [...taken, ...comments]);
}

/** Blank lines that stand between two statements which are taken back were ours too. In file order. */
function withBlanksBetween(
  outside: readonly TomlStatement[],
  taken: readonly TomlStatement[],
): readonly TomlStatement[] {
  const starts = new Set(taken.map((statement) => statement.start));
  const all: TomlStatement[] = [];
  let blanks: TomlStatement[] = [];
  let isBehindTaken = false;
  for (const statement of outside) {
    if (statement.kind === "blank") {
      blanks.push(statement);
      continue;
    }
    const isTaken = starts.has(statement.start);
    if (isTaken && isBehindTaken) all.push(...blanks);
    if (isTaken) all.push(statement);
    isBehindTaken = isTaken;
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
  const starts = new Set(taken.map((s) => s.start));
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

/** Values of ours that differ from what the last push wrote and from what the repo wants now. */
function findEdits(
  found: Found,
  wanted: Fragment | undefined,
  last: Fragment | undefined,
): readonly TomlKeysProblem[] {
  if (last === undefined || found.broken) return [];
  return [...last.keys].flatMap(([id, { path, value }]) => {
    const actual = valueAt(found.insideValues, path);
    const news = wanted?.keys.get(id);
    if (actual === undefined || valuesEqual(actual, value)) return [];
    if (news !== undefined && valuesEqual(actual, news.value)) return [];
    const isConflict = news !== undefined && !valuesEqual(news.value, value);
    return [{
      kind: isConflict ? "conflict" : "edited",
      place: "file",
      line: lineOfPath(found, path),
      message: `"${renderPath(path)}" was changed here since the last push` +
        (isConflict ? ", and the repo has a new value for it" : ""),
    }];
  });
}

function lineOfPath(found: Found, path: TomlPath): number {
  for (const { statements } of found.insideSections) {
    for (const statement of statements) {
      if (statement.kind !== "key") continue;
      if (isWithin(path, statement.path) || isWithin(statement.path, path)) {
        return found.lines.get(statement.start) ?? 1;
      }
    }
  }
  return 1;
}

/** Statements of the user's that define, or make impossible, a path which the fragment defines. */
function findCollisions(outside: readonly TomlStatement[], wanted: Fragment): readonly TextProblem[] {
  const keys = [...wanted.keys.values()].map(({ path }) => path);
  const tables = [...wanted.tables.values()];
  return outside.flatMap((statement) => {
    if (!isPlaced(statement)) return [];
    const clash = statement.kind === "key"
      ? keys.find((key) => isWithin(key, statement.path) || isWithin(statement.path, key)) ??
        tables.find((table) =>
          isWithin(table, statement.path) ||
          (isWithin(statement.path, table) && statement.table.length < table.length)
        )
      : statement.kind === "table"
      ? tables.find((table) => pathId(table) === pathId(statement.path)) ??
        keys.find((key) => isWithin(statement.path, key) || isImpliedBy(key, statement.path, tables))
      : [...tables, ...keys].find((path) => isArrayClash(statement.path, path));
    if (clash === undefined) return [];
    return [{
      line: statement.line,
      message: `"${statement.name}" already defines what the fragment defines as "${renderPath(clash)}"`,
    }];
  });
}

/** A dotted key of ours defines the tables on its way, which a header of the user's would then define again. */
function isImpliedBy(key: TomlPath, header: TomlPath, tables: readonly TomlPath[]): boolean {
  const owner = tables.filter((table) => isWithin(key, table)).sort((a, b) => b.length - a.length)[0] ?? [];
  return header.length > owner.length && header.length < key.length && isWithin(key, header);
}

/**
 * The user has an array of tables at or above a path of ours. An element has no name: programs know it by its index,
 * which one of ours before it would shift.
 */
function isArrayClash(element: TomlPath, path: TomlPath): boolean {
  return isWithin(path, element.slice(0, -1));
}

/** What of the inside is not ours. */
interface Foreign {
  readonly rootKeys: string;
  readonly tables: string;
  /** Raw key statements in tables of ours, by table path id. */
  readonly kept: ReadonlyMap<string, { readonly table: TomlPath; readonly raw: string }>;
  readonly notes: readonly TextProblem[];
}

function separateForeign(found: Found, wanted: Fragment | undefined, last: Fragment | undefined): Foreign {
  const isOurKey = (path: TomlPath): boolean => {
    const id = pathId(path);
    return wanted?.keys.has(id) === true || last?.keys.has(id) === true;
  };
  const isOurTable = (path: TomlPath): boolean => {
    const id = pathId(path);
    return wanted?.tables.has(id) === true || last?.tables.has(id) === true;
  };
  const isOurComment = (text: string): boolean =>
    wanted?.comments.has(text) === true || last?.comments.has(text) === true;
  const raw = (statement: TomlStatement): string => found.inside.slice(statement.start, statement.end);
  const lineOf = (statement: TomlStatement): number => found.lines.get(statement.start) ?? 1;

  let rootKeys = "";
  let tables = "";
  const kept = new Map<string, { readonly table: TomlPath; readonly raw: string }>();
  const notes: TextProblem[] = [];
  let above = "";
  for (const { header, statements } of found.insideSections) {
    const ours = header === undefined || isOurTable(header.path);
    const foreignKeys = statements.filter((s) => s.kind === "key" && !isOurKey(s.path));
    const staysInTarget = header !== undefined && wanted?.tables.has(pathId(header.path)) === true;
    if (ours && header !== undefined && foreignKeys.length > 0 && staysInTarget) {
      kept.set(pathId(header.path), { table: header.path, raw: foreignKeys.map(raw).join("") });
    }
    if (!ours || (header !== undefined && foreignKeys.length > 0 && !staysInTarget)) {
      const isWhole = !ours;
      const content = isWhole
        ? statements.filter((s) => s.kind !== "comment" || !isOurComment(s.text))
        : foreignKeys;
      const [trailing, own] = splitTrailingTrivia(content);
      tables += `${tables === "" ? "" : "\n"}${above}${raw(header)}${own.map(raw).join("")}`;
      above = trailing.filter((s) => s.kind === "comment").map(raw).join("");
      notes.push({
        line: lineOf(header),
        message: `${header.name} stood inside the managed block and was moved out`,
      });
      continue;
    }
    tables += above;
    above = "";
    const comments = statements.filter((s) => s.kind === "comment" && !isOurComment(s.text));
    if (header === undefined) {
      for (const key of foreignKeys) {
        rootKeys += raw(key);
        notes.push({
          line: lineOf(key),
          message: `a root key stood inside the managed block and was moved out`,
        });
      }
    }
    above = comments.map(raw).join("");
  }
  tables += above;
  return { rootKeys, tables, kept, notes };
}

/** Splits the trivia at the end of a section off: it belongs to whatever comes next. */
function splitTrailingTrivia(
  statements: readonly TomlStatement[],
): readonly [trailing: readonly TomlStatement[], own: readonly TomlStatement[]] {
  const lastKey = statements.findLastIndex((s) => s.kind === "key");
  return [statements.slice(lastKey + 1), statements.slice(0, lastKey + 1)];
}

/** The block's text between the markers: our statements, with what others put into our tables after them. */
function renderInside(found: Found, wanted: Fragment, last: Fragment | undefined, foreign: Foreign): string {
  const actualRaw = new Map<string, string>();
  for (const { statements } of found.insideSections) {
    for (const s of statements) {
      if (s.kind === "key") actualRaw.set(pathId(s.path), found.inside.slice(s.start, s.end));
    }
  }
  let text = "";
  for (const { header, statements } of wanted.sections) {
    if (header !== undefined) text += wanted.text.slice(header.start, header.end);
    const kept = header === undefined ? undefined : foreign.kept.get(pathId(header.path))?.raw;
    const lastKey = statements.findLastIndex((s) => s.kind === "key");
    if (lastKey < 0 && kept !== undefined) text += kept;
    statements.forEach((statement, index) => {
      const ours = wanted.text.slice(statement.start, statement.end);
      text += statement.kind === "key"
        ? chooseRaw(statement.path, ours, actualRaw, found, wanted, last)
        : ours;
      if (index === lastKey && kept !== undefined) text += kept;
    });
  }
  return text;
}

/** A statement that says our value in somebody else's layout, perhaps with a comment of theirs, is left as it is. */
function chooseRaw(
  path: TomlPath,
  ours: string,
  actualRaw: ReadonlyMap<string, string>,
  found: Found,
  wanted: Fragment,
  last: Fragment | undefined,
): string {
  const id = pathId(path);
  const actual = actualRaw.get(id);
  if (actual === undefined) return ours;
  const isTouched = actual.trimEnd() !== last?.keys.get(id)?.raw.trimEnd();
  const isSame = valuesEqual(valueAt(found.insideValues, path), wanted.keys.get(id)?.value);
  return isTouched && isSame ? actual : ours;
}

function compose(
  input: TomlKeysInput,
  document: TomlDocument,
  found: Found,
  wanted: Fragment | undefined,
  last: Fragment | undefined,
): TomlKeysPlan {
  const { body, block, lineEnd, mark } = document;
  const foreign = separateForeign(found, wanted, last);
  const glue = input.applied?.glue ?? NO_GLUE;
  const withLineEnds = (text: string): string => text.replaceAll(/\r?\n/g, lineEnd);
  const cutOutside = (from: number, to: number): string => cut(body, from, to, found.cuts);

  let before = cutOutside(0, block?.start ?? body.length);
  let after = block === undefined ? "" : cutOutside(block.end, body.length);
  const isWhole = block !== undefined && foreign.rootKeys === "" && foreign.tables === "";
  const hasRootKeys = wanted !== undefined && [...wanted.keys.values()].some(({ path }) => path.length === 1);
  const belowHeader = (scanToml(before) ?? []).some((s) => s.kind === "table" || s.kind === "element");
  const staysInPlace = isWhole && wanted !== undefined && !(hasRootKeys && belowHeader);

  let text: string;
  let newGlue = glue;
  const inside = wanted === undefined ? "" : renderInside(found, wanted, last, foreign);
  const blockText = `${BLOCK_BEGIN}\n${inside}${BLOCK_END}\n`;
  if (staysInPlace) {
    text = before + withLineEnds(blockText) + after;
  } else {
    if (block !== undefined) ({ before, after } = unglue(before, after, glue));
    before = joinForeign(before, foreign.rootKeys, "", lineEnd);
    after = joinForeign("", foreign.tables, after, lineEnd);
    if (wanted === undefined) {
      text = before + after;
    } else {
      if (block === undefined || (hasRootKeys && belowHeader)) {
        const rest = before + after;
        const place = blockPlace(scanToml(rest) ?? [], rest.length);
        before = rest.slice(0, place);
        after = rest.slice(place);
      }
      const joined = joinBlock(before, withLineEnds(blockText), after, lineEnd);
      text = joined.text;
      newGlue = joined.glue;
    }
  }

  const outside = cutOutside(0, block?.start ?? body.length) + lineEnd +
    (block === undefined ? "" : cutOutside(block.end, body.length));
  const kept = [...foreign.kept.values()];
  const problem = findUnproven(text, { texts: [outside, foreign.rootKeys, foreign.tables], kept }, wanted);
  if (problem !== undefined) {
    return refuse("unproven", "file", [{ line: block?.beginLine ?? 1, message: problem }]);
  }
  const applied = wanted === undefined ? undefined : {
    fragment: wanted.text,
    glue: newGlue,
    created: input.applied?.created ?? input.actual === undefined,
  };
  if (mark + text === (input.actual ?? "") && input.actual !== undefined) return { kind: "same", applied };
  const notes = found.takenLine === undefined ? foreign.notes : [
    { line: found.takenLine, message: "our keys had lost their markers and were taken back" },
    ...foreign.notes,
  ];
  return { kind: "write", text: mark + text, applied, notes };
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

/** The format `toml-keys`. */
export const tomlKeys: Format = { plan: planEntry };

function planEntry(input: FormatInput): FormatOutcome {
  const applied = input.applied === undefined ? undefined : {
    fragment: input.applied.content,
    glue: input.applied.glue,
    created: input.applied.created,
  };
  const result = planTomlKeys({
    target: input.wanted,
    actual: input.actual,
    applied,
    takeRepo: input.take === "repo",
  });
  if (result.kind === "refuse") return outcomeOfRefusal(input, result.problems);
  const record = result.applied === undefined ? {} : {
    applied: {
      content: result.applied.fragment,
      glue: result.applied.glue,
      created: result.applied.created,
    },
  };
  if (result.kind === "same") {
    const isNew = input.applied === undefined && input.wanted !== undefined;
    return isNew
      ? { state: "adoptable", action: "adopt", reason: "already as the repo wants it", ...record }
      : { state: "clean", action: "none", reason: "", ...record };
  }
  const { notes, text } = result;
  const line = notes[0] === undefined ? {} : { line: notes[0].line };
  if (input.wanted === undefined) {
    const isOurs = applied?.created === true && text.replace("\ufeff", "") === "";
    const decision = { state: "orphan", reason: "no longer wanted here", notes } as const;
    return isOurs ? { ...decision, action: "remove" } : { ...decision, action: "write", after: text };
  }
  const isPresent = input.actual?.includes(BLOCK_BEGIN) === true || input.applied !== undefined;
  const reason = notes[0]?.message ?? (isPresent ? "the repo has news" : "not there yet");
  return {
    state: isPresent && input.actual !== undefined ? "stale" : "missing",
    action: "write",
    reason,
    after: text,
    notes,
    ...line,
    ...record,
  };
}

const STATE_OF_PROBLEM = {
  invalid: "invalid",
  markers: "invalid",
  stray: "invalid",
  unproven: "invalid",
  collision: "overridden",
  edited: "edited",
  conflict: "conflict",
} as const;

function outcomeOfRefusal(input: FormatInput, problems: readonly TomlKeysProblem[]): FormatOutcome {
  const [first] = problems;
  if (first === undefined) return { state: "invalid", action: "refuse", reason: "it cannot be understood" };
  const isOrphan = input.wanted === undefined && first.kind === "edited";
  return {
    state: isOrphan ? "orphan-edited" : STATE_OF_PROBLEM[first.kind],
    action: "refuse",
    reason: first.message,
    line: first.line,
    ...(first.column === undefined ? {} : { column: first.column }),
    place: first.place === "fragment" ? "source" : "home",
    notes: problems.slice(1).map(({ line, message }) => ({ line, message })),
    ...(input.applied === undefined ? {} : { applied: input.applied }),
  };
}
