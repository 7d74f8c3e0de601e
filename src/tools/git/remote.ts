/**
 * Where a push would go: which remote, by which URLs, and whether an untrusted repository may push there.
 *
 * @module
 */

import { join, resolve } from "node:path";
import { AppError } from "../../base/errors.ts";
import type { ToolContext } from "../define.ts";
import { maskCredentials, shownOutput } from "../program_output.ts";
import { lastValue, parseConfigList } from "./config.ts";
import { gitFailure } from "./git_failure.ts";
import { findGitFolder, type GitFolder, lstatOrNothing, realPathOrNothing } from "./git_folder.ts";
import { parseRemoteUrl } from "./remote_url.ts";
import { isGranted, refuseHostileFolder, type Repository, trustHint } from "./repository.ts";
import { gitIn, noHooks } from "./run_git.ts";
import type { ConfigEntry } from "./trust.ts";

/** Where a push goes. */
export interface PushTarget {
  /** As git takes it: a name, or a URL when the branch's config names one. It may hold credentials. */
  readonly rawRemote: string;
  /** The same, fit to be shown. */
  readonly remote: string;
  /** The first URL, without credentials. */
  readonly url: string;
  /** Arguments that keep the other side from starting programs, when it is a folder of this machine. */
  readonly args: readonly string[];
}

/** The merged config of user and repository may be larger than other output. */
const MAX_CONFIG_BYTES = 4 * 1024 * 1024;

/** The config that is in effect, the user's own included. It may hold credentials: never show a value. */
export async function readEffectiveConfig(repository: Repository): Promise<readonly ConfigEntry[]> {
  const result = await repository.git(["config", "--list", "-z"], { maxOutputBytes: MAX_CONFIG_BYTES });
  if (result.code !== 0 || result.truncated) throw gitFailure("git config --list", result);
  return parseConfigList(result.stdout, "");
}

/**
 * The remote that a plain `git push` of `branch` goes to.
 *
 * @throws {AppError} git.failed when none is configured; git.rejected when the push would overwrite or delete by
 * configuration; git.untrusted when an untrusted repository would start programs at the other side
 */
export async function findPushTarget(
  repository: Repository,
  config: readonly ConfigEntry[],
  branch: string,
  context: ToolContext,
): Promise<PushTarget> {
  const remote = pushRemote(config, branch);
  if (remote === undefined) throw noRemote(config, branch);
  refuseOverwriting(config, remote);
  const urls = await pushUrls(repository, remote);
  const args = repository.trusted ? [] : await argsForUntrusted(repository, urls, context);
  return {
    rawRemote: remote,
    remote: maskCredentials(remote),
    url: maskCredentials(urls[0] ?? remote),
    args,
  };
}

/** git's own order (`git help config`, branch.<name>.pushRemote): without any of them it is `origin`. */
export function pushRemote(config: readonly ConfigEntry[], branch: string): string | undefined {
  return lastValue(config, `branch.${branch}.pushremote`) ?? lastValue(config, "remote.pushdefault") ??
    lastValue(config, `branch.${branch}.remote`) ??
    (remoteNames(config).includes("origin") ? "origin" : undefined);
}

/** The names of all configured remotes. */
function remoteNames(config: readonly ConfigEntry[]): readonly string[] {
  const names = config.flatMap(({ key }) => /^remote\.(.+)\.(?:url|pushurl)$/s.exec(key)?.[1] ?? []);
  return [...new Set(names)];
}

function noRemote(config: readonly ConfigEntry[], branch: string): AppError {
  const names = remoteNames(config);
  if (names.length === 0) {
    return new AppError("git.failed", "The repository has no remote to push to.", {
      hint: `Add one by hand: git remote add origin URL && git push --set-upstream origin ${branch}`,
    });
  }
  return new AppError(
    "git.failed",
    `No remote is set for the branch ${branch}; there are: ${shownOutput(names.join(", "), 500)}.`,
    {
      hint: `Choose one by hand: git push --set-upstream ${names[0]} ${branch}`,
    },
  );
}

