/**
 * What a server would refuse when it starts, found beforehand: for the commands that write settings, and for those that
 * look whether all is well. The rules are those that the server reads its settings by.
 *
 * @module
 */

import { AppError } from "../base/errors.ts";
import { currentPlatform } from "../base/platform.ts";
import type { ConfigName } from "../config/keys.ts";
import type { Origin, SettingFault } from "../config/model.ts";
import type { Config } from "../config/read.ts";
import { findProviderFaults } from "./gateway/settings.ts";
import { realFolder, realRoot } from "./settings.ts";

/**
 * Every fault of these settings, but for the home repo, which other commands use too.
 *
 * @param stateFolder as it is named; it need not be there
 */
export function findSettingFaults(config: Config, stateFolder: string): readonly SettingFault[] {
  const rootOf = (path: string, origin: Origin | undefined): string => checkRoot(path, origin, stateFolder);
  return [
    ...findFolderFaults(config, "server.roots", rootOf),
    ...findFolderFaults(config, "server.read_only_roots", rootOf),
    ...findFolderFaults(config, "server.ext_dir", realFolder),
    ...findProviderFaults(config),
  ];
}

/**
 * The real path of a folder that a server takes as a root.
 *
 * @param origin for messages; undefined where its reader knows
 * @param stateFolder as it is named; it need not be there
 * @throws {AppError} config.invalid
 */
export function checkRoot(path: string, origin: Origin | undefined, stateFolder: string): string {
  return realRoot(path, origin, realOrSame(stateFolder), currentPlatform());
}

function findFolderFaults(
  config: Config,
  name: ConfigName,
  check: (path: string, origin: Origin | undefined) => string,
): readonly SettingFault[] {
  const [first] = config.find(name).candidates;
  if (first === undefined) return [];
  const { value, origin } = first;
  const paths = typeof value === "string" ? [value] : Array.isArray(value) ? value : [];
  return paths.flatMap((path) => {
    try {
      check(path, origin.from === "file" ? undefined : origin);
      return [];
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const where = origin.from === "file" ? { file: origin.file, line: origin.line } : undefined;
      return [{
        path: name.split("."),
        error: where === undefined
          ? error
          : new AppError(error.code, error.message, { where, hint: error.hint, cause: error }),
        isUnfinished: false,
      }];
    }
  });
}

/** What is not there yet holds nothing. */
function realOrSame(folder: string): string {
  try {
    return Deno.realPathSync(folder);
  } catch {
    return folder;
  }
}
