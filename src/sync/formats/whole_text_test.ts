/** The decision for a text that is wholly ours, above all after its user chose to keep their own. @module */

import { deepEqual, equal } from "node:assert/strict";
import { decodeLossless } from "../../base/lossless_text.ts";
import { mergeTexts } from "../merge.ts";
import { decideText, type TextDecision } from "./whole_text.ts";

const MINE = "one\ntwo, mine\n\nthree\n";
const REPO = "one\ntwo\n\nthree\n";
const NEWS = "one\ntwo\n\nthree, news\n";

function decide(
  input: Partial<Parameters<typeof decideText>[0]> & { readonly wanted: string | undefined },
): TextDecision {
  return decideText({
    actual: MINE,
    applied: { content: REPO },
    take: undefined,
    merge: undefined,
    ...input,
  });
}

Deno.test("decideText() refuses an edit, and keeps or replaces it only by choice", () => {
  equal(decide({ wanted: REPO }).action, "refuse");
  deepEqual(decide({ wanted: REPO, take: "repo" }).text, REPO);
  const kept = decide({ wanted: REPO, take: "home" });
  deepEqual([kept.action, kept.text, kept.heldAgainst], ["adopt", MINE, REPO]);
});

Deno.test("decideText() lets a kept edit stand until the repo has news, and never overwrites it then", () => {
  const applied = { content: MINE, heldAgainst: REPO };
  equal(decide({ wanted: REPO, applied }).state, "overridden");
  deepEqual([decide({ wanted: NEWS, applied }).state, decide({ wanted: NEWS, applied }).action], [
    "conflict",
    "refuse",
  ]);
  equal(decide({ wanted: undefined, applied }).state, "orphan-edited");
  equal(decide({ wanted: MINE, applied }).state, "clean");
});

Deno.test("decideText() merges the second time from what the repo wanted the first time", () => {
  const merged = decide({ wanted: NEWS, merge: mergeTexts });
  equal(merged.text, "one\ntwo, mine\n\nthree, news\n");
  const applied = { content: merged.text ?? "", heldAgainst: merged.heldAgainst ?? "" };
  const later = `zero\n${NEWS}`;
  equal(
    decide({ wanted: later, actual: merged.text, applied, merge: mergeTexts }).text,
    `zero\n${merged.text}`,
  );
});

Deno.test("mergeTexts() joins no pictures: what stands between two line ends there is no line", () => {
  const picture = (first: number, last: number): string =>
    decodeLossless(Uint8Array.of(0x89, first, 10, 0xff, 0xfe, 10, last));
  equal(mergeTexts(picture(1, 1), picture(2, 1), picture(1, 2)), undefined);
  equal(mergeTexts("a\n\0\nb\n", "c\n\0\nb\n", "a\n\0\nd\n"), undefined);
});
