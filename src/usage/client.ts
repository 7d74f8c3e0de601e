/**
 * What a client must tell of its logs. Types only; the answers stand in `clients/<id>/usage.ts` and are pure.
 *
 * @module
 */

import type { Field, LineView } from "./line_view.ts";
import type {
  Family,
  FindParent,
  Kinship,
  Log,
  LogEvent,
  ParentView,
  Resolved,
  Response,
  ResponseSetting,
  Tokens,
} from "./model.ts";
import type { Price } from "./price.ts";

/** The environment as a lookup; an empty value counts as not set. */
export type EnvView = (name: string) => string | undefined;

/** A kind of line that may say something about usage; all others are skipped, most of them unseen. */
export interface LineKind {
  /** Paths and the texts that a line of this kind has there; null: nothing is there. */
  readonly where: Readonly<Record<string, string | null>>;
  /** What such a line says. */
  read(line: LineView, number: number): LogEvent | undefined;
  /** Of a line with a running total, where it stands. Most only say again what the one before said, seen in the numbers. */
  readonly total?: TotalPlaces;
  /** Of a line that tells of one response, where that stands. */
  readonly record?: RecordPlaces;
  /** Of a line with which a turn begins, the turn and, where it says so, the model that answers in it. */
  readonly turn?: { readonly turn: Field; readonly model?: Field };
}

/** Where counts stand. */
export interface CountsPlaces {
  readonly object: Field;
  /** Of all that went in, what of it was read from and written to the cache, all that came out, the reasoning in it. */
  readonly counts: readonly [Field, Field, Field, Field, Field];
}

/** Where the parts of a running total stand. */
export interface TotalPlaces extends CountsPlaces {
  readonly time: Field;
  /** What the line says of the latest response alone. */
  readonly last: CountsPlaces;
}

/** Where the parts of a response stand. */
export interface RecordPlaces extends CountsPlaces {
  readonly time: Field;
  readonly session: Field;
  readonly turn: Field;
  /** The response's id. */
  readonly id: Field;
}

/**
 * What a tally makes of a line: those that follow are counted; they are the parent's, and every one of them that matters
 * comes here; or the log cannot be counted like this, and nothing more is asked.
 */
export type TallyAnswer = "counting" | "before" | "refused";

/**
 * Counts a log while it is read: totals and records are counted by the scanner, and only the other lines come here. What
 * is plain enough to be counted so, `scanner.as` says.
 */
export interface Tally {
  /** Takes a line that matters and is neither total nor record; of turns, only those of another model than before. */
  take(kind: LineKind, line: LineView, number: number): TallyAnswer;
  /** Whose log it is, once a line has said it. */
  kinship(): Kinship | undefined;
  /** What holds for the responses that come next, besides their times and counts; the same object while it is the same. */
  setting(): ResponseSetting;
  /** What a child's first own total is to be compared with; undefined when it cannot be counted like this. */
  findBase(kind: LineKind, line: LineView, number: number): Tokens | undefined;
  /** What the lines say that came here before the scanner counted, for a child of this log. */
  before(): ParentView;
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
  /**
   * A quicker way to count a log that shares its session with no other, and whose responses' ids are not asked for. It
   * counts what {@link count} counts, or refuses. Missing where there is none.
   */
  openTally?(path: string, findParent: FindParent): Tally;
  /** Which session a log's name says that it is of, if it does: so it can be known before it is read. */
  nameSession?(path: string): string | undefined;
  /** Which responses one log tells of. */
  count(log: Log, family: Family): readonly Response[];
  /** Each response once, from what each log tells of, in the order of the logs' paths. */
  merge(counted: readonly (readonly Response[])[]): readonly Response[];
  /** All of that at once, from everything that was read, and what became of each line when it is asked for. */
  resolve(logs: readonly Log[], explain: boolean): Resolved;
  /** A model's price with what is known of it besides what lists of prices tell. Missing where nothing is. */
  completePrice?(model: string, price: Price): Price;
}
