/**
 * The fragment: the key paths we own in a TOML file, with their values and the bytes they are written in.
 *
 * Both what the repo wants and what the last push wrote are fragments. Pure.
 *
 * @module
 */

import { findSecret } from "../../base/secrets.ts";
import { markerOf } from "./managed_block.ts";
import {
  innerComments,
  isHeader,
  pathId,
  scanToml,
  type TomlHeader,
  type TomlPath,
  type TomlStatement,
  trailingComment,
} from "../../base/toml_scan.ts";
import { parseToml, type TextProblem, type TomlValues, valueAt } from "../../base/toml_values.ts";

/** One owned key: its path, its value, and its statement as written (line end included). */
export interface OwnedKey {
  readonly path: TomlPath;
  /** As written: `url`, or `mcp_servers.x.url` where it stands in another table. */
  readonly name: string;
  readonly value: unknown;
  readonly raw: string;
  /** `#` included; empty when there is none. */
  readonly comment: string;
}

/** A run of statements under one header; the first section of a text has none. */
export interface Section {
  readonly header: TomlHeader | undefined;
  readonly statements: readonly TomlStatement[];
}

/** A fragment that is fit to be written. */
export interface Fragment {
  /** With `\n` line ends, no byte order mark, no blank lines at its ends, and one final line end. */
  readonly text: string;
  readonly sections: readonly Section[];
  readonly values: TomlValues;
  /** By path id. */
  readonly keys: ReadonlyMap<string, OwnedKey>;
  /** Headers of tables and array elements, by path id. */
  readonly tables: ReadonlyMap<string, TomlPath>;
  /** Its whole comment lines. */
  readonly comments: ReadonlySet<string>;
}

/** Reads a fragment: valid TOML, every token expanded, no marker and no secret inside. */
export function readFragment(
  source: string,
): { readonly kind: "fragment"; readonly fragment: Fragment } | {
  readonly kind: "problem";
  readonly problem: TextProblem;
} {
  const lead = /^\ufeff?(?:[ \t]*\r?\n)*/.exec(source)?.[0] ?? "";
  const linesDropped = lead.split("\n").length - 1;
  const body = source.slice(lead.length).replaceAll("\r\n", "\n").trimEnd();
  const text = body === "" ? "" : `${body}\n`;
  const problem = findTextProblem(text);
  if (problem !== undefined) {
    return { kind: "problem", problem: { ...problem, line: problem.line + linesDropped } };
  }
  const parsed = parseToml(text);
  const statements = parsed.kind === "table" ? scanToml(text) : undefined;
  if (parsed.kind === "problem" || statements === undefined) {
    const found = parsed.kind === "problem" ? parsed.problem : { line: 1, message: "it is not TOML" };
    return { kind: "problem", problem: { ...found, line: found.line + linesDropped } };
  }
  const keys = new Map<string, OwnedKey>();
  const tables = new Map<string, TomlPath>();
  const comments = new Set<string>();
  for (const statement of statements) {
    if (statement.kind === "key") {
      keys.set(pathId(statement.path), {
        path: statement.path,
        name: statement.name,
        value: valueAt(parsed.table, statement.path),
        raw: text.slice(statement.start, statement.end),
        comment: trailingComment(text, statement),
      });
    } else if (isHeader(statement)) {
      tables.set(pathId(statement.path), statement.path);
    } else if (statement.kind === "comment") comments.add(statement.text);
  }
  return {
    kind: "fragment",
    fragment: { text, sections: splitSections(statements), values: parsed.table, keys, tables, comments },
  };
}

/** The key whose value a path is, or is a part of: others may write an inline table of ours as a table with a header. */
export function keyAt({ keys }: Fragment, path: TomlPath): OwnedKey | undefined {
  for (let length = path.length; length > 0; length--) {
    const key = keys.get(pathId(path.slice(0, length)));
    if (key !== undefined) return key;
  }
  return undefined;
}

