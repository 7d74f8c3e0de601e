/**
 * Opening a file in the user's editor and waiting for it.
 *
 * @module
 */

import { AppError } from "../../base/errors.ts";
import { findProgram } from "../../base/find_program.ts";
import { currentPlatform } from "../../base/platform.ts";
import type { CommandContext } from "../../cli/command.ts";

/** What is there where nobody chose: Debian's choice of its user, and what Unix and Windows come with. */
const USUAL: readonly string[] = ["sensible-editor", "nano", "vi", "notepad"];

/**
 * Runs `VISUAL`, else `EDITOR`, else a usual editor on a file, until it ends. Both variables may hold arguments
 * (`code --wait`); no shell reads them.
 *
 * @throws {AppError} cli.usage when there is none; process.not_found; cli.interrupted when it says that it failed
 */
export async function runEditor(file: string, context: CommandContext): Promise<void> {
  const chosen = splitWords(context.env("VISUAL") ?? context.env("EDITOR") ?? "");
  const [program, ...args] = chosen.length > 0
    ? chosen
    : USUAL.filter((name) => isOnPath(name, context)).slice(0, 1);
  if (program === undefined) {
    throw new AppError("cli.usage", "No editor is known: neither VISUAL nor EDITOR is set", {
      hint: "Set one, for example EDITOR=nano, and run again.",
    });
  }
  let status: Deno.CommandStatus;
  try {
    status = await new Deno.Command(program, {
      args: [...args, file],
      stdin: "inherit",
      stdout: "inherit",
      stderr: "inherit",
    }).spawn().status;
  } catch (cause) {
    throw new AppError("process.not_found", `Cannot start the editor ${JSON.stringify(program)}`, {
      hint: "Set EDITOR to an editor that is installed.",
      cause,
    });
  }
  if (status.success) return;
  throw new AppError(
    "cli.interrupted",
    `The editor ended with exit code ${status.code}; nothing was changed`,
  );
}

function isOnPath(name: string, context: CommandContext): boolean {
  try {
    findProgram(name, {
      path: context.env("PATH") ?? "",
      pathExt: context.env("PATHEXT"),
      unsafeFolders: [],
      platform: currentPlatform(),
    });
    return true;
  } catch {
    return false;
  }
}

/** Words separated by blanks; quotes keep blanks within a word. */
function splitWords(text: string): readonly string[] {
  const words = text.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
  return words.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, (_, double, single) => double ?? single));
}
