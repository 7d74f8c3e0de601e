/**
 * What every service command does first: find the manager of this machine, and the unit file.
 *
 * @module
 */

import { AppError } from "../../base/errors.ts";
import { isFolder, isThere } from "../../base/on_disk.ts";
import type { Platform } from "../../base/path_rules.ts";
import { currentPlatform } from "../../base/platform.ts";
import { stateFolderPath } from "../../base/state_folder.ts";
import type { CommandContext } from "../../cli/command.ts";
import { type Caller, failed, openCaller } from "../../service/apply.ts";
import { managerOf, MANAGERS } from "../../service/mod.ts";
import type { ManagerId, ServiceManager, ServicePlace } from "../../service/model.ts";
import { readUnit } from "../../service/read.ts";
import { judgeUnit } from "../../service/seal.ts";

/** The flag that every service command takes. */
export interface ManagerFlags {
  readonly manager?: ManagerId;
}

/** The manager, and what it has of ours. */
export interface OpenService {
  readonly manager: ServiceManager;
  readonly place: ServicePlace;
  readonly platform: Platform;
  /** Absolute path of the unit file, and its text when there is one. */
  readonly unitFile: string;
  readonly present: string | undefined;
  readonly caller: Caller;
}

/** Finds out without calling anything. */
export function openService(context: CommandContext, named?: ManagerId): OpenService {
  const platform = currentPlatform();
  const manager = named === undefined ? managerOf(platform) : MANAGERS[named];
  const place = placeOf(context, platform, Deno.uid() ?? 0);
  const unitFile = manager.unitFile(place);
  return {
    manager,
    place,
    platform,
    unitFile,
    present: readUnit(manager, unitFile),
    caller: openCaller(managerEnvironment(platform), context.home, platform),
  };
}

/** Whether anything stands where the unit file goes. Needs the rights to read and to know the environment, no other. */
export function hasUnit(context: CommandContext): boolean {
  const platform = currentPlatform();
  // No unit file's place depends on the user's number.
  return isThere(managerOf(platform).unitFile(placeOf(context, platform, 0)));
}

function placeOf(context: CommandContext, platform: Platform, uid: number): ServicePlace {
  const { home } = context;
  const userName = context.env("USERNAME") ?? context.env("USER") ?? context.env("LOGNAME") ?? "";
  const userDomain = context.env("USERDOMAIN");
  const stateFolder = stateFolderPath(context.env("AGENTOS_STATE"), home);
  return {
    home,
    configFolder: context.env("XDG_CONFIG_HOME") ?? `${home}/.config`,
    // schtasks takes a word that begins with a slash for a flag of its own.
    stateFolder: platform === "windows" ? stateFolder.replaceAll("/", "\\") : stateFolder,
    uid,
    user: userDomain === undefined ? userName : `${userDomain}\\${userName}`,
  };
}

/**
 * The environment that a manager's programs are called with. After `su` or in a job of cron XDG_RUNTIME_DIR is missing,
 * and systemctl would not find the user's manager, which is there all the same.
 */
export function managerEnvironment(platform: Platform): Record<string, string> {
  const environment = Deno.env.toObject();
  const folder = `/run/user/${Deno.uid()}`;
  return platform !== "linux" || environment.XDG_RUNTIME_DIR !== undefined || !isFolder(folder)
    ? environment
    : { ...environment, XDG_RUNTIME_DIR: folder };
}

/**
 * Makes sure that the manager is there.
 *
 * @param byHand the command that runs the server without it
 * @throws {AppError} service.no_manager
 */
export async function requireManager({ manager, place, caller }: OpenService, byHand: string): Promise<void> {
  const hint = `Run the server by hand, for as long as you need it: ${byHand}`;
  const call = manager.probe(place);
  let reason: string;
  try {
    const answer = await caller.ask(call);
    if (answer.code === 0) return;
    reason = failed(call, answer).message;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    reason = error.message;
  }
  throw new AppError("service.no_manager", `No service manager (${manager.title}) answers here: ${reason}`, {
    hint,
  });
}

/**
 * Makes sure that there is a unit of ours to work with.
 *
 * @throws {AppError} service.not_installed, service.foreign, service.no_manager
 */
export async function requireInstalled(service: OpenService): Promise<void> {
  const { unitFile, present } = service;
  const verdict = await judgeUnit(present);
  if (verdict === "absent") throw notInstalled(unitFile);
  if (verdict === "foreign") throw foreignUnit(unitFile);
  await requireManager(service, "agentos serve");
}

/** What is said of a file that stands where ours would, and is not ours. */
export function foreignUnit(unitFile: string): AppError {
  return new AppError("service.foreign", `"${unitFile}" was not written by agentos and is left alone`);
}

/** What is said of a unit of ours that somebody changed. */
export function editedUnit(unitFile: string): AppError {
  return new AppError("service.edited", `"${unitFile}" was edited since agentos wrote it`);
}

/** What is said where a command needs the unit and there is none. */
export function notInstalled(unitFile: string): AppError {
  return new AppError("service.not_installed", `agentos is not installed as a service: no "${unitFile}"`);
}
