/**
 * How many of what, as people say it.
 *
 * @module
 */

/**
 * "1 file", "3 files".
 *
 * @param many when it is more than the word with an s
 * @param write how the number is written
 */
export function sayCount(
  count: number,
  one: string,
  many: string = `${one}s`,
  write: (count: number) => string = String,
): string {
  return `${write(count)} ${count === 1 ? one : many}`;
}
