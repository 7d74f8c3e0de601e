/**
 * What a client must tell of its logs. Types only; the answers stand in `clients/<id>/usage.ts` and are pure.
 *
 * @module
 */

import type { Log, LogEvent, Resolved } from "./model.ts";

/** The environment as a lookup; an empty value counts as not set. */
export type EnvView = (name: string) => string | undefined;

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
  /** How much of a line {@link canSkip} sees. */
  readonly headBytes: number;
  /**
   * Says from the first bytes of a line (read as Latin-1) that it cannot say anything about usage. A
   * `false` costs time only; a `true` must be sure.
   */
  canSkip(head: string): boolean;
  /**
   * What a whole line says, or undefined when it says nothing about usage.
   *
   * @throws {SyntaxError} when it is no JSON
   */
  readLine(text: string, line: number): LogEvent | undefined;
  /** Which responses there were, each once, from everything that was read. */
  resolve(logs: readonly Log[], explain: boolean): Resolved;
}
