/**
 * The vocabulary of running another program: what is asked for and what comes back.
 *
 * The server's worker holds no right to run anything. It sends a `ProcessRequest` to its supervisor, which
 * checks the program against the allow-list and the folder against the roots, and answers a `ProcessResult`.
 * The same two shapes serve tests that run a program directly.
 *
 * @module
 */

/** One program to run, without a shell. All of it is plain data, so that it can cross to the supervisor. */
export interface ProcessRequest {
  /** Bare name, found on PATH: `git`, `npm`, `code`. Must be in the server's `--allow-run` list. */
  readonly program: string;
  readonly args: readonly string[];
  /** Absolute real path of the folder to run in. */
  readonly cwd: string;
  /**
   * `user`: the server's own environment, as its user's shell would give it. `clean`: only what a program needs
   * to start (PATH, HOME, USER, LANG, TMPDIR, XDG_*, the SSH agent, and their Windows counterparts).
   */
  readonly environment: "user" | "clean";
  /** Variables set on top of that environment. */
  readonly env: Readonly<Record<string, string>>;
  /** After this the whole process group is killed. */
  readonly timeoutMs: number;
  /** Of each stream the last so many bytes are kept. */
  readonly maxOutputBytes: number;
}

/** How a program ended. A program that failed is a result, not an error. */
export interface ProcessResult {
  /** The exit code; 128 + signal number when a signal ended it, as shells say it. */
  readonly code: number;
  /** The kept end of standard output, decoded as UTF-8. */
  readonly stdout: string;
  readonly stderr: string;
  /** True when bytes were dropped from the front of a stream. */
  readonly truncated: boolean;
  readonly elapsedMs: number;
  /** `true` when `timeoutMs` ran out and the process group was killed. */
  readonly timedOut: boolean;
}

/**
 * Runs a program and waits for it. Aborting the signal kills the whole process group.
 *
 * @throws {AppError} process.not_allowed, process.not_found, path.outside_roots
 */
export type RunProcess = (request: ProcessRequest, signal: AbortSignal) => Promise<ProcessResult>;
