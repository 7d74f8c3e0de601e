/**
 * `agentos search-process`, which only the server calls: becomes a searching process on stdin and stdout.
 *
 * @module
 */

import type { CommandContext } from "../cli/command.ts";
import { runSearchProcess } from "../server/search/process.ts";

/** Serves searches until stdin ends. */
export async function run(_flags: Record<never, never>, { output }: CommandContext): Promise<0> {
  await runSearchProcess(Deno.stdin.readable, output.answer);
  return 0;
}
