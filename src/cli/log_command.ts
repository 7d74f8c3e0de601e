/**
 * The row of COMMANDS for `agentos log`.
 *
 * @module
 */

import { defineCommand } from "./define.ts";
import { parsePort, parseText } from "./values.ts";

/** `agentos log`. */
export const LOG_COMMAND = defineCommand({
  path: ["log"],
  brief: "Report to the server that a skill or command was used",
  description: [
    "Adds one line to the ledger of the running server. Deployed skills call it.",
    "",
    "Exit code 0 also when no server answers, or the settings cannot be read: an agent's work must not stop over it.",
  ].join("\n"),
  needs: ["read", "net", "env"],
  parameters: {
    flags: {
      client: {
        kind: "parsed",
        parse: parseText,
        optional: true,
        placeholder: "ID",
        brief: "The client that used it",
      },
      project: {
        kind: "parsed",
        parse: parseText,
        optional: true,
        placeholder: "NAME",
        brief: "The project that it was used for",
      },
      port: {
        kind: "parsed",
        parse: parsePort,
        optional: true,
        placeholder: "PORT",
        brief: "The server's port (AGENTOS_PORT; 8787)",
      },
    },
    positional: {
      kind: "tuple",
      parameters: [{ parse: parseText, placeholder: "COMMAND", brief: "Its name" }],
    },
  },
  load: () => import("../commands/log.ts"),
});
