/**
 * Where each statement of a TOML text stands: offsets, lines and full key paths, without its values.
 *
 * A TOML library reads values and a TOML library writes values; neither says which bytes a statement occupies, and
 * nothing that serialises keeps a user's comments and layout. This scanner gives the places, so that an edit can
 * replace exactly our statements and leave every other byte alone. It is no validator: a text is parsed by
 * `smol-toml` before and after. On a text that is not TOML it stops with `undefined`. Pure.
 *
 * @example
 * scanToml('a = 1\n[t]\nb.c = "x"\n')?.map((s) => s.kind) // ["key", "table", "key"]
 *
 * @module
 */

/** A key path, dotted parts unquoted; an element of an array of tables adds its index as a number. */
export type TomlPath = readonly (string | number)[];

/** What every statement has: bytes `start` to `end` (its line end included) and its first line, from 1. */
interface Place {
  readonly start: number;
  readonly end: number;
  readonly line: number;
}

/** What headers and keys have besides: where the header or value ends, before blanks and a trailing comment. */
interface Tail {
  readonly contentEnd: number;
}

/** One line of trivia, one table header, or one key with its value (which may span lines). */
export type TomlStatement =
  | (Place & { readonly kind: "blank" })
  | (Place & { readonly kind: "comment"; readonly text: string })
  | (Place & Tail & { readonly kind: "table"; readonly path: TomlPath; readonly name: string })
  | (Place & Tail & { readonly kind: "element"; readonly path: TomlPath; readonly name: string })
  | (Place & Tail & {
    readonly kind: "key";
    /** From the root of the document: the table's path and the key's own parts. */
    readonly path: TomlPath;
    /** The path of the table or element that it stands in. */
    readonly table: TomlPath;
    /** The key as written. */
    readonly name: string;
  });

/** A header or a key. */
export type PlacedStatement = Extract<TomlStatement, { path: TomlPath }>;

/** The header of a table or of an element of an array of tables. */
export type TomlHeader = Extract<TomlStatement, { kind: "table" | "element" }>;

/** Where a scan of a text stands: the table that keys belong to, and how many elements each array of tables has. */
export interface ScanPlace {
  table: TomlPath;
  readonly elementCounts: Map<string, number>;
}

/** The place at the beginning of a text. */
export function scanStart(): ScanPlace {
  return { table: [], elementCounts: new Map() };
}

/** Scans a text without a byte order mark into statements that cover it without gaps; undefined when it is not TOML. */
export function scanToml(text: string): readonly TomlStatement[] | undefined {
  const statements: TomlStatement[] = [];
  const place = scanStart();
  let line = 1;
  for (let offset = 0; offset < text.length;) {
    const statement = scanStatement(text, offset, line, place);
    if (statement === undefined) return undefined;
    statements.push(statement);
    line += countLines(text, offset, statement.end);
    offset = statement.end;
  }
  return statements;
}

/**
 * Scans the one statement that begins at `start`, where a line begins; undefined when none does.
 *
 * @param place a header moves it on
 */
export function scanStatement(
  text: string,
  start: number,
  line: number,
  place: ScanPlace,
): TomlStatement | undefined {
  const first = skipBlanks(text, start);
  const character = text[first];
  if (character === undefined || character === "\n" || (character === "\r" && text[first + 1] === "\n")) {
    return { kind: "blank", start, end: endOfLine(text, first), line };
  }
  if (character === "#") {
    const end = endOfLine(text, first);
    return { kind: "comment", start, end, line, text: trimBlanks(text.slice(first, end)) };
  }
  return character === "["
    ? scanHeader(text, start, first, line, place)
    : scanKeyStatement(text, start, first, line, place.table);
}

function scanHeader(
  text: string,
  start: number,
  first: number,
  line: number,
  place: ScanPlace,
): TomlHeader | undefined {
  const isElement = text[first + 1] === "[";
  const key = scanKey(text, first + (isElement ? 2 : 1));
  const close = isElement ? "]]" : "]";
  if (key === undefined || !text.startsWith(close, key.end)) return undefined;
  const contentEnd = key.end + close.length;
  const end = scanRestOfLine(text, contentEnd);
  if (end === undefined) return undefined;
  const path = resolveElements(key.parts, place.elementCounts, isElement);
  place.table = path;
  const name = text.slice(first, contentEnd);
  return { kind: isElement ? "element" : "table", path, name, start, contentEnd, end, line };
}

