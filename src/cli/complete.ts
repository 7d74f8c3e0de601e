/**
 * `agentos __complete WORDS…`: what could stand where the last word stands, one `word TAB brief` a line. Called
 * by the scripts that `agentos completions` prints, on each press of the tab key.
 *
 * @module
 */

import { proposeCompletions } from "@stricli/core";
import type { Command } from "./define.ts";
import { buildParser } from "./parse.ts";

/** The words that fit; none where the shell's own file names fit better. The last of `words` is the one begun. */
export async function complete(commands: readonly Command[], words: readonly string[]): Promise<string[]> {
  const ignore = (): void => {};
  const app = buildParser(commands, { choose: ignore, unknownCommand: ignore, wrong: ignore });
  const stream = { write: ignore };
  const { before, begun, prefix } = splitLastWord(words);
  const proposals = await proposeCompletions(app, [...before, begun], {
    process: { stdout: stream, stderr: stream },
  });
  return proposals
    .filter(({ completion }) => begun.startsWith("-") || !completion.startsWith("-"))
    .map(({ completion, brief }) => `${prefix}${completion}\t${brief}`);
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
