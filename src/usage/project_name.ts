/**
 * What a user may call a project: its folder's path, a folder above it, or the folder's name alone. Pure.
 *
 * @module
 */

import { absoluteFrom, isAbsolute, normalise, type Platform } from "../base/path_rules.ts";

/** A drive or a share, as programs on Windows log their folder, wherever that log is read. */
const WINDOWS_PATH = /^(?:[a-z]:[\\/]|\\\\)/i;

/**
 * What is asked for, as {@link isProject} takes it: a relative path begins at the current folder; a name alone stays one.
 *
 * @param cwd absolute
 */
export function placeProject(asked: string, cwd: string, platform: Platform): string {
  const separator = platform === "windows" ? /[\\/]/ : /\//;
  const isName = !separator.test(asked.replace(/[\\/]+$/, "")) && !/^\.{1,2}[\\/]*$/.test(asked);
  if (asked.startsWith("/")) return normalise(asked, "linux");
  if (isName || WINDOWS_PATH.test(asked) || isAbsolute(asked, platform)) return asked;
  return absoluteFrom(cwd, asked, platform);
}

/** True when a logged folder is of the project that is asked for. A path of Windows may be asked for with either separator. */
export function isProject(folder: string, asked: string): boolean {
  const isWindows = WINDOWS_PATH.test(folder);
  const place = spell(folder, isWindows);
  const path = spell(asked, isWindows);
  return (place === path && folder !== "") || place.startsWith(`${path}/`) ||
    folder.split(/[/\\]/).at(-1) === asked.replace(/(?<=.)[/\\]+$/, "");
}

/** With single separators, and none at the end. */
function spell(path: string, isWindows: boolean): string {
  return (isWindows ? path.replaceAll("\\", "/") : path).replace(/\/+/g, "/").replace(/\/$/, "");
}
