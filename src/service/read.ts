/**
 * What stands where a unit file would go.
 *
 * @module
 */

import { AppError, messageOf } from "../base/errors.ts";
import type { ServiceManager } from "./model.ts";

/**
 * The text of the unit file; undefined when there is none. A link, a folder and the like are somebody else's: their
 * text is empty, which no file of ours is.
 *
 * @throws {AppError} service.failed when it cannot be read
 */
export function readUnit(manager: ServiceManager, path: string): string | undefined {
  try {
    if (!Deno.lstatSync(path).isFile) return "";
    return manager.decode(Deno.readFileSync(path));
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    const reason = messageOf(cause);
    throw new AppError("service.failed", `Cannot read "${path}": ${reason}`, { cause });
  }
}
