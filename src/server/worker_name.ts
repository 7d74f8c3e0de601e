/**
 * The settings as the name of the Worker that serves by them. A message would be lost before the Worker listens for it,
 * and to wait until it says that it does costs a start a trip between two threads that are busy enough.
 *
 * @module
 */

import type { ServerSettings } from "./settings.ts";

/** The name of a Worker that is to serve by these settings. */
export function nameWorker(settings: ServerSettings): string {
  return JSON.stringify(settings);
}

/** The settings that a Worker was named with. */
export function readWorkerName(name: string): ServerSettings {
  return JSON.parse(name);
}
