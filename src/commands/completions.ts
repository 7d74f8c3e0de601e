/**
 * `agentos completions SHELL`: a script that makes the shell ask `agentos __complete` for each word.
 *
 * The scripts hold no command and no flag: what can be completed is answered by the executable that is
 * installed, so a script never goes stale.
 *
 * @module
 */

import { AppError } from "../base/errors.ts";
import type { CommandRun } from "../cli/command.ts";
import { SCRIPTS } from "./completions/scripts.ts";

/** Prints the script for `bash`, `zsh` or `fish`. */
export const run: CommandRun<Record<never, never>, [shell: string]> = (_flags, { output }, shell) => {
  const script = SCRIPTS.get(shell);
  if (script === undefined) {
    throw new AppError("cli.usage", `There is no completion script for "${shell}"`, {
      hint: `Choose one of ${[...SCRIPTS.keys()].join(", ")}.`,
    });
  }
  output.answer(script.trimEnd());
  return Promise.resolve(0);
};