function scanKeyStatement(
  text: string,
  start: number,
  first: number,
  line: number,
  table: TomlPath,
): TomlStatement | undefined {
  const key = scanKey(text, first);
  if (key === undefined || text[key.end] !== "=") return undefined;
  const contentEnd = scanValue(text, skipBlanks(text, key.end + 1));
  const end = contentEnd === undefined ? undefined : scanRestOfLine(text, contentEnd);
  if (contentEnd === undefined || end === undefined) return undefined;
  const name = text.slice(first, key.end).trimEnd();
  return { kind: "key", path: [...table, ...key.parts], table, name, start, contentEnd, end, line };
}

/** The key that a line begins with, as written and in its parts, also where its value is broken. */
export function scanKeyName(
  line: string,
): { readonly name: string; readonly parts: readonly string[] } | undefined {
  const first = skipBlanks(line, 0);
  const key = scanKey(line, first);
  return key !== undefined && line[key.end] === "="
    ? { name: line.slice(first, key.end).trimEnd(), parts: key.parts }
    : undefined;
}

/** A text without blanks and line ends around it; other white space of Unicode is text to TOML. */
export function trimBlanks(text: string): string {
  const isBlank = (character: string | undefined): boolean =>
    character !== undefined && " \t\r\n".includes(character);
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text[start])) start++;
  while (end > start && isBlank(text[end - 1])) end--;
  return text.slice(start, end);
}

/** The comment behind a header or value, `#` included; empty when there is none. */
export function trailingComment(text: string, statement: TomlStatement): string {
  return "contentEnd" in statement ? text.slice(statement.contentEnd, statement.end).trim() : "";
}

/** The comments within a value that spans lines, `#` included. */
export function innerComments(text: string, statement: TomlStatement): readonly string[] {
  const comments: string[] = [];
  const key = statement.kind === "key" ? scanKey(text, statement.start) : undefined;
  if (key !== undefined) scanValue(text, skipBlanks(text, key.end + 1), comments);
  return comments;
}

/** True for what has a path: a header or a key. */
export function isPlaced(statement: TomlStatement): statement is PlacedStatement {
  return statement.kind === "key" || isHeader(statement);
}

/** True for a header. */
export function isHeader(statement: TomlStatement): statement is TomlHeader {
  return statement.kind === "table" || statement.kind === "element";
}

/** One string for one path, so that paths can be looked up: `["a","b.c"]` and `["a","b","c"]` differ. */
export function pathId(path: TomlPath): string {
  return JSON.stringify(path);
}

/** True when `path` is `prefix` or stands below it. */
export function isWithin(path: TomlPath, prefix: TomlPath): boolean {
  return prefix.length <= path.length && prefix.every((part, index) => part === path[index]);
}

/** A path as a person would type it: `mcp_servers.agentOS-portfolio.url`. */
export function renderPath(path: TomlPath): string {
  return path.map((part) => typeof part === "number" ? `[${part}]` : renderPart(part)).join(".")
    .replaceAll(".[", "[");
}

