/**
 * The rows of COMMANDS by the first word of their names, each group in a file that loads when its word is said: a
 * hook's `agentos sync check` need not evaluate thirty other rows before it begins.
 *
 * @module
 */

import type { Command } from "./define.ts";

/** Loads the rows whose names begin with one word. */
export type LoadGroup = () => Promise<readonly Command[]>;

/** Every first word of a command, in the order of the help text; two words may share a file. */
export const COMMAND_GROUPS: ReadonlyMap<string, LoadGroup> = new Map<string, LoadGroup>([
  ["init", async () => [(await import("./init_command.ts")).INIT_COMMAND]],
  ["serve", async () => [(await import("./serve_command.ts")).SERVE_COMMAND]],
  ["status", loadStatus],
  ["doctor", loadStatus],
  ["service", async () => (await import("./service_commands.ts")).SERVICE_COMMANDS],
  ["portfolio", async () => (await import("./portfolio_commands.ts")).PORTFOLIO_COMMANDS],
  ["sync", async () => (await import("./sync_commands.ts")).SYNC_COMMANDS],
  ["usage", async () => (await import("./usage_commands.ts")).USAGE_COMMANDS],
  ["config", async () => (await import("./config_commands.ts")).CONFIG_COMMANDS],
  ["token", async () => (await import("./token_commands.ts")).TOKEN_COMMANDS],
  ["env", async () => [(await import("./env_command.ts")).ENV_COMMAND]],
  ["log", async () => [(await import("./log_command.ts")).LOG_COMMAND]],
  ["completions", async () => (await import("./completions_commands.ts")).COMPLETIONS_COMMANDS],
  ["help", async () => [(await import("./help_command.ts")).HELP_COMMAND]],
  ["search-process", async () => [(await import("./search_process_command.ts")).SEARCH_PROCESS_COMMAND]],
]);

async function loadStatus(): Promise<readonly Command[]> {
  return (await import("./status_commands.ts")).STATUS_COMMANDS;
}
