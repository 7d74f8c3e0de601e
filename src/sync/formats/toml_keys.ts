/**
 * Owned key paths inside a TOML file that belongs to somebody else: the plan for one file.
 *
 * What we own are key paths, not text. The user and the program that reads the file edit it too: tables that stand
 * inside our block but are not ours are moved out unchanged; keys that are not ours but stand in our tables stay
 * there; our own keys found outside after the markers were lost are taken back; a value of ours that somebody changed
 * is refused, not overwritten, unless its user chose. Everything else keeps its bytes, its line ends and its order.
 * Before a new text is answered it is parsed again and must hold exactly the user's old values plus ours. Pure.
 *
 * @module
 */

import type { Glue, Take } from "../model.ts";
import { NO_GLUE } from "./managed_block.ts";
import { type Collision, type Edit, findCollisions, findEdits, findStrayKeys } from "./toml_clashes.ts";
import { composeToml } from "./toml_compose.ts";
import { openDocument, type TomlDocument } from "./toml_document.ts";
import { adaptFragment, type Fragment, readFragment } from "./toml_fragment.ts";
import { type Found, gatherOurs } from "./toml_found.ts";
import type { Ownership } from "./toml_ownership.ts";
import { renderPath, type TomlPath } from "../../base/toml_scan.ts";
import { type TextProblem, valueAt, valuesEqual } from "../../base/toml_values.ts";

/** What the last push put into the file: enough to tell an edit from news, and to give the user's bytes back. */
export interface AppliedKeys {
  readonly fragment: string;
  readonly glue: Glue;
  /** True when the file did not exist before the first push. */
  readonly created: boolean;
  /** What the repo wanted, when values of the user's were kept by choice: `fragment` then holds those. */
  readonly heldAgainst?: string;
}

/** One file's target, actual and applied. */
export interface TomlKeysInput {
  /** The fragment that the repo wants; undefined to remove what is ours. */
  readonly target: string | undefined;
  /** The file's text, a byte order mark included; undefined when it does not exist. */
  readonly actual: string | undefined;
  readonly applied: AppliedKeys | undefined;
  /** Whose values stay where both have one. */
  readonly take: Take;
  /** See {@link Ownership.retired}. */
  readonly retired: readonly TomlPath[];
}

/** Why a file is refused, in the file itself or in the fragment. */
export interface TomlKeysProblem extends TextProblem {
  readonly kind: "invalid" | "markers" | "collision" | "stray" | "edited" | "conflict" | "unproven";
  readonly place: "file" | "fragment";
}

/** Values of the user's that stand where ours would: kept now, or kept by an earlier choice. */
export interface KeptValues {
  /** What was kept in this plan, as `take` says. */
  readonly now: readonly (Edit | Collision)[];
  /** Every path that holds the user's value against the repo's. */
  readonly paths: readonly string[];
}

/** What to do with the file. A `write` of an empty text to a file that we made means: remove the file. */
export type TomlKeysPlan =
  | { readonly kind: "same"; readonly applied: AppliedKeys | undefined; readonly kept: KeptValues }
  | {
    readonly kind: "write";
    readonly text: string;
    readonly applied: AppliedKeys | undefined;
    readonly kept: KeptValues;
    /** Our keys that the last push wrote and the file no longer has. */
    readonly removed: readonly string[];
    /** True when the repo has a key or a value that the file does not have. */
    readonly isNews: boolean;
    /** What is done besides writing our values, each a sentence with its line in the old file. */
    readonly notes: readonly TextProblem[];
  }
  | { readonly kind: "refuse"; readonly problems: readonly TomlKeysProblem[] };

