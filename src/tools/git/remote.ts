/**
 * Where a push would go: which remote, by which URLs, and whether an untrusted repository may push there.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { AppError } from "../../base/errors.ts";
import type { ToolContext } from "../define.ts";
import { maskCredentials, shownOutput } from "../program_output.ts";
import { lastValue, parseConfigList } from "./config.ts";
import { gitFailure } from "./git_failure.ts";
import { type GitFolder, lstatOrNothing, placeOf, realPathOrNothing } from "./git_folder.ts";
import { parseRemoteUrl } from "./remote_url.ts";
import { isGranted, refuseHostileFolder, type Repository, trustHint } from "./repository.ts";
import { gitIn, noHooks } from "./run_git.ts";
import { type ConfigEntry, isOff } from "./trust.ts";

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
  await refuseLegacy(repository, config, remote);
  if (!repository.trusted) refuseUnclear(repository, config, remote);
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
  const mirror = config.findLast(({ key }) => key === `remote.${remote}.mirror`);
  const isMirror = mirror !== undefined && !isOff(mirror.value);
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

/**
 * A file in `remotes/` or `branches/` of the git folder is a remote as git kept it before 2005, and is read where the
 * config has no URL for that name. What it says to push may overwrite and delete, and nothing here reads it.
 */
async function refuseLegacy(
  { folder }: Repository,
  config: readonly ConfigEntry[],
  remote: string,
): Promise<void> {
  if (/^\.{1,2}$|[/\\]/.test(remote) || config.some(({ key }) => key === `remote.${remote}.url`)) return;
  for (const kind of ["remotes", "branches"]) {
    const file = join(folder.commonDir, kind, remote);
    if (await lstatOrNothing(file) === undefined) continue;
    throw new AppError(
      "git.rejected",
      `The remote ${remote} stands in ${file}, which may overwrite branches there.`,
      {
        hint: `Bring it into the config by hand: git remote rename ${remote} ${remote}`,
      },
    );
  }
}

/** Of a URL with such characters git would take another one than what is read here. */
function refuseUnclear({ top }: Repository, config: readonly ConfigEntry[], remote: string): void {
  const keys = [`remote.${remote}.url`, `remote.${remote}.pushurl`];
  const texts = [remote, ...config.flatMap(({ key, value }) => keys.includes(key) ? value ?? "" : [])];
  if (!texts.some((text) => /[\p{Cc}\ufffd]/u.test(text))) return;
  throw new AppError(
    "git.untrusted",
    `The repository ${top} is not trusted, and a URL of its remote holds a control character or is not UTF-8.`,
    { hint: trustHint(top) },
  );
}

async function pushUrls(repository: Repository, remote: string): Promise<readonly string[]> {
  const result = await repository.git(["remote", "get-url", "--push", "--all", "--", remote]);
  if (result.code === 0) return result.stdout.split("\n").filter((url) => url !== "");
  // What is no remote's name is a URL or a folder to git.
  if (remote === "." || /[/:\\]/.test(remote)) return [remote];
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
  const [folder, ...others] = folders;
  if (folder === undefined || others.length > 0) {
    throw new AppError(
      "git.untrusted",
      `The repository ${repository.top} is not trusted, and its remote is several folders at once.`,
      { hint: trustHint(repository.top) },
    );
  }
  const target = await findTarget(folder.path, repository, context);
  const quiet = [`core.hooksPath=${noHooks(platform)}`, "core.fsmonitor=false", "receive.autogc=false"];
  const command = `git ${quiet.map((setting) => `-c ${setting}`).join(" ")} receive-pack "$0"`;
  // git adds the folder as it is named, which would be looked for once more: it is told where that was found to be.
  return [`--receive-pack=sh -c ${quoteForShell(command)} ${quoteForShell(target.gitDir)}`];
}

function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** What git adds to the path of a remote, in its order, until there is a repository (`enter_repo`, git 2.39). */
const SUFFIXES = ["/.git", "", ".git/.git", ".git"];

/**
 * The git folder in which git would run `receive-pack`, with that repository's own config. It is held against the same
 * rules as the repository that is pushed from; its hooks are switched off by the arguments.
 *
 * @throws {AppError} git.untrusted
 */
async function findTarget(
  named: string,
  repository: Repository,
  context: ToolContext,
): Promise<GitFolder> {
  const { top, limit } = repository;
  const folder = await findGitFolderAt(named, repository, context);
  const isOurs = folder !== undefined &&
    (await Deno.stat(repository.folder.gitDir)).uid === (await Deno.stat(folder.gitDir)).uid;
  if (!isOurs) {
    throw new AppError(
      "git.untrusted",
      `The repository ${top} is not trusted, and its remote ${named} is not an ordinary repository inside the roots.`,
      { hint: trustHint(top) },
    );
  }
  const place = folder.layout === "own" ? dirname(folder.gitDir) : folder.gitDir;
  const git = gitIn({ top: place, folders: folder, trusted: false }, context, limit);
  await refuseHostileFolder(place, folder, context, git, top);
  return folder;
}

/** The first place that git would take decides, whether or not it may be used. */
async function findGitFolderAt(
  named: string,
  { top, limit }: Repository,
  context: ToolContext,
): Promise<GitFolder | undefined> {
  // git would read a leading ~ as a home folder.
  if (named.startsWith("~")) return undefined;
  const git = gitIn({ top, folders: undefined, trusted: false }, context, limit);
  const path = named.replace(/(?<=.)\/+$/, "");
  for (const suffix of SUFFIXES) {
    const place = placeOf(top, `${path}${suffix}`);
    if (place === undefined) return undefined;
    const kind = await kindOf(place);
    // What the server may not see, git might; a file would lead on to another folder.
    if (kind === "unseen" || kind === "file") return undefined;
    if (kind === "nothing" || (await git(["rev-parse", "--resolve-git-dir", place])).code !== 0) continue;
    const gitDir = await realPathOrNothing(place);
    if (gitDir === undefined || !isGranted(context)(gitDir)) return undefined;
    // With these, git would go on from there.
    for (const name of ["commondir", ".git"]) {
      if (await lstatOrNothing(join(gitDir, name)) !== undefined) return undefined;
    }
    if (!suffix.endsWith("/.git")) return { gitDir, commonDir: gitDir, layout: "bare" };
    const isPlain = gitDir === join(await realPathOrNothing(dirname(place)) ?? "", ".git");
    return isPlain ? { gitDir, commonDir: gitDir, layout: "own" } : undefined;
  }
  return undefined;
}

/** What stands there, as git looks: through links. */
async function kindOf(path: string): Promise<"file" | "other" | "nothing" | "unseen"> {
  try {
    return (await Deno.stat(path)).isFile ? "file" : "other";
  } catch (error) {
    const isNothing = error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
    return isNothing ? "nothing" : "unseen";
  }
}
