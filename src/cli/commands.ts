/**
 * COMMANDS: every command of the executable. Help, completions, docs and tests loop over this table.
 *
 * Everything here is data, but for each row's literal `import()`: `agentos --help` loads no command. A command line
 * that names its command loads the rows of that name alone (`command_groups.ts`).
 *
 * @module
 */

import { COMMAND_GROUPS } from "./command_groups.ts";
import type { Command } from "./define.ts";

const files = new Set(COMMAND_GROUPS.values());

/** The one list of commands, in the order of the help text. */
export const COMMANDS: readonly Command[] = (await Promise.all([...files].map((load) => load()))).flat();
