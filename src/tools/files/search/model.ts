/**
 * The vocabulary of searching file contents: a request and its answer as plain data, so that they can cross to
 * the process that does the searching.
 *
 * @module
 */

/** What to look for and where. Paths are absolute real paths inside the roots, already checked by the caller. */
export interface SearchRequest {
  /** Folders or single files to search, in this order. */
  readonly paths: readonly string[];
  /** Literal text, or a JavaScript regular expression when `regex`. */
  readonly query: string;
  readonly regex: boolean;
  readonly ignoreCase: boolean;
  /** Only files whose path below the searched folder matches this glob. */
  readonly glob: string | undefined;
  /** Lines shown before and after each match. */
  readonly contextLines: number;
  /** Stop after this many matches. */
  readonly maxResults: number;
  /** Opaque: where an earlier answer of the same request stopped. */
  readonly cursor: string | undefined;
  readonly timeoutMs: number;
}

/** One matching line. Lines and columns count from 1; columns count UTF-16 units as editors do. */
export interface SearchMatch {
  readonly path: string;
  readonly line: number;
  /** Of the first match in the line. */
  readonly column: number;
  /** The line, shortened around the match when very long. */
  readonly text: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** Why a search ended before everything was read. */
export type SearchStop = "maxResults" | "timeout";

/** How many were gone through, and how many were wanted and passed over. */
export interface SearchCounts {
  readonly filesSearched: number;
  /** Text files that were passed over because of their size. */
  readonly filesTooLarge: number;
  readonly filesBinary: number;
  readonly filesUnreadable: number;
  /** Folders that the system did not let us look into. */
  readonly foldersUnreadable: number;
}

/** What was found, in path order. */
export interface SearchResult extends SearchCounts {
  readonly matches: readonly SearchMatch[];
  readonly stopped: SearchStop | undefined;
  /** Hand back as `cursor` to go on after the last match; undefined when everything was read. */
  readonly nextCursor: string | undefined;
  readonly elapsedMs: number;
}

/**
 * Searches. Aborting the signal stops the work at once, also inside a running regular expression.
 *
 * @throws {AppError} search.pattern when the expression is wrong or could take exponential time; search.timeout
 * when one file alone took too long; search.failed when the searching process ended; tool.input when the cursor
 * is not one of this search; tool.cancelled
 */
export type Search = (request: SearchRequest, signal: AbortSignal) => Promise<SearchResult>;

/** Where searching may go, fixed when the server starts. */
export interface SearchScope {
  /** Real paths of all roots; ignore files above a searched folder are read up to its root. */
  readonly roots: readonly string[];
  /** Real paths that are never entered. */
  readonly forbidden: readonly string[];
  readonly platform: "linux" | "darwin" | "windows";
}
