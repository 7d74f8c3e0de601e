/**
 * Changing one key of a TOML text and nothing else: comments, order, layout and line ends stay byte for byte. Pure.
 *
 * The place is found by the statement scanner and the new text is parsed again: it must hold exactly the old values and
 * the change, or it is not answered.
 *
 * @example
 * setKey("# mine\n[server]\nport = 1 # old\n", ["server", "port"], "2") // only the 1 becomes a 2
 *
 * @module
 */

import { isHeader, pathId, renderPath, scanToml, type TomlStatement } from "../base/toml_scan.ts";
import { isTomlTable, parseToml, type TomlValues, valuesEqual } from "../base/toml_values.ts";

/** The new text, or why there is none, with the line from 1. */
export type Edited =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "problem"; readonly line: number; readonly message: string };

type Path = readonly string[];
type KeyStatement = Extract<TomlStatement, { kind: "key" }>;

/** A text taken apart. */
interface Sheet {
  readonly body: string;
  readonly statements: readonly TomlStatement[];
  readonly lineEnd: string;
}

/** Gives a key a value, written as TOML. The text is valid TOML. */
export function setKey(text: string, path: Path, toml: string): Edited {
  return edit(text, path, toml, (sheet) => {
    const present = findKey(sheet, path);
    if (present === undefined) return insertKey(sheet, path, toml);
    const { start, end } = placeOfValue(sheet.body, present);
    return sheet.body.slice(0, start) + toml + sheet.body.slice(end);
  });
}

/** Takes a key out with its whole line; a text without it is answered as it is. */
export function unsetKey(text: string, path: Path): Edited {
  return edit(text, path, undefined, (sheet) => {
    const present = findKey(sheet, path);
    return present === undefined
      ? sheet.body
      : sheet.body.slice(0, present.start) + sheet.body.slice(present.end);
  });
}

function edit(
  text: string,
  path: Path,
  toml: string | undefined,
  change: (sheet: Sheet) => string | undefined,
): Edited {
  const mark = text.startsWith("\ufeff") ? "\ufeff" : "";
  const body = text.slice(mark.length);
  const statements = scanToml(body);
  if (statements === undefined) return { kind: "problem", line: 1, message: "it is not TOML" };
  const lineEnd = body.includes("\r\n") ? "\r\n" : "\n";
  const changed = change({ body, statements, lineEnd });
  const around = statements.find((statement) =>
    statement.kind === "key" && statement.path.length < path.length && isPrefix(statement.path, path)
  );
  if (changed !== undefined && isProven(body, changed, path, toml)) {
    return { kind: "text", text: mark + changed };
  }
  return {
    kind: "problem",
    line: around?.line ?? 1,
    message: `${renderPath(path)} is written in a way that only an editor can change`,
  };
}

function findKey({ statements }: Sheet, path: Path): KeyStatement | undefined {
  const id = pathId(path);
  return statements.find((statement): statement is KeyStatement =>
    statement.kind === "key" && pathId(statement.path) === id
  );
}

function placeOfValue(body: string, key: KeyStatement): { readonly start: number; readonly end: number } {
  const afterName = body.indexOf(key.name, key.start) + key.name.length;
  const afterSign = body.indexOf("=", afterName) + 1;
  const blanks = /^[ \t]*/.exec(body.slice(afterSign, key.contentEnd))?.[0].length ?? 0;
  return { start: afterSign + blanks, end: key.contentEnd };
}

/** Where the key's table is: as dotted keys, below its header, or nowhere yet. */
function insertKey(sheet: Sheet, path: Path, toml: string): string | undefined {
  const table = path.slice(0, -1);
  const dotted = sheet.statements.findLast((statement): statement is KeyStatement =>
    statement.kind === "key" && statement.table.length < table.length && isPrefix(table, statement.path)
  );
  if (dotted !== undefined) {
    return insertLine(sheet, dotted.end, `${renderPath(path.slice(dotted.table.length))} = ${toml}`);
  }
  const line = `${renderPath(path.slice(-1))} = ${toml}`;
  if (table.length === 0) return insertRootKey(sheet, line);
  const header = sheet.statements.findIndex((statement) =>
    isHeader(statement) && pathId(statement.path) === pathId(table)
  );
  if (header < 0) return appendTable(sheet, table, line);
  return insertLine(sheet, endOfKeys(sheet, header), line);
}

/** After the last key below a header, or after the header itself. */
function endOfKeys({ statements }: Sheet, header: number): number {
  let end = statements[header]?.end ?? 0;
  for (const statement of statements.slice(header + 1)) {
    if (isHeader(statement)) break;
    if (statement.kind === "key") end = statement.end;
  }
  return end;
}

/** After the last root key; without one, before the first header and the comments right above it, set off from them. */
function insertRootKey(sheet: Sheet, line: string): string {
  const { body, statements, lineEnd } = sheet;
  const first = statements.findIndex(isHeader);
  const root = first < 0 ? statements : statements.slice(0, first);
  const last = root.findLast(({ kind }) => kind === "key");
  if (last !== undefined) return insertLine(sheet, last.end, line);
  if (first < 0) return insertLine(sheet, body.length, line);
  let at = first;
  while (statements[at - 1]?.kind === "comment") at--;
  return insertLine(sheet, statements[at]?.start ?? 0, line + lineEnd);
}

function insertLine({ body, lineEnd }: Sheet, at: number, line: string): string {
  const before = body.slice(0, at);
  const head = before === "" || before.endsWith("\n") ? before : before + lineEnd;
  return head + line + lineEnd + body.slice(at);
}

function appendTable({ body, lineEnd }: Sheet, table: Path, line: string): string {
  const head = body === "" || body.endsWith("\n") ? body : body + lineEnd;
  const gap = head === "" || /\n[ \t]*\r?\n$/.test(head) ? "" : lineEnd;
  return `${head}${gap}[${renderPath(table)}]${lineEnd}${line}${lineEnd}`;
}

/** True when the new text says what the old one said, and the change. */
function isProven(before: string, after: string, path: Path, toml: string | undefined): boolean {
  const [old, now] = [parseToml(before), parseToml(after)];
  if (old.kind === "problem" || now.kind === "problem") return false;
  const value = toml === undefined ? undefined : parseToml(`value = ${toml}`);
  if (value?.kind === "problem") return false;
  const wanted = withValue(old.table, path, value?.table.value);
  return valuesEqual(withoutEmptyTables(wanted), withoutEmptyTables(now.table));
}

/** The values with one replaced, or taken away. */
function withValue(table: TomlValues, path: Path, value: unknown): TomlValues {
  const [first = "", ...rest] = path;
  const copy = new Map(Object.entries(table));
  if (rest.length > 0) {
    const below = copy.get(first);
    copy.set(first, withValue(isTomlTable(below) ? below : {}, rest, value));
  } else if (value === undefined) copy.delete(first);
  else copy.set(first, value);
  return Object.fromEntries(copy);
}

/** A table that lost its last key is as good as none. */
function withoutEmptyTables(table: TomlValues): TomlValues {
  return Object.fromEntries(
    Object.entries(table).map(([key, value]) => [key, isTomlTable(value) ? withoutEmptyTables(value) : value])
      .filter(([, value]) => !isTomlTable(value) || Object.keys(value).length > 0),
  );
}

function isPrefix(prefix: readonly (string | number)[], path: readonly (string | number)[]): boolean {
  return prefix.length <= path.length && prefix.every((part, at) => part === path[at]);
}
