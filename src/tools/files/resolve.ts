/**
 * From what a caller wrote to the one real place it names, inside the roots or not at all.
 *
 * The text is normalised first and a root's alias replaced by its real path, then every symbolic link is followed,
 * then the result is held against the roots, the protected folders and the right to write. Whatever leads out of the
 * roots gets one and the same answer, whether anything stands there or not.
 *
 * These calls are synchronous on purpose: each takes microseconds, where a turn through the thread pool takes
 * twenty times as long and leaves a wider gap between the check and the use.
 *
 * @module
 */

import { AppError } from "../../base/errors.ts";
import {
  holdsGitName,
  isAbsolute,
  isInside,
  isKernelPath,
  joinPath,
  normalise,
  parentOf,
  parsePath,
  pathBelow,
  quotePath,
  rootOf,
  segments,
} from "../../base/path_rules.ts";
import type { Platform } from "../../base/path_rules.ts";
import { toRealRoot } from "../../base/root_aliases.ts";
import type { Root } from "../../base/roots.ts";
import type { ToolSettings } from "../define.ts";
import { asFileError, systemCode } from "./file_error.ts";
import { findGitFolderAbove } from "./git_folder_above.ts";
import { findLoss } from "./lost_root.ts";
import { changed } from "./moved.ts";

/** The kernel's own limit (Linux, MAXSYMLINKS). */
const MAX_LINKS = 40;

/** What a path is wanted for. */
export interface PathUse {
  readonly for: "read" | "write";
}

/** A checked path. It was inside its root a moment ago; who opens it must look again (`open_checked.ts`). */
export interface ResolvedPath {
  /** Absolute real path: no link, no `..` in it. */
  readonly path: string;
  /** The most specific root that holds it. */
  readonly root: Root;
  /** The path below that root, with `/`; empty for the root itself. */
  readonly below: string;
  /** `missing` only when asked for writing: nothing stands there, and its nearest existing folder was checked. */
  readonly kind: "file" | "folder" | "missing";
}

/** The part of the settings that decides about paths. */
export type PathSettings = Pick<ToolSettings, "roots" | "forbidden" | "platform" | "pathChecks">;

/**
 * Resolves a path and checks it against what the server was started with. Only files and
 * folders pass: devices, FIFOs and sockets are told by looking, never by opening.
 *
 * @throws {AppError} path.invalid, path.no_roots, path.outside_roots, path.protected, path.read_only,
 * path.not_found, path.not_a_file, path.denied
 */
export function resolveInRoots(input: string, settings: PathSettings, use: PathUse): ResolvedPath {
  const { roots, platform } = settings;
  const named = parsePath(input, roots, platform);
  const wanted = toRealRoot(named, roots, platform);
  if (!settings.pathChecks) return resolveUnchecked(wanted, roots, platform);

  refuseBeforeTouching(wanted, settings);
  const found = followLinks(wanted, settings);
  if (found === "outside") throw lossAround(wanted, settings) ?? outside(wanted, roots);
  const root = rootOf(found.path, roots, platform);
  if (root === undefined) throw outside(wanted, roots);

  if (isForbidden(found.path, settings)) throw isProtected(wanted);
  if (use.for === "write") refuseUnwritable({ named, wanted, found }, root, platform);
  const { path, kind } = found;
  if (kind === "other") throw special(wanted);
  if (kind === "missing" && use.for === "read") throw notFound(wanted);
  return { path, root, below: pathBelow(path, root.path, platform), kind };
}

/** True when a real path lies in a folder that no tool may show, read or change. */
export function isForbidden(path: string, settings: PathSettings): boolean {
  return settings.pathChecks && (isKernelPath(path, settings.platform) ||
    settings.forbidden.some((folder) => isInside(path, folder, settings.platform)));
}

type Found = {
  readonly path: string;
  readonly kind: "file" | "folder" | "missing" | "other";
  /** True when the missing place is only named by a link. */
  readonly dangling: boolean;
};

