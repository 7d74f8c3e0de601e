/** Old names of commands and flags. @module */

import { deepEqual } from "node:assert/strict";
import { replaceOldNames } from "./old_names.ts";

const CASES: readonly [words: string, expected: string][] = [
  ["push-runtime --dry-run", "sync push --dry-run"],
  ["check-sync", "sync check"],
  ["pull-runtime", "sync pull"],
  ["clean-runtime --yes", "sync clean --yes"],
  ["sync push --codex-version 0.130.0 --diff", "sync push --client-version codex=0.130.0 --diff"],
  ["sync push --codex-version=0.130.0", "sync push --client-version codex=0.130.0"],
  ["sync push --client-version codex=1.0.0", "sync push --client-version codex=1.0.0"],
  ["sync push --codex-version", "sync push --client-version"],
  ["serve --port 1", "serve --port 1"],
  ["help serve", "serve --help"],
  ["help sync push", "sync push --help"],
  ["help sync", "help sync"],
  ["help roots", "help roots"],
  ["help nonsense", "help nonsense"],
];

for (const [words, expected] of CASES) {
  Deno.test(`replaceOldNames() reads "${words}" as "${expected}"`, () => {
    deepEqual(
      replaceOldNames(words.split(" "), (word) => ["serve", "sync"].includes(word)),
      expected.split(" "),
    );
  });
}
