/**
 * What `.gitignore` files leave out, read as git reads them (gitignore(5), git 2.39), matched without regular
 * expressions so that no repository can freeze its reader.
 *
 * Rules are kept as a chain from a folder up to the top of its work tree; the innermost file that says anything
 * about a name decides. Whoever walks does not enter an ignored folder, so nothing below it is ever asked about.
 *
 * @module
 */

import { matchesPath, readNamePattern, readPathPattern } from "../../base/glob.ts";
import type { GlobOptions } from "../../base/glob.ts";
import {
  ignoresCase,
  isAbsolute,
  isInside,
  joinPath,
  normalise,
  parentOf,
  pathBelow,
} from "../../base/path_rules.ts";
import type { Platform } from "../../base/path_rules.ts";

/** The rules in force in one folder; made by {@link readIgnoreRules} and {@link enterFolder}. */
export interface IgnoreRules {
  /** The folder whose file these lines come from. */
  readonly folder: string;
  readonly lines: readonly IgnoreLine[];
  readonly outer: IgnoreRules | undefined;
  readonly platform: Platform;
}

/** One line of a `.gitignore`. */
export interface IgnoreLine {
  /** False for a line that starts with `!`. */
  readonly ignores: boolean;
  readonly foldersOnly: boolean;
  /** Takes the name in question, and when asked the names from the file's folder down to it. */
  readonly matches: (name: string, names: () => readonly string[]) => boolean;
}

/** Larger files are not lists that a person keeps. */
const MAX_IGNORE_FILE_BYTES = 256 * 1024;

/**
 * Reads the rules in force in a folder: those of every folder from the top of its work tree (or the root) down
 * to itself, and `info/exclude` of its git folder, where that can be read. When the folder is itself ignored, whoever
 * names it wants to see it: then only its own rules count.
 */
export function readIgnoreRules(folder: string, root: string, platform: Platform): IgnoreRules | undefined {
  const chain = [folder];
  for (let up = folder; up !== root && !isWorkTreeTop(up, platform);) {
    up = parentOf(up, platform);
    if (!isInside(up, root, platform)) break;
    chain.unshift(up);
  }
  let rules: IgnoreRules | undefined;
  for (const next of chain) {
    if (rules !== undefined && isIgnored(rules, next, true)) rules = undefined;
    rules = enterFolder(rules, next, platform);
  }
  return rules;
}

/**
 * Adds a folder's own rules. A folder with its own `.git` starts anew: its parent's rules end there. Whoever has
 * read the folder already says what it holds, which saves two looks at the disk.
 */
export function enterFolder(
  outer: IgnoreRules | undefined,
  folder: string,
  platform: Platform,
  holds: (name: ".git" | ".gitignore") => boolean = () => true,
): IgnoreRules | undefined {
  let rules = outer;
  if (holds(".git") && isWorkTreeTop(folder, platform)) {
    const gitFolder = findCommonFolder(joinPath(folder, ".git", platform), folder, platform);
    rules = gitFolder === undefined
      ? undefined
      : add(undefined, folder, joinPath(gitFolder, "info/exclude", platform), platform);
  }
  return holds(".gitignore") ? add(rules, folder, joinPath(folder, ".gitignore", platform), platform) : rules;
}

/** True when the rules leave this path out. It must be below the folders that the rules come from. */
export function isIgnored(rules: IgnoreRules | undefined, path: string, isFolder: boolean): boolean {
  if (rules === undefined) return false;
  const isWindows = rules.platform === "windows";
  const name = path.slice(Math.max(path.lastIndexOf("/"), isWindows ? path.lastIndexOf("\\") : -1) + 1);
  for (let layer: IgnoreRules | undefined = rules; layer !== undefined; layer = layer.outer) {
    const { folder, platform } = layer;
    // Most lines look at the last name only, and a walk asks about every entry.
    let names: readonly string[] | undefined;
    const readNames = (): readonly string[] => names ??= pathBelow(path, folder, platform).split("/");
    const line = layer.lines.findLast((one) =>
      (isFolder || !one.foldersOnly) && one.matches(name, readNames)
    );
    if (line !== undefined) return line.ignores;
  }
  return false;
}

