/**
 * The vocabulary of a command: what one is handed, what it answers, and what its row in COMMANDS says. Types
 * only, so that every command may import it without loading the shell.
 *
 * @module
 */

import type { Output } from "./output.ts";

/** What a command may know of the process it runs in. */
export interface CommandContext {
  readonly output: Output;
  /** One environment variable; an empty value counts as not set. Needs `env` in the command's row. */
  env(name: string): string | undefined;
  /** Absolute path of the current folder. */
  readonly cwd: string;
  /** The user's home folder. */
  readonly home: string;
  /** The version of agentos, as in `deno.json`. */
  readonly version: string;
}

/**
 * Runs with parsed flags and positional arguments, and answers the exit code: 0 yes or done, 1 "the answer is
 * no". Everything else throws.
 */
export type CommandRun<Flags, Args extends readonly string[] = readonly []> = (
  flags: Flags,
  context: CommandContext,
  ...args: Args
) => Promise<0 | 1>;

/** What a command's file exports. */
export interface CommandModule<Flags, Args extends readonly string[] = readonly []> {
  readonly run: CommandRun<Flags, Args>;
}

/** A kind of permission that the runtime can take away for the rest of the process. */
export type Permission = "read" | "write" | "net" | "env" | "run" | "ffi" | "sys" | "import";
