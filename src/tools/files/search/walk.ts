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
import { ignoresCase, isInside, joinPath, parentOf } from "../../../base/path_rules.ts";
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

/** Who is told what the walk meets. */
export interface WalkVisitor {
  readonly visit: VisitFile;
  /** A folder could not be looked into. */
  readonly pass: () => void;
}

/**
 * Walks all paths of a request, from `place` on. False when the visitor wanted no more.
 *
 * @throws {AppError} tool.input when the glob cannot be read
 */
export function walkFiles(
  request: Pick<SearchRequest, "paths" | "glob">,
  scope: SearchScope,
  place: SearchPlace | undefined,
  visitor: WalkVisitor,
): boolean {
  const matches = readGlobOf(request.glob, scope);
  for (const [start, path] of request.paths.entries()) {
    if (place !== undefined && start < place.start) continue;
    const done = place?.start === start ? place : undefined;
    if (!new Walk(start, path, scope, matches, visitor).run(done)) return false;
  }
  return true;
}

function readGlobOf(glob: string | undefined, scope: SearchScope): Matcher | undefined {
  if (glob === undefined) return undefined;
  const matcher = readGlob(glob, { ignoreCase: ignoresCase(scope.platform) });
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
    readonly visitor: WalkVisitor,
  ) {}

  run(done: SearchPlace | undefined): boolean {
    const { path, scope } = this;
    if (isFile(path)) {
      if (done !== undefined && done.line === undefined) return true;
      return this.#show(path, path.slice(path.search(/[^\\/]*$/)), done?.line ?? 0);
    }
    const root = rootOf(path, scope);
    const outer = path === root
      ? undefined
      : readIgnoreRules(parentOf(path, scope.platform), root, scope.platform);
    // Who names an ignored folder wants to see it: then only its own rules count.
    const rules = isIgnored(outer, path, true) ? undefined : outer;
    return this.#enter(path, "", rules, done === undefined ? [] : done.below.split("/"), done?.line);
  }

  /** `resume`: the names, from this folder on, that lead to where an earlier search stopped. */
  #enter(
    folder: string,
    below: string,
    outer: IgnoreRules | undefined,
    resume: readonly string[],
    doneLine: number | undefined,
  ): boolean {
    const { platform, forbidden } = this.scope;
    const [resumeName, ...resumeRest] = resume;
    const { entries, special } = listFolder(folder, (isGone) => {
      // What goes away meanwhile is nobody's loss, but what was asked for is.
      if (!isGone || below === "") this.visitor.pass();
    });
    const rules = special.length === 0
      ? outer
      : enterFolder(outer, folder, platform, (name) => special.includes(name));
    for (const { name, isDirectory } of entries) {
      if (resumeName !== undefined && name < resumeName) continue;
      const path = joinPath(folder, name, platform);
      if (isIgnored(rules, path, isDirectory) || forbidden.includes(path)) continue;
      const resumes = name === resumeName;
      const nameBelow = below === "" ? name : `${below}/${name}`;
      if (isDirectory) {
        if (!this.#enter(path, nameBelow, rules, resumes ? resumeRest : [], doneLine)) return false;
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
    return this.visitor.visit({ start: this.start, path, afterLine });
  }
}

/** A folder's listing. */
interface Listing {
  /** What may be searched, in order. */
  readonly entries: readonly Deno.DirEntry[];
  /** `.git` and `.gitignore`, where they are. */
  readonly special: readonly string[];
}

/** Lists a folder; as if it were empty when it cannot be read, which `onFailure` hears. */
function listFolder(folder: string, onFailure: (isGone: boolean) => void): Listing {
  const entries: Deno.DirEntry[] = [];
  const special: string[] = [];
  try {
    for (const entry of Deno.readDirSync(folder)) {
      const { name } = entry;
      if (name.startsWith(".")) {
        if (name === ".git" || name === ".gitignore") special.push(name);
      } else if (entry.isFile || entry.isDirectory) {
        entries.push(entry);
      }
    }
  } catch (error) {
    onFailure(error instanceof Deno.errors.NotFound);
    return { entries: [], special: [] };
  }
  return { entries: entries.sort((one, other) => one.name < other.name ? -1 : 1), special };
}

/** The innermost root that holds a path. */
function rootOf(path: string, scope: SearchScope): string {
  return scope.roots
    .filter((root) => isInside(path, root, scope.platform))
    .reduce((best, root) => root.length > best.length ? root : best, "") || path;
}

function isFile(path: string): boolean {
  try {
    return Deno.lstatSync(path).isFile;
  } catch {
    return false;
  }
}
