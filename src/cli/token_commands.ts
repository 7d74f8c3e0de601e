/**
 * The rows of COMMANDS for `agentos token …`: data, and one literal `import()` each.
 *
 * @module
 */

import { type Command, defineCommand } from "./define.ts";

/** The token commands, in the order of the help text. */
export const TOKEN_COMMANDS: readonly Command[] = [
  defineCommand({
    path: ["token", "show"],
    brief: "Print the server's token, after asking",
    description: [
      "Whoever knows the token can do all that the server can, so it asks first, and refuses where nobody can be asked.",
      "",
      'To put it into a shell without showing it: eval "$(agentos env)".',
    ].join("\n"),
    needs: ["read", "env"],
    parameters: {
      flags: {
        yes: { kind: "boolean", optional: true, withNegated: false, brief: "Show it without asking" },
      },
    },
    load: () => import("../commands/token/show.ts"),
  }),
  defineCommand({
    path: ["token", "rotate"],
    brief: "Replace the server's token by a new one",
    description: [
      "A running server takes the new token at once, and so do clients that read the token file at each connection.",
      "Says which clients must be started again, and keeps the files that put the token into shells in step.",
    ].join("\n"),
    needs: ["read", "write", "env", "sys"],
    parameters: {},
    load: () => import("../commands/token/rotate.ts"),
  }),
  defineCommand({
    path: ["token", "path"],
    brief: "Print where the token file is",
    description: "Prints the path, whether or not the file is there.",
    needs: ["env"],
    parameters: {},
    load: () => import("../commands/token/path.ts"),
  }),
];
