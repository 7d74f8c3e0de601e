/**
 * Where a search goes on: a place in path order, made opaque, and bound to the search that it came from.
 *
 * @module
 */

import { AppError } from "../../../base/errors.ts";
import { isInside, pathBelow, type Platform } from "../../../base/path_rules.ts";
import type { SearchMatch, SearchRequest } from "./model.ts";

/** A place: everything up to it was searched. */
export interface SearchPlace {
  /** Which of the request's paths. */
  readonly start: number;
  /** The file's path below that one, names separated by `/`; empty for the path itself. */
  readonly below: string;
  /** The last line that is done; undefined when the whole file is. */
  readonly line: number | undefined;
}

/** The place of a line, or of a whole file, below one of the request's paths. */
export function placeOf(
  request: SearchRequest,
  found: { readonly start: number; readonly path: string; readonly line: number | undefined },
  platform: Platform,
): SearchPlace {
  const { start, path, line } = found;
  return { start, below: pathBelow(path, request.paths[start] ?? "", platform), line };
}

/**
 * Writes a place down for the caller to hand back: never longer than the longest path of a system and some, as
 * the path stands in it with nothing escaped, unless it cannot be written in UTF-8.
 */
export function writeCursor(request: SearchRequest, { start, below, line }: SearchPlace): string {
  const isPlain = below.isWellFormed();
  const rest = [fingerprint(request), start, line ?? null, ...(isPlain ? [] : [below])];
  const bytes = new TextEncoder().encode(`${JSON.stringify(rest)}\n${isPlain ? below : ""}`);
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * Reads the place that a request wants to go on from.
 *
 * @throws {AppError} tool.input when the cursor is not one of this very search
 */
export function readCursor(request: SearchRequest): SearchPlace | undefined {
  if (request.cursor === undefined) return undefined;
  const [mark, start, line, below] = decode(request.cursor);
  const fits = mark === fingerprint(request) && typeof start === "number" &&
    request.paths[start] !== undefined;
  if (!fits || typeof below !== "string" || (line !== null && typeof line !== "number")) {
    throw new AppError("tool.input", "cursor: it does not come from an answer to this same search", {
      hint: "Keep all other arguments as they were, or leave cursor out to start anew.",
    });
  }
  return { start, below, line: line ?? undefined };
}

/** The cursor that goes on right after a match in the answer to this request; its paths do not lie in each other. */
export function cursorAfter(request: SearchRequest, match: SearchMatch, platform: Platform): string {
  const start = request.paths.findIndex((path) => isInside(match.path, path, platform));
  return writeCursor(request, placeOf(request, { start, path: match.path, line: match.line }, platform));
}

/** Tells searches apart, not attackers: a forged cursor only goes on from somewhere else. */
function fingerprint({ paths, query, regex, ignoreCase, glob }: SearchRequest): string {
  let hash = 0x811c9dc5;
  for (
    const byte of new TextEncoder().encode(JSON.stringify([paths, query, regex, ignoreCase, glob ?? null]))
  ) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return (hash >>> 0).toString(36);
}

function decode(cursor: string): readonly unknown[] {
  try {
    const bytes = Uint8Array.from(
      atob(cursor.replaceAll("-", "+").replaceAll("_", "/")),
      (unit) => unit.charCodeAt(0),
    );
    // A path may begin with a byte order mark, too.
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
    const end = text.indexOf("\n");
    const rest: unknown = JSON.parse(text.slice(0, end));
    return Array.isArray(rest) ? [...rest, text.slice(end + 1)] : [];
  } catch {
    return [];
  }
}
