/**
 * What a path may look like and which root it belongs to, as pure functions of text.
 *
 * Nothing here touches a disk, so every platform's rules are tested on every platform. A path that passes is
 * only well formed: where it really leads is for whoever resolves its links to find out.
 *
 * @module
 */

import { holdsControl, maskControls } from "./control_characters.ts";
import { AppError } from "./errors.ts";
import type { Root } from "./roots.ts";
import { isWindowsAbsolute, splitWindowsPath, windowsPathProblem } from "./windows_paths.ts";

/** The systems whose path rules differ. */
export type Platform = "linux" | "darwin" | "windows";

/** Linux' PATH_MAX; other systems take about as much or less. */
const MAX_PATH_BYTES = 4096;
/** NAME_MAX of the common file systems. */
const MAX_NAME_BYTES = 255;

/** Windows of the kernel into itself, not files: reading one may block, act, or show other processes. */
const KERNEL_FOLDERS = ["/proc", "/dev", "/sys"];

/** Quick to ask, and true of every name that could be git's; most names are not. */
const MAY_BE_GIT = /g.*i.*t/i;

/** Code points that HFS+ leaves out when it compares names, so that `.g\u200cit` is `.git` (git 2.39, utf8.c). */
const HFS_IGNORED = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/**
 * Turns what a caller wrote into an absolute path without `.`, `..`, doubled or final separators. `..` is taken
 * away from the text, before any link is followed. Nothing is expanded: `~`, `$HOME` and `file:` are refused.
 *
 * A relative path, and the empty one, is held against the root when there is exactly one.
 *
 * @throws {AppError} path.no_roots, path.invalid
 */
export function parsePath(input: string, roots: readonly Root[], platform: Platform): string {
  const [root, ...others] = roots;
  if (root === undefined) throw new AppError("path.no_roots", "No folder is open to this tool.");

  const problem = pathProblem(input, platform);
  if (problem !== undefined) {
    throw new AppError("path.invalid", `Cannot use the path ${quotePath(input)}: ${problem}.`);
  }
  if (isAbsolute(input, platform)) return normalise(input, platform);
  if (others.length === 0) return normalise(joinPath(root.path, input, platform), platform);
  throw new AppError(
    "path.invalid",
    `Cannot use the relative path ${quotePath(input)}: there are several roots.`,
    { hint: `Give an absolute path below one of: ${roots.map(({ path }) => path).join(", ")}.` },
  );
}

