/**
 * The row of COMMANDS for `agentos serve`.
 *
 * @module
 */

import { defineCommand } from "./define.ts";
import { SERVE_FLAGS } from "./serve_flags.ts";
import { parseText } from "./values.ts";

/** `agentos serve`. */
export const SERVE_COMMAND = defineCommand({
  path: ["serve"],
  brief: "Run the shared MCP server on 127.0.0.1",
  description: [
    "Runs the MCP server that coding agents on this machine connect to, until Ctrl-C.",
    "",
    "It listens on 127.0.0.1 only and asks every client for the token in ~/.agentos/token.",
    "Tools touch nothing outside the folders named with --root and --read-only-root (or AGENTOS_FS_ROOTS).",
    'See what that grants with --print-permissions, and how a running server is doing with "agentos status".',
  ].join("\n"),
  needs: ["read", "write", "net", "env", "run", "ffi", "sys"],
  parameters: {
    flags: {
      ...SERVE_FLAGS,
      host: {
        kind: "parsed",
        parse: parseText,
        optional: true,
        placeholder: "HOST",
        brief: "Only 127.0.0.1 is accepted; any other address is refused",
      },
      printPermissions: {
        kind: "boolean",
        optional: true,
        withNegated: false,
        brief: "Print what the server would be granted, and why; then stop",
      },
    },
  },
  load: () => import("../commands/serve.ts"),
});
