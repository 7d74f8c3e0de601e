/**
 * The vocabulary of usage: what a log line says, what a response cost in tokens, what a reader is warned of.
 * Types and names only; it must not know any agent, any file or any price.
 *
 * A line of a log becomes at most one {@link LogEvent}, without any decision; a client's `resolve` looks at all events
 * of all its logs together and says which of them are responses. So any part of a log can be read alone, in any order
 * and in any chunks, and what was read can be kept.
 *
 * @module
 */

import type { Tokens } from "../base/token_counts.ts";

export type { Tokens };

/** How fast, and so how dearly, a response was made. */
export type Speed = "standard" | "fast" | "flex";

/** Where and when a line stands. */
interface Stamp {
  /** From 1, in the file. */
  readonly line: number;
  /** Milliseconds since 1970; undefined when the line does not say. */
  readonly at?: number;
  /** The line's own number in its thread, where logs have it. */
  readonly ordinal?: number;
}

/** A line that says whose log this is, or whose lines were copied into it. */
export interface SessionEvent extends Stamp {
  readonly kind: "session";
  readonly id: string;
  /** The session it was forked from or started by. */
  readonly parent?: string;
  /** Milliseconds since 1970. */
  readonly bornAt?: number;
  readonly provider?: string;
  /** The folder it works in. */
  readonly project?: string;
  /** Lines of a smaller ordinal are the parent's. */
  readonly firstOwnOrdinal?: number;
  /** True when its running total goes on from the parent's. */
  readonly continuesTotal?: true;
}

/** A line that says which model answers from here on. */
export interface ModelEvent extends Stamp {
  readonly kind: "model";
  readonly session?: string;
  readonly turn?: string;
  readonly model?: string;
  readonly provider?: string;
  readonly speed?: Speed;
  /** True when it states settings, which say less about the model than a turn does. */
  readonly settings?: true;
}

/** A line that says that a turn begins. */
export interface TurnEvent extends Stamp {
  readonly kind: "turn";
  readonly turn?: string;
  readonly startedAt?: number;
}

/** A line that gives a session's running total. */
export interface TotalEvent extends Stamp {
  readonly kind: "total";
  readonly total?: Tokens;
  /** What the line says of the latest response alone. */
  readonly last?: Tokens;
  /** How many lines right after it repeat the same total. */
  readonly repeats?: number;
}

/** A line that gives one response's own tokens. */
export interface ResponseEvent extends Stamp {
  readonly kind: "response";
  /** The response's own id, unique within its session or everywhere, as the client's `resolve` knows. */
  readonly id?: string;
  readonly request?: string;
  readonly session?: string;
  readonly turn?: string;
  readonly model?: string;
  readonly provider?: string;
  readonly project?: string;
  readonly speed?: Speed;
  readonly tokens: Tokens;
  /** What the log itself says that it cost, in US dollars. */
  readonly costUsd?: number;
}

/** What one line of a log says. */
export type LogEvent = SessionEvent | ModelEvent | TurnEvent | TotalEvent | ResponseEvent;

/** Something a user should know about a log; the rest of it counts all the same. */
export interface Warning {
  readonly file: string;
  readonly line?: number;
  readonly code: "broken-line" | "long-line" | "unreadable" | "no-usage" | "clock";
  readonly message: string;
}

/** Everything that was read of one file. */
export interface Log {
  /** Absolute path. */
  readonly path: string;
  readonly events: readonly LogEvent[];
}

/** What responses of one log mostly share. */
export interface ResponseSetting {
  /** Who logged it, as `CLIENTS` has it. */
  readonly client: string;
  readonly session: string;
  readonly provider: string;
  /** As logged, `unknown` when no line says it. */
  readonly model: string;
  /** The folder it worked in; empty when no line says it. */
  readonly project: string;
  readonly speed: Speed;
}

/** One response of a model, counted once. */
export interface Response extends ResponseSetting {
  /** The provider's own id of it, where the log says it. */
  readonly id?: string | undefined;
  /** What it is called in every log that may tell of it; missing where no other log can. */
  readonly names?: readonly string[] | undefined;
  readonly at: number;
  readonly tokens: Tokens;
  /** What it cost, where that need not be reckoned. */
  readonly costUsd: number | undefined;
  /** Who says so; without it, the log itself. */
  readonly costSource?: string;
}

/** Why a line with token counts counts, or does not. */
export type Verdict = "counted" | "repeated" | "inherited" | "stale" | "estimate" | "recorded" | "duplicate";

/** What became of one line with token counts. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly session: string;
  readonly at: number | undefined;
  readonly verdict: Verdict;
  /** A sentence. */
  readonly reason: string;
  readonly tokens: Tokens;
  readonly model: string;
}

/** How a log hangs together with others. */
export interface Kinship {
  /** The session whose log it is; several logs may be of the same one. */
  readonly session: string;
  /** The session that it was forked from or started by. */
  readonly parent: string | undefined;
}

/** What is asked of a parent's log where its responses are of no interest. */
export interface ParentView {
  /** Its running totals as they changed, and when they were first there. */
  readonly totals: readonly { readonly total: Tokens; readonly at: number | undefined }[];
  readonly turns: ReadonlySet<string>;
}

/** Finds the log of a parent session: undefined when there is none, `unread` when it cannot be asked yet. */
export type FindParent = (session: string) => ParentView | undefined | "unread";

/** What must be known of other logs to count one. */
export interface Family {
  /** The logs of the parent session that are there. */
  readonly parents: readonly Log[];
  /** True when another log is of the same session. */
  readonly isShared: boolean;
}

/** A client's answer about all its logs. */
export interface Resolved {
  readonly responses: readonly Response[];
  /** Empty unless they were asked for. */
  readonly findings: readonly Finding[];
}

/** The reports of `agentos usage`, by how they group. */
export const REPORTS = ["daily", "weekly", "monthly", "session", "model", "project"] as const;

/** One of {@link REPORTS}. */
export type ReportName = (typeof REPORTS)[number];

/** What can be grouped by. Every row is of one client, provider and model, whether or not these are asked for. */
export const BY_KEYS = ["day", "week", "month", "session", "project", "model", "provider", "client"] as const;

/** What heads a group of rows, in this order; the model never does: it names the rows. */
export const GROUP_KEYS = ["month", "week", "day", "project", "session", "client", "provider"] as const;

/** One of {@link BY_KEYS}. */
export type ByKey = (typeof BY_KEYS)[number];
