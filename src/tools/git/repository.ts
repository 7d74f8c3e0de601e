/**
 * From a tool's `cwd` to a repository that git may work in: where it is, whose it is, and whether the user
 * trusts it. Everything that could make git act outside the work tree, or start what the repository names, is
 * refused here, before the first command that changes anything.
 *
 * @module
 */

import { basename, dirname, normalize } from "node:path";
import { AppError } from "../../base/errors.ts";
import { isAbsolute, quotePath, rootOf } from "../../base/path_rules.ts";
import type { ToolContext } from "../define.ts";
import { isForbidden, resolveInRoots } from "../files/resolve.ts";
import { shownOutput } from "../program_output.ts";
import { configuredWorkTree, readRepositoryConfig } from "./config.ts";
import { findGitFolder, type GitFolder } from "./git_folder.ts";
import { findLink } from "./git_folder_links.ts";
import { gitFailure } from "./git_failure.ts";
import { gitIn, type GitPlace, type RunGit, startLimit, type TimeLimit } from "./run_git.ts";
import { listSubmodules } from "./submodules.ts";
import { type RefusedKey, refusedKeys } from "./trust.ts";

/** A work tree that git may work in. */
export interface Repository {
  /** Real path of the work tree's top. */
  readonly top: string;
  readonly folder: GitFolder;
  /** Whether its hooks, signing and filters run. */
  readonly trusted: boolean;
  /** Runs git in it, with the rights that `trusted` gives, inside the call's time limit. */
  readonly git: RunGit;
  /** As `git`, with some seconds of its own: to see what a command has left that failed, or used the time up. */
  readonly gitAfterwards: RunGit;
  readonly limit: TimeLimit;
}

const AFTERWARDS_MS = 5_000;

/** Repositories inside repositories inside repositories: deeper than this nobody goes. */
const MAX_SUBMODULE_DEPTH = 8;

/**
 * The real path of the folder that a tool is to work in, however `cwd` spells it.
 *
 * @throws {AppError} path.* for a folder that may not be used
 */
export function resolveTop(cwd: string, { settings }: ToolContext): string {
  if (!isAbsolute(cwd, settings.platform)) {
    throw new AppError("path.invalid", `Cannot use ${quotePath(cwd)} as cwd: it is not an absolute path.`, {
      hint: "Give the absolute path of the work tree's top folder.",
    });
  }
  const resolved = resolveInRoots(cwd, settings, { for: "write" });
  if (resolved.kind !== "folder") {
    throw new AppError("path.not_a_folder", `${resolved.path} is not a folder.`, {
      hint: "Give the top folder of a git work tree.",
    });
  }
  return resolved.path;
}

/**
 * Opens the work tree whose top is `cwd`.
 *
 * @throws {AppError} path.* for a folder that may not be used; git.not_a_repository when it is not the top of
 * a work tree of the server's user; git.untrusted naming the key and the command that trusts the repository
 */
export async function openRepository(
  cwd: string,
  context: ToolContext,
  limit: TimeLimit,
): Promise<Repository> {
  const { settings } = context;
  const top = resolveTop(cwd, context);
  const folder = await findGitFolder(top, isGranted(context));
  const trusted = isTrusted(top, folder, settings.trustedRepositories);
  if (!trusted) await refuseHostile(top, folder, { context, limit, outermost: top }, 0);
  else if (folder.layout === "apart") await checkApart(top, folder, context, limit);
  await confirm(top, folder, trusted, context, limit);
  const place: GitPlace = { top, folders: trusted ? undefined : folder, trusted };
  return {
    top,
    folder,
    trusted,
    git: gitIn(place, context, limit),
    gitAfterwards: (args, options) => gitIn(place, context, startLimit(AFTERWARDS_MS))(args, options),
    limit,
  };
}

/** Whether git may write in a folder: inside a writable root, and not where the token is. */
export function isGranted(context: ToolContext): (path: string) => boolean {
  const { settings } = context;
  return (path) =>
    (rootOf(path, settings.roots, settings.platform)?.writable ?? false) && !isForbidden(path, settings);
}

/**
 * A repository is trusted when the user named its top. A linked worktree of it shares its config and hooks,
 * and was seen to belong to it, so it is trusted with it; a bare repository with worktrees is named itself.
 */
function isTrusted(top: string, folder: GitFolder, trusted: readonly string[]): boolean {
  if (trusted.includes(top)) return true;
  if (folder.layout !== "linked") return false;
  return trusted.includes(folder.commonDir) ||
    (basename(folder.commonDir) === ".git" && trusted.includes(dirname(folder.commonDir)));
}

/** What stays the same while a repository and those inside it are looked at. */
interface Looking {
  readonly context: ToolContext;
  readonly limit: TimeLimit;
  /** The work tree that a tool was called for: trust in that one is all that helps. */
  readonly outermost: string;
}

/** Refuses what an untrusted repository may not have, in itself and in each repository inside it. */
async function refuseHostile(
  top: string,
  folder: GitFolder,
  looking: Looking,
  depth: number,
): Promise<void> {
  const { context, limit, outermost } = looking;
  const git = gitIn({ top, folders: folder, trusted: false }, context, limit);
  await refuseHostileFolder(top, folder, context, git, outermost);
  await refuseHostileInside(top, git, looking, depth);
}

