/**
 * What a worker does between binding its socket and answering the first request. A module of its own: what it loads
 * must not hold up the socket.
 *
 * @module
 */

import { type KernelWall, lockDown } from "./landlock.ts";
import { raiseOpenFileLimit } from "./open_files.ts";
import { computeGrant, toKernelRules } from "./permissions.ts";
import type { AppSurroundings, OpenApp, OpenedApp } from "./worker.ts";

/** An application that may answer now. */
export interface Behind {
  readonly app: OpenedApp;
  readonly wall: KernelWall;
  /** See `ParkedThreads.address`. */
  readonly parkedAt: bigint | undefined;
}

/** Opens the application, puts up the kernel wall, gives back the rights that only opening needed. */
export async function openBehindWall(
  surroundings: Omit<AppSurroundings, "wall">,
  openApp: OpenApp,
): Promise<Behind> {
  let wall: KernelWall = { state: "off", reason: "not put up yet" };
  raiseOpenFileLimit();
  const app = await openApp({ ...surroundings, wall: () => wall });
  // The time zone is read from /etc once, at the first question.
  new Date().getTimezoneOffset();
  const rules = toKernelRules(computeGrant(surroundings.settings), surroundings.port);
  const { wall: built, parked } = await lockDown(rules);
  wall = built;
  Deno.permissions.revokeSync({ name: "ffi" });
  return { app, wall, parkedAt: parked?.address };
}
