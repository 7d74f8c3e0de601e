/**
 * COMMANDS: every command of the executable. Help, completions, docs and tests loop over this table.
 *
 * Everything here is data, but for each row's literal `import()`: `agentos --help` loads no command.
 *
 * @module
 */

import { CONFIG_COMMANDS } from "./config_commands.ts";
import { type Command, defineCommand } from "./define.ts";
import { HELP_COMMAND } from "./help_command.ts";
import { INIT_COMMAND } from "./init_command.ts";
import { SHELLS } from "../sync/model.ts";
import { PORTFOLIO_COMMANDS } from "./portfolio_commands.ts";
import { SERVE_FLAGS } from "./serve_flags.ts";
import { SERVICE_COMMANDS } from "./service_commands.ts";
import { STATUS_COMMANDS } from "./status_commands.ts";
import { SYNC_COMMANDS } from "./sync_commands.ts";
import { TOKEN_COMMANDS } from "./token_commands.ts";
import { USAGE_COMMANDS } from "./usage_commands.ts";
import { parsePort, parseText } from "./values.ts";

/** The one list of commands, in the order of the help text. */
export const COMMANDS: readonly Command[] = [
  INIT_COMMAND,
  defineCommand({
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
  }),
  ...STATUS_COMMANDS,
  ...SERVICE_COMMANDS,
  ...PORTFOLIO_COMMANDS,
  ...SYNC_COMMANDS,
  ...USAGE_COMMANDS,
  ...CONFIG_COMMANDS,
  ...TOKEN_COMMANDS,
  defineCommand({
    path: ["env"],
    brief: "Print the line that puts the token into a shell",
    description: [
      "Prints a command that sets AGENTOS_TOKEN from the token file; the token itself is not printed.",
      "",
      'sh, bash, zsh: eval "$(agentos env)"     fish: agentos env --shell fish | source',
      "systemd, launchctl and setx print the form for programs that no shell starts.",
    ].join("\n"),
    needs: ["env"],
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
  }),
  defineCommand({
    path: ["log"],
    brief: "Report to the server that a skill or command was used",
    description: [
      "Adds one line to the ledger of the running server. Deployed skills call it.",
      "",
      "Exit code 0 also when no server answers: an agent's work must not stop over it.",
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
  }),
  // Before the next one, which would take "install" for the name of a shell.
  defineCommand({
    path: ["completions", "install"],
    brief: "Put the completion script where your shell looks for it",
    description: [
      "Writes one file into the folder that bash-completion, zsh or fish reads, and says which.",
      "",
      "Where the shell would not find it, the missing lines of ~/.bashrc or ~/.zshrc are shown; --edit-rc adds them.",
    ].join("\n"),
    needs: ["read", "write", "env", "run"],
    parameters: {
      flags: {
        shell: {
          kind: "enum",
          values: ["bash", "zsh", "fish"],
          optional: true,
          brief: "For this shell (default: that of SHELL)",
        },
        editRc: {
          kind: "boolean",
          optional: true,
          withNegated: false,
          brief: "Also add what is missing in the shell's start-up file",
        },
        remove: {
          kind: "boolean",
          optional: true,
          withNegated: false,
          brief: "Take the script away, and the added lines",
        },
      },
    },
    load: () => import("../commands/completions/install.ts"),
  }),
  defineCommand({
    path: ["completions"],
    brief: "Print a completion script for bash, zsh or fish",
    description: [
      "Prints a script that makes the shell complete agentos commands and flags.",
      "",
      '"agentos completions install" puts it where your shell looks for it. By hand:',
      'bash: add  eval "$(agentos completions bash)"  to ~/.bashrc',
      'zsh:  add  eval "$(agentos completions zsh)"  to ~/.zshrc, after compinit',
      "fish: agentos completions fish > ~/.config/fish/completions/agentos.fish",
    ].join("\n"),
    needs: [],
    parameters: {
      positional: {
        kind: "tuple",
        parameters: [{
          parse: parseText,
          placeholder: "SHELL",
          brief: "bash, zsh or fish",
          proposeCompletions: () => ["bash", "zsh", "fish", "install"],
        }],
      },
    },
    load: () => import("../commands/completions.ts"),
  }),
  HELP_COMMAND,
  defineCommand({
    path: ["search-process"],
    hidden: true,
    brief: "Search files for a server; only agentos itself calls this",
    description: "Takes searches on stdin and answers on stdout, one JSON value per line, until stdin ends.",
    needs: ["read", "ffi"],
    parameters: {},
    load: () => import("../commands/search_process.ts"),
  }),
];
