/**
 * Starting git for one call of a tool: its environment, the switches that keep an untrusted repository from
 * starting anything, and the time limit that all commands of a call share.
 *
 * @module
 */

import { dirname } from "node:path";
import { AppError } from "../../base/errors.ts";
import type { Platform } from "../../base/path_rules.ts";
import type { ProcessResult } from "../../base/process.ts";
import type { ToolContext } from "../define.ts";

/** All git commands of one tool call together may take so long; then git's process group is killed. */
const GIT_LIMIT_MS = 60_000;

/** The end of each stream that is kept when a command names no other size. */
const OUTPUT_BYTES = 64 * 1024;

/** For what git prints a line of for every ref, or for every file: more than anybody has of them. */
export const LISTED_BYTES = 32 * 1024 * 1024;

/** Where and with what rights git runs. */
export interface GitPlace {
  /** Real path of the work tree's top. */
  readonly top: string;
  /**
   * The git folders, handed to git so that it need not look for them; `undefined` lets git find them in `top`
   * (never above), and check their owner.
   */
  readonly folders: { readonly gitDir: string; readonly commonDir: string } | undefined;
  /** Trusted: the user's whole environment; hooks, signing and filters as the user would have them. */
  readonly trusted: boolean;
}

/** What one command may need beyond the usual. */
export interface GitOptions {
  readonly maxOutputBytes?: number;
  /** In an untrusted repository: the protocols git may use, as in `GIT_ALLOW_PROTOCOL`. Without it: none. */
  readonly protocols?: string;
}

/**
 * Runs `git <args>` and answers how it ended, whatever the exit code.
 *
 * @throws {AppError} process.timeout when the call's time is used up; what {@link ToolContext.run} throws
 */
export type RunGit = (args: readonly string[], options?: GitOptions) => Promise<ProcessResult>;

/** A clock that one call's commands share. */
export interface TimeLimit {
  /** Milliseconds left; 0 when the time is used up. */
  leftMs(): number;
}

/** Starts the clock. */
export function startLimit(limitMs: number = GIT_LIMIT_MS): TimeLimit {
  const end = performance.now() + limitMs;
  return { leftMs: () => Math.max(0, Math.round(end - performance.now())) };
}

/** Ties the running of git to a place, a call and its time limit. */
export function gitIn(place: GitPlace, context: ToolContext, limit: TimeLimit): RunGit {
  const switches = place.trusted ? [] : untrustedSwitches(context.settings.platform);
  return async (args, options = {}) => {
    const timeoutMs = limit.leftMs();
    if (timeoutMs === 0) throw timedOut(args);
    const result = await context.run({
      program: "git",
      args: ["--no-pager", "-c", "core.askPass=", ...switches, ...args],
      cwd: place.top,
      environment: place.trusted ? "user" : "clean",
      env: {
        ...talkingToNobody(place.top),
        ...(place.trusted ? {} : untrustedVariables(place, options.protocols ?? "none")),
      },
      timeoutMs,
      maxOutputBytes: options.maxOutputBytes ?? OUTPUT_BYTES,
    }, context.signal);
    if (result.timedOut) throw timedOut(args);
    return result;
  };
}

function timedOut(args: readonly string[]): AppError {
  const command = args.find((arg, index) => !arg.startsWith("-") && args[index - 1] !== "-c") ?? "";
  return new AppError(
    "process.timeout",
    `git ${command} was stopped: the call's ${GIT_LIMIT_MS / 1000} seconds were used up.`,
    { hint: `Run git ${command} by hand to see what it waits for.` },
  );
}

/** No pager, no editor, no question; English messages for `git_failure.ts`, UTF-8 for the hooks. */
function talkingToNobody(top: string): Record<string, string> {
  return {
    GIT_TERMINAL_PROMPT: "0",
    GIT_ASKPASS: "",
    SSH_ASKPASS: "",
    SSH_ASKPASS_REQUIRE: "never",
    GCM_INTERACTIVE: "never", // Git Credential Manager
    GIT_EDITOR: ":",
    GIT_SEQUENCE_EDITOR: ":",
    GIT_PAGER: "cat",
    LC_ALL: "C.UTF-8",
    LANGUAGE: "en",
    // git never looks for a repository above the work tree's top.
    GIT_CEILING_DIRECTORIES: dirname(top),
  };
}

/** The second wall behind `trust.ts`: even if a key slipped through, these win over the repository's config. */
function untrustedSwitches(platform: Platform): readonly string[] {
  const config = [
    `core.hooksPath=${noHooks(platform)}`,
    "core.fsmonitor=false",
    "commit.gpgSign=false",
    "push.gpgSign=false",
    "submodule.recurse=false",
    "push.recurseSubmodules=no",
    // No collection left behind in the background.
    "gc.auto=0",
    "maintenance.auto=false",
    "safe.bareRepository=explicit",
  ];
  return config.flatMap((setting) => ["-c", setting]);
}

/** A path below which no hook can be found. */
export function noHooks(platform: Platform): string {
  return platform === "windows" ? "NUL" : "/dev/null";
}

function untrustedVariables(place: GitPlace, protocols: string): Record<string, string> {
  const folders: Record<string, string> = place.folders === undefined
    ? {}
    : { GIT_DIR: place.folders.gitDir, GIT_COMMON_DIR: place.folders.commonDir, GIT_WORK_TREE: place.top };
  return { ...folders, GIT_ALLOW_PROTOCOL: protocols, GIT_NO_LAZY_FETCH: "1" };
}
