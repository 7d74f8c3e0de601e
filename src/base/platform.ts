/**
 * Which system's rules hold here.
 *
 * @module
 */

import type { Platform } from "./path_rules.ts";

/** The system that this process runs on. */
export function currentPlatform(): Platform {
  const { os } = Deno.build;
  return os === "windows" || os === "darwin" ? os : "linux";
}
