/**
 * What the commands that change `config.toml` share: the key that was asked for, and putting a new text in place.
 *
 * @module
 */

import { writeAtomically } from "../../base/atomic_write.ts";
import { AppError, messageOf } from "../../base/errors.ts";
import { currentPlatform } from "../../base/platform.ts";
import { openStateFolder, stateFolderPath } from "../../base/state_folder.ts";
import { isWithin } from "../../base/toml_scan.ts";
import type { CommandContext } from "../../cli/command.ts";
import { type AskedKey, parseKey, splitKey } from "../../config/keys.ts";
import { parseConfig, suggestName } from "../../config/parse.ts";
import type { SettingFault } from "../../config/model.ts";
import { configOf, configPath, readConfigText } from "../../config/read.ts";
import type { Surroundings } from "../../config/values.ts";
import { findSettingFaults } from "../../server/setting_faults.ts";

/**
 * The key that a person named.
 *
 * @throws {AppError} cli.usage with the key that may have been meant
 */
export function askedKey(word: string): AskedKey {
  const asked = parseKey(word);
  if (asked !== undefined) return asked;
  const meant = suggestName(splitKey(word));
  throw new AppError("cli.usage", `There is no setting ${word}`, {
    hint: meant === undefined ? 'See every setting with "agentos config list".' : `Did you mean ${meant}?`,
  });
}

/** Where paths in the settings are held against. */
export function surroundings(context: CommandContext): Surroundings {
  return { home: context.home, platform: currentPlatform() };
}

/** The settings file as it is now. */
export interface ConfigDraft {
  readonly file: string;
  /** Undefined when there is none. */
  readonly before: string | undefined;
}

/** Reads the file to be changed; the state folder is made when it is not there. */
export function openDraft(context: CommandContext): ConfigDraft {
  const folder = openStateFolder(stateFolderPath(context.env("AGENTOS_STATE"), context.home), context.home);
  const file = configPath(folder);
  return { file, before: readConfigText(file) };
}

/**
 * Why no server could start with a new text, whatever the environment says.
 *
 * @throws {AppError} config.invalid for a text that no command could use
 */
export function findFaults(
  { file }: ConfigDraft,
  after: string,
  context: CommandContext,
): readonly SettingFault[] {
  const around = surroundings(context);
  const config = configOf(parseConfig(after, file, around), file, around.home);
  return findSettingFaults(config, stateFolderPath(context.env("AGENTOS_STATE"), context.home));
}

/** True for a fault that a change of this key may have brought: it is of the same table, or of all that was turned on. */
export function concerns({ path }: SettingFault, changed: readonly string[]): boolean {
  const [table = "", key] = changed;
  return isWithin(
    path,
    key === "enabled" ? [table] : changed.length > 2 ? changed.slice(0, -1) : changed,
  );
}

/**
 * Checks a new text as every command would, and puts it in place: atomically, 0600, through a symbolic link.
 *
 * @throws {AppError} config.invalid, and nothing is written; path.changed when somebody wrote the file meanwhile;
 * file.write_failed with the old file intact
 */
export async function replaceConfig(
  { file, before }: ConfigDraft,
  after: string,
  context: CommandContext,
): Promise<void> {
  parseConfig(after, file, surroundings(context));
  if (after === before) return;
  try {
    await writeAtomically({
      path: before === undefined ? file : Deno.realPathSync(file),
      bytes: new TextEncoder().encode(after),
      mode: 0o600,
      check: () => {
        if (readConfigText(file) === before) return;
        throw new AppError("path.changed", `Cannot write ${file}: another program wrote it just now`, {
          hint: "Run the command again.",
        });
      },
    });
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const reason = messageOf(cause);
    throw new AppError("file.write_failed", `Cannot write ${file}: ${reason}`, { cause });
  }
}
