/**
 * The command that a command line names, and, where the line is plain enough, the command ready to run.
 *
 * @module
 */

import type { Chosen, Command } from "./define.ts";

/** The command that a command line begins with. */
export function findCommand(commands: readonly Command[], words: readonly string[]): Command | undefined {
  return commands.find(({ path }) => path.every((word, index) => words[index] === word));
}

/** The command with what it is given; undefined when the parser must read the line. */
export function choosePlainly(commands: readonly Command[], words: readonly string[]): Chosen | undefined {
  const command = findCommand(commands, words);
  return command?.choosePlainly(words.slice(command.path.length));
}
