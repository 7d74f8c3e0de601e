/**
 * The vocabulary of a command: what one is handed and what it answers. Types only, so that every command may
 * import it without loading the shell.
 *
 * @module
 */

import type { Output } from "./output.ts";

/** What a command may know of the process it runs in. */
export interface CommandContext {
  readonly output: Output;
  /** One environment variable; an empty value counts as not set. */
  env(name: string): string | undefined;
  /** Absolute path of the current folder. */
  readonly cwd: string;
  /** The user's home folder. */
  readonly home: string;
  readonly version: string;
}

/** Runs with parsed flags and answers the exit code: 0 yes or done, 1 "the answer is no". Everything else throws. */
export type CommandRun<Flags> = (flags: Flags, context: CommandContext) => Promise<0 | 1>;
