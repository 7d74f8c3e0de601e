/**
 * What a command line asks for, found with as little as it needs: the rows of its first word and a plain reader, or,
 * for a line that is not plain, all rows and the parser.
 *
 * @module
 */

import { COMMAND_GROUPS, type LoadGroup } from "./command_groups.ts";
import type { Command } from "./define.ts";
import { choosePlainly } from "./find_command.ts";
import { replaceOldNames } from "./old_names.ts";
import type { Request } from "./parse.ts";

/** The commands, of which no more is loaded than a command line asks for. */
export interface CommandTable {
  /** By the first word of their names. */
  readonly groups: ReadonlyMap<string, LoadGroup>;
  /** All of them, in the order of the help text. */
  loadAll(): Promise<readonly Command[]>;
}

/** Ours. */
export const OWN_COMMANDS: CommandTable = {
  groups: COMMAND_GROUPS,
  loadAll: async () => (await import("./commands.ts")).COMMANDS,
};

/** Reads a command line, without what `--debug` says. */
export async function readCommandLine(
  args: readonly string[],
  table: CommandTable,
  colour: boolean,
): Promise<Request> {
  const words = replaceOldNames(args, (word) => table.groups.has(word));
  const group = await table.groups.get(words[0] ?? "")?.() ?? [];
  const chosen = choosePlainly(group, words);
  if (chosen !== undefined) return { kind: "run", chosen };
  const { parseCommandLine } = await import("./parse.ts");
  return await parseCommandLine(await table.loadAll(), words, colour);
}
