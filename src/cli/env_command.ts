/**
 * The row of COMMANDS for `agentos env`.
 *
 * @module
 */

import { SHELLS } from "../sync/model.ts";
import { defineCommand } from "./define.ts";

/** `agentos env`. */
export const ENV_COMMAND = defineCommand({
  path: ["env"],
  brief: "Print the line that puts the token into a shell",
  description: [
    "Prints a command that sets AGENTOS_TOKEN from the token file; the token itself is not printed.",
    "",
    'sh, bash, zsh: eval "$(agentos env)"     fish: agentos env --shell fish | source',
    "systemd, launchctl and setx print the form for programs that no shell starts.",
  ].join("\n"),
  needs: ["read", "env"],
  parameters: {
    flags: {
      shell: {
        kind: "enum",
        values: SHELLS,
        optional: true,
        brief: "For this shell (default: that of SHELL)",
      },
    },
  },
  load: () => import("../commands/env.ts"),
});
