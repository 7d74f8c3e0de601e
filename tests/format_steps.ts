/**
 * One push or clean of a format, as a value; and what must hold between the text before it and the text after it.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Format, FormatInput, FormatOutcome } from "../src/sync/formats/format.ts";
import { FORMATS } from "../src/sync/formats/mod.ts";
import { isTomlTable, parseToml, valueAt, valuesEqual } from "../src/base/toml_values.ts";
import type { AppliedEntry, FormatId } from "../src/sync/model.ts";

/** A file and its record, after a step. */
export interface Step {
  readonly text: string | undefined;
  readonly applied: AppliedEntry | undefined;
  readonly outcome: FormatOutcome;
}

/** What the user chose. */
export type Choice = Partial<Pick<FormatInput, "take" | "merge">>;

/** One push of `wanted` (undefined: a clean). */
export function step(
  id: FormatId,
  wanted: string | undefined,
  before: Pick<Step, "text" | "applied">,
  choice: Choice = {},
): Step {
  const format: Format = FORMATS[id];
  const outcome = format.plan({
    wanted,
    actual: before.text,
    applied: before.applied,
    take: choice.take,
    merge: choice.merge,
    retired: [],
  });
  const text = outcome.action === "write"
    ? outcome.after
    : outcome.action === "remove"
    ? undefined
    : before.text;
  const applied = outcome.applied === undefined
    ? undefined
    : { ...outcome.applied, kind: "config" as const, format: id };
  return { text, applied, outcome };
}

/** True when the file was left alone. */
export const isRefused = ({ outcome }: Step): boolean => outcome.action === "refuse";
/** The outcome as a line. */
export const show = ({ outcome }: Step): string => `${outcome.state}, ${outcome.action}: ${outcome.reason}`;

/** What stands in a text of TOML, by path; elements of an array of tables share one, in their order. */
export function leaves(text: string): ReadonlyMap<string, readonly unknown[]> | undefined {
  const parsed = parseToml(text.replace(/^\ufeff/, ""));
  if (parsed.kind === "problem") return undefined;
  const found = new Map<string, unknown[]>();
  const visit = (value: unknown, path: readonly string[]): void => {
    if (isTomlTable(value)) {
      for (const key of Object.keys(value)) visit(valueAt(value, [key]), [...path, key]);
    } else if (Array.isArray(value) && value.length > 0 && value.every(isTomlTable)) {
      for (const element of value) visit(element, [...path, "*"]);
    } else {
      const id = JSON.stringify(path);
      found.set(id, [...found.get(id) ?? [], value]);
    }
  };
  visit(parsed.table, []);
  return found;
}

/** The values that `from` has at a path and `at` has not. */
export function missing(from: readonly unknown[], at: readonly unknown[] = []): readonly unknown[] {
  return from.filter((value) => !at.some((other) => valuesEqual(other, value)));
}

/**
 * After a push over a changed file: every value is there that was not exactly ours. A header that was added above a line of
 * ours, or lost, makes it a key of another table; it is ours still.
 */
export function assertNothingLost(
  id: FormatId,
  before: string,
  after: string,
  contents: readonly string[],
): void {
  if (id !== "toml-keys") {
    assert.equal(after, before, "an edited text was replaced unasked");
    return;
  }
  const [had, has] = [leaves(before), leaves(after)];
  assert.ok(has !== undefined, "the result is no TOML");
  const nameOf = (path: string): string => path.slice(path.lastIndexOf(",") + 1).replace(/^\[/, "");
  const ours = contents.flatMap((content) => [...leaves(content) ?? []])
    .map(([path, values]) => ({ name: nameOf(path), values }));
  for (const [path, values] of had ?? []) {
    const lost: readonly unknown[] = missing(values, has.get(path)).filter((value) =>
      !ours.some(({ name, values }) => name === nameOf(path) && missing([value], values).length === 0)
    );
    assert.deepEqual(lost, [], `${path} was lost or changed`);
  }
}
