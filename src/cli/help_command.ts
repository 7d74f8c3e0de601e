/**
 * The row of COMMANDS for `agentos help`.
 *
 * @module
 */

import { TOPICS } from "../help/model.ts";
import { defineCommand } from "./define.ts";
import { parseText } from "./values.ts";

/** `agentos help`. */
export const HELP_COMMAND = defineCommand({
  path: ["help"],
  brief: "Explain a topic",
  description: [
    "Without a topic: the list of topics. With the name of a command it prints that command's help.",
    "",
    `Topics: ${Object.keys(TOPICS).join(", ")}.`,
  ].join("\n"),
  needs: [],
  parameters: {
    positional: {
      kind: "array",
      parameter: {
        parse: parseText,
        placeholder: "TOPIC",
        brief: "What it is about",
        proposeCompletions: () => Object.keys(TOPICS),
      },
      maximum: 1,
    },
  },
  load: () => import("../commands/help.ts"),
});
