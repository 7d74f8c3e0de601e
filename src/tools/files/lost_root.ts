/**
 * Roots that are gone, or were made anew, since the server put up its walls: the kernel's wall is bound to the folder
 * that stood there then, and lets nobody into another one of the same name.
 *
 * Asked only when a call has failed: what works needs no explanation.
 *
 * @module
 */

import { AppError } from "../../base/errors.ts";
import { normalise, quotePath, rootOf } from "../../base/path_rules.ts";
import { toRealRoot } from "../../base/root_aliases.ts";
import type { FolderIdentity, Root } from "../../base/roots.ts";
import type { ToolSettings } from "../define.ts";

const START_AGAIN =
  'start the server again: "agentos service restart", or end "agentos serve" and start it anew.';

/** The roots, each with what stands there now; for the server, when its walls go up. */
export function identifyRoots(roots: readonly Root[]): readonly Root[] {
  return roots.map((root) => {
    const identity = identify(root.path);
    return identity === undefined ? root : { ...root, identity };
  });
}

/** Why nothing in a root can be used any more: it is gone, or another folder stands there; undefined when neither. */
export function findLoss({ path, identity }: Root): AppError | undefined {
  const now = identify(path);
  if (now === undefined) {
    return new AppError("path.not_found", `The root ${quotePath(path)} is not there any more.`, {
      hint: `Put the folder back. If it was made anew, ${START_AGAIN}`,
    });
  }
  if (identity === undefined || isSame(identity, now)) return undefined;
  return new AppError(
    "path.denied",
    `The root ${quotePath(path)} was replaced since the server started, which may use the old folder only.`,
    { hint: `S${START_AGAIN.slice(1)}` },
  );
}

/** The root that a path names, as text: nothing is looked at. */
export function rootNamed(
  path: string,
  { roots, platform }: Pick<ToolSettings, "roots" | "platform">,
): Root | undefined {
  return rootOf(toRealRoot(normalise(path, platform), roots, platform), roots, platform);
}

/** Undefined when nothing stands there. */
function identify(path: string): FolderIdentity | undefined {
  try {
    const { dev, ino, birthtime } = Deno.lstatSync(path);
    return { dev, ino, bornAtMs: birthtime?.getTime() };
  } catch {
    return undefined;
  }
}

/** A folder that is made where one was removed often gets its number, too. */
function isSame(one: FolderIdentity, other: FolderIdentity): boolean {
  return one.dev === other.dev && one.ino === other.ino && one.bornAtMs === other.bornAtMs;
}
