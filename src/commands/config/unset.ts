/**
 * `agentos config unset KEY`: takes one setting out of `config.toml`, so that the default holds again.
 *
 * A key that agentos does not know can be taken out too: that mends a file which is refused because of it.
 *
 * @module
 */

import { AppError } from "../../base/errors.ts";
import type { CommandRun } from "../../cli/command.ts";
import { unsetKey } from "../../config/edit.ts";
import { splitKey } from "../../config/keys.ts";
import { concerns, examineDraft, openDraft, replaceConfig, sayLeft } from "./change.ts";

/** Takes the key out. Answers 1 when it was not in the file. */
export const run: CommandRun<Record<never, never>, readonly [string]> = async (_flags, context, word) => {
  const draft = openDraft(context);
  const before = draft.before ?? "";
  const edited = unsetKey(before, splitKey(word));
  if (edited.kind === "problem") {
    throw new AppError("config.invalid", `Cannot change it: ${edited.message}`, {
      where: { file: draft.file, line: edited.line },
      hint: 'Change it with "agentos config edit".',
    });
  }
  if (edited.text === before) {
    context.output.talk(`agentos: ${word} is not set in ${draft.file}`);
    return 1;
  }
  const examined = examineDraft(draft, edited.text, context);
  await replaceConfig(examined);
  sayLeft(examined, context);
  // Taking out is never refused: it is the way out of what a server refuses, and may take two steps.
  const path = splitKey(word);
  for (const { error } of examined.faults.filter((fault) => concerns(fault, path))) {
    context.output.talk(`agentos: the server does not start with what is left: ${error.message}`);
  }
  return 0;
};
