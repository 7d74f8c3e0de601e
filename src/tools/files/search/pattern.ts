/**
 * From a query to what the scanner needs: an expression, and a piece of text that every matching line holds.
 *
 * The piece is what makes searching fast: files without it are never decoded. A user's expression is read here
 * token by token, to refuse what only a backtracking engine can do (back-references) and what cannot match within
 * a line, naming the construct and its place; and to spell ignoring case out, because V8's linear engine knows
 * no flags but `m`, `s` and `g` (V8 13.7 and 15.0).
 *
 * @module
 */

import { AppError } from "../../../base/errors.ts";
import type { SearchRequest } from "./model.ts";
import { choosePiece, type Piece, type ReadPattern, readPattern } from "./pattern_reader.ts";

/** What the scanner looks for. */
export interface Pattern {
  /** Every matching line holds one of them, in whatever case when `ignoreCase`. Empty when none is known. */
  readonly needles: readonly string[];
  readonly ignoreCase: boolean;
  /** Finds the match in a line, or in many at once; has the flags `g` and `m`. */
  readonly expression: RegExp;
  /** True when the expression looks around itself, so that it must see one line at a time. */
  readonly looksAround: boolean;
}

/** Shorter pieces of an expression stand in nearly every file. */
const shortestNeedle = 2;

/**
 * Makes the pattern of a request.
 *
 * @throws {AppError} search.pattern
 */
export function makePattern(request: Pick<SearchRequest, "query" | "regex" | "ignoreCase">): Pattern {
  const { query, regex, ignoreCase } = request;
  if (query === "") throw refuse("it is empty");
  if (/[\n\r]/.test(query)) throw refuse("it holds a line break, and matching is line by line");
  return regex ? makeRegex(query, ignoreCase) : makeLiteral(query, ignoreCase);
}

function makeLiteral(query: string, ignoreCase: boolean): Pattern {
  if (!query.isWellFormed()) throw refuse("it holds half of a character (a lone surrogate)");
  const expression = new RegExp(escapeText(query), ignoreCase ? "gim" : "gm");
  return { needles: [query], ignoreCase, expression, looksAround: false };
}

/** Text as an expression that matches it and nothing else. */
export function escapeText(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|\/]/g, "\\$&");
}

function makeRegex(query: string, ignoreCase: boolean): Pattern {
  const read = readPattern(query);
  if (!read.ok) throw refuse(`${read.problem} at position ${read.position}`);
  return {
    needles: choosePiece(read.pieces.filter(isFindable)) ?? [],
    ignoreCase,
    expression: compile(query, ignoreCase, read),
    looksAround: read.looksAround,
  };
}

function compile(query: string, ignoreCase: boolean, read: Extract<ReadPattern, { ok: true }>): RegExp {
  const unicode = read.needsUnicode ? "u" : "";
  try {
    // The query itself is judged first, so that V8's complaint speaks of what the caller wrote.
    const plain = new RegExp(query, `gm${unicode}${ignoreCase ? "i" : ""}`);
    // V8 works an expression out when it is first used, and only then finds it too large.
    plain.test("");
    return ignoreCase && read.folded !== undefined && unicode === "" ? new RegExp(read.folded, "gm") : plain;
  } catch (error) {
    const complaint = error instanceof Error ? error.message.replace(/^.*: /s, "") : String(error);
    throw refuse(complaint.charAt(0).toLowerCase() + complaint.slice(1), error);
  }
}

function isFindable(piece: Piece): boolean {
  return piece.every((text) => text.length >= shortestNeedle && text.isWellFormed());
}

function refuse(why: string, cause?: unknown): AppError {
  return new AppError("search.pattern", `Cannot search for this pattern: ${why}.`, { cause });
}
