/**
 * The proof that stands before every write of a user's TOML file: the new text is parsed, and must hold the user's old
 * values, ours, and nothing else.
 *
 * It works on values alone and knows nothing of how the text was made, so that a fault in the placing cannot hide. Pure.
 *
 * @module
 */

import type { Fragment } from "./toml_fragment.ts";
import { pathId, quoteName, renderPath, type TomlPath } from "../../base/toml_scan.ts";
import { isTomlTable, parseToml, type TomlValues, valueAt, valuesEqual } from "../../base/toml_values.ts";

/** What is not ours in a file, as texts of their own. */
export interface UserParts {
  /** Texts whose keys stand at the document's root. */
  readonly texts: readonly string[];
  /** Raw keys that stand in a table of ours. */
  readonly kept: readonly { readonly table: TomlPath; readonly raw: string }[];
}

/** Says what a new text would break, or undefined when it holds exactly `parts` and the fragment. */
export function findUnproven(
  text: string,
  parts: UserParts,
  wanted: Fragment | undefined,
): string | undefined {
  const after = parseToml(text);
  if (after.kind === "problem") return `the result would not be TOML: ${after.problem.message}`;
  const expected = collectUserValues(parts);
  if (expected === undefined) return "what stands inside the managed block cannot be told apart from it";
  const actual = collectValues(after.table);
  const ours = wanted === undefined ? new Map<string, PlacedValue>() : collectValues(wanted.values);
  for (const [id, { path, value }] of actual) {
    const user = expected.get(id);
    const own = ours.get(id);
    const wantedValue = own === undefined ? user?.value : mergeOwn(user?.value, own.value, value);
    if (wantedValue === undefined) return `${quoteName(renderPath(path))} would appear`;
    if (!valuesEqual(value, wantedValue)) return `the value of ${quoteName(renderPath(path))} would change`;
  }
  for (const [id, { path }] of [...expected, ...ours]) {
    if (!actual.has(id)) return `${quoteName(renderPath(path))} would be lost`;
  }
  return undefined;
}

interface PlacedValue {
  readonly path: TomlPath;
  readonly value: unknown;
}

/** An array of tables may hold elements of both: taking one of each of ours out must leave the user's, in order. */
function mergeOwn(user: unknown, own: unknown, actual: unknown): unknown {
  if (user === undefined) return own;
  if (!Array.isArray(user) || !Array.isArray(own) || !Array.isArray(actual)) return undefined;
  const rest = [...actual];
  for (const element of own) {
    const at = rest.findIndex((candidate) => valuesEqual(candidate, element));
    if (at < 0) return undefined;
    rest.splice(at, 1);
  }
  return valuesEqual(rest, user) ? actual : undefined;
}

function collectUserValues(parts: UserParts): ReadonlyMap<string, PlacedValue> | undefined {
  const values = new Map<string, PlacedValue>();
  const pieces = [
    ...parts.texts.map((text) => ({ text, table: [] })),
    ...parts.kept.map(({ raw, table }) => ({ text: raw, table })),
  ];
  for (const { text, table } of pieces) {
    const parsed = parseToml(text);
    if (parsed.kind === "problem") return undefined;
    for (const [id, placed] of collectValues(parsed.table, table)) {
      const present = values.get(id);
      if (present === undefined) values.set(id, placed);
      else if (Array.isArray(present.value) && Array.isArray(placed.value)) {
        values.set(id, { path: placed.path, value: [...present.value, ...placed.value] });
      } else return undefined;
    }
  }
  return values;
}

/** Every value that is not a table, by path id. Empty tables carry nothing that a program could miss. */
function collectValues(table: TomlValues, at: TomlPath = []): ReadonlyMap<string, PlacedValue> {
  const values = new Map<string, PlacedValue>();
  for (const key of Object.keys(table)) {
    const path = [...at, key];
    const value = valueAt(table, [key]);
    if (isTomlTable(value)) {
      for (const [id, placed] of collectValues(value, path)) values.set(id, placed);
    } else values.set(pathId(path), { path, value });
  }
  return values;
}