/** A key or header as its user wrote it, set off from a sentence around it. */
export function quoteName(name: string): string {
  return /["'[]/.test(name) ? name : `"${name}"`;
}

function renderPart(part: string): string {
  return /^[A-Za-z0-9_-]+$/.test(part) ? part : JSON.stringify(part);
}

/** Headers name arrays of tables without indices; the last element of each array is meant. */
function resolveElements(
  parts: readonly string[],
  counts: Map<string, number>,
  isElement: boolean,
): TomlPath {
  const path: (string | number)[] = [];
  parts.forEach((part, index) => {
    path.push(part);
    const id = pathId(path);
    const count = counts.get(id);
    if (isElement && index === parts.length - 1) {
      counts.set(id, (count ?? 0) + 1);
      path.push(count ?? 0);
    } else if (count !== undefined) {
      path.push(count - 1);
    }
  });
  return path;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (text[at] === " " || text[at] === "\t") at++;
  return at;
}

/** The offset after the next line feed, or the end of the text. */
/** The offset behind the line that goes on at `from`, its line feed included. */
export function endOfLine(text: string, from: number): number {
  const feed = text.indexOf("\n", from);
  return feed < 0 ? text.length : feed + 1;
}

/** After a value or header: blanks, perhaps a comment, then the line must end. */
function scanRestOfLine(text: string, from: number): number | undefined {
  const at = skipBlanks(text, from);
  const character = text[at];
  if (character === undefined || character === "\n" || character === "#") return endOfLine(text, at);
  if (character === "\r" && text[at + 1] === "\n") return at + 2;
  return undefined;
}

/** A dotted key from `from`; `end` is the first offset after it and the blanks that follow. */
function scanKey(text: string, from: number): { parts: string[]; end: number } | undefined {
  const parts: string[] = [];
  let at = skipBlanks(text, from);
  for (;;) {
    const quote = text[at];
    if (quote === '"' || quote === "'") {
      const end = scanQuoted(text, at, quote);
      if (end === undefined) return undefined;
      const part = quote === "'" ? text.slice(at + 1, end - 1) : unescapeBasic(text.slice(at + 1, end - 1));
      if (part === undefined) return undefined;
      parts.push(part);
      at = end;
    } else {
      BARE_KEY.lastIndex = at;
      const bare = BARE_KEY.exec(text)?.[0];
      if (bare === undefined) return undefined;
      parts.push(bare);
      at += bare.length;
    }
    at = skipBlanks(text, at);
    if (text[at] !== ".") return { parts, end: at };
    at = skipBlanks(text, at + 1);
  }
}

/** Bare keys of TOML 1.0, read generously: what else might stand there is the validator's to refuse. */
const BARE_KEY = /[^ \t\r\n.=[\]{}"'#,]+/y;

/** The offset after a one-line string that opens at `from`. */
function scanQuoted(text: string, from: number, quote: string): number | undefined {
  for (let at = from + 1; at < text.length; at++) {
    const character = text[at];
    if (character === "\n") return undefined;
    if (character === "\\" && quote === '"') at++;
    else if (character === quote) return at + 1;
  }
  return undefined;
}

/** The offset after a string of three quotes that opens at `from`; up to two quotes may stand before the closing three. */
function scanMultiline(text: string, from: number, quote: string): number | undefined {
  for (let at = from + 3; at < text.length; at++) {
    if (text[at] === "\\" && quote === '"') at++;
    else if (text.startsWith(quote.repeat(3), at)) {
      let end = at + 3;
      while (end < at + 5 && text[end] === quote) end++;
      return end;
    }
  }
  return undefined;
}

function scanString(text: string, from: number): number | undefined {
  const quote = text.charAt(from);
  return text.startsWith(quote.repeat(3), from)
    ? scanMultiline(text, from, quote)
    : scanQuoted(text, from, quote);
}

/**
 * The offset after the value at `from`: a string, a bracketed value over many lines, or a bare one to the line's end.
 *
 * @param comments those within it are added here
 */
function scanValue(text: string, from: number, comments: string[] = []): number | undefined {
  const character = text[from];
  if (character === '"' || character === "'") return scanString(text, from);
  if (character === "[" || character === "{") return scanBracketed(text, from, comments);
  BARE_VALUE.lastIndex = from;
  const bare = BARE_VALUE.exec(text)?.[0].trimEnd() ?? "";
  return bare === "" ? undefined : from + bare.length;
}

const BARE_VALUE = /[^\r\n#]+/y;

function scanBracketed(text: string, from: number, comments: string[]): number | undefined {
  let depth = 0;
  for (let at = from; at < text.length;) {
    const character = text.charAt(at);
    if (character === '"' || character === "'") {
      const end = scanString(text, at);
      if (end === undefined) return undefined;
      at = end;
    } else if (character === "#") {
      const end = endOfLine(text, at);
      comments.push(trimBlanks(text.slice(at, end)));
      at = end;
    } else {
      if (character === "[" || character === "{") depth++;
      if (character === "]" || character === "}") depth--;
      at++;
      if (depth === 0) return at;
    }
  }
  return undefined;
}

function countLines(text: string, from: number, to: number): number {
  let lines = 0;
  for (let at = text.indexOf("\n", from); at >= 0 && at < to; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  b: "\b",
  t: "\t",
  n: "\n",
  f: "\f",
  r: "\r",
  e: "\u001b",
  '"': '"',
  "\\": "\\",
};

/** The text of a basic string's inside, for comparing quoted keys with bare ones; undefined for a wrong escape. */
function unescapeBasic(inside: string): string | undefined {
  let wrong = false;
  const plain = inside.replace(
    /\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.?))/gs,
    (
      _,
      x: string | undefined,
      u: string | undefined,
      long: string | undefined,
      short: string | undefined,
    ) => {
      const hex = x ?? u ?? long;
      if (hex !== undefined) {
        const code = parseInt(hex, 16);
        if (code <= 0x10ffff) return String.fromCodePoint(code);
      } else if (short !== undefined) {
        const plain = SHORT_ESCAPES[short];
        if (plain !== undefined) return plain;
      }
      wrong = true;
      return "";
    },
  );
  return wrong ? undefined : plain;
}
