/**
 * What others wrote inside our block: the program that owns the file puts new tables before a closing marker, and users
 * write where they look. Pure.
 *
 * @module
 */

import type { Found } from "./toml_found.ts";
import { isInOurValue, isOurTable, isRetired, ownedShare, type Ownership } from "./toml_ownership.ts";
import { commentsOf } from "./toml_fragment.ts";
import {
  innerComments,
  isPlaced,
  pathId,
  quoteName,
  type TomlPath,
  type TomlStatement,
  trailingComment,
} from "../../base/toml_scan.ts";
import { type TextProblem, valueAt, valuesEqual } from "../../base/toml_values.ts";

/** What of the inside is not ours. */
export interface Foreign {
  readonly rootKeys: string;
  readonly tables: string;
  /** Raw key statements in tables of ours, each with the comments directly above it, by table path id. */
  readonly kept: ReadonlyMap<string, { readonly table: TomlPath; readonly raw: string }>;
  readonly notes: readonly TextProblem[];
}

/** What of others' cannot be told apart from ours, or not be kept without it. */
export function findEntangled(found: Found, owners: Ownership): TextProblem | undefined {
  const problem = (statement: TomlStatement, message: string): TextProblem => ({
    line: found.lines.get(statement.start) ?? 1,
    message,
  });
  for (const { header, statements } of found.insideSections) {
    const isForeign = header !== undefined && !isOurTable(owners, header.path);
    if (isForeign && isBelowOurElement(header.path, owners)) {
      return problem(header, `${header.name} ${BELOW_ELEMENT}`);
    }
    const goes = header !== undefined && !isForeign && header.path.some((part) => typeof part === "number") &&
      owners.wanted?.tables.has(pathId(header.path)) !== true;
    for (const statement of statements) {
      if (statement.kind !== "key") continue;
      const share = ownedShare(owners, statement.path, found.insideValues);
      if (share === "some") {
        return problem(
          statement,
          `${quoteName(statement.name)} mixes keys of ours with others; write it as tables with headers`,
        );
      }
      if (share === "none" && goes) {
        return problem(statement, `${quoteName(statement.name)} ${BELOW_ELEMENT}`);
      }
      if (share === "none" && isInOurValue(owners, statement.path)) {
        return problem(
          statement,
          `${quoteName(statement.name)} stands in a value of ours; take it out of there`,
        );
      }
    }
  }
  return undefined;
}

const BELOW_ELEMENT =
  "stands in an array's element of ours, without which it has no place; move it to one of yours";

/** An element has no name of its own: what stands below one of ours cannot be moved away from it. */
function isBelowOurElement(path: TomlPath, owners: Ownership): boolean {
  return path.some((part, index) =>
    typeof part === "number" && index < path.length - 1 && isOurTable(owners, path.slice(0, index + 1))
  );
}

/** Takes what is not ours out of the block's content. */
export function separateForeign(found: Found, owners: Ownership): Foreign {
  const { wanted, last } = owners;
  const isForeignKey = (s: TomlStatement): boolean =>
    s.kind === "key" && ownedShare(owners, s.path, found.insideValues) === "none";
  const isForeignComment = (s: TomlStatement): boolean =>
    s.kind === "comment" && !wanted?.comments.has(s.text) && !last?.comments.has(s.text);
  const raw = (statement: TomlStatement): string => found.inside.slice(statement.start, statement.end);
  const besideKeys = new Set(
    found.insideSections.flatMap(({ statements }) =>
      statements.flatMap((s, at) => isForeignKey(s) ? runAbove(statements, at, isForeignComment) : [])
    ),
  );
  const isForeignPart = (s: TomlStatement): boolean => isForeignKey(s) || besideKeys.has(s);
  const parts = (statements: readonly TomlStatement[]): string =>
    statements.filter(isForeignPart).map(raw).join("");
  const comments = (statements: readonly TomlStatement[]): string =>
    statements.map((s) => isForeignPart(s) ? "" : isForeignComment(s) ? raw(s) : remainsOf(s, found, owners))
      .join("");

  let rootKeys = "";
  let tables = "";
  const kept = new Map<string, { readonly table: TomlPath; readonly raw: string }>();
  const notes: TextProblem[] = [];
  const note = (statement: TomlStatement, what: string, done: string): void => {
    const line = found.lines.get(statement.start) ?? 1;
    notes.push({ line, message: `${what} stood inside the managed block and was ${done}` });
  };
  let above = "";
  for (const { header, statements } of found.insideSections) {
    const foreignKeys = statements.filter(isForeignKey);
    if (header === undefined) {
      rootKeys = parts(statements);
      for (const key of foreignKeys) note(key, "a root key", "moved out");
      above = comments(statements);
      continue;
    }
    const hasOnlyOurKeys = foreignKeys.length === 0 && statements.some(({ kind }) => kind === "key");
    if (isOurTable(owners, header.path) || hasOnlyOurKeys || isInOurValue(owners, header.path)) {
      const stays = wanted?.tables.has(pathId(header.path)) === true;
      if (isRetired(owners, header.path)) note(header, header.name, "removed, being an old form of ours");
      else if (foreignKeys.length > 0 && stays) {
        kept.set(pathId(header.path), { table: header.path, raw: parts(statements) });
      } else if (foreignKeys.length > 0) {
        tables += `${tables === "" ? "" : "\n"}${above}${raw(header)}${parts(statements)}`;
        above = "";
        note(header, header.name, "moved out");
      } else above += remainsOf(header, found, owners);
      tables += above;
      above = comments(statements);
      continue;
    }
    const end = statements.findLastIndex(isForeignKey) + 1;
    const content = statements.slice(0, end).map((s) =>
      s.kind === "blank" || isForeignPart(s) ? raw(s) : comments([s])
    ).join("");
    tables += `${tables === "" ? "" : "\n"}${above}${raw(header)}${content}`;
    above = comments(statements.slice(end));
    note(header, header.name, "moved out");
  }
  return { rootKeys, tables: tables + above, kept, notes };
}

/** The statements of a kind that stand directly above one: a comment there is about it, and goes where it goes. */
function runAbove(
  statements: readonly TomlStatement[],
  at: number,
  isPart: (statement: TomlStatement) => boolean,
): readonly TomlStatement[] {
  const above = statements.slice(0, at);
  return above.slice(above.findLastIndex((statement) => !isPart(statement)) + 1);
}

/**
 * What a user wrote into a statement of ours that is not written again as it stands: comments within its value, and the
 * one behind it when nothing of ours takes its place. Without a record nobody knows whose a comment is.
 */
function remainsOf(statement: TomlStatement, { inside, insideValues }: Found, owners: Ownership): string {
  const { wanted, last } = owners;
  if (last === undefined || !isPlaced(statement)) return "";
  const id = pathId(statement.path);
  const key = wanted?.keys.get(id);
  const hasPlace = key !== undefined || wanted?.tables.has(id) === true;
  const isKept = key !== undefined && key.name === statement.name &&
    valuesEqual(key.value, valueAt(insideValues, statement.path));
  const comments = [
    ...(isKept ? [] : innerComments(inside, statement)),
    ...(hasPlace ? [] : [trailingComment(inside, statement)]),
  ];
  const ours = [wanted, last].flatMap((part) => part === undefined ? [] : commentsOf(part));
  const lineEnd = inside.slice(0, statement.end).endsWith("\r\n") ? "\r\n" : "\n";
  return comments.filter((comment) => comment !== "" && !ours.includes(comment))
    .map((comment) => comment + lineEnd).join("");
}
