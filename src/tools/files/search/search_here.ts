/**
 * The whole search on the calling thread: what the searching process does with several threads, in ten lines. For
 * tests, and to measure against; a server would stand still meanwhile, and no expression could be stopped.
 *
 * @module
 */

import { Collector, scanBatch } from "./batch.ts";
import { divideSearch } from "./divide.ts";
import type { SearchRequest, SearchResult, SearchScope } from "./model.ts";
import { makePattern } from "./pattern.ts";
import { makeScanner } from "./scan.ts";

/** Searches, and returns when it is done; `timeoutMs` is not kept. */
export function searchHere(request: SearchRequest, scope: SearchScope): SearchResult {
  const startedMs = performance.now();
  const scan = makeScanner({ pattern: makePattern(request), contextLines: request.contextLines });
  const collector = new Collector(request, scope);
  divideSearch(
    request,
    scope,
    (batch) => !collector.add(scanBatch(batch, scan, request.maxResults, () => false)),
  );
  return collector.result(false, performance.now() - startedMs);
}
