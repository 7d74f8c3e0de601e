/**
 * Goes through folders in path order and shows every file that may be searched.
 *
 * Path order compares name by name, each by UTF-16 units; it is the order of answers and what a cursor counts on.
 * Left out are: names that start with a dot, what `.gitignore` ignores, forbidden folders, symbolic links, and
 * everything that is no regular file. None of these is opened, or looked at more than the folder's listing says.
 *
 * @module
 */

import { type Matcher, readGlob } from "../../../base/glob.ts";
import { isInside, joinPath } from "../../../base/path_rules.ts";
import { AppError } from "../../../base/errors.ts";
import { enterFolder, type IgnoreRules, isIgnored, readIgnoreRules } from "../ignore_rules.ts";
import type { SearchPlace } from "./cursor.ts";
import type { SearchRequest, SearchScope } from "./model.ts";

/** A file to search. Plain data. */
export interface WalkedFile {
  /** Which of the request's paths it lies below. */
  readonly start: number;
  readonly path: string;
  /** Lines up to this one are done already; 0 for none. */
  readonly afterLine: number;
}

/** Takes a file; answers false to end the walk. */
export type VisitFile = (file: WalkedFile) => boolean;

/**
 * Walks all paths of a request, from `place` on.
 *
 * @throws {AppError} tool.input when the glob cannot be read
 */
export function walkFiles(
  request: Pick<SearchRequest, "paths" | "glob">,
  scope: SearchScope,
  place: SearchPlace | undefined,
  visit: VisitFile,
): void {
  const matches = readGlobOf(request.glob, scope);
  for (const [start, path] of request.paths.entries()) {
    if (place !== undefined && start < place.start) continue;
    const done = place?.start === start ? place : undefined;
    if (!new Walk(start, path, scope, matches, visit).run(done)) return;
  }
}

function readGlobOf(glob: string | undefined, scope: SearchScope): Matcher | undefined {
  if (glob === undefined) return undefined;
  const matcher = readGlob(glob, { ignoreCase: scope.platform === "windows" });
  if (typeof matcher === "string") throw new AppError("tool.input", `Cannot use the glob: ${matcher}.`);
  return matcher;
}

/** The walk of one start. Each method answers false when the visitor wants no more. */
class Walk {
  constructor(
    readonly start: number,
    readonly path: string,
    readonly scope: SearchScope,
    readonly matches: Matcher | undefined,
    readonly visit: VisitFile,
  ) {}

  run(done: SearchPlace | undefined): boolean {
    const { path, scope } = this;
    if (isFile(path)) {
      if (done !== undefined && done.line === undefined) return true;
      return this.#show(path, path.slice(path.search(/[^\\/]*$/)), done?.line ?? 0);
    }
    const root = scope.roots.find((one) => isInside(path, one, scope.platform)) ?? path;
    const rules = readIgnoreRules(path, root, scope.platform);
    return this.#enter(path, "", rules, done === undefined ? [] : done.below.split("/"), done?.line);
  }

  /** `resume`: the names, from this folder on, that lead to where an earlier search stopped. */
  #enter(
    folder: string,
    below: string,
    rules: IgnoreRules | undefined,
    resume: readonly string[],
    doneLine: number | undefined,
  ): boolean {
    const { platform, forbidden } = this.scope;
    const [resumeName, ...resumeRest] = resume;
    for (const entry of listFolder(folder)) {
      const { name } = entry;
      if (resumeName !== undefined && name < resumeName) continue;
      const path = joinPath(folder, name, platform);
      if (isIgnored(rules, path, entry.isDirectory) || forbidden.includes(path)) continue;
      const resumes = name === resumeName;
      const nameBelow = below === "" ? name : `${below}/${name}`;
      if (entry.isDirectory) {
        const inner = enterFolder(rules, path, platform);
        if (!this.#enter(path, nameBelow, inner, resumes ? resumeRest : [], doneLine)) return false;
      } else {
        const isPlace = resumes && resumeRest.length === 0;
        if (isPlace && doneLine === undefined) continue;
        if (!this.#show(path, nameBelow, isPlace ? doneLine ?? 0 : 0)) return false;
      }
    }
    return true;
  }

  #show(path: string, below: string, afterLine: number): boolean {
    if (this.matches !== undefined && !this.matches(below)) return true;
    return this.visit({ start: this.start, path, afterLine });
  }
}

/** What may be searched in a folder, in order; empty when it cannot be read any more. */
function listFolder(folder: string): Deno.DirEntry[] {
  const entries: Deno.DirEntry[] = [];
  try {
    for (const entry of Deno.readDirSync(folder)) {
      if ((entry.isFile || entry.isDirectory) && !entry.name.startsWith(".")) entries.push(entry);
    }
  } catch {
    return [];
  }
  return entries.sort((one, other) => one.name < other.name ? -1 : 1);
}

function isFile(path: string): boolean {
  try {
    return Deno.lstatSync(path).isFile;
  } catch {
    return false;
  }
}
