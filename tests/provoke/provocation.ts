/**
 * What it takes to provoke an error: something that fails with it, in a world of its own.
 *
 * @module
 */

import assert from "node:assert/strict";
import { AppError, type ErrorCode, renderPlace } from "../../src/base/errors.ts";

/** An error as its reader meets it: code, sentence with its place, next step. Folders and ids are made up names. */
export interface Said {
  readonly code: string;
  readonly sentence: string;
  readonly hint: string;
}

/** Provokes each error; the answer is what was said. */
export type Provocations = Readonly<Partial<Record<ErrorCode, () => Promise<Said>>>>;

/** What an `AppError` says, with these texts replaced. */
export function sayError(error: AppError, names: Readonly<Record<string, string>> = {}): Said {
  const place = error.where === undefined ? "" : `${renderPlace(error.where)}: `;
  return {
    code: error.code,
    sentence: rename(`${place}${error.message}`, names),
    hint: rename(error.hint, names),
  };
}

/** The `AppError` that work fails with. */
export async function failing(work: () => unknown): Promise<AppError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  assert.fail("nothing failed");
}

/** Puts names in place of what differs from run to run; the longest text first. */
export function rename(text: string, names: Readonly<Record<string, string>>): string {
  return Object.entries(names).toSorted(([left], [right]) => right.length - left.length)
    .reduce((renamed, [from, to]) => renamed.replaceAll(from, to), text)
    .replace(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "UUID")
    .replace(/\bas [0-9a-f]{8}\b/g, "as ID").replace(/\bfor [0-9a-f]{8}\b/g, "for ID")
    .replace(/\b\d{8}T\d{6,9}Z-[0-9a-f]{4}\b/g, "RUN")
    .replace(/codex-[0-9a-f]{8}\.json/g, "codex-HOME.json")
    .replace(/\.agentos-[0-9a-f]{8}\.tmp/g, ".agentos-ID.tmp")
    .replace(/config\.toml\.[0-9a-f]{8}\.toml/g, "config.toml.ID.toml")
    .replace(/\b\d+ s old/g, "N s old")
    // Git's own words are git's to change.
    .replace(/Git said: [^]*$/, "Git said: …");
}
