/**
 * Asking an installed client for its version, once at each push; `check` goes by what the push recorded.
 *
 * @module
 */

import type { SyncClient } from "../../sync/client.ts";

const LIMIT_MS = 10_000;

/** The version that the client on PATH answers; undefined when there is none, or it does not answer in ten seconds. */
export async function askInstalledVersion(client: SyncClient): Promise<string | undefined> {
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