async function refuseHostileInside(top: string, git: RunGit, looking: Looking, depth: number): Promise<void> {
  const { context, limit, outermost } = looking;
  for (const submodule of await listSubmodules(top, git, outermost)) {
    if (depth === MAX_SUBMODULE_DEPTH) {
      throw new AppError("git.untrusted", `${top} is a repository inside ${depth} others.`, {
        hint: trustHint(outermost),
      });
    }
    const inner = await findGitFolder(submodule, isGranted(context));
    await refuseHostile(submodule, inner, looking, depth + 1);
    // git finds it by itself, and is not told where it is.
    await confirm(submodule, inner, false, context, limit);
  }
}

/**
 * Refuses hostile repositories inside one that is not trusted, once more: `git add` records those that the index did not
 * know when the repository was opened, and then git goes into them.
 *
 * @throws {AppError} git.untrusted, git.not_a_repository
 */
export async function refuseHostileNested(repository: Repository, context: ToolContext): Promise<void> {
  const { top, trusted, git, limit } = repository;
  if (!trusted) await refuseHostileInside(top, git, { context, limit, outermost: top }, 0);
}

/**
 * Refuses a git folder with links that git would write through, or with config that `trust.ts` does not allow.
 *
 * @param outermost the work tree that the user would have to trust
 * @throws {AppError} git.untrusted, git.not_a_repository
 */
export async function refuseHostileFolder(
  top: string,
  folder: GitFolder,
  context: ToolContext,
  git: RunGit,
  outermost: string,
): Promise<void> {
  const link = await findLink(folder);
  if (link !== undefined) {
    throw new AppError(
      "git.untrusted",
      `The git folder of ${top} holds ${link}, which is a link or no regular file.`,
      {
        hint: trustHint(outermost),
      },
    );
  }
  const entries = await readRepositoryConfig(folder, git);
  const workTree = await configuredWorkTree(entries, folder);
  if (folder.layout === "apart" && workTree !== top) throw pointsElsewhere(top, folder);
  const keys = refusedKeys(entries, {
    top,
    platform: context.settings.platform,
    layout: folder.layout,
    configuredWorkTree: workTree,
  });
  if (keys.length > 0) throw untrusted(top, keys, outermost);
}

/** Also a trusted `.git` file must lead to a folder that is this work tree's own. */
async function checkApart(
  top: string,
  folder: GitFolder,
  context: ToolContext,
  limit: TimeLimit,
): Promise<void> {
  const git = gitIn({ top, folders: folder, trusted: false }, context, limit);
  const entries = await readRepositoryConfig(folder, git);
  if (await configuredWorkTree(entries, folder) !== top) throw pointsElsewhere(top, folder);
}

/**
 * Lets git find the repository for itself: it must come to the same folders, and it checks that they belong to
 * the server's user (`safe.directory`).
 */
async function confirm(
  top: string,
  folder: GitFolder,
  trusted: boolean,
  context: ToolContext,
  limit: TimeLimit,
): Promise<void> {
  const git = gitIn({ top, folders: undefined, trusted }, context, limit);
  const result = await git(["rev-parse", "--show-toplevel", "--absolute-git-dir"]);
  if (result.code !== 0) {
    const failure = gitFailure("git rev-parse", result);
    throw failure.code === "git.failed"
      ? new AppError("git.not_a_repository", `Git does not take ${top} for a work tree. ${failure.message}`)
      : failure;
  }
  const [foundTop, foundGitDir] = result.stdout.split("\n").map((path) => normalize(path));
  if (foundTop !== top || foundGitDir !== folder.gitDir) {
    throw new AppError(
      "git.not_a_repository",
      `Git takes ${foundTop} (${foundGitDir}) for the work tree of ${top}, which is not what stands there.`,
    );
  }
}

/**
 * The branch, also before its first commit; nothing on a detached HEAD. Git's own short name would be another one where a
 * tag has the same.
 */
export async function branchOf(repository: Repository): Promise<string | undefined> {
  const result = await repository.git(["symbolic-ref", "--quiet", "HEAD"]);
  return result.code === 0 ? result.stdout.trim().replace(/^refs\/heads\//, "") : undefined;
}

/** The hash of the latest commit; undefined where there is none yet. */
export async function headOf(git: RunGit): Promise<string | undefined> {
  const result = await git(["rev-parse", "--verify", "--quiet", "HEAD"]);
  return result.code === 0 ? result.stdout.trim() : undefined;
}

function pointsElsewhere(top: string, folder: GitFolder): AppError {
  return new AppError(
    "git.not_a_repository",
    `Cannot use ${top}: its .git leads to ${folder.gitDir}, whose core.worktree does not lead back.`,
    { hint: "Use a linked worktree (git worktree add) or a submodule, or run git by hand." },
  );
}

function untrusted(top: string, keys: readonly RefusedKey[], outermost: string): AppError {
  const shown = keys.slice(0, 5).map(({ entry, danger }) =>
    `${shownOutput(entry.key, 200)} in ${entry.file}, which ${danger}`
  );
  const more = keys.length > shown.length ? `; and ${keys.length - shown.length} more` : "";
  return new AppError(
    "git.untrusted",
    `The repository ${top} is not trusted, and its config sets ${shown.join("; ")}${more}.`,
    { hint: trustHint(outermost) },
  );
}

/** The next step for whoever knows better. */
export function trustHint(top: string): string {
  return `If you know where this repository comes from, start the server with: agentos serve --trust-repo ${top}`;
}

/** The lines that tell a caller what did not run, and how it would; none in a trusted repository. */
export function hooksNote(repository: Repository): readonly string[] {
  return repository.trusted ? [] : [
    `Hooks and signing were off, because the repository is not trusted. ${trustHint(repository.top)}`,
  ];
}
