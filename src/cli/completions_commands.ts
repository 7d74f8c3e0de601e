/**
 * The rows of COMMANDS for `agentos completions …`: data, and one literal `import()` each.
 *
 * @module
 */

import { type Command, defineCommand } from "./define.ts";
import { parseText } from "./values.ts";

/** The completions commands, in the order of the help text. */
export const COMPLETIONS_COMMANDS: readonly Command[] = [
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
          proposeCompletions: () => ["bash", "zsh", "fish"],
        }],
      },
    },
    load: () => import("../commands/completions.ts"),
  }),
];
