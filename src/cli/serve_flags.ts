/**
 * The flags that say how the server is to run: `agentos serve` takes them, and `agentos service install` writes them into
 * the unit. Data only.
 *
 * @module
 */

import { parsePort, parseText } from "./values.ts";

/** The one list of them; `src/service/spec.ts` turns them into words and back. */
export const SERVE_FLAGS = {
  port: {
    kind: "parsed",
    parse: parsePort,
    optional: true,
    placeholder: "PORT",
    brief: "TCP port, 0 for any free one (AGENTOS_PORT; 8787)",
  },
  root: {
    kind: "parsed",
    parse: parseText,
    optional: true,
    variadic: true,
    placeholder: "DIR",
    brief: "Folder that tools may read and change (AGENTOS_FS_ROOTS)",
  },
  readOnlyRoot: {
    kind: "parsed",
    parse: parseText,
    optional: true,
    variadic: true,
    placeholder: "DIR",
    brief: "Folder that tools may only read",
  },
  allowRun: {
    kind: "parsed",
    parse: parseText,
    optional: true,
    variadic: ",",
    placeholder: "PROGRAMS",
    brief: "Programs that tools may run",
  },
  trustRepo: {
    kind: "parsed",
    parse: parseText,
    optional: true,
    variadic: true,
    placeholder: "DIR",
    brief: "Git repository whose hooks, signing and filters may run (AGENTOS_GIT_TRUSTED)",
  },
  repo: {
    kind: "parsed",
    parse: parseText,
    optional: true,
    placeholder: "DIR",
    brief: "Folder that holds context-portfolio/ (AGENTOS_REPO)",
  },
  extDir: {
    kind: "parsed",
    parse: parseText,
    optional: true,
    placeholder: "DIR",
    brief: "Folder of the VSCode extension (AGENTOS_EXT_DIR)",
  },
  logFormat: {
    kind: "enum",
    values: ["text", "json"],
    optional: true,
    brief: "How log lines on stderr look",
  },
  logFile: {
    kind: "boolean",
    optional: true,
    withNegated: false,
    brief: "Also log to rotated files in ~/.agentos/logs",
  },
  gateway: {
    kind: "boolean",
    optional: true,
    brief: "Serve the model gateway; on unless config.toml says otherwise",
  },
} as const;
