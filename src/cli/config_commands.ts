/**
 * The rows of COMMANDS for `agentos config …`: data, and one literal `import()` each.
 *
 * @module
 */

import { type Command, defineCommand } from "./define.ts";
import { parseText } from "./values.ts";

const KEY = { parse: parseText, placeholder: "KEY", brief: 'As in "agentos config list"' } as const;

const JSON_FLAG = {
  json: { kind: "boolean", optional: true, withNegated: false, brief: "Answer one JSON document" },
} as const;

const ONE_KEY = { kind: "tuple", parameters: [KEY] } as const;

/** The config commands, in the order of the help text. */
export const CONFIG_COMMANDS: readonly Command[] = [
  defineCommand({
    path: ["config", "list"],
    brief: "List every setting, its value, and where that came from",
    description: [
      "Settings stand in ~/.agentos/config.toml; a flag goes before an environment variable, that before the file,",
      "that before the default.",
    ].join("\n"),
    needs: ["read", "env"],
    parameters: { flags: JSON_FLAG },
    load: () => import("../commands/config/list.ts"),
  }),
  defineCommand({
    path: ["config", "get"],
    brief: "Print the value of a setting",
    description: [
      "Prints the value that holds, each item of a list on its own line.",
      "",
      "Exit code 1, and nothing printed, when nothing is set and there is no default.",
    ].join("\n"),
    needs: ["read", "env"],
    parameters: { flags: JSON_FLAG, positional: ONE_KEY },
    load: () => import("../commands/config/get.ts"),
  }),
  defineCommand({
    path: ["config", "set"],
    brief: "Write a setting into the settings file",
    description: [
      "Changes this one key; comments and everything else in the file stay byte for byte. A list takes several values:",
      "",
      "agentos config set server.roots ~/src ~/notes",
      "",
      "The new file is checked before it replaces the old one. A running server takes it at its next start.",
    ].join("\n"),
    needs: ["read", "write", "env"],
    parameters: {
      positional: {
        kind: "array",
        parameter: { parse: String, placeholder: "KEY VALUE", brief: "The setting, and its value or values" },
        minimum: 1,
      },
    },
    load: () => import("../commands/config/set.ts"),
  }),
  defineCommand({
    path: ["config", "unset"],
    brief: "Take a setting out of the settings file",
    description: "Removes the key's line. Exit code 1 when it is not in the file.",
    needs: ["read", "write", "env"],
    parameters: { positional: ONE_KEY },
    load: () => import("../commands/config/unset.ts"),
  }),
  defineCommand({
    path: ["config", "explain"],
    brief: "Say what a setting means and where its value came from",
    description:
      "Shows what the flag, the environment variable, the file and the default say, and which of them holds.",
    needs: ["read", "env"],
    parameters: { positional: ONE_KEY },
    load: () => import("../commands/config/explain.ts"),
  }),
  defineCommand({
    path: ["config", "edit"],
    brief: "Open the settings file in your editor",
    description: [
      "Opens a copy in VISUAL, EDITOR or a usual editor, checks it when the editor ends, and only then puts it in place.",
      "",
      "A file with a mistake is not taken: the mistake is named, and you can go on editing.",
    ].join("\n"),
    needs: ["read", "write", "env", "run"],
    parameters: {},
    load: () => import("../commands/config/edit.ts"),
  }),
  defineCommand({
    path: ["config", "path"],
    brief: "Print where the settings file is",
    description: "Prints the path, whether or not the file is there.",
    needs: ["env"],
    parameters: {},
    load: () => import("../commands/config/path.ts"),
  }),
];
