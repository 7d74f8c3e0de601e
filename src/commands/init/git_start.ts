/**
 * Putting a new home repo under git, as its user would.
 *
 * @module
 */

import { AppError } from "../../base/errors.ts";

/** What git was asked to do. */
export type GitStart = "made" | "there already" | "inside another" | "no git";

/**
 * Makes a git repository of a folder that is none and lies in none; commits nothing.
 *
 * @throws {AppError} git.failed
 */
export async function startGit(folder: string): Promise<GitStart> {
  const top = await git(folder, "rev-parse", "--show-toplevel");
  if (top === undefined) return "no git";
  if (top.success) {
    return Deno.realPathSync(top.stdout.trim()) === Deno.realPathSync(folder)
      ? "there already"
      : "inside another";
  }
  const made = await git(folder, "init", "--quiet", "--initial-branch=main");
  if (made?.success === true) return "made";
  throw new AppError("git.failed", `Cannot make a git repository in ${folder}: ${made?.stderr.trim()}`, {
    hint: "Add --no-git to go on without one.",
  });
}

/**
 * Commits these files and no others.
 *
 * @throws {AppError} git.failed with what git said: an identity may be missing
 */
export async function commitFiles(folder: string, paths: readonly string[], message: string): Promise<void> {
  for (
    const args of [
      ["add", "--", ...paths],
      ["commit", "--quiet", "-m", message, "--", ...paths],
    ]
  ) {
    const done = await git(folder, ...args);
    if (done?.success === true) continue;
    throw new AppError(
      "git.failed",
      `Cannot commit in ${folder}: ${done?.stderr.trim() ?? "there is no git"}`,
      {
        hint: "Everything is written; mend what git names and commit by hand.",
      },
    );
  }
}

interface GitAnswer {
  readonly success: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Undefined when there is no git. */
async function git(folder: string, ...args: readonly string[]): Promise<GitAnswer | undefined> {
  try {
    const { success, stdout, stderr } = await new Deno.Command("git", {
      args: ["-C", folder, ...args],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).output();
    const decoder = new TextDecoder();
    return { success, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
