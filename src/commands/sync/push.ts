/**
 * `agentos sync push`: make each client's home what the repo wants, and cost its user nothing.
 *
 * What is safe is done without asking; what would cost an edit is refused, with the two ways to resolve it. Exit 0 when
 * everything is in sync afterwards, 2 when something was refused. While nothing changed since a push found everything in
 * sync, there is nothing to do, and nothing more is loaded.
 *
 * @module
 */

import { openStateFolder } from "../../base/state_folder.ts";
import type { CommandContext, CommandRun } from "../../cli/command.ts";
import { findExecutable, runProgram } from "./inquire.ts";
import type { ChoiceFlags, SyncFlags } from "./open_home.ts";
import { isPlain, recall } from "./recall.ts";

/** The flags of `sync push`. */
export interface Flags extends SyncFlags, ChoiceFlags {
  readonly dryRun?: boolean;
  readonly diff?: boolean;
  readonly merge?: boolean;
  readonly take?: "repo" | "home";
  readonly takeover?: boolean;
}

/** Runs the command. */
export const run: CommandRun<Flags> = async (flags, context) => {
  const answer = isPlain(flags, "quiet") ? await recallPush(context) : undefined;
  if (answer === undefined) return await (await import("./push_homes.ts")).pushHomes(flags, context);
  if (flags.quiet !== true) context.output.answer(answer);
  return 0;
};

/** What a push that has nothing to do says; undefined when it may have something. */
async function recallPush(context: CommandContext): Promise<string | undefined> {
  const standing = recall(context);
  if (standing === undefined || standing.answers.push === null) return undefined;
  const stateFolder = openStateFolder(context.env("AGENTOS_STATE"), context.home);
  if (isInterrupted(stateFolder) || standing.executable !== findExecutable(context)) return undefined;
  for (const { program, args, said } of standing.asked) {
    if ((await runProgram(program, args, context) ?? null) !== said) return undefined;
  }
  return standing.answers.push;
}

/** True when a run was killed before its end, and is to be finished first. */
function isInterrupted(stateFolder: string): boolean {
  try {
    Deno.statSync(`${stateFolder}/journal`);
    return true;
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound);
  }
}