/** Why a path cannot be used on this platform, as the end of a sentence; undefined when it can. */
export function pathProblem(input: string, platform: Platform): string | undefined {
  if (!input.isWellFormed()) return "it holds half of a character (a lone surrogate)";
  if (holdsControl(input)) return "it holds a control character";
  if (isLonger(input, MAX_PATH_BYTES)) return `it is longer than ${MAX_PATH_BYTES} bytes`;
  if (/^~$|^~[^/\\]*[/\\]/.test(input)) return "~ is not expanded";
  if (/^\$(\{|[A-Z_][A-Z0-9_]*([/\\]|$))|^%[A-Za-z_]\w*%/.test(input)) return "variables are not expanded";
  if (/^file:|^[A-Za-z][A-Za-z0-9+.-]+:\/\//i.test(input)) return "it is a URI, not a path";

  const problem = platform === "windows" ? windowsPathProblem(input) : posixPathProblem(input);
  if (problem !== undefined) return problem;
  const hasLongName = isLonger(input, MAX_NAME_BYTES) &&
    segments(input, platform).some((name) => isLonger(name, MAX_NAME_BYTES));
  return hasLongName ? `a name in it is longer than ${MAX_NAME_BYTES} bytes` : undefined;
}

/** Backslashes are legal in POSIX names, but a model that writes one means a Windows path. */
function posixPathProblem(input: string): string | undefined {
  if (/^[A-Za-z]:([\\/]|$)/.test(input)) return "it starts with a drive letter, and this is not Windows";
  if (input.includes("\\")) return "it holds a backslash; separate folders with /";
  return undefined;
}

/** Whether two names that differ in case alone usually mean one file; git takes it so, too (`core.ignoreCase`). */
export function ignoresCase(platform: Platform): boolean {
  return platform !== "linux";
}

/** True when the path names its place without a current folder. */
export function isAbsolute(path: string, platform: Platform): boolean {
  return platform === "windows" ? isWindowsAbsolute(path) : path.startsWith("/");
}

/** Takes `.`, `..`, doubled and final separators out of an absolute path; `..` stops at the top. */
export function normalise(path: string, platform: Platform): string {
  if (platform !== "windows") return "/" + collapse(segments(path, platform)).join("/");
  const { top, names } = splitWindowsPath(path);
  return top + collapse(names).join("\\");
}

/** Takes `.`, `..` and empty names out of a list of names; `..` stops at the top. */
export function collapse(names: readonly string[]): string[] {
  const kept: string[] = [];
  for (const name of names) {
    if (name === "..") kept.pop();
    else if (name !== "" && name !== ".") kept.push(name);
  }
  return kept;
}

/** The names of a path, in order; empty ones included. */
export function segments(path: string, platform: Platform): string[] {
  return path.split(platform === "windows" ? /[\\/]/ : "/");
}

/** Puts a folder and what is below it together, without normalising. */
export function joinPath(folder: string, below: string, platform: Platform): string {
  const separator = platform === "windows" ? "\\" : "/";
  return folder.endsWith(separator) ? folder + below : folder + separator + below;
}

/** The normalised absolute path that somebody means who stands in `cwd`. */
export function absoluteFrom(cwd: string, path: string, platform: Platform): string {
  return normalise(isAbsolute(path, platform) ? path : joinPath(cwd, path, platform), platform);
}

/** The folder that holds this normalised absolute path; the top of the tree is its own. */
export function parentOf(path: string, platform: Platform): string {
  return normalise(joinPath(path, "..", platform), platform);
}

/** True when a normalised absolute path is the folder itself or below it. A common prefix is not enough. */
export function isInside(path: string, folder: string, platform: Platform): boolean {
  const [inner, outer] = platform === "windows" ? [path.toLowerCase(), folder.toLowerCase()] : [path, folder];
  if (!inner.startsWith(outer)) return false;
  // Only the top of a tree ends with a separator itself.
  const separator = platform === "windows" ? "\\" : "/";
  return inner.length === outer.length || inner[outer.length] === separator || outer.endsWith(separator);
}

/** The path below a folder that holds it, separated with `/` on every platform; empty for the folder itself. */
export function pathBelow(path: string, folder: string, platform: Platform): string {
  const rest = path.length === folder.length ? "" : path.slice(joinPath(folder, "", platform).length);
  return platform === "windows" ? rest.replaceAll("\\", "/") : rest;
}

/** The most specific root that holds a path: its right to write is the one that counts. */
export function rootOf(path: string, roots: readonly Root[], platform: Platform): Root | undefined {
  return roots
    .filter((root) => isInside(path, root.path, platform))
    .reduce<Root | undefined>(
      (best, root) => best && best.path.length >= root.path.length ? best : root,
      undefined,
    );
}

/** True for `/proc`, `/dev`, `/sys` and all below them. */
export function isKernelPath(path: string, platform: Platform): boolean {
  return platform !== "windows" && KERNEL_FOLDERS.some((folder) => isInside(path, folder, platform));
}

/**
 * True when any name in the path is git's own folder or file: `.git` in any case, its NTFS short name, with the
 * trailing dots, spaces or stream that Windows drops, or with the characters that HFS+ drops. These are git's
 * own rules (`core.protectNTFS`, `core.protectHFS`), kept on every platform because disks travel.
 */
export function holdsGitName(path: string, platform: Platform): boolean {
  return segments(path, platform).some((name) => {
    if (!MAY_BE_GIT.test(name)) return false;
    const bare = name.replaceAll(HFS_IGNORED, "").replace(/:.*$/, "").replace(/[. ]+$/, "").toLowerCase();
    return bare === ".git" || bare === "git~1";
  });
}

/**
 * A path as it stands on a line of an answer. A disk may hold names that no tool takes; they must not end the line
 * and start a forged one, nor drive the terminal that shows them.
 */
export function showPath(path: string): string {
  return maskControls(path).toWellFormed();
}

/** As {@link showPath}, shortened in the middle: for where nobody takes the path from. */
export function showPathShort(path: string): string {
  return showPath(shorten(path));
}

/** A path as it stands in a sentence: quoted, control characters escaped, shortened in the middle. */
export function quotePath(path: string): string {
  const shown = shorten(path);
  // JSON leaves those control characters alone that came after ASCII.
  return maskControls(JSON.stringify(shown.toWellFormed()));
}

function shorten(path: string): string {
  return path.length <= 300 ? path : `${path.slice(0, 140)}…${path.slice(-140)}`;
}

function isLonger(text: string, maxBytes: number): boolean {
  // A UTF-16 unit takes three bytes at most, and one at least.
  return text.length * 3 > maxBytes &&
    (text.length > maxBytes || new TextEncoder().encode(text).length > maxBytes);
}
