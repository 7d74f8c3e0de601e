/**
 * What stands below an element of an array of tables has no place without it: a key of others' that would come to stand
 * under something else is found here before that is written. Pure.
 *
 * @module
 */

import type { Found } from "./toml_found.ts";
import { ownedShare, type Ownership } from "./toml_ownership.ts";
import { pathId, quoteName, scanToml } from "../../base/toml_scan.ts";
import type { TextProblem } from "../../base/toml_values.ts";

/** The first key of others' whose element would be gone in the new text; undefined when each keeps its place. */
export function findOrphaned(
  before: string,
  after: string,
  found: Found,
  owners: Ownership,
): TextProblem | undefined {
  if (!before.includes("[[")) return undefined;
  const { wanted, last } = owners;
  const fragments = [wanted, last].flatMap((part) => part === undefined ? [] : [part]);
  const ours = new Set(fragments.flatMap(({ keys }) => [...keys.values()].map(({ raw }) => raw.trim())));
  const ownLines = linesOfOurs(found, owners);
  const places = new Set(keysInElements(after).map(({ place }) => place));
  const lost = keysInElements(before).find(({ raw, line, place }) =>
    !ours.has(raw) && !ownLines.has(line) && !places.has(place)
  );
  if (lost === undefined) return undefined;
  const message = `${
    quoteName(lost.name)
  } stands below an element of ours that goes; put it under a header of its own`;
  return { line: lost.line, message };
}

/** Where keys of ours stand, also when TOML puts them below an element of the user's, from where the block moves. */
function linesOfOurs(found: Found, owners: Ownership): ReadonlySet<number | undefined> {
  const keys = found.insideSections.flatMap(({ statements }) => statements).filter((statement) =>
    statement.kind === "key" && ownedShare(owners, statement.path, found.insideValues) !== "none"
  );
  return new Set(keys.map(({ start }) => found.lines.get(start)));
}

interface KeyInElement {
  readonly line: number;
  readonly name: string;
  readonly raw: string;
  /** Its path without regard to the index, which ours may shift. */
  readonly place: string;
}

function keysInElements(text: string): readonly KeyInElement[] {
  return (scanToml(text) ?? []).flatMap((statement) => {
    if (statement.kind !== "key" || statement.path.every((part) => typeof part === "string")) return [];
    const place = pathId(statement.path.map((part) => typeof part === "number" ? 0 : part));
    const raw = text.slice(statement.start, statement.end).trim();
    return [{ line: statement.line, name: statement.name, raw, place }];
  });
}
