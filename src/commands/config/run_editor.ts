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

/** A program and the words before the file's name. */
export type Editor = readonly [program: string, ...args: readonly string[]];

/**
 * The user's editor: `VISUAL`, else `EDITOR`, else a usual one, which needs a terminal. Both variables may hold arguments
 * (`code --wait`); no shell reads them.
 *
 * @param file what is to be edited, for messages
 * @throws {AppError} cli.usage when there is none, or no terminal for it
 */
export function chooseEditor(file: string, context: CommandContext): Editor {
  const [program, ...args] = splitWords(context.env("VISUAL") ?? context.env("EDITOR") ?? "");
  if (program !== undefined) return [program, ...args];
  // It would wait for keys that nobody can press.
  if (!Deno.stdin.isTerminal()) {
    throw new AppError("cli.usage", "Cannot open an editor: there is no terminal, and EDITOR is not set", {
      hint: `Set EDITOR to a program that needs no terminal, or change the file itself: ${file}`,
    });
  }
  const usual = USUAL.find((name) => isOnPath(name, context));
  if (usual !== undefined) return [usual];
  throw new AppError("cli.usage", "No editor is known: neither VISUAL nor EDITOR is set", {
    hint: "Set one, for example EDITOR=nano, and run again.",
  });
}

/**
 * Runs an editor on a file, until it ends.
 *
 * @throws {AppError} process.not_found; cli.interrupted when it says that it failed
 */
export async function runEditor([program, ...args]: Editor, file: string): Promise<void> {
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
