/**
 * Numbers for the fields that are looked for in lines of JSON.
 *
 * @module
 */

/** Starts a list of paths; `fieldOf` adds a path, once, and answers its number in the list. */
export function openFieldPaths(): { readonly paths: readonly string[]; fieldOf(path: string): number } {
  const paths: string[] = [];
  return {
    paths,
    fieldOf(path): number {
      const known = paths.indexOf(path);
      return known < 0 ? paths.push(path) - 1 : known;
    },
  };
}
