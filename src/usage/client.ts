/**
 * What a client must tell of its logs. Types only; the answers stand in `clients/<id>/usage.ts` and are pure.
 *
 * @module
 */

import type { Field, LineView } from "./line_view.ts";
import type { Family, Kinship, Log, LogEvent, Resolved, Response } from "./model.ts";

/** The environment as a lookup; an empty value counts as not set. */
export type EnvView = (name: string) => string | undefined;

/** A kind of line that may say something about usage; all others are skipped, most of them unseen. */
export interface LineKind {
  /** Paths and the texts that a line of this kind has there; null: nothing is there. */
  readonly where: Readonly<Record<string, string | null>>;
  /** What such a line says. */
  read(line: LineView, number: number): LogEvent | undefined;
  /**
   * Where a line's total stands, if it has one: the object, and the counts in it. Most totals only say again what the one
   * before said; that is seen in the numbers alone.
   */
  readonly total?: { readonly object: Field; readonly counts: readonly Field[] };
}

/** A client's usage facet. */
export interface UsageClient {
  /** As `CLIENTS` has it. */
  readonly id: string;
  /** Goes up when the same lines would give other events: what was read by an older one is read again. */
  readonly version: number;
  /** The folders that hold logs, at any depth; they need not exist. */
  folders(env: EnvView, userHome: string): readonly string[];
  /** True for the name of a log file, `.zst` included. */
  isLog(name: string): boolean;
  /** The kinds of line that matter; a line is of the first that fits. */
  readonly kinds: readonly LineKind[];
  /** The paths that the kinds ask for, each by its number here. */
  readonly fields: readonly string[];
  /** How a log hangs together with others. */
  relate(log: Log): Kinship;
  /** Which responses one log tells of. */
  count(log: Log, family: Family): readonly Response[];
  /** Each response once, from what each log tells of, in the order of the logs' paths. */
  merge(counted: readonly (readonly Response[])[]): readonly Response[];
  /** All of that at once, from everything that was read, and what became of each line when it is asked for. */
  resolve(logs: readonly Log[], explain: boolean): Resolved;
}
