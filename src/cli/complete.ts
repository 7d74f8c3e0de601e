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
  const ignore = () => {};
  const app = buildParser(commands, { choose: ignore, unknownCommand: ignore, wrong: ignore });
  const stream = { write: ignore };
  const proposals = await proposeCompletions(app, words, { process: { stdout: stream, stderr: stream } });
  const flagsAsked = words.at(-1)?.startsWith("-") ?? false;
  return proposals
    .filter(({ completion }) => flagsAsked || !completion.startsWith("-"))
    .map(({ completion, brief }) => `${completion}\t${brief}`);
}
