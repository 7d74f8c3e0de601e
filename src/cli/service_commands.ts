/**
 * The rows of COMMANDS for `agentos service …`: data, and one literal `import()` each.
 *
 * @module
 */

import { MANAGER_IDS } from "../service/model.ts";
import { type Command, defineCommand } from "./define.ts";
import { SERVE_FLAGS } from "./serve_flags.ts";
import { parseLines } from "./values.ts";

const MANAGER = {
  manager: {
    kind: "enum",
    values: MANAGER_IDS,
    optional: true,
    brief: "The service manager (default: the one of this system)",
  },
} as const;

const FORCE = {
  kind: "boolean",
  optional: true,
  withNegated: false,
} as const;

/** The service commands, in the order of the help text. */
export const SERVICE_COMMANDS: readonly Command[] = [
  defineCommand({
    path: ["service", "install"],
    brief: "Run the server as a service of yours, now and at every log-on",
    description: [
      "Writes a user unit of systemd (Linux), a launchd agent (macOS) or a scheduled task (Windows), and starts it.",
      "",
      "No root is needed. Flags and AGENTOS_ variables become part of the unit; the config file is read at each start.",
      "Run it again after an update: without flags those of the installed unit stay, with any flag they are all replaced.",
      "A unit that agentos did not write, or that was edited since, is left alone. --print shows the unit and does nothing.",
    ].join("\n"),
    needs: ["read", "write", "net", "env", "run", "sys"],
    parameters: {
      flags: {
        ...SERVE_FLAGS,
        walls: {
          kind: "boolean",
          optional: true,
          brief: "systemd: let the service and what it starts write nothing but the roots and caches",
        },
        start: { kind: "boolean", optional: true, brief: "Start it now, not only at the next log-on" },
        print: {
          kind: "boolean",
          optional: true,
          withNegated: false,
          brief: "Print the unit, and do nothing",
        },
        force: { ...FORCE, brief: "Replace a unit that was edited" },
        ...MANAGER,
      },
    },
    load: () => import("../commands/service/install.ts"),
  }),
  defineCommand({
    path: ["service", "uninstall"],
    brief: "Stop the service and remove it",
    description: [
      "Stops the server and removes the unit that install wrote. Your token, ledger and config stay in ~/.agentos.",
      "",
      "Exit code 0 also when nothing was installed.",
    ].join("\n"),
    needs: ["read", "write", "env", "run", "sys"],
    parameters: { flags: { ...MANAGER, force: { ...FORCE, brief: "Remove a unit that was edited" } } },
    load: () => import("../commands/service/uninstall.ts"),
  }),
  defineCommand({
    path: ["service", "start"],
    brief: "Start the installed service",
    description: "Starts the service and waits until its manager says that it runs.",
    needs: ["read", "env", "run", "sys"],
    parameters: { flags: MANAGER },
    load: () => import("../commands/service/start.ts"),
  }),
  defineCommand({
    path: ["service", "stop"],
    brief: "Stop the service",
    description:
      "Stops the service; running calls have five seconds to finish. It starts again at the next log-on.",
    needs: ["read", "env", "run", "sys"],
    parameters: { flags: MANAGER },
    load: () => import("../commands/service/stop.ts"),
  }),
  defineCommand({
    path: ["service", "restart"],
    brief: "Stop the service and start it again",
    description: "Starts the service anew, with the executable that is there now: the way to end an update.",
    needs: ["read", "env", "run", "sys"],
    parameters: { flags: MANAGER },
    load: () => import("../commands/service/restart.ts"),
  }),
  defineCommand({
    path: ["service", "status"],
    brief: "Say whether the service is installed and runs",
    description: [
      "Asks the service manager and the server's port.",
      "",
      "Exit code 0: installed, running and answering. 1: not so; the last line says what to do.",
    ].join("\n"),
    needs: ["read", "net", "env", "run", "sys"],
    parameters: {
      flags: {
        ...MANAGER,
        json: { kind: "boolean", optional: true, withNegated: false, brief: "Answer one JSON document" },
      },
    },
    load: () => import("../commands/service/status.ts"),
  }),
  defineCommand({
    path: ["service", "logs"],
    brief: "Print what the service said last",
    description: "Prints the end of the service's log: from the journal on Linux, from a file elsewhere.",
    needs: ["read", "env", "run", "sys"],
    parameters: {
      flags: {
        ...MANAGER,
        follow: { kind: "boolean", optional: true, withNegated: false, brief: "Go on until Ctrl-C" },
        lines: {
          kind: "parsed",
          parse: parseLines,
          optional: true,
          placeholder: "N",
          brief: "How many lines (100)",
        },
      },
      aliases: { f: "follow", n: "lines" },
    },
    load: () => import("../commands/service/logs.ts"),
  }),
];
