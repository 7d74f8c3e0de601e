/**
 * What stands against writing our keys into a user's TOML file: a key in a place where it changes its meaning, values of
 * ours that somebody edited, statements of the user's that define the same. Pure.
 *
 * @module
 */

import type { TomlDocument } from "./toml_document.ts";
import type { Fragment } from "./toml_fragment.ts";
import type { Found } from "./toml_found.ts";
import { isInOurValue, isOurTable, type Ownership } from "./toml_ownership.ts";
import {
  isHeader,
  isPlaced,
  isWithin,
  pathId,
  type PlacedStatement,
  quoteName,
  renderPath,
  scanToml,
  type TomlPath,
} from "../../base/toml_scan.ts";
import { type TextProblem, valueAt, valuesEqual } from "../../base/toml_values.ts";

/** A key between END and the next header belongs to our last table in TOML's eyes, and to the user in the user's. */
export function findStrayKeys(document: TomlDocument): readonly TextProblem[] {
  const { block, body, outside } = document;
  if (block === undefined) return [];
  const inside = scanToml(body.slice(block.insideStart, block.insideEnd));
  // A block that is not TOML any more may have held a table: nobody can tell whose the key is.
  const table = inside?.findLast(isHeader);
  if (inside !== undefined && table === undefined) return [];
  const behind = outside.filter((s) => s.start >= block.end && isPlaced(s));
  const end = behind.findIndex((statement) => statement.kind !== "key");
  return behind.slice(0, end < 0 ? behind.length : end).flatMap((statement) => {
    if (statement.kind !== "key") return [];
    const whose = table === undefined
      ? "the table that the block ends with"
      : `its last table, as ${quoteName(renderPath([...table.path, ...statement.path]))}`;
    return [{
      line: statement.line,
      message:
        `the key ${quoteName(statement.name)} stands behind the managed block and so belongs to ${whose}; ` +
        "move it above the block or under a header of its own",
    }];
  });
}

/** One value of ours that differs from what the last push wrote and from what the repo wants now. */
export interface Edit extends TextProblem {
  readonly kind: "edited" | "conflict";
  /** Of the key. */
  readonly id: string;
  /** The statement as it stands now; undefined when the value sits in a statement with others. */
  readonly raw: string | undefined;
}

/**
 * Finds the edits.
 *
 * @param heldIds keys whose value was kept by choice against the repo's: still the user's when the repo changes its mind
 */
export function findEdits(
  found: Found,
  wanted: Fragment | undefined,
  last: Fragment | undefined,
  heldIds: ReadonlySet<string>,
): readonly Edit[] {
  if (last === undefined) return [];
  const edits = [...last.keys].flatMap(([id, { path, value }]): Edit[] => {
    const actual = valueAt(found.insideValues, path);
    const news = wanted?.keys.get(id);
    if (actual === undefined || (news !== undefined && valuesEqual(actual, news.value))) return [];
    const isHeld = heldIds.has(id);
    if (valuesEqual(actual, value) && !isHeld) return [];
    const isConflict = news !== undefined && (isHeld || !valuesEqual(news.value, value));
    const what = isHeld ? "is your own value, kept by choice" : "was changed here since the last push";
    const why = isConflict
      ? ", and the repo has a new value for it"
      : isHeld
      ? ", and no longer in the repo"
      : "";
    return [editOf(found, path, isConflict ? "conflict" : "edited", `${what}${why}`)];
  });
  // A key that we never wrote and that stands in our block or table is somebody else's, also when the repo wants it now.
  const taken = [...wanted?.keys ?? []].flatMap(([id, { path, value }]): Edit[] => {
    const actual = last.keys.has(id) ? undefined : valueAt(found.insideValues, path);
    if (actual === undefined || valuesEqual(actual, value)) return [];
    return [
      editOf(
        found,
        path,
        "conflict",
        "was written here by somebody else, and the repo now has a value for it",
      ),
    ];
  });
  return [...edits, ...taken];
}

