/**
 * What a command that writes finds out about this machine, once at each push: the installed client's version, and how
 * deployed files call this executable. `check` and `pull` go by what the push recorded.
 *
 * @module
 */

import { findProgram } from "../../base/find_program.ts";
import { quoteForShell } from "../../base/state_folder.ts";
import type { CommandContext } from "../../cli/command.ts";
import type { SyncClient } from "../../sync/client.ts";
import { type Inquiry, platformOf } from "./open_home.ts";

const LIMIT_MS = 10_000;

/** Asks this machine. */
export const INQUIRY: Inquiry = { askVersion, findExecutable };

/** The version that the client on PATH answers; undefined when there is none, or it does not answer in ten seconds. */
async function askVersion(client: SyncClient): Promise<string | undefined> {
  const { program, args } = client.versionCommand;
  try {
    const { success, stdout } = await new Deno.Command(program, {
      args: [...args],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
      signal: AbortSignal.timeout(LIMIT_MS),
    }).output();
    return success ? client.readVersion(new TextDecoder().decode(stdout)) : undefined;
  } catch {
    // Not installed, or not answering: the newest version is assumed, as the docs say.
    return undefined;
  }
}

const NAME = "agentos";

/** `agentos` when PATH finds this very executable under that name, else its path, quoted for a shell. */
function findExecutable(context: CommandContext): string {
  if (!Deno.build.standalone) return NAME;
  const file = Deno.execPath();
  try {
    const found = findProgram(NAME, {
      path: context.env("PATH") ?? "",
      pathExt: context.env("PATHEXT"),
      unsafeFolders: [],
      platform: platformOf(),
    });
    if (Deno.realPathSync(found) === Deno.realPathSync(file)) return NAME;
  } catch {
    // Not on PATH: its path does as well.
  }
  return quoteForShell(file);
}
