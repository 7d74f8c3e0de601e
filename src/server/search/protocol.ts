/**
 * What the supervisor and a searching process say to each other: one JSON value per line, on the process's stdin
 * and stdout. One search at a time.
 *
 * The process reads files that anybody may have written, so what it says is held against its shape.
 *
 * @module
 */

import { isErrorCode } from "../../base/errors.ts";
import { isObject, type JsonObject } from "../../base/json_fields.ts";
import type {
  SearchCounts,
  SearchMatch,
  SearchRequest,
  SearchResult,
  SearchScope,
} from "../../tools/files/search/model.ts";
import type { Outcome } from "../messages.ts";

/** To the searching process. */
export type ToSearchProcess =
  /** The first thing said. */
  | { readonly kind: "open"; readonly scope: SearchScope }
  | { readonly kind: "search"; readonly request: SearchRequest }
  /** Nobody waits for the answer any more. */
  | { readonly kind: "stop" };

/** From the searching process. */
export type FromSearchProcess =
  /** It was ready and has begun to search. */
  | { readonly kind: "begun" }
  | { readonly kind: "answer"; readonly outcome: Outcome<SearchResult> }
  /** All threads rest; the next search may come. Follows each `search`, after its answer. */
  | { readonly kind: "idle" };

/** Reads one line from the searching process; undefined when it is not of its kind. */
export function parseFromSearchProcess(line: string): FromSearchProcess | undefined {
  let data: unknown;
  try {
    data = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isObject(data)) return undefined;
  if (data.kind === "idle" || data.kind === "begun") return { kind: data.kind };
  const outcome = data.kind === "answer" ? parseOutcome(data.outcome) : undefined;
  return outcome && { kind: "answer", outcome };
}

function parseOutcome(data: unknown): Outcome<SearchResult> | undefined {
  if (!isObject(data)) return undefined;
  if (data.ok === true) {
    const result = parseResult(data.result);
    return result && { ok: true, result };
  }
  const { error } = data;
  if (!isObject(error) || !isErrorCode(error.code)) return undefined;
  if (typeof error.message !== "string" || typeof error.hint !== "string") return undefined;
  return { ok: false, error: { code: error.code, message: error.message, hint: error.hint } };
}

function parseResult(data: unknown): SearchResult | undefined {
  if (!isObject(data) || !Array.isArray(data.matches)) return undefined;
  const { stopped, nextCursor, elapsedMs } = data;
  const counts = parseCounts(data);
  if (counts === undefined) return undefined;
  if (stopped !== undefined && stopped !== "maxResults" && stopped !== "timeout") return undefined;
  if (nextCursor !== undefined && typeof nextCursor !== "string") return undefined;
  if (typeof elapsedMs !== "number") return undefined;
  const matches: SearchMatch[] = [];
  for (const one of data.matches) {
    const match = parseMatch(one);
    if (match === undefined) return undefined;
    matches.push(match);
  }
  return { matches, ...counts, stopped, nextCursor, elapsedMs };
}

function parseCounts(data: JsonObject): SearchCounts | undefined {
  const { filesSearched, filesTooLarge, filesBinary, filesUnreadable, foldersUnreadable } = data;
  if (typeof filesSearched !== "number" || typeof filesTooLarge !== "number") return undefined;
  if (typeof filesBinary !== "number" || typeof filesUnreadable !== "number") return undefined;
  if (typeof foldersUnreadable !== "number") return undefined;
  return { filesSearched, filesTooLarge, filesBinary, filesUnreadable, foldersUnreadable };
}

function parseMatch(data: unknown): SearchMatch | undefined {
  if (!isObject(data)) return undefined;
  const { path, line, column, text, before, after } = data;
  if (typeof path !== "string" || typeof line !== "number" || typeof column !== "number") return undefined;
  if (typeof text !== "string" || !isTexts(before) || !isTexts(after)) return undefined;
  return { path, line, column, text, before, after };
}

function isTexts(data: unknown): data is string[] {
  return Array.isArray(data) && data.every((one) => typeof one === "string");
}
