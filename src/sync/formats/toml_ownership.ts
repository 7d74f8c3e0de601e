/**
 * Whose a path is: what the repo wants and what the last push wrote are ours, all else is somebody else's. Pure.
 *
 * @module
 */

import { type Fragment, keyAt } from "./toml_fragment.ts";
import { isWithin, pathId, type TomlPath } from "../../base/toml_scan.ts";
import { isTomlTable, type TomlValues, valueAt } from "../../base/toml_values.ts";

/** What decides whether a path is ours. */
export interface Ownership {
  /** What the repo wants; undefined to remove what is ours. */
  readonly wanted: Fragment | undefined;
  /** What the last push wrote, when there is a record of it. */
  readonly last: Fragment | undefined;
  /** Paths that older versions of ours wrote; inside the block, with no record of a push, they are ours still. */
  readonly retired: readonly TomlPath[];
}

/** True for a path that only older versions of ours wrote, in a file without a record of a push. */
export function isRetired({ last, retired }: Ownership, path: TomlPath): boolean {
  return last === undefined && retired.some((prefix) => isWithin(path, prefix));
}

/** True for the header of a table or element that the repo wants, or that the last push wrote. */
export function isOurTable(owners: Ownership, path: TomlPath): boolean {
  const id = pathId(path);
  return owners.wanted?.tables.has(id) === true || owners.last?.tables.has(id) === true ||
    isRetired(owners, path);
}

/** How much of something is ours. */
export type OwnedShare = "all" | "some" | "none";

/** How much of a key of the block is ours; an inline table may hold keys of several owners. */
export function ownedShare(owners: Ownership, path: TomlPath, values: TomlValues): OwnedShare {
  return ownedShareOf(owners, path, valueAt(values, path));
}

/** The same for a value that stands apart from its document. */
export function ownedShareOf(owners: Ownership, path: TomlPath, value: unknown): OwnedShare {
  const isOurs = (leaf: TomlPath): boolean => isRetired(owners, leaf) || isOurValue(owners, leaf);
  if (isOurs(path)) return "all";
  const leaves = leavesOf(value, path);
  const count = leaves.filter(isOurs).length;
  if (count === 0) return "none";
  return count === leaves.length ? "all" : "some";
}

/**
 * True for a value of ours and for each part of it. What somebody added to an inline table that we wrote changes our value;
 * what stands where one is only wanted is theirs.
 */
function isOurValue(owners: Ownership, path: TomlPath): boolean {
  return partsOf(owners).some((part) => {
    const key = keyAt(part, path);
    return key !== undefined &&
      (key.path.length === path.length || part === owners.last || valueAt(part.values, path) !== undefined);
  });
}

/** True for what stands in the place of a value of ours, or below it, whoever wrote it. */
export function isInOurValue(owners: Ownership, path: TomlPath): boolean {
  return partsOf(owners).some((part) => keyAt(part, path) !== undefined);
}

/** The fragments that say what is ours. */
export function partsOf({ wanted, last }: Ownership): readonly Fragment[] {
  return [wanted, last].flatMap((part) => part === undefined ? [] : [part]);
}

/** Every path at and below this one that holds no table. */
export function leavesOf(value: unknown, path: TomlPath): readonly TomlPath[] {
  if (!isTomlTable(value)) return [path];
  return Object.keys(value).flatMap((key) => leavesOf(valueAt(value, [key]), [...path, key]));
}
