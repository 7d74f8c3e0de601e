/**
 * Finding a text in another in time that its author cannot stretch.
 *
 * `String.indexOf` is fast on ordinary text, but takes the product of both lengths on `aaa…` and `baaa…`: minutes
 * for a file of some megabytes. Beyond a size it is replaced by Knuth, Morris and Pratt's search, which is slower
 * on ordinary text and takes the sum on any.
 *
 * @module
 */

/** Up to this product of lengths the worst case of `indexOf` stays within about a second. */
const MAX_PRODUCT = 1e9;

/** Calls `take` with the start of each occurrence, overlapping ones included, until it answers false. */
export function findText(text: string, wanted: string, take: (start: number) => boolean): void {
  if (text.length * wanted.length <= MAX_PRODUCT) findPlainly(text, wanted, take);
  else findLinearly(text, wanted, take);
}

function findPlainly(text: string, wanted: string, take: (start: number) => boolean): void {
  for (let at = text.indexOf(wanted); at >= 0 && take(at);) at = text.indexOf(wanted, at + 1);
}

/** As {@link findText}, always by the method for large texts. */
export function findLinearly(text: string, wanted: string, take: (start: number) => boolean): void {
  const borders = bordersOf(wanted);
  let matched = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    while (matched > 0 && unit !== wanted.charCodeAt(matched)) matched = borders[matched - 1] ?? 0;
    if (unit === wanted.charCodeAt(matched)) matched++;
    if (matched < wanted.length) continue;
    if (!take(at - matched + 1)) return;
    matched = borders[matched - 1] ?? 0;
  }
}

/** For each start of the text the length of its longest proper end that is also a start. */
function bordersOf(wanted: string): Int32Array {
  const borders = new Int32Array(wanted.length);
  let length = 0;
  for (let at = 1; at < wanted.length; at++) {
    const unit = wanted.charCodeAt(at);
    while (length > 0 && unit !== wanted.charCodeAt(length)) length = borders[length - 1] ?? 0;
    if (unit === wanted.charCodeAt(length)) length++;
    borders[at] = length;
  }
  return borders;
}
