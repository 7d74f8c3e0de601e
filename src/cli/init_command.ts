/**
 * The row of COMMANDS for `agentos init`.
 *
 * @module
 */

import { defineCommand } from "./define.ts";
import { parseText } from "./values.ts";

/** `agentos init`. */
export const INIT_COMMAND = defineCommand({
  path: ["init"],
  brief: "Make a home repo for your agents, or adopt one",
  description: [
    "Writes context-portfolio/ and clients/ into DIR (default: the current folder), puts it under git, and records it in",
    "your settings, so that every command finds it. Nothing that is there is overwritten: run it again to complete a folder.",
    "",
    "--from DIR adopts a home repo that is there already, after looking it over.",
    "On a terminal it asks which folders your agents may work in; --root or --yes answer beforehand.",
  ].join("\n"),
  needs: ["read", "write", "env", "run"],
  parameters: {
    flags: {
      from: {
        kind: "parsed",
        parse: parseText,
        optional: true,
        placeholder: "DIR",
        brief: "Adopt the home repo in this folder instead of writing one",
      },
      root: {
        kind: "parsed",
        parse: parseText,
        optional: true,
        variadic: true,
        placeholder: "DIR",
        brief: "Folder that your agents may read and change (sets server.roots)",
      },
      git: { kind: "boolean", optional: true, brief: "Put the folder under git (default)" },
      commit: { kind: "boolean", optional: true, withNegated: false, brief: "Commit what was written" },
      yes: { kind: "boolean", optional: true, withNegated: false, brief: "Ask nothing" },
    },
    positional: {
      kind: "array",
      parameter: { parse: parseText, placeholder: "DIR", brief: "The folder, made when it is not there" },
      maximum: 1,
    },
  },
  load: () => import("../commands/init.ts"),
});