/** Follows every link, and says `outside` as soon as one leads out of the roots, whatever stands there. */
function followLinks(path: string, settings: PathSettings, linksSoFar = 0): Found | "outside" {
  const { platform, roots } = settings;
  if (linksSoFar > MAX_LINKS) {
    throw new AppError("path.invalid", `Cannot use the path ${quotePath(path)}: its links go in a circle.`);
  }
  const real = realPath(path);
  if (real !== undefined) {
    return rootOf(real, roots, platform) === undefined
      ? "outside"
      : { path: real, kind: kindOf(real), dangling: false };
  }

  // Nothing can be reached there. The nearest folder that can be decides whether we may say so.
  let anchor = path;
  let realAnchor: string | undefined;
  while (realAnchor === undefined && anchor !== parentOf(anchor, platform)) {
    anchor = parentOf(anchor, platform);
    realAnchor = realPath(anchor);
  }
  if (realAnchor === undefined || rootOf(realAnchor, roots, platform) === undefined) return "outside";
  // Before anything is said of what stands there.
  if (isForbidden(realAnchor, settings)) throw isProtected(path);

  if (kindOf(realAnchor) !== "folder") {
    throw new AppError(
      "path.not_a_folder",
      `${quotePath(anchor)} is not a folder; nothing can stand below it.`,
    );
  }

  const [name = "", ...rest] = segments(path.slice(joinPath(anchor, "", platform).length), platform);
  const next = joinPath(realAnchor, name, platform);
  const info = lstat(next);
  if (info === undefined) {
    const missing = normalise(joinPath(next, rest.join("/"), platform), platform);
    return { path: missing, kind: "missing", dangling: linksSoFar > 0 };
  }
  if (info.isSymlink) {
    const target = readLink(next);
    const absolute = isAbsolute(target, platform) ? target : joinPath(realAnchor, target, platform);
    const onwards = normalise(joinPath(absolute, rest.join("/"), platform), platform);
    return followLinks(onwards, settings, linksSoFar + 1);
  }
  throw new AppError(
    "path.denied",
    `Cannot reach ${quotePath(path)}: the system does not let the server in.`,
  );
}

function refuseBeforeTouching(wanted: string, settings: PathSettings): void {
  const { platform, roots } = settings;
  const root = rootOf(wanted, roots, platform);
  // Asking Windows about a share sends the user's credentials to that server.
  if (root === undefined && wanted.startsWith("\\\\")) throw outside(wanted, roots);
  if (!isKernelPath(wanted, platform)) return;
  throw root === undefined ? outside(wanted, roots) : isProtected(wanted);
}

function refuseUnwritable(
  { named, wanted, found }: { readonly named: string; readonly wanted: string; readonly found: Found },
  root: Root,
  platform: Platform,
): void {
  if (!root.writable) {
    throw new AppError(
      "path.read_only",
      `Cannot write ${quotePath(wanted)}: ${root.path} is open for reading only.`,
    );
  }
  if ([found.path, wanted, named].some((path) => holdsGitName(path, platform))) {
    throw new AppError(
      "path.protected",
      `Cannot write ${quotePath(wanted)}: git's own files are not edited by tools.`,
    );
  }
  const gitFolder = findGitFolderAbove(found.path, root.path, platform);
  if (gitFolder !== undefined) {
    throw new AppError(
      "path.protected",
      `Cannot write ${quotePath(wanted)}: ${quotePath(gitFolder)} is a git folder, ` +
        "and git's own files are not edited by tools.",
    );
  }
  if (found.dangling) {
    throw new AppError(
      "path.not_found",
      `Cannot write ${quotePath(wanted)}: it is a link to a place that is missing.`,
      {
        hint: "Write to the link's target, or remove the link first.",
      },
    );
  }
}

/** For the test that shows what holds without any of this: only the text is made absolute. */
function resolveUnchecked(wanted: string, roots: readonly Root[], platform: Platform): ResolvedPath {
  const root = rootOf(wanted, roots, platform) ?? { path: parentOf(wanted, platform), writable: true };
  const kind = realPath(wanted) === undefined ? "missing" : kindOf(Deno.realPathSync(wanted));
  return {
    path: wanted,
    root,
    below: pathBelow(wanted, root.path, platform),
    kind: kind === "other" ? "file" : kind,
  };
}

/** The real path, or undefined when there is none that may be seen. */
function realPath(path: string): string | undefined {
  try {
    return Deno.realPathSync(path);
  } catch {
    return undefined;
  }
}

function lstat(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw asFileError(error, path, "look at");
  }
}

function readLink(path: string): string {
  try {
    return Deno.readLinkSync(path);
  } catch (error) {
    throw new AppError("path.changed", `${quotePath(path)} changed while it was looked at.`, {
      cause: error,
    });
  }
}

function kindOf(real: string): Found["kind"] {
  const info = lstat(real);
  if (info === undefined) return "missing";
  // A real path holds no link, so this one came in between.
  if (info.isSymlink) throw changed(real);
  if (info.isFile) return "file";
  return info.isDirectory ? "folder" : "other";
}

/** A root that is not there any more, or a link in its place, leads nowhere inside. */
function lossAround(wanted: string, { roots, platform }: PathSettings): AppError | undefined {
  const root = rootOf(wanted, roots, platform);
  return root && findLoss(root);
}

function outside(wanted: string, roots: readonly Root[]): AppError {
  return new AppError("path.outside_roots", `${quotePath(wanted)} is outside the roots.`, {
    hint: `Use a path inside a root: ${roots.map(({ path }) => path).join(", ")}.`,
  });
}

function isProtected(wanted: string): AppError {
  return new AppError("path.protected", `${quotePath(wanted)} is kept from all tools.`);
}

function special(wanted: string): AppError {
  return new AppError(
    "path.not_a_file",
    `${quotePath(wanted)} is a device, a FIFO or a socket; no tool opens one.`,
  );
}

function notFound(wanted: string): AppError {
  return new AppError("path.not_found", `Nothing stands at ${quotePath(wanted)}.`);
}
