/**
 * MANAGERS: the one table of service managers.
 *
 * @module
 */

import type { Platform } from "../base/path_rules.ts";
import { LAUNCHD } from "./launchd.ts";
import type { ManagerId, ServiceManager } from "./model.ts";
import { SYSTEMD } from "./systemd.ts";
import { TASK_SCHEDULER } from "./task_scheduler.ts";

/** Every manager by its name. */
export const MANAGERS: Readonly<Record<ManagerId, ServiceManager>> = {
  "systemd": SYSTEMD,
  "launchd": LAUNCHD,
  "task-scheduler": TASK_SCHEDULER,
};

/** The manager that a system comes with. */
export function managerOf(platform: Platform): ServiceManager {
  return { linux: SYSTEMD, darwin: LAUNCHD, windows: TASK_SCHEDULER }[platform];
}
