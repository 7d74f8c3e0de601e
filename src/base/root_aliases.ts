/**
 * The other names of roots: what the user wrote where a link leads to the folder that is the root. Pure.
 *
 * Agents know their folder by the name that the user went there by. The server has no right to look at a link that
 * lies outside the roots, so such a name is replaced as text, before anything is resolved or checked.
 *
 * @module
 */

import { isAbsolute, isInside, joinPath, normalise, pathBelow, pathProblem, rootOf } from "./path_rules.ts";
import type { Platform } from "./path_rules.ts";
import type { Root } from "./roots.ts";

/**
 * The name that a path may have as an alias of the root `real`: absolute, and written as `parsePath` leaves paths.
 * Undefined where it says nothing that `real` does not, or where no caller could write it.
 *
 * `..` is taken away from the text here and from the folders by the system, so the caller has to make sure that the
 * name leads to the root.
 *
 * @param cwd what a relative path is held against; without one it has no name
 */
export function aliasOf(
  given: string,
  real: string,
  cwd: string | undefined,
  platform: Platform,
): string | undefined {
  const absolute = isAbsolute(given, platform) || cwd === undefined ? given : joinPath(cwd, given, platform);
  if (!isAbsolute(absolute, platform) || pathProblem(absolute, platform) !== undefined) return undefined;
  const name = normalise(absolute, platform);
  return isInside(name, real, platform) && isInside(real, name, platform) ? undefined : name;
}

/**
 * The path below a root's real path, where it lies inside one of the root's aliases; else the path as it is, also
 * inside a root: there the server may follow the links itself.
 *
 * @param path normalised and absolute, so that no `..` leads out of an alias
 */
export function toRealRoot(path: string, roots: readonly Root[], platform: Platform): string {
  if (rootOf(path, roots, platform) !== undefined) return path;
  const best = roots
    .flatMap(({ path: real, aliases = [] }) => aliases.map((alias) => ({ alias, real })))
    .filter(({ alias }) => isInside(path, alias, platform))
    .reduce<{ readonly alias: string; readonly real: string } | undefined>(
      (longest, one) => longest !== undefined && longest.alias.length >= one.alias.length ? longest : one,
      undefined,
    );
  if (best === undefined) return path;
  const below = pathBelow(path, best.alias, platform);
  return below === "" ? best.real : normalise(joinPath(best.real, below, platform), platform);
}