/** Plans one file. Never answers a text that loses or changes a value of the user's. */
export function planTomlKeys(input: TomlKeysInput): TomlKeysPlan {
  const target = input.target === undefined ? undefined : readFragment(input.target);
  if (target?.kind === "problem") return refuse("invalid", "fragment", [target.problem]);
  const wanted = target?.fragment;
  const last = readRecorded(input.applied?.fragment);
  const held = readRecorded(input.applied?.heldAgainst);
  const opened = openDocument(input.actual ?? "", last !== undefined);
  if (opened.kind === "problems") {
    const kind = opened.problems[0]?.message.startsWith("the markers") ? "markers" : "invalid";
    return refuse(kind, "file", opened.problems);
  }
  const { document } = opened;
  const strays = findStrayKeys(document);
  if (strays.length > 0) return refuse("stray", "file", strays);
  const owners = { wanted, last, retired: input.retired };
  const gathered = gatherOurs(document, owners);
  if (gathered.kind === "problem") return refuse("invalid", "file", [gathered.problem]);
  const { found } = gathered;
  const settled = settle(input.take, found, owners, held);
  if (settled.kind === "refuse") return settled;
  return finish(input, document, found, { ...owners, wanted: settled.fragment, last: settled.last }, settled);
}

function refuse(
  kind: TomlKeysProblem["kind"],
  place: TomlKeysProblem["place"],
  problems: readonly TextProblem[],
): Extract<TomlKeysPlan, { kind: "refuse" }> {
  const plain = problems.map(({ line, column, message }) => ({
    line,
    ...(column === undefined ? {} : { column }),
    message,
  }));
  return { kind: "refuse", problems: plain.map((problem) => ({ ...problem, kind, place })) };
}

function readRecorded(text: string | undefined): Fragment | undefined {
  const read = text === undefined ? undefined : readFragment(text);
  return read?.kind === "fragment" ? read.fragment : undefined;
}

/** What is to be written, after the user's choices. */
interface Settled {
  readonly kind: "settled";
  readonly fragment: Fragment | undefined;
  /** What the last push wrote, without what is the user's from now on. */
  readonly last: Fragment | undefined;
  readonly kept: KeptValues;
}

/** Decides every value that both have: by the choice now, by an earlier one, or not at all. */
function settle(
  take: Take,
  found: Found,
  owners: Ownership,
  held: Fragment | undefined,
): Settled | Extract<TomlKeysPlan, { kind: "refuse" }> {
  const { wanted, last } = owners;
  // Who goes back to the repo's value by hand keeps nothing against it any more.
  const isBack = (id: string): boolean => {
    const own = wanted?.keys.get(id);
    return own !== undefined && valuesEqual(valueAt(found.insideValues, own.path), own.value);
  };
  const before = take === "repo" ? [] : [...heldValues(wanted, last, held)];
  const replaced = new Map(before.filter(([id]) => !isBack(id)));
  const heldIds = new Set(held === undefined ? [] : heldValues(held, last, held).keys());
  const agreed = wanted === undefined ? undefined : adaptFragment(wanted, { replaced, leftOut: new Set() });
  const edits = take === "repo" ? [] : findEdits(found, agreed, last, heldIds);
  if (edits.length > 0 && take !== "home") {
    return {
      kind: "refuse",
      problems: edits.map(({ kind, line, message }) => ({ kind, line, message, place: "file" })),
    };
  }
  const collisions = findCollisions(found, owners);
  const leftOut = new Set(collisions.flatMap(({ ids }) => ids));
  // What the repo no longer has, or cannot have here, is the user's own from then on, in any form.
  const isGiven = ({ id }: Edit): boolean => wanted?.keys.has(id) !== true || leftOut.has(id);
  const unfit = edits.filter((edit) => !isGiven(edit)).flatMap(findUnfit);
  if (unfit.length > 0) return refuse("unproven", "file", unfit);
  for (const { id, raw } of edits) if (raw !== undefined) replaced.set(id, raw);
  const given = new Set(edits.filter(isGiven).map(({ id }) => id));
  const rest = last === undefined ? undefined : adaptFragment(last, { replaced: new Map(), leftOut: given });
  if (given.size > 0 && rest === undefined) return refuse("unproven", "file", edits);
  if (wanted === undefined) {
    return { kind: "settled", fragment: undefined, last: rest, kept: { now: edits, paths: [] } };
  }

  const isLeftOut = (id: string): boolean => {
    const before = held?.keys.get(id);
    return before !== undefined && last?.keys.has(id) === false &&
      valuesEqual(before.value, wanted.keys.get(id)?.value);
  };
  const isSettled = ({ ids }: Collision): boolean =>
    ids.length > 0 && take !== "repo" && (take === "home" || ids.every(isLeftOut));
  const open = collisions.filter((collision) => !isSettled(collision));
  if (open.length > 0) return refuse("collision", "file", open);
  const fragment = adaptFragment(wanted, { replaced, leftOut });
  if (fragment === undefined) {
    return refuse("unproven", "file", collisions.length > 0 ? collisions : edits);
  }
  const ids = [...new Set([...replaced.keys(), ...leftOut])].filter((id) => wanted.keys.has(id));
  const news = collisions.filter((collision) => !collision.ids.every(isLeftOut));
  const paths = ids.map((id) => renderPath(wanted.keys.get(id)?.path ?? []));
  return { kind: "settled", fragment, last: rest, kept: { now: [...edits, ...news], paths } };
}

