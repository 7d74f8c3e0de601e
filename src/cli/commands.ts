/**
 * COMMANDS: every command of the executable. Help, completions, docs and tests loop over this table.
 *
 * Everything here is data, but for each row's literal `import()`: `agentos --help` loads no command. A command line
 * that names its command loads the rows of that name alone (`command_groups.ts`).
 *
 * @module
 */

import { COMPLETIONS_COMMANDS } from "./completions_commands.ts";
import { CONFIG_COMMANDS } from "./config_commands.ts";
import type { Command } from "./define.ts";
import { ENV_COMMAND } from "./env_command.ts";
import { HELP_COMMAND } from "./help_command.ts";
import { INIT_COMMAND } from "./init_command.ts";
import { LOG_COMMAND } from "./log_command.ts";
import { PORTFOLIO_COMMANDS } from "./portfolio_commands.ts";
import { SEARCH_PROCESS_COMMAND } from "./search_process_command.ts";
import { SERVE_COMMAND } from "./serve_command.ts";
import { SERVICE_COMMANDS } from "./service_commands.ts";
import { STATUS_COMMANDS } from "./status_commands.ts";
import { SYNC_COMMANDS } from "./sync_commands.ts";
import { TOKEN_COMMANDS } from "./token_commands.ts";
import { USAGE_COMMANDS } from "./usage_commands.ts";

/** The one list of commands, in the order of the help text. */
export const COMMANDS: readonly Command[] = [
  INIT_COMMAND,
  SERVE_COMMAND,
  ...STATUS_COMMANDS,
  ...SERVICE_COMMANDS,
  ...PORTFOLIO_COMMANDS,
  ...SYNC_COMMANDS,
  ...USAGE_COMMANDS,
  ...CONFIG_COMMANDS,
  ...TOKEN_COMMANDS,
  ENV_COMMAND,
  LOG_COMMAND,
  ...COMPLETIONS_COMMANDS,
  HELP_COMMAND,
  SEARCH_PROCESS_COMMAND,
];
