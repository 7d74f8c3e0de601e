/**
 * The whole search on the calling thread: what the searching process does with several threads, in ten lines. For
 * tests, and to measure against; a server would stand still meanwhile, and no expression could be stopped.
 *
 * @module
 */

import { Collector, scanBatch } from "./batch.ts";
import { divideSearch } from "./divide.ts";
import { makeReader } from "./file_content.ts";
import type { SearchRequest, SearchResult, SearchScope } from "./model.ts";
import { NODE_FILES } from "./node_files.ts";
import { makePattern } from "./pattern.ts";
import { makeScanner } from "./scan.ts";

/** Searches, and returns when it is done; `timeoutMs` is not kept. */
export function searchHere(request: SearchRequest, scope: SearchScope): SearchResult {
  const startedMs = performance.now();
  const task = { pattern: makePattern(request), contextLines: request.contextLines };
  const scan = makeScanner(task, makeReader(NODE_FILES));
  const collector = new Collector(request, scope);
  divideSearch(
    request,
    scope,
    (batch) => !collector.add(scanBatch(batch, scan, request.maxResults, () => false)),
  );
  return collector.result(false, performance.now() - startedMs);
}
