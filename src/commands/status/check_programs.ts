/**
 * Checks of what a server that starts now would be given: its roots, and the programs that its tools run.
 *
 * @module
 */

import { AppError } from "../../base/errors.ts";
import { findProgram } from "../../base/find_program.ts";
import { isFolder } from "../../base/on_disk.ts";
import { currentPlatform } from "../../base/platform.ts";
import type { CommandContext } from "../../cli/command.ts";
import type { Config } from "../../config/read.ts";
import type { Check } from "../../status/model.ts";
import type { SettingsReading } from "./check_settings.ts";

const ROOT_KEYS: readonly string[] = ["server.roots", "server.read_only_roots"];

/** Looks for each root and each program. */
export function checkPrograms(settings: SettingsReading, context: CommandContext): readonly Check[] {
  const { config } = settings;
  return [
    checkRoots(settings),
    ...config.texts("server.allow_run").map((name) => checkProgram(name, config, context)),
  ];
}

function checkRoots({ config, faults }: SettingsReading): Check {
  const base = { id: "settings.roots", name: "roots in settings" } as const;
  const roots = [...config.texts("server.roots"), ...config.texts("server.read_only_roots")];
  const missing = roots.filter((path) => !isFolder(path));
  if (missing.length > 0) {
    return {
      ...base,
      state: "bad",
      text: `not there: ${missing.join(", ")}; the server will not start with them`,
      next: "agentos config set server.roots DIR…",
    };
  }
  const refused = faults.find(({ path }) => ROOT_KEYS.includes(path.join(".")));
  if (refused !== undefined) {
    return {
      ...base,
      state: "bad",
      text: refused.error.message,
      next: "agentos config set server.roots DIR…",
    };
  }
  return { ...base, state: "good", text: roots.length === 0 ? "none" : roots.join(", ") };
}

function checkProgram(name: string, config: Config, context: CommandContext): Check {
  const base = { id: `program.${name.replaceAll(/[^a-z_]/g, "_")}`, name } as const;
  try {
    const file = findProgram(name, {
      path: context.env("PATH") ?? "",
      pathExt: context.env("PATHEXT"),
      unsafeFolders: config.texts("server.roots"),
      platform: currentPlatform(),
    });
    return { ...base, state: "good", text: file };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { ...base, state: "note", text: error.message, next: error.hint };
  }
}
