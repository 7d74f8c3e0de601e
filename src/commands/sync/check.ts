/**
 * `agentos sync check`: is each client's home as the repo wants it? Exit 0 yes, 1 no, 2 it cannot be told.
 *
 * Runs before every session, so it reads and compares and does nothing else: by the time it starts it has given up the
 * rights to write, to run and to use the network.
 *
 * @module
 */

import type { CommandContext, CommandRun } from "../../cli/command.ts";
import { isInSync } from "../../sync/model.ts";
import { type ClientReport, renderHook } from "../../sync/report.ts";
import { openHomes, type SyncFlags } from "./open_home.ts";
import { planHome, printReports } from "./plan_home.ts";
import { throwIfRefused } from "./refusal.ts";

/** The flags of `sync check`. */
export interface Flags extends SyncFlags {
  /** A pre-session hook calls: one line when something drifted, nothing otherwise, and never a failure. */
  readonly hook?: string;
  readonly diff?: boolean;
}

/** Runs the command. */
export const run: CommandRun<Flags> = async (flags, context) => {
  if (flags.hook !== undefined) return await runHook(flags, flags.hook, context);
  const reports = await readReports(flags, context);
  await printReports("check", reports, flags, context, true);
  throwIfRefused("check", reports.filter(isUnreadable));
  return reports.every(({ plan }) => plan !== undefined && isInSync(plan)) ? 0 : 1;
};

/** True when a home cannot even be judged: a file is broken or no file at all, or the repo has a mistake. */
function isUnreadable({ plan }: ClientReport): boolean {
  return plan === undefined || plan.entries.some(({ state }) => state === "invalid");
}

async function readReports(
  { hook: _, ...flags }: Flags,
  context: CommandContext,
): Promise<readonly ClientReport[]> {
  const homes = await openHomes(flags, context);
  return await Promise.all(
    homes.map((home) => planHome(home, { only: flags.only, take: undefined, merge: false })),
  );
}

/** A hook must not stop a session: whatever goes wrong is one line, and exit 0. */
async function runHook(flags: Flags, client: string, context: CommandContext): Promise<0> {
  try {
    const line = renderHook(await readReports({ ...flags, client: flags.client ?? [client] }, context));
    if (line !== undefined) context.output.answer(line);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    context.output.answer(`agentos: cannot check whether this home is in sync: ${message}`);
  }
  return 0;
}
