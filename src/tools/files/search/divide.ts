/**
 * Walks and cuts what is found into batches: small ones first, so that a common word is found at once, then
 * larger ones, so that handing them out costs little.
 *
 * @module
 */

import type { Batch } from "./batch.ts";
import { readCursor } from "./cursor.ts";
import type { SearchRequest, SearchScope } from "./model.ts";
import { type VisitFile, walkFiles } from "./walk.ts";

const smallestBatch = 4;
const largestBatch = 64;

/**
 * Hands every batch of a search to `take`, in path order, until that answers false.
 *
 * @throws {AppError} tool.input when the cursor or the glob cannot be read
 */
export function divideSearch(
  request: SearchRequest,
  scope: SearchScope,
  take: (batch: Batch) => boolean,
): void {
  let number = 0;
  let size = smallestBatch;
  let [start, afterLine] = [0, 0];
  let paths: string[] = [];
  let foldersUnreadable = 0;
  const hand = (): boolean => {
    const batch = { number: number++, start, paths, afterLine, foldersUnreadable };
    [paths, foldersUnreadable] = [[], 0];
    size = Math.min(size * 2, largestBatch);
    return take(batch);
  };
  const visit: VisitFile = (file) => {
    if (file.start !== start && paths.length > 0 && !hand()) return false;
    // Only the file that an earlier search stopped in has lines that are done, and it is the first of all.
    if (paths.length === 0) ({ start, afterLine } = file);
    paths.push(file.path);
    return paths.length < size || hand();
  };
  const isWanted = walkFiles(request, scope, readCursor(request), { visit, pass: () => foldersUnreadable++ });
  if (isWanted && (paths.length > 0 || foldersUnreadable > 0)) hand();
}
