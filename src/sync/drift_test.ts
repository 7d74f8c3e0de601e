/** The one table of drift: every combination of wanted, actual and applied has one name. @module */

import { equal } from "node:assert/strict";
import { classify } from "./drift.ts";

const TABLE: readonly [wanted: string, actual: string, applied: string, state: string][] = [
  // "-" stands for: not there
  ["a", "a", "a", "clean"],
  ["a", "-", "a", "missing"],
  ["a", "-", "-", "missing"],
  ["b", "a", "a", "stale"],
  ["a", "b", "a", "edited"],
  ["b", "c", "a", "conflict"],
  ["a", "b", "-", "foreign"],
  ["a", "a", "-", "adoptable"],
  ["b", "b", "a", "clean"],
  ["-", "a", "a", "orphan"],
  ["-", "b", "a", "orphan-edited"],
  ["-", "-", "a", "clean"],
  ["-", "a", "-", "clean"],
];

for (const [wanted, actual, applied, state] of TABLE) {
  Deno.test(`classify() calls wanted ${wanted}, actual ${actual}, applied ${applied} "${state}"`, () => {
    const text = (value: string): string | undefined => value === "-" ? undefined : value;
    equal(classify({ wanted: text(wanted), actual: text(actual), applied: text(applied) }), state);
  });
}
