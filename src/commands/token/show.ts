/**
 * `agentos token show`: prints the token, after asking: whoever sees it can do all that the server can.
 *
 * @module
 */

import { AppError } from "../../base/errors.ts";
import { currentPlatform } from "../../base/platform.ts";
import { refuseOther, tokenPath } from "../../base/state_folder.ts";
import type { CommandRun } from "../../cli/command.ts";
import { readToken, stampOf } from "../../server/token_file.ts";
import { stateFolderOf } from "../sync/open_home.ts";

/** The flags as the parser hands them over. */
export interface Flags {
  readonly yes?: boolean;
}

/**
 * Prints the token.
 *
 * @throws {AppError} cli.usage when nobody can be asked; cli.interrupted after a no; token.unsafe; state.unusable
 */
export const run: CommandRun<Flags> = (flags, context) => {
  const stateFolder = stateFolderOf(context);
  refuseOther(stateFolder);
  const path = tokenPath(stateFolder, currentPlatform());
  if (stampOf(path) === undefined) {
    throw new AppError("token.unsafe", `There is no token yet: ${path}`, {
      hint: '"agentos serve" makes one at its first start, and so does "agentos sync push".',
    });
  }
  if (flags.yes !== true) confirmShowing();
  context.output.answer(readToken(path).token);
  return Promise.resolve(0);
};

function confirmShowing(): void {
  if (!Deno.stdin.isTerminal() || !Deno.stdout.isTerminal()) {
    throw new AppError("cli.usage", "Cannot ask whether to show the token: there is no terminal", {
      hint: 'Add --yes; or put it into a shell without showing it: eval "$(agentos env)".',
    });
  }
  if (!globalThis.confirm("Show the token on this screen? Whoever sees it can use your server.")) {
    throw new AppError("cli.interrupted", "The token was not shown", {
      hint: "Use --yes to skip the question.",
    });
  }
}
