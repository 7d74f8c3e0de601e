/**
 * `agentos token rotate`: a new token in place of the old one, and the files that carry it kept in step.
 *
 * A running server follows the file at once. Clients that read the file at each connection go on by themselves; those
 * that were started with the old token in their environment are named, with what to do.
 *
 * @module
 */

import { currentPlatform } from "../../base/platform.ts";
import type { CommandContext, CommandRun } from "../../cli/command.ts";
import { replaceToken } from "../../server/token_file.ts";
import { tokenPath } from "../../base/state_folder.ts";
import { findSystemdFolder, takesToken, TOKEN_VARIABLE } from "../../sync/environment.ts";
import type { Applied } from "../../sync/model.ts";
import { readAllApplied } from "../../sync/read.ts";
import { withState } from "../sync/carry_out.ts";
import { stateFolderOf } from "../sync/open_home.ts";

/** Replaces the token. */
export const run: CommandRun<Record<never, never>> = async (_flags, context) => {
  const stateFolder = stateFolderOf(context);
  const path = tokenPath(stateFolder, currentPlatform());
  await withState(context, false, () => {
    replaceToken(path);
    return Promise.resolve();
  });
  context.output.answer(renderNextSteps(path, readAllApplied(stateFolder), context));
  return 0;
};

function renderNextSteps(path: string, homes: readonly Applied[], context: CommandContext): string {
  const withVariable = homes.filter(takesToken);
  const lines = [
    `A new token is in ${path}. A running server takes it at once; the old one works no more.`,
    ...homes.filter((home) => !takesToken(home)).map((home) =>
      `  ${home.home}  reads the token file at each connection: nothing to do`
    ),
    ...withVariable.map((home) =>
      `  ${home.home}  takes ${TOKEN_VARIABLE}: start ${home.client} again, from a shell with the new one`
    ),
  ];
  if (homes.length === 0) {
    lines.push("  Nothing was deployed with agentos sync: give your clients the new token.");
  }
  if (withVariable.length > 0 || context.env(TOKEN_VARIABLE) !== undefined) {
    lines.push('next: eval "$(agentos env)" in each open shell');
  }
  if (currentPlatform() === "linux" && findSystemdFolder(context.env, context.home) !== undefined) {
    lines.push(
      "next: agentos env --shell systemd | sh   (for programs that systemd starts before you log in again)",
    );
  }
  return lines.join("\n");
}
