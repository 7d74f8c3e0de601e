/**
 * Walks and cuts what is found into batches: small ones first, so that a common word is found at once, then
 * larger ones, so that handing them out costs little.
 *
 * @module
 */

import type { Batch } from "./batch.ts";
import { readCursor } from "./cursor.ts";
import type { SearchRequest, SearchScope } from "./model.ts";
import { type WalkedFile, walkFiles } from "./walk.ts";

const smallestBatch = 4;
const largestBatch = 64;

/**
 * Hands every batch of a search to `take`, in path order, until that answers false. Answers how many there were.
 *
 * @throws {AppError} tool.input when the cursor or the glob cannot be read
 */
export function divideSearch(
  request: SearchRequest,
  scope: SearchScope,
  take: (batch: Batch) => boolean,
): number {
  let number = 0;
  let files: WalkedFile[] = [];
  const hand = (): boolean => {
    const batch = { number: number++, files };
    files = [];
    return take(batch);
  };
  let wanted = true;
  walkFiles(request, scope, readCursor(request), (file) => {
    files.push(file);
    if (files.length >= Math.min(smallestBatch << number, largestBatch)) wanted = hand();
    return wanted;
  });
  if (wanted && files.length > 0) hand();
  return number;
}