/** The comments of a fragment that share a line with a statement, or stand within one. */
export function commentsOf({ text, sections }: Fragment): readonly string[] {
  return sections.flatMap(({ header, statements }) =>
    header === undefined ? statements : [header, ...statements]
  )
    .flatMap((statement) => [trailingComment(text, statement), ...innerComments(text, statement)]);
}

/** Splits statements at headers; comments and blank lines stay with the section that they stand in. */
export function splitSections(statements: readonly TomlStatement[]): readonly Section[] {
  const sections: { header: Section["header"]; statements: TomlStatement[] }[] = [
    { header: undefined, statements: [] },
  ];
  for (const statement of statements) {
    if (isHeader(statement)) {
      sections.push({ header: statement, statements: [] });
    } else sections.at(-1)?.statements.push(statement);
  }
  return sections;
}

/** What of a fragment is written otherwise than the repo says it. */
export interface Adaptation {
  /** Statements that stand in for ours, by path id. */
  readonly replaced: ReadonlyMap<string, string>;
  /** Keys that are left out, by path id; a table of which no key is left goes with them. */
  readonly leftOut: ReadonlySet<string>;
}

/**
 * The fragment with some values replaced or keys left out; undefined when that would be no TOML, or other keys. A statement
 * that stands in for ours gives its value and comment: the name is the fragment's, which may spell the path otherwise.
 */
export function adaptFragment(fragment: Fragment, { replaced, leftOut }: Adaptation): Fragment | undefined {
  if (replaced.size === 0 && leftOut.size === 0) return fragment;
  let text = "";
  for (const { header, statements } of fragment.sections) {
    const keys = statements.filter((statement) => statement.kind === "key");
    const rest = keys.filter(({ path }) => !leftOut.has(pathId(path)));
    if (header !== undefined && keys.length > 0 && rest.length === 0) continue;
    if (header !== undefined) text += fragment.text.slice(header.start, header.end);
    for (const statement of statements) {
      const id = statement.kind === "key" ? pathId(statement.path) : "";
      if (leftOut.has(id)) continue;
      const raw = replaced.get(id);
      text += raw === undefined || statement.kind !== "key"
        ? fragment.text.slice(statement.start, statement.end)
        : renameStatement(raw, statement.name);
    }
  }
  const read = readFragment(text);
  const expected = [...fragment.keys].filter(([id]) => !leftOut.has(id)).map(([, key]) => key);
  return read.kind === "fragment" && haveSamePaths([...read.fragment.keys.values()], expected)
    ? read.fragment
    : undefined;
}

function renameStatement(raw: string, name: string): string {
  const [key] = scanToml(raw) ?? [];
  const text = raw.endsWith("\n") ? raw : `${raw}\n`;
  return key?.kind === "key" && key.name !== name ? name + text.trimStart().slice(key.name.length) : text;
}

/** Without regard to the index of an array's element, which one that is left out shifts. */
function haveSamePaths(left: readonly OwnedKey[], right: readonly OwnedKey[]): boolean {
  const place = ({ path }: OwnedKey): string => pathId(path.filter((part) => typeof part === "string"));
  return left.length === right.length && left.every((key, at) => {
    const other = right[at];
    return other !== undefined && place(key) === place(other);
  });
}

/** What makes a fragment unfit even when it is TOML. */
function findTextProblem(text: string): TextProblem | undefined {
  const lines = text.split("\n");
  for (const [index, content] of lines.entries()) {
    const line = index + 1;
    const token = /\{\{\s*([^{}]*?)\s*\}\}/.exec(content);
    if (token !== null) {
      return { line, column: token.index + 1, message: `the token {{${token[1] ?? ""}}} was not expanded` };
    }
    if (markerOf(content) !== undefined) {
      return { line, message: "a marker line stands inside the fragment" };
    }
    const secret = findSecret(content);
    if (secret !== undefined) {
      return { line, column: secret.column, message: `it holds what looks like a secret (${secret.kind})` };
    }
  }
  return undefined;
}
