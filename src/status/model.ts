/**
 * The vocabulary of `agentos status` and `agentos doctor`: one check for each thing that can be right or wrong.
 *
 * @module
 */

import { AppError, renderPlace } from "../base/errors.ts";

/**
 * `good`: as it should be. `note`: worth knowing, and nothing is wrong. `bad`: not as it should be. `broken`: it cannot
 * be told, because something that would have to be read cannot be.
 */
export type CheckState = "good" | "note" | "bad" | "broken";

/** A value in the JSON answer. */
export type CheckData = string | number | boolean | null | readonly string[];

/** One thing that was looked at. */
export interface Check {
  /** For programs: stable, with dots. */
  readonly id: string;
  /** For people: the first column. */
  readonly name: string;
  readonly state: CheckState;
  readonly text: string;
  /** What to do next, where there is something to do. */
  readonly next?: string;
  /** Further lines; only the doctor shows them. */
  readonly details?: readonly string[];
  /** For programs, beside the words. Never a secret. */
  readonly data?: Readonly<Record<string, CheckData>>;
}

/** What a failure says about the thing that was looked at. */
export function brokenBy(error: AppError): Pick<Check, "state" | "text" | "next"> {
  const place = error.where === undefined ? "" : `${renderPlace(error.where)}: `;
  return { state: "broken", text: `${place}${error.message}`, next: error.hint };
}
