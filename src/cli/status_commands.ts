/**
 * The rows of COMMANDS for `agentos status` and `agentos doctor`: data, and one literal `import()` each.
 *
 * @module
 */

import { type Command, defineCommand } from "./define.ts";
import { parsePort } from "./values.ts";

const FLAGS = {
  port: {
    kind: "parsed",
    parse: parsePort,
    optional: true,
    placeholder: "PORT",
    brief: "The server's port (AGENTOS_PORT; 8787)",
  },
  json: { kind: "boolean", optional: true, withNegated: false, brief: "Answer one JSON document" },
} as const;

/** Both commands. */
export const STATUS_COMMANDS: readonly Command[] = [
  defineCommand({
    path: ["status"],
    brief: "Say whether the server runs and all is in step",
    description: [
      "Looks at the server, the token, the settings, the home repo, each client's home and version, and the ledger;",
      "says the next step for what is not as it should be.",
      "",
      "Exit code 0: nothing is wrong. 1: something is. 2: something cannot be told, because it cannot be read.",
    ].join("\n"),
    needs: ["read", "net", "env", "run", "sys"],
    parameters: { flags: FLAGS },
    load: () => import("../commands/status.ts"),
  }),
  defineCommand({
    path: ["doctor"],
    brief: "Say the same in depth, when something is wrong",
    description: [
      "Looks at what agentos status looks at, names every file and line, and adds what takes longer: the ledger's file,",
      "the state folder, the roots and programs that a server would be given.",
      "",
      "Exit code 0: nothing is wrong. 1: something is. 2: something cannot be told, because it cannot be read.",
    ].join("\n"),
    needs: ["read", "net", "env", "run", "sys"],
    parameters: { flags: FLAGS },
    load: () => import("../commands/doctor.ts"),
  }),
];