function editOf(found: Found, path: TomlPath, kind: Edit["kind"], message: string): Edit {
  const id = pathId(path);
  const statement = statementOf(found, path);
  return {
    id,
    kind,
    line: statement === undefined ? 1 : found.lines.get(statement.start) ?? 1,
    raw: statement !== undefined && pathId(statement.path) === id
      ? found.inside.slice(statement.start, statement.end)
      : undefined,
    message: `${quoteName(renderPath(path))} ${message}`,
  };
}

function statementOf(found: Found, path: TomlPath): PlacedStatement | undefined {
  for (const { statements } of found.insideSections) {
    for (const statement of statements) {
      if (statement.kind !== "key") continue;
      if (isWithin(path, statement.path) || isWithin(statement.path, path)) return statement;
    }
  }
  return undefined;
}

/** A statement of the user's that defines, or makes impossible, something of ours. */
export interface Collision extends TextProblem {
  /** The keys of ours that cannot be written beside it, by path id. */
  readonly ids: readonly string[];
}

/** Finds the collisions. */
export function findCollisions(found: Found, owners: Ownership): readonly Collision[] {
  const { wanted } = owners;
  if (wanted === undefined) return [];
  const keys = [...wanted.keys.values()].map(({ path }) => path);
  const tables = [...wanted.tables.values()];
  const statements = [
    ...found.outside.filter(isPlaced).map((statement) => ({ statement, line: statement.line })),
    ...elementsInside(found, owners).map((statement) => ({
      statement,
      line: found.lines.get(statement.start) ?? 1,
    })),
  ];
  // A table of the user's that clashes is named once, not once more for each of its keys.
  const clashingTables = new Set<string>();
  return statements.flatMap(({ statement, line }) => {
    const clash = findClash(statement, keys, tables);
    if (clash === undefined) return [];
    if (statement.kind !== "key") clashingTables.add(pathId(statement.path));
    else if (statement.table.length > 0 && clashingTables.has(pathId(statement.table))) return [];
    const at = statement.kind === "element" ? statement.path.slice(0, -1) : statement.path;
    const isTable = wanted.tables.has(pathId(clash));
    const ids = keys.filter((key) =>
      isWithin(key, at) || isWithin(at, key) || (isTable && isWithin(key, clash))
    ).map(pathId);
    const [theirs, ours] = [quoteName(statement.name), quoteName(renderPath(clash))];
    return [{ ids, line, message: `${theirs} already defines what the fragment defines as ${ours}` }];
  });
}

/** Elements of others' in the block: moved out of it, they would stand beside ours all the same. */
function elementsInside(found: Found, owners: Ownership): readonly PlacedStatement[] {
  return found.insideSections.flatMap(({ header }) =>
    header?.kind === "element" && !isOurTable(owners, header.path) && !isInOurValue(owners, header.path)
      ? [header]
      : []
  );
}

function findClash(
  statement: PlacedStatement,
  keys: readonly TomlPath[],
  tables: readonly TomlPath[],
): TomlPath | undefined {
  const { path } = statement;
  switch (statement.kind) {
    case "key":
      return keys.find((key) => isWithin(key, path) || isWithin(path, key)) ??
        tables.find((table) =>
          isWithin(table, path) || (isWithin(path, table) && statement.table.length < table.length)
        );
    case "table":
      return tables.find((table) => pathId(table) === pathId(path)) ??
        keys.find((key) => isWithin(path, key) || isImpliedBy(key, path, tables));
    case "element":
      // An element has no name: programs know it by its index, which one of ours before it would shift.
      return [...tables, ...keys].find((ours) => isWithin(ours, path.slice(0, -1))) ??
        keys.find((key) => isWithin(path.slice(0, -1), key));
  }
}

/** A dotted key of ours defines the tables on its way, which a header of the user's would then define again. */
function isImpliedBy(key: TomlPath, header: TomlPath, tables: readonly TomlPath[]): boolean {
  const owner = tables.filter((table) => isWithin(key, table)).sort((a, b) => b.length - a.length)[0] ?? [];
  return header.length > owner.length && header.length < key.length && isWithin(key, header);
}
