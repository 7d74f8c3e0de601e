/**
 * Other ways to say the same: the names that commands had before, and `--<id>-version X` for `--client-version id=X`.
 *
 * `agentos help COMMAND` is `agentos COMMAND --help`. They are understood, but neither listed nor completed. Pure.
 *
 * @module
 */

import { isTopic } from "../help/model.ts";

/** The command names of the scripts that agentos replaces. */
const OLD_COMMANDS: Readonly<Record<string, readonly string[]>> = {
  "push-runtime": ["sync", "push"],
  "pull-runtime": ["sync", "pull"],
  "clean-runtime": ["sync", "clean"],
  "check-sync": ["sync", "check"],
};

/**
 * The words of a command line, old names replaced by today's.
 *
 * @param isCommand true for the first word of a command; a topic of the help goes before a command of its name
 */
export function replaceOldNames(
  words: readonly string[],
  isCommand: (word: string) => boolean,
): readonly string[] {
  const [first = "", ...rest] = words;
  const [second = ""] = rest;
  if (first === "help" && isCommand(second) && (!isTopic(second) || rest.length > 1)) {
    return [...rest, "--help"];
  }
  const current = Object.hasOwn(OLD_COMMANDS, first) ? [...OLD_COMMANDS[first] ?? [], ...rest] : words;
  return current[0] === "sync" ? replaceVersionFlags(current) : current;
}

function replaceVersionFlags(words: readonly string[]): readonly string[] {
  const replaced: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    const match = /^--([a-z]+)-version(?:=(.*))?$/.exec(word);
    const id = match?.[1];
    if (id === undefined || id === "client") {
      replaced.push(word);
      continue;
    }
    const version = match?.[2] ?? words[++at];
    replaced.push("--client-version", ...(version === undefined ? [] : [`${id}=${version}`]));
  }
  return replaced;
}