/** Why the user's value cannot be kept, though they chose it. */
function findUnfit({ line, message, raw }: Edit): readonly TextProblem[] {
  if (raw === undefined) {
    const remedy = "write it as one key with its value, as the repo does";
    return [{ line, message: `${message}, and cannot be kept in this form; ${remedy}` }];
  }
  const read = readFragment(raw);
  if (read.kind === "fragment") return [];
  const { problem } = read;
  return [{
    ...problem,
    line: line + problem.line - 1,
    message: `${message}, and cannot be kept: ${problem.message}`,
  }];
}

/** Statements with the user's own values, kept by choice: they hold until the repo's value changes. */
function heldValues(
  wanted: Fragment | undefined,
  last: Fragment | undefined,
  held: Fragment | undefined,
): Map<string, string> {
  const values = new Map<string, string>();
  if (held === undefined) return values;
  for (const [id, { value, raw }] of last?.keys ?? []) {
    const before = held.keys.get(id);
    const now = wanted?.keys.get(id);
    if (before === undefined || now === undefined || valuesEqual(value, before.value)) continue;
    if (valuesEqual(now.value, before.value)) values.set(id, raw);
  }
  return values;
}

function finish(
  input: TomlKeysInput,
  document: TomlDocument,
  found: Found,
  owners: Ownership,
  { kept }: Settled,
): TomlKeysPlan {
  const { wanted, last } = owners;
  const composed = composeToml(document, found, owners, input.applied?.glue ?? NO_GLUE);
  if (composed.kind === "problem") return refuse("unproven", "file", [composed.problem]);
  const applied = wanted === undefined ? undefined : {
    fragment: wanted.text,
    glue: composed.glue,
    created: input.applied?.created ?? input.actual === undefined,
    ...(kept.paths.length === 0 || input.target === undefined ? {} : { heldAgainst: input.target }),
  };
  const { text } = composed;
  if (input.actual !== undefined && isSameText(text, input.actual)) return { kind: "same", applied, kept };
  const absent = [...wanted?.keys ?? []].filter(([, { path }]) =>
    valueAt(found.insideValues, path) === undefined
  );
  const isRecorded = ([id]: readonly [string, unknown]): boolean => last?.keys.has(id) === true;
  const taken = found.takenLine === undefined
    ? []
    : [{ line: found.takenLine, message: "our keys had lost their markers and were taken back" }];
  return {
    kind: "write",
    text,
    applied,
    kept,
    removed: absent.filter(isRecorded).map(([, { path }]) => renderPath(path)),
    isNews: !absent.every(isRecorded) || [...wanted?.keys.values() ?? []].some(({ path, value }) => {
      const actual = valueAt(found.insideValues, path);
      return actual !== undefined && !valuesEqual(actual, value);
    }),
    notes: [...taken, ...composed.notes],
  };
}

/** Line ends of the block and the file's last one are no reason to write: another program may like them so. */
function isSameText(left: string, right: string): boolean {
  const plain = (text: string): string => text.replaceAll("\r\n", "\n").replace(/\n$/, "");
  return left === right || (right !== "" && plain(left) === plain(right));
}