/** A plain push moves refs forward. Config can make it overwrite or delete them; a tool does not do that. */
function refuseOverwriting(config: readonly ConfigEntry[], remote: string): void {
  const mirror = lastValue(config, `remote.${remote}.mirror`);
  const isMirror = mirror !== undefined && !/^(false|no|off|0|)$/i.test(mirror);
  const forced = config.find(({ key, value }) =>
    key === `remote.${remote}.push` && /^(\+|:.)/.test(value ?? "")
  );
  if (!isMirror && forced === undefined) return;
  const why = isMirror ? `remote.${remote}.mirror` : `remote.${remote}.push = ${forced?.value}`;
  throw new AppError(
    "git.rejected",
    `A push to ${remote} would overwrite or delete branches there (${why}).`,
    {
      hint: "This tool only moves branches forward; run git push by hand.",
    },
  );
}

async function pushUrls(repository: Repository, remote: string): Promise<readonly string[]> {
  const result = await repository.git(["remote", "get-url", "--push", "--all", "--", remote]);
  if (result.code === 0) return result.stdout.split("\n").filter((url) => url !== "");
  // What is no remote's name is a URL or a folder to git.
  if (/[/:\\]/.test(remote)) return [remote];
  throw gitFailure("git remote get-url", result);
}

async function argsForUntrusted(
  repository: Repository,
  urls: readonly string[],
  context: ToolContext,
): Promise<readonly string[]> {
  const { platform } = context.settings;
  const remotes = urls.map((url) => parseRemoteUrl(url, platform));
  const helper = remotes.find((remote) => remote.kind === "helper");
  if (helper !== undefined) {
    throw new AppError(
      "git.untrusted",
      `The repository ${repository.top} is not trusted, and its remote is reached through the program ` +
        `git-remote-${helper.name}.`,
      { hint: trustHint(repository.top) },
    );
  }
  const folders = remotes.filter((remote) => remote.kind === "folder");
  if (folders.length === 0) return [];
  if (folders.length < remotes.length) {
    throw new AppError(
      "git.untrusted",
      `The repository ${repository.top} is not trusted, and its remote is both a folder and a server.`,
      { hint: trustHint(repository.top) },
    );
  }
  for (const { path } of folders) await checkFolder(path, repository, context);
  const quiet = [`core.hooksPath=${noHooks(platform)}`, "core.fsmonitor=false", "receive.autogc=false"];
  return [`--receive-pack=git ${quiet.map((setting) => `-c ${setting}`).join(" ")} receive-pack`];
}

/**
 * git runs `receive-pack` in a folder with that repository's own config. It is held against the same rules as
 * the repository that is pushed from; its hooks are switched off by the arguments.
 */
async function checkFolder(named: string, repository: Repository, context: ToolContext): Promise<void> {
  // git tries these in this order (`enter_repo`, git 2.39), and would read a leading ~ as a home folder.
  for (const candidate of named.startsWith("~") ? [] : [named, `${named}.git`]) {
    const path = await realPathOrNothing(resolve(repository.top, candidate));
    if (path === undefined || !isGranted(context)(path)) continue;
    const folder = await findTarget(path, context);
    if (folder === undefined) continue;
    const [ours, theirs] = [await Deno.stat(repository.folder.gitDir), await Deno.stat(folder.gitDir)];
    if (ours.uid !== theirs.uid) break;
    const git = gitIn({ top: path, folders: folder, trusted: false }, context, repository.limit);
    await refuseHostileFolder(path, folder, context, git);
    return;
  }
  throw new AppError(
    "git.untrusted",
    `The repository ${repository.top} is not trusted, and its remote ${named} is not a repository inside the roots.`,
    { hint: trustHint(repository.top) },
  );
}

/** The git folder of a work tree or of a bare repository; nothing when there is none. */
async function findTarget(path: string, context: ToolContext): Promise<GitFolder | undefined> {
  if (await lstatOrNothing(join(path, ".git")) !== undefined) {
    const folder = await findGitFolder(path, isGranted(context));
    if (folder.layout === "own" && await looksLikeGitFolder(folder.gitDir)) return folder;
    throw new AppError("git.untrusted", `The remote ${path} is not an ordinary repository.`);
  }
  return await looksLikeGitFolder(path) ? { gitDir: path, commonDir: path, layout: "bare" } : undefined;
}

async function looksLikeGitFolder(path: string): Promise<boolean> {
  const has = async (name: string): Promise<boolean> => await lstatOrNothing(join(path, name)) !== undefined;
  return await has("HEAD") && await has("objects") && await has("refs") && !await has("commondir");
}
