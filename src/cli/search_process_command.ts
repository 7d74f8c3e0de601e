/**
 * The row of COMMANDS for `agentos search-process`, which only agentos itself calls.
 *
 * @module
 */

import { defineCommand } from "./define.ts";

/** `agentos search-process`. */
export const SEARCH_PROCESS_COMMAND = defineCommand({
  path: ["search-process"],
  hidden: true,
  brief: "Search files for a server; only agentos itself calls this",
  description: "Takes searches on stdin and answers on stdout, one JSON value per line, until stdin ends.",
  needs: ["read", "ffi"],
  parameters: {},
  load: () => import("../commands/search_process.ts"),
});
