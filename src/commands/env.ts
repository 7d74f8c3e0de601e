/**
 * `agentos env`: the line that puts the token into a shell's environment, for `eval`.
 *
 * What is printed reads the token file when it is evaluated; the token itself is never printed.
 *
 * @module
 */

import { isThere } from "../base/on_disk.ts";
import type { CommandRun } from "../cli/command.ts";
import { tokenPath } from "../base/state_folder.ts";
import { renderEnvironment } from "../sync/environment.ts";
import type { Shell } from "../sync/model.ts";
import { platformOf, stateFolderOf } from "./sync/open_home.ts";

/** The flags as the parser hands them over. */
export interface Flags {
  readonly shell?: Shell;
}

/** Prints the line. */
export const run: CommandRun<Flags> = (flags, context) => {
  const platform = platformOf();
  const shell = flags.shell ?? shellOf(context.env("SHELL"), platform === "windows");
  const path = tokenPath(stateFolderOf(context), platform);
  if (!isThere(path)) {
    context.output.talk(
      `agentos: there is no token in ${path} yet; start the server once (agentos serve), which makes it, and run this again`,
    );
  }
  context.output.answer(renderEnvironment(shell, path));
  return Promise.resolve(0);
};

function shellOf(program: string | undefined, isWindows: boolean): Shell {
  if (program === undefined && isWindows) return "powershell";
  return program?.endsWith("/fish") === true ? "fish" : "sh";
}
