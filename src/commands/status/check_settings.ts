/**
 * Checks of the settings file, the home repo and the portfolio in it.
 *
 * @module
 */

import { AppError, renderPlace } from "../../base/errors.ts";
import type { CommandContext } from "../../cli/command.ts";
import { type Config, defaultConfig, openConfig } from "../../config/read.ts";
import { type FoundRepo, locateRepo, renderReason } from "../../config/repo.ts";
import type { SettingFault } from "../../config/model.ts";
import type { Neighbour } from "../../server/health.ts";
import { findSettingFaults } from "../../server/setting_faults.ts";
import { brokenBy, type Check } from "../../status/model.ts";
import { stateFolderOf } from "../sync/open_home.ts";

/** The settings as far as they can be read; defaults and environment stand in where they cannot. */
export interface SettingsReading {
  readonly config: Config;
  readonly error: AppError | undefined;
  /** Why no server could start with what was read. */
  readonly faults: readonly SettingFault[];
}

/** Reads the settings. */
export async function readSettingsFile(context: CommandContext): Promise<SettingsReading> {
  try {
    const config = await openConfig(context);
    return { config, error: undefined, faults: findSettingFaults(config, stateFolderOf(context)) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { config: defaultConfig(context), error, faults: [] };
  }
}

/** Judges the settings file. Pure. */
export function judgeSettings({ config, error, faults }: SettingsReading): Check {
  const base = { id: "settings", name: "settings" } as const;
  if (error !== undefined) return { ...base, ...brokenBy(error), data: { file: config.file } };
  const count = config.entries.length;
  const [first] = faults;
  if (first !== undefined) {
    return {
      ...base,
      state: "bad",
      text: `${sayFault(first)}; the server does not start with it`,
      details: faults.slice(1).map(sayFault),
      next: "agentos config edit",
      data: { file: config.file, count },
    };
  }
  return {
    ...base,
    state: "good",
    text: count === 0 ? "none set; the defaults hold" : `${count} in ${config.file}`,
    details: config.entries.map(({ path, line }) => `line ${line}: ${path.join(".")}`),
    data: { file: config.file, count },
  };
}

function sayFault({ error }: SettingFault): string {
  return error.where === undefined ? error.message : `${renderPlace(error.where)}: ${error.message}`;
}

/** The home repo, or why there is none. */
export type RepoReading =
  | { readonly kind: "found"; readonly repo: FoundRepo }
  | { readonly kind: "none" }
  | { readonly kind: "error"; readonly error: AppError };

/** Finds the repo as every command does. */
export function readRepo(config: Config, context: CommandContext): RepoReading {
  try {
    const repo = locateRepo(config, undefined, context.cwd);
    return repo === undefined ? { kind: "none" } : { kind: "found", repo };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { kind: "error", error };
  }
}

/** Judges the repo, and whether the server serves the same one. Pure. */
export function judgeRepo(reading: RepoReading, server: Neighbour): readonly Check[] {
  const base = { id: "repo", name: "repo" } as const;
  const served = server.kind === "agentos" ? server.health.repo : undefined;
  if (reading.kind === "error") return [{ ...base, ...brokenBy(reading.error) }];
  const mine = reading.kind === "found" ? reading.repo.folder : null;
  const own: Check = reading.kind === "found"
    ? {
      ...base,
      state: "good",
      text: `${reading.repo.folder} (${renderReason(reading.repo)})`,
      data: { folder: reading.repo.folder },
    }
    : {
      ...base,
      state: "note",
      text: "none; the copy in the executable serves",
      next: "agentos init DIR makes one",
      data: { folder: null },
    };
  if (served === undefined || served === mine) return [own];
  return [own, {
    id: "repo.served",
    name: "served repo",
    state: "note",
    text: served === null ? "none: the server serves the example portfolio" : `${served}, another one`,
    next: mine === null
      ? `agentos config set repo ${served} makes every command use it`
      : "start the server again to serve this repo",
    data: { folder: served },
  }];
}
