/**
 * What the commands that change `config.toml` share: the key that was asked for, and putting a new text in place.
 *
 * @module
 */

import { writeAtomically } from "../../base/atomic_write.ts";
import { AppError, messageOf } from "../../base/errors.ts";
import { currentPlatform } from "../../base/platform.ts";
import { openStateFolder, quoteForShell, stateFolderPath } from "../../base/state_folder.ts";
import { isWithin, renderPath } from "../../base/toml_scan.ts";
import type { CommandContext } from "../../cli/command.ts";
import { type AskedKey, joinFreeName, parseKey, splitKey } from "../../config/keys.ts";
import { type Mistake, readConfig, refuseMistakes, suggestName } from "../../config/parse.ts";
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
  const joined = joinFreeName(splitKey(word));
  if (joined !== undefined) {
    throw new AppError("cli.usage", `There is no setting ${word}: the dots in the name part it`, {
      hint: `Put the name into quotes, and all of it for the shell: ${quoteForShell(renderPath(joined))}`,
    });
  }
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

/** A new text that may be put in place, and what is wrong with it all the same. */
export interface ExaminedDraft extends ConfigDraft {
  readonly after: string;
  /** Why no server could start with it, whatever the environment says. */
  readonly faults: readonly SettingFault[];
  /** What the old text has too, and no command takes, with its line in the new one. */
  readonly left: readonly Mistake[];
}

/**
 * Looks a new text over.
 *
 * @throws {AppError} config.invalid for what no command takes and the old text has not; its place is in the new text
 */
export function examineDraft(
  { file, before }: ConfigDraft,
  after: string,
  context: CommandContext,
): ExaminedDraft {
  const around = surroundings(context);
  const { entries, mistakes } = readConfig(after, file, around);
  const known = before === undefined || mistakes.length === 0 ? [] : findMistakes(before, file, around);
  const isKnown = (mistake: Mistake): boolean =>
    known.some(({ path, message }) =>
      message === mistake.message && path.join("\0") === mistake.path.join("\0")
    );
  const brought = mistakes.filter((mistake) => !isKnown(mistake));
  if (brought.length > 0) throw refuseMistakes(brought, file);
  const config = configOf(entries, file, around.home);
  const stateFolder = stateFolderPath(context.env("AGENTOS_STATE"), context.home);
  return { file, before, after, faults: findSettingFaults(config, stateFolder), left: mistakes };
}

/** None of a text that is not TOML: whatever is put in its place is new. */
function findMistakes(text: string, file: string, around: Surroundings): readonly Mistake[] {
  try {
    return readConfig(text, file, around).mistakes;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return [];
  }
}

/** Says what is still wrong with the file that was just written: an edit of one key is not held up by another. */
export function sayLeft({ file, left }: ExaminedDraft, { output }: CommandContext): void {
  for (const { line, message } of left) {
    output.talk(`agentos: a mistake stays in ${file}:${line}: ${message}`);
  }
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
 * Puts a new text in place: atomically, 0600, through a symbolic link.
 *
 * @throws {AppError} path.changed when somebody wrote the file meanwhile; file.write_failed with the old file intact
 */
export async function replaceConfig({ file, before, after }: ExaminedDraft): Promise<void> {
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
