/**
 * `agentos sync check`: is each client's home as the repo wants it? Exit 0 yes, 1 no, 2 it cannot be told.
 *
 * Runs before every session, so it reads and compares and does nothing else: by the time it starts it has given up the
 * rights to write and to run, and next the right to use the network, but for a hook, which tries the server's own port
 * where a client needs the server for its models. While nothing changed since a push found everything in sync, its answer
 * stands, and nothing more is loaded.
 *
 * @module
 */

import type { CommandRun } from "../../cli/command.ts";
import type { SyncFlags } from "./open_home.ts";
import { isPlain, recall } from "./recall.ts";

/** The flags of `sync check`. */
export interface Flags extends SyncFlags {
  /** A pre-session hook calls: one line when something drifted, nothing otherwise, and never a failure. */
  readonly hook?: string;
  readonly diff?: boolean;
}

/** Runs the command. */
export const run: CommandRun<Flags> = async (flags, context) => {
  if (flags.hook === undefined) Deno.permissions.revokeSync({ name: "net" });
  else {
    const line = await (await import("./knock.ts")).sayServerDown(flags.hook, context);
    Deno.permissions.revokeSync({ name: "net" });
    if (line !== undefined) context.output.answer(line);
  }
  const standing = isPlain(flags, "quiet", "hook") ? recall(context) : undefined;
  if (standing === undefined) return await (await import("./check_homes.ts")).checkHomes(flags, context);
  if (flags.quiet !== true && flags.hook === undefined) context.output.answer(standing.answers.check);
  return 0;
};
