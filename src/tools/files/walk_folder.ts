/**
 * Walking a folder tree in one fixed order, so that a walk can stop anywhere and go on from there later.
 *
 * A folder comes before what is in it; names come in the order of their UTF-16 units. Links are not followed,
 * `.git` and what no tool may see are passed over without a word.
 *
 * @module
 */

import { AppError } from "../../base/errors.ts";
import { holdsGitName, joinPath } from "../../base/path_rules.ts";
import type { FileIdentity } from "../../base/file_identity.ts";
import type { Root } from "../../base/roots.ts";
import { asFileError } from "./file_error.ts";
import { enterFolder, type IgnoreRules, isIgnored, readIgnoreRules } from "./ignore_rules.ts";
import { type LookedAt, refuseSwapped } from "./moved.ts";
import { isForbidden, type PathSettings } from "./resolve.ts";

/** What to walk, and what to leave out. */
export interface Walk {
  /** Absolute real path. */
  readonly folder: string;
  readonly root: Root;
  /** 1 for the folder's own entries alone. */
  readonly maxDepth: number;
  /** Also names that start with a dot, and what `.gitignore` files leave out. */
  readonly hidden: boolean;
  /** Go on behind this path, which an earlier walk ended with. */
  readonly after: string | undefined;
}

/** One thing met on the way. */
export interface Met {
  /** Below the walked folder, with `/`. */
  readonly path: string;
  /** Absolute. */
  readonly place: string;
  readonly type: "file" | "folder" | "link" | "other";
}

/** What the walk passed over and how it ended. */
export interface WalkEnd {
  readonly ignored: number;
  readonly hidden: number;
  /** Folders that the system did not let us look into. */
  readonly unreadable: number;
}

/** After so long others get a turn. Time and not names, because rules and globs may make each name slow. */
const TURN_MS = 20;

/** So many folders are looked at again in one go: some 20 ms where something moves. */
const MAX_UNCHECKED = 200;

/**
 * Calls `take` for each entry until it answers false or nothing is left.
 *
 * @throws {AppError} tool.cancelled; path.changed when a folder is swapped while it is read
 */
export async function walkFolder(
  walk: Walk,
  settings: PathSettings,
  signal: AbortSignal,
  take: (met: Met) => boolean,
): Promise<WalkEnd> {
  const { platform, pathChecks } = settings;
  const startedAtMs = Date.now();
  const counts = { ignored: 0, hidden: 0, unreadable: 0 };
  /** Folders that were read and not looked at again. */
  const unchecked: LookedAt[] = [];
  let turnEndsMs = performance.now() + TURN_MS;

  const check = (): void => {
    if (pathChecks) refuseSwapped(unchecked, walk.root, startedAtMs, platform);
    unchecked.length = 0;
  };

  const giveTurn = async (): Promise<void> => {
    // Not later: a folder that somebody removes meanwhile with good reason counts as swapped.
    check();
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (signal.aborted) throw new AppError("tool.cancelled", "The call was cancelled.");
    turnEndsMs = performance.now() + TURN_MS;
  };

  /** Answers whether to go on. `after` holds the names that the walk resumes behind, from this folder on. */
  const visit = async (
    folder: string,
    below: string,
    depth: number,
    rules: IgnoreRules | undefined,
    after: readonly string[],
  ): Promise<boolean> => {
    const listing = readFolder(folder, walk.root, depth === 1);
    if (listing === undefined) {
      counts.unreadable++;
      return true;
    }
    if (unchecked.push({ place: folder, info: listing.identity }) >= MAX_UNCHECKED) check();
    const inForce = depth === 1 || walk.hidden
      ? rules
      : enterFolder(rules, folder, platform, (name) => listing.types.has(name));
    const [resumeAt, ...resumeBelow] = after;

    for (const name of listing.names) {
      if (performance.now() > turnEndsMs) await giveTurn();
      if (resumeAt !== undefined && name < resumeAt) continue;
      const type = listing.types.get(name) ?? "other";
      const resumes = name === resumeAt;
      const place = joinPath(folder, name, platform);
      if (holdsGitName(name, platform) || isForbidden(place, settings)) continue;
      if (!walk.hidden) {
        const isHidden = name.startsWith(".");
        if (isHidden || isIgnored(inForce, place, type === "folder")) {
          if (!resumes) counts[isHidden ? "hidden" : "ignored"]++;
          continue;
        }
      }
      const path = below + name;
      if (!resumes && !take({ path, place, type })) return false;
      const descends = type === "folder" && depth < walk.maxDepth;
      if (descends && !await visit(place, `${path}/`, depth + 1, inForce, resumes ? resumeBelow : [])) {
        return false;
      }
    }
    return true;
  };

  const rules = walk.hidden ? undefined : readIgnoreRules(walk.folder, walk.root.path, platform);
  await visit(walk.folder, "", 1, rules, walk.after?.split("/") ?? []);
  check();
  return counts;
}

interface Listing {
  readonly identity: FileIdentity;
  readonly types: ReadonlyMap<string, Met["type"]>;
  /** In the order of their UTF-16 units. */
  readonly names: readonly string[];
}

/** The entries of a folder; undefined when it cannot be read, which for the first folder is an error. */
function readFolder(folder: string, root: Root, isFirst: boolean): Listing | undefined {
  try {
    const identity = Deno.lstatSync(folder);
    const types = new Map<string, Met["type"]>();
    for (const entry of Deno.readDirSync(folder)) types.set(entry.name, typeOf(entry));
    return { identity, types, names: [...types.keys()].sort() };
  } catch (error) {
    const known = asFileError(error, folder, "list", isFirst ? root : undefined);
    if (!isFirst && known instanceof AppError) return undefined;
    throw known;
  }
}

/** What an entry is, or what was looked at. */
export function typeOf(entry: Pick<Deno.DirEntry, "isSymlink" | "isFile" | "isDirectory">): Met["type"] {
  if (entry.isSymlink) return "link";
  if (entry.isFile) return "file";
  return entry.isDirectory ? "folder" : "other";
}
