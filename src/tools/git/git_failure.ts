/**
 * From git's own words to a failure that a caller can act on. Pure; the sentences are those of git 2.30 to 2.54
 * in English, which `run_git.ts` asks for.
 *
 * @module
 */

import { AppError, type ErrorCode } from "../../base/errors.ts";
import type { ProcessResult } from "../../base/process.ts";
import { shownOutput } from "../program_output.ts";

/** Of git's output so many bytes are shown; the end says what went wrong. */
const MAX_SHOWN_BYTES = 2_000;

/** A sentence of git's and what it means. */
interface KnownFailure {
  readonly says: RegExp;
  readonly code: ErrorCode;
  readonly sentence: string;
  readonly hint?: string;
}

const KNOWN: readonly KnownFailure[] = [
  {
    says: /Unable to create '[^']*\.lock': File exists|Another git process seems to be running/,
    code: "git.locked",
    sentence: "Another git process holds a lock in this repository.",
  },
  {
    says:
      /Please tell me who you are|empty ident name|unable to auto-detect email|auto-detection is disabled/,
    code: "git.failed",
    sentence: "Git does not know who commits: user.name or user.email is not set.",
    hint: 'Run: git config --global user.name "Your Name" && git config --global user.email you@example.com',
  },
  {
    says: /detected dubious ownership|unsafe repository/,
    code: "git.not_a_repository",
    sentence: "The repository belongs to another user, so git will not work in it.",
    hint: "If that is right, run by hand: git config --global --add safe.directory DIR",
  },
  {
    says:
      /Authentication failed|could not read (?:Username|Password)|terminal prompts disabled|Permission denied \(|Invalid username or (?:password|token)|The requested URL returned error: 40[13]|HTTP Basic: Access denied|Host key verification failed|password authentication was removed/,
    code: "git.auth",
    sentence: "The remote did not accept the login, and no one is here to be asked for another.",
  },
  {
    says: /has no upstream branch/,
    code: "git.failed",
    sentence: "The branch has no upstream branch, so git does not know where to push it.",
    hint: "Run once by hand: git push --set-upstream REMOTE BRANCH",
  },
  {
    says: /No configured push destination|No such remote|does not appear to be a git repository/,
    code: "git.failed",
    sentence: "There is no such remote to push to.",
    hint: "Add or correct it by hand: git remote add origin URL",
  },
  {
    says: /You are not currently on a branch/,
    code: "git.failed",
    sentence: "HEAD is detached: there is no branch to push.",
    hint: "Make a branch by hand: git switch -c NAME",
  },
  {
    says: /src refspec .* does not match any/,
    code: "git.failed",
    sentence: "The branch has no commit yet, so there is nothing to push.",
    hint: "Commit first with agentOS_git_commit.",
  },
  {
    says: /transport '[^']*' not allowed/,
    code: "git.untrusted",
    sentence: "The remote is reached in a way that only a trusted repository may use.",
  },
  {
    says:
      /Could not resolve host|Connection refused|Connection timed out|Network is unreachable|Failed to connect|Temporary failure in name resolution|Name or service not known|Connection reset/,
    code: "git.failed",
    sentence: "The remote could not be reached over the network.",
    hint: "Check the network and the remote's address (git remote -v), then call again.",
  },
];

/**
 * The failure behind a git command that did not exit with 0.
 *
 * @param command what a person would type, such as `git commit`
 * @param aftermath a sentence that says what the failed call left behind
 */
export function gitFailure(command: string, result: ProcessResult, aftermath = ""): AppError {
  const output = gitOutput(result);
  const known = KNOWN.find((failure) => failure.says.test(result.stderr) || failure.says.test(result.stdout));
  const said = output === "" ? "" : ` Git said: ${output}`;
  const left = aftermath === "" ? "" : ` ${aftermath}`;
  if (known === undefined) {
    return new AppError("git.failed", `${command} ended with exit code ${result.code}.${left}${said}`);
  }
  const details = known.hint === undefined ? {} : { hint: known.hint };
  return new AppError(known.code, `${known.sentence}${left}${said}`, details);
}

/** What an answer that was read from git's output adds where the beginning of it was not kept; else nothing. */
export function truncationNote({ truncated }: Pick<ProcessResult, "truncated">): readonly string[] {
  return truncated ? ["Git printed more than is read here: there may be more than is named."] : [];
}

/** The end of what git printed, both streams. */
export function gitOutput(result: Pick<ProcessResult, "stdout" | "stderr">): string {
  const streams = [result.stdout, result.stderr].map((text) => text.trim()).filter((text) => text !== "");
  return shownOutput(streams.join("\n"), MAX_SHOWN_BYTES);
}