/** Reads the lines of a `.gitignore`. As git does, the last one is ended first: then its `\r` is no part of it. */
function parseIgnoreLines(text: string, options: GlobOptions): readonly IgnoreLine[] {
  return `${text.replace(/^\ufeff/, "")}\n`.split(/\r?\n/).flatMap((line) => parseIgnoreLine(line, options));
}

function parseIgnoreLine(line: string, options: GlobOptions): readonly IgnoreLine[] {
  if (line.startsWith("#")) return [];
  const ignores = !line.startsWith("!");
  let pattern = dropTrailingSpaces(ignores ? line : line.slice(1));
  const foldersOnly = pattern.endsWith("/");
  if (foldersOnly) pattern = pattern.slice(0, -1);
  if (pattern === "") return [];

  if (!pattern.includes("/")) {
    const matchesName = readNamePattern(pattern, options);
    return [{ ignores, foldersOnly, matches: (name) => matchesName(name) }];
  }
  const path = readPathPattern(pattern.replace(/^\//, ""), options);
  // A final `/**` means everything inside, so it must take at least one name.
  const whole = path.at(-1) === "**" ? [...path, (): boolean => true] : path;
  return [{ ignores, foldersOnly, matches: (_, names) => matchesPath(whole, names()) }];
}

function dropTrailingSpaces(pattern: string): string {
  let end = pattern.length;
  while (end > 0 && pattern[end - 1] === " ") end--;
  let backslashes = 0;
  while (pattern[end - 1 - backslashes] === "\\") backslashes++;
  return pattern.slice(0, backslashes % 2 === 1 && end < pattern.length ? end + 1 : end);
}

function add(
  outer: IgnoreRules | undefined,
  folder: string,
  file: string,
  platform: Platform,
): IgnoreRules | undefined {
  const text = readIgnoreFile(file);
  if (text === undefined) return outer;
  const lines = parseIgnoreLines(text, { ignoreCase: ignoresCase(platform) });
  return lines.length === 0 ? outer : { folder, lines, outer, platform };
}

/** The text of a regular file; links are not followed (nor does git, since 2.32), and failures mean no rules. */
function readIgnoreFile(file: string): string | undefined {
  try {
    const info = Deno.lstatSync(file);
    return info.isFile && info.size <= MAX_IGNORE_FILE_BYTES ? Deno.readTextFileSync(file) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Where git keeps what all work trees of a repository share: `.git` itself, or the folder that a `.git` file leads to,
 * and for a linked worktree the one that this leads to. Undefined when it leads nowhere.
 */
function findCommonFolder(git: string, top: string, platform: Platform): string | undefined {
  const pointer = readIgnoreFile(git);
  if (pointer === undefined) return git;
  const named = /^gitdir: (.+)/.exec(pointer)?.[1];
  const own = named === undefined ? undefined : resolvePointer(named, top, platform);
  if (own === undefined) return undefined;
  const common = readIgnoreFile(joinPath(own, "commondir", platform));
  return common === undefined ? own : resolvePointer(common, own, platform);
}

function resolvePointer(text: string, base: string, platform: Platform): string | undefined {
  const path = text.replace(/\r?\n$/, "");
  const absolute = normalise(isAbsolute(path, platform) ? path : joinPath(base, path, platform), platform);
  // Asking Windows about a share sends the user's credentials to that server.
  return absolute.startsWith("\\\\") && !base.startsWith("\\\\") ? undefined : absolute;
}

function isWorkTreeTop(folder: string, platform: Platform): boolean {
  try {
    const info = Deno.lstatSync(joinPath(folder, ".git", platform));
    return info.isDirectory || info.isFile;
  } catch {
    return false;
  }
}
