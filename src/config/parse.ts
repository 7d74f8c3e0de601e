/**
 * From the text of `config.toml` to checked values with their places. Pure; it loads the TOML parser, so import it only
 * when there is a file.
 *
 * @module
 */

import { closest, distance } from "fastest-levenshtein";
import { AppError } from "../base/errors.ts";
import { isWithin, renderPath, scanToml, type TomlPath, type TomlStatement } from "../base/toml_scan.ts";
import { isTomlTable, parseToml, type TomlValues } from "../base/toml_values.ts";
import { findName, keyOf, NAMES } from "./keys.ts";
import type { ConfigValue } from "./model.ts";
import { checkValue, type Surroundings } from "./values.ts";

/** One key of the file. */
export interface FileEntry {
  readonly path: readonly string[];
  readonly value: ConfigValue;
  /** From 1. */
  readonly line: number;
}

interface Problem {
  readonly path: readonly string[];
  readonly message: string;
  /** The key that may have been meant. */
  readonly meant?: string;
}

/** What a valid TOML text holds that is no setting, with its place, both from 1. */
export interface Mistake extends Problem {
  readonly line: number;
  readonly column: number;
}

/** A text as far as it is right, and all that is wrong with it in the order of the file. */
export interface ConfigReading {
  readonly entries: readonly FileEntry[];
  readonly mistakes: readonly Mistake[];
}

/**
 * Reads the file's text.
 *
 * @param file for messages
 * @throws {AppError} config.invalid at the first mistake's place, naming the others with their lines
 */
export function parseConfig(text: string, file: string, around: Surroundings): readonly FileEntry[] {
  const { entries, mistakes } = readConfig(text, file, around);
  if (mistakes.length > 0) throw refuseMistakes(mistakes, file);
  return entries;
}

/**
 * Reads what is right in the file's text, and what is wrong.
 *
 * @param file for messages
 * @throws {AppError} config.invalid for a text that is not TOML, at the place where it ends to be
 */
export function readConfig(text: string, file: string, around: Surroundings): ConfigReading {
  const body = text.startsWith("\ufeff") ? text.slice(1) : text;
  const parsed = parseToml(body);
  if (parsed.kind === "problem") {
    const { line, column, message } = parsed.problem;
    throw new AppError("config.invalid", `This is not TOML: ${message}`, {
      where: column === undefined ? { file, line } : { file, line, column },
      hint: MEND,
    });
  }
  const statements = scanToml(body) ?? [];
  const entries: FileEntry[] = [];
  const problems: Problem[] = [];
  walk(parsed.table, [], (path, value) => {
    const name = findName(path);
    if (name === undefined) return false;
    const checked = checkValue(keyOf(name).type, value, around);
    if (checked.kind === "problem") {
      problems.push({ path, message: `${renderPath(path)} must be ${checked.mustBe}` });
    } else entries.push({ path, value: checked.value, line: placeOf(body, statements, path).line });
    return true;
  }, problems);
  const mistakes = problems.map((problem) => ({ ...problem, ...placeOf(body, statements, problem.path) }))
    .toSorted((left, right) => left.line - right.line);
  return { entries, mistakes };
}

/** What a mistake in the file is mended with, whatever else is wrong there. */
export const MEND = 'Mend it with "agentos config edit".';

/** Hands every value to `take`; what it does not take and is no table of ours is a problem. */
function walk(
  table: TomlValues,
  above: readonly string[],
  take: (path: readonly string[], value: unknown) => boolean,
  problems: Problem[],
): void {
  for (const [part, value] of Object.entries(table)) {
    const path = [...above, part];
    if (take(path, value)) continue;
    if (!isTable(path)) problems.push(unknownKey(path));
    else if (isTomlTable(value)) walk(value, path, take, problems);
    else problems.push({ path, message: `${renderPath(path)} must be a table: [${renderPath(path)}]` });
  }
}

/** True when keys of ours stand below this path. */
function isTable(path: readonly string[]): boolean {
  return NAMES.some((name) => {
    const parts = name.split(".");
    return parts.length > path.length && path.every((part, at) => parts[at] === "*" || parts[at] === part);
  });
}

function unknownKey(path: readonly string[]): Problem {
  const wrong = renderPath(path);
  const meant = suggestName(path);
  const message = `There is no setting ${wrong}`;
  return meant === undefined ? { path, message } : { path, message, meant };
}

/** The name that a path may have meant: the same key elsewhere, or one that is a slip of the finger away. */
export function suggestName(path: readonly string[]): string | undefined {
  const last = path.at(-1) ?? "";
  const sameKey = NAMES.filter((name) => name.split(".").at(-1) === last.replaceAll("-", "_"));
  if (sameKey.length === 1) return sameKey[0];
  const wrong = path.join(".");
  const near = closest(wrong, [...NAMES]);
  return distance(wrong, near) <= Math.max(2, Math.floor(near.length / 4)) ? near : undefined;
}

/** The error that names these mistakes of a file, the first with its place. */
export function refuseMistakes(mistakes: readonly Mistake[], file: string): AppError {
  const [first, ...others] = mistakes;
  const more = others.map(({ message, line }) => `; line ${line}: ${message}`).join("");
  const meant = mistakes.find((mistake) => mistake.meant !== undefined)?.meant;
  const where = first === undefined ? { file } : { file, line: first.line, column: first.column };
  return new AppError("config.invalid", `${first?.message ?? "It is wrong"}${more}`, {
    where,
    hint: meant === undefined ? MEND : `Did you mean ${meant}? ${MEND}`,
  });
}

/** Where a key stands: its own statement, else the one around it (an inline table) or the first below it. */
function placeOf(
  body: string,
  statements: readonly TomlStatement[],
  path: TomlPath,
): { readonly line: number; readonly column: number } {
  const placed = statements.flatMap((statement) => "path" in statement ? [statement] : []);
  const found = placed.find((statement) => statement.path.join("\0") === path.join("\0")) ??
    placed.findLast((statement) => statement.kind === "key" && isWithin(path, statement.path)) ??
    placed.find((statement) => isWithin(statement.path, path));
  if (found === undefined) return { line: 1, column: 1 };
  const indent = /^[ \t]*/.exec(body.slice(found.start, found.end))?.[0].length ?? 0;
  return { line: found.line, column: indent + 1 };
}
