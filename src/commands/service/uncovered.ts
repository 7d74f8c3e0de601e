/**
 * Whether the walls of an installed unit still hold the roots of the settings: they are written into it when it is
 * installed, and the config file may have changed since.
 *
 * @module
 */

import { isInside } from "../../base/path_rules.ts";
import type { Config } from "../../config/read.ts";
import { parseServeWords } from "../../service/spec.ts";
import { writableIn } from "../../service/systemd.ts";
import type { OpenService } from "./open_service.ts";

/** The writable roots that a server which starts now is given, and that the unit's walls would not let it write. */
export function findUncovered(
  present: string,
  { manager, platform }: OpenService,
  config: Config,
): readonly string[] {
  const writable = writableIn(present);
  if (writable === undefined) return [];
  const { root } = parseServeWords(manager.parseWords(present));
  return config.texts("server.roots", root).filter((path) =>
    !writable.some((folder) => isInside(realPath(path), folder, platform))
  );
}

function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path;
  }
}
