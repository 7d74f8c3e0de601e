/**
 * `agentos help TOPIC`: what a person wants to know before they know which command to ask.
 *
 * @module
 */

import { AppError } from "../base/errors.ts";
import type { CommandRun } from "../cli/command.ts";
import { isTopic, TOPICS } from "../help/model.ts";
import { TOPIC_TEXTS } from "../help/texts.ts";

/** Prints a topic, or the list of topics. */
export const run: CommandRun<Record<never, never>, readonly string[]> = (_flags, { output }, topic) => {
  if (topic === undefined) {
    const width = Math.max(...Object.keys(TOPICS).map(({ length }) => length));
    output.answer([
      "Topics of agentos help TOPIC:",
      "",
      ...Object.entries(TOPICS).map(([name, about]) => `  ${name.padEnd(width)}  ${about}`),
      "",
      'The commands: "agentos --help". One of them: "agentos COMMAND --help".',
    ].join("\n"));
    return Promise.resolve(0);
  }
  if (!isTopic(topic)) {
    throw new AppError("cli.usage", `There is no topic and no command "${topic}"`, {
      hint: `Topics are ${Object.keys(TOPICS).join(", ")}. Run "agentos --help" for the commands.`,
    });
  }
  output.answer(TOPIC_TEXTS[topic].trimEnd());
  return Promise.resolve(0);
};
