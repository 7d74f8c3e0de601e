/**
 * What every format answers: given what the repo wants, what the file holds and what we last wrote, the state of one
 * entry and the text that a write would leave. Types only.
 *
 * @module
 */

import type { AppliedEntry, EntryAction, EntryNote, EntryState, Take } from "../model.ts";

/** One entry's three texts and the user's choice. */
export interface FormatInput {
  /** The content that the repo wants; undefined when the entry is to go. */
  readonly wanted: string | undefined;
  /** The file's text; undefined when there is no file. */
  readonly actual: string | undefined;
  readonly applied: AppliedEntry | undefined;
  readonly take: Take;
  /** Paths of a structured file that older versions of ours wrote; see `toml_found.ts`. */
  readonly retired: readonly (readonly string[])[];
  /** Joins an edit and news, when both leave the other's lines alone; undefined when they do not. */
  readonly merge: ((base: string, mine: string, theirs: string) => string | undefined) | undefined;
}

/** What is true and what to do; `after` is the file's new text, undefined to remove the file. */
export interface FormatOutcome {
  readonly state: EntryState;
  readonly action: EntryAction;
  readonly reason: string;
  readonly line?: number;
  readonly column?: number;
  readonly place?: "home" | "source";
  readonly after?: string;
  /** What the manifest holds afterwards, less what every format says of itself. */
  readonly applied?: Omit<AppliedEntry, "kind" | "format">;
  readonly notes?: readonly EntryNote[];
}

/** A format: pure. */
export interface Format {
  plan(input: FormatInput): FormatOutcome;
}
