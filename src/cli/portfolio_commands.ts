/**
 * The rows of COMMANDS for `agentos portfolio …`: data, and one literal `import()` each.
 *
 * @module
 */

import { type Command, defineCommand } from "./define.ts";
import { parseText } from "./values.ts";

const REPO_FLAG = {
  repo: {
    kind: "parsed",
    parse: parseText,
    optional: true,
    placeholder: "DIR",
    brief: "Folder that holds context-portfolio/ (AGENTOS_REPO)",
  },
} as const;

const FLAGS = {
  ...REPO_FLAG,
  json: { kind: "boolean", optional: true, withNegated: false, brief: "Answer one JSON document" },
} as const;

const NAME = { parse: parseText, placeholder: "NAME", brief: "As in the list: identity" } as const;

/** The portfolio commands, in the order of the help text; the one without a verb comes last, so that verbs are found. */
export const PORTFOLIO_COMMANDS: readonly Command[] = [
  defineCommand({
    path: ["portfolio", "list"],
    brief: "List the portfolio's files and what waits to be filled in",
    description:
      "Names each file, what an agent finds there, and how many parts of its template are still open.",
    needs: ["read", "env"],
    parameters: { flags: FLAGS },
    load: () => import("../commands/portfolio/list.ts"),
  }),
  defineCommand({
    path: ["portfolio", "show"],
    brief: "Print a file of the portfolio",
    description: "Prints the file as agents get to read it.",
    needs: ["read", "env"],
    parameters: { flags: REPO_FLAG, positional: { kind: "tuple", parameters: [NAME] } },
    load: () => import("../commands/portfolio/show.ts"),
  }),
  defineCommand({
    path: ["portfolio", "edit"],
    brief: "Open a file of the portfolio in your editor",
    description: [
      "Opens it in VISUAL, EDITOR or a usual editor; without a name, the first file that waits to be filled in.",
      "Says afterwards what is still open. A running server gives agents the new text at once.",
    ].join("\n"),
    needs: ["read", "env", "run"],
    parameters: { flags: REPO_FLAG, positional: { kind: "array", parameter: NAME, maximum: 1 } },
    load: () => import("../commands/portfolio/edit.ts"),
  }),
  defineCommand({
    path: ["portfolio", "check"],
    brief: "Say what the portfolio lacks, and what should not be in it",
    description: [
      "Names with file and line: questions and examples of the templates that are still there, missing titles and",
      "summaries, what looks like a secret, and files that agents do not get to read.",
      "",
      "Exit code 0: nothing. 1: something.",
    ].join("\n"),
    needs: ["read", "env"],
    parameters: { flags: FLAGS },
    load: () => import("../commands/portfolio/check.ts"),
  }),
  defineCommand({
    path: ["portfolio"],
    brief: "The portfolio's files: list, show, edit, check",
    description: "The same as agentos portfolio list; show, edit and check are commands below it.",
    needs: ["read", "env"],
    parameters: { flags: FLAGS },
    load: () => import("../commands/portfolio/list.ts"),
  }),
];
