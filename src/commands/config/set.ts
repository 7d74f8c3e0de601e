/**
 * `agentos config set KEY VALUE…`: writes one setting into `config.toml` and changes nothing else there.
 *
 * A value that a server could not start with (a root that is not there, an address that would give a key away) is
 * refused here, while somebody reads it. What another key still has to complete is said, and so is what was wrong before.
 *
 * @module
 */

import { AppError } from "../../base/errors.ts";
import { isFolder } from "../../base/on_disk.ts";
import { currentPlatform } from "../../base/platform.ts";
import { findRepo } from "../../base/repo.ts";
import type { CommandRun } from "../../cli/command.ts";
import { setKey } from "../../config/edit.ts";
import { type AskedKey, keyOf } from "../../config/keys.ts";
import type { ConfigValue } from "../../config/model.ts";
import { checkValue, parseWords, renderToml } from "../../config/values.ts";
import {
  askedKey,
  concerns,
  examineDraft,
  openDraft,
  replaceConfig,
  sayLeft,
  surroundings,
} from "./change.ts";

/** Writes the value. */
export const run: CommandRun<Record<never, never>, readonly string[]> = async (
  _flags,
  context,
  word,
  ...words
) => {
  const asked = askedKey(word ?? "");
  const key = keyOf(asked.name);
  const around = surroundings(context);
  if (words.length === 0) {
    throw new AppError("cli.usage", `There is no value for ${word}`, {
      hint: 'To take a setting out, use "agentos config unset KEY".',
    });
  }
  const parsed = parseWords(key.type, words, context.cwd, around);
  if (parsed.kind === "problem") {
    throw new AppError("config.invalid", `${word} must be ${parsed.mustBe}`, {
      hint: `Read about it with "agentos config explain ${word}".`,
    });
  }
  const full = checkValue(key.type, parsed.value, around);
  if (full.kind === "value") refuseMissingFolders(asked, full.value, context.cwd);
  const draft = openDraft(context);
  const toml = renderToml(parsed.value);
  const edited = setKey(draft.before ?? "", asked.path, toml);
  if (edited.kind === "problem") {
    throw new AppError("config.invalid", `Cannot change it: ${edited.message}`, {
      where: { file: draft.file, line: edited.line },
      hint: 'Change it with "agentos config edit".',
    });
  }
  const examined = examineDraft(draft, edited.text, context);
  const faults = examined.faults.filter((fault) => concerns(fault, asked.path));
  const wrong = faults.find(({ isUnfinished }) => !isUnfinished);
  // Its place would be one in a text that is not written.
  if (wrong !== undefined) {
    const { code, message, hint } = wrong.error;
    throw new AppError(code, message, { hint, cause: wrong.error });
  }
  await replaceConfig(examined);
  context.output.answer(`${word} = ${toml}`);
  sayLeft(examined, context);
  for (const { error } of faults) {
    context.output.talk(`agentos: ${error.message} yet; the server does not start before that`);
  }
  if (key.variable !== undefined && key.adds !== true && context.env(key.variable) !== undefined) {
    context.output.talk(`agentos: ${key.variable} is set here, and goes before the file`);
  }
  return 0;
};

/** Repositories that are trusted may be gone, as may be what a later machine brings; a server needs the others. */
function refuseMissingFolders({ name }: AskedKey, value: ConfigValue, cwd: string): void {
  const key = keyOf(name);
  if (name === "repo" && typeof value === "string") {
    const hint = "Name a home repo that is there, or make one: agentos init DIR";
    findRepo(value, cwd, currentPlatform(), hint);
    return;
  }
  if (key.adds === true || (key.type.kind !== "path" && key.type.kind !== "paths")) return;
  for (const path of typeof value === "string" ? [value] : Array.isArray(value) ? value : []) {
    if (isFolder(path)) continue;
    throw new AppError("config.invalid", `The folder "${path}" is not there`, { hint: "Make it first." });
  }
}
