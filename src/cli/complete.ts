/**
 * `agentos __complete WORDS…`: what could stand where the last word stands, one `word TAB brief` a line. Called
 * by the scripts that `agentos completions` prints, on each press of the tab key.
 *
 * @module
 */

import { buildCommand, proposeCompletions } from "@stricli/core";
import { type Command, toKebab } from "./define.ts";
import { findCommand } from "./find_command.ts";
import { beforeDashes, buildParser } from "./parse.ts";

/** A word that fits, and what it means. */
interface Offer {
  readonly word: string;
  readonly brief: string;
}

/** What of a flag decides how it is completed. */
interface KnownFlag extends Offer {
  /** True when it takes no value. */
  readonly isSwitch: boolean;
  readonly isNegatable: boolean;
  /** What stands between its values; undefined when they are not joined. */
  readonly separator: string | undefined;
}

/** The words that fit; none where the shell's own file names fit better. The last of `words` is the one begun. */
export async function complete(commands: readonly Command[], words: readonly string[]): Promise<string[]> {
  const ignore = (): void => {};
  const { before, begun, prefix } = splitLastWord(words);
  const command = findCommand(commands, before);
  // As when a line is read: in the tree of all commands, one hides those whose names go on where its own ends.
  const app = buildParser(command === undefined ? commands : [command], {
    choose: ignore,
    unknownCommand: ignore,
    wrong: ignore,
  });
  const stream = { write: ignore };
  const flags = command === undefined ? [] : listFlags(command);
  const { done, last, separator } = splitList(before, begun, flags);
  const proposals = await proposeCompletions(app, [...before, last], {
    process: { stdout: stream, stderr: stream },
  });
  const proposed = proposals.map(({ completion, brief }): Offer => ({ word: completion, brief }));
  const below = command === undefined ? [] : listBelow(commands, command, before, last);
  return [...below, ...proposed, ...listNegations(flags, before, last)]
    .filter(({ word }) => last.startsWith("-") || !word.startsWith("-"))
    .filter(({ word }) => !done.includes(word))
    .map(({ word, brief }) => `${prefix}${[...done, word].join(separator)}\t${brief}`);
}

function listFlags(command: Command): readonly KnownFlag[] {
  return Object.entries(command.build(buildCommand, () => {}).parameters.flags ?? {}).map(([name, flag]) => ({
    word: `--${toKebab(name)}`,
    brief: flag.brief,
    isSwitch: flag.kind === "boolean",
    isNegatable: flag.kind === "boolean" && flag.withNegated !== false,
    separator: "variadic" in flag && typeof flag.variadic === "string" ? flag.variadic : undefined,
  }));
}

/** The words that lead on to commands whose names begin with this one's. */
function listBelow(
  commands: readonly Command[],
  { path }: Command,
  before: readonly string[],
  begun: string,
): readonly Offer[] {
  if (before.length > path.length) return [];
  return commands.filter((other) =>
    !other.hidden && other.path.length === path.length + 1 &&
    path.every((word, at) => other.path[at] === word)
  ).map((other): Offer => ({ word: other.path.at(-1) ?? "", brief: other.brief }))
    .filter(({ word }) => word.startsWith(begun));
}

/** The `--no-…` of each flag that is not given yet, which the parser takes and does not propose. */
function listNegations(
  flags: readonly KnownFlag[],
  before: readonly string[],
  begun: string,
): readonly Offer[] {
  const awaitsValue = flags.some(({ word, isSwitch }) => !isSwitch && word === before.at(-1));
  if (awaitsValue || beforeDashes(before).length < before.length) return [];
  return flags.filter(({ isNegatable }) => isNegatable)
    .map(({ word, brief }) => ({ asserted: word, word: word.replace("--", "--no-"), brief: `Not: ${brief}` }))
    .filter(({ asserted, word }) =>
      word.startsWith(begun) && !before.includes(word) && !before.includes(asserted)
    );
}

/** Takes `--only a,b` apart, so that only `b` is completed; the whole word is what shells want back. */
function splitList(
  before: readonly string[],
  begun: string,
  flags: readonly KnownFlag[],
): { readonly done: readonly string[]; readonly last: string; readonly separator: string } {
  const separator = flags.find(({ word }) => word === before.at(-1))?.separator;
  const parts = separator === undefined ? [begun] : begun.split(separator);
  return { done: parts.slice(0, -1), last: parts.at(-1) ?? "", separator: separator ?? "" };
}

/**
 * Takes `--flag=va` apart, so that only `va` is completed: zsh and fish hand it over as one word, and want the
 * whole word back; bash has already split it at the `=`, and wants the last part.
 */
function splitLastWord(words: readonly string[]): { before: string[]; begun: string; prefix: string } {
  const joined = /^(--[^=]+)=(.*)$/s.exec(words.at(-1) ?? "");
  if (joined !== null) {
    const [, flag = "", begun = ""] = joined;
    return { before: [...words.slice(0, -1), flag], begun, prefix: `${flag}=` };
  }
  const isSign = (at: number): boolean => words[at] === "=" && (words[at - 1]?.startsWith("--") ?? false);
  const kept = words.filter((_, at) => !isSign(at));
  if (isSign(words.length - 1)) return { before: kept, begun: "", prefix: "" };
  return { before: kept.slice(0, -1), begun: kept.at(-1) ?? "", prefix: "" };
}
