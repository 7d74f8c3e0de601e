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
import { plan } from "../../sync/plan.ts";
import { type ClientReport, renderHook, renderJson, renderText } from "../../sync/report.ts";
import { openHomes, type SyncFlags } from "./open_home.ts";
import { throwIfRefused } from "./refusal.ts";
import { renderDiffs } from "./render_diffs.ts";

/** The flags of `sync check`. */
export interface Flags extends SyncFlags {
  /** A pre-session hook calls: one line when something drifted, nothing otherwise, and never a failure. */
  readonly hook?: string;
  readonly diff?: boolean;
}

/** Runs the command. */
export const run: CommandRun<Flags> = async (flags, context) => {
  if (flags.hook !== undefined) return await runHook(flags, context);
  const reports = await readReports(flags, context);
  const isRight = reports.every(({ plan }) => plan !== undefined && isInSync(plan));
  if (flags.json === true) context.output.answer(JSON.stringify(renderJson("check", reports), null, 2));
  else if (flags.quiet !== true) context.output.answer(renderText("check", reports, false));
  if (flags.diff === true && flags.json !== true) {
    for (const text of await renderDiffs(reports)) context.output.answer(text);
  }
  throwIfRefused("check", reports.filter(isUnreadable));
  return isRight ? 0 : 1;
};

/** True when a home cannot even be judged: a file is broken or no file at all, or the repo has a mistake. */
function isUnreadable({ plan }: ClientReport): boolean {
  return plan === undefined || plan.entries.some(({ state }) => state === "invalid");
}

async function readReports(
  flags: Flags,
  context: CommandContext,
): Promise<readonly ClientReport[]> {
  const { hook: _, ...rest } = flags;
  const homes = await openHomes(rest, context, () => Promise.resolve(undefined));
  return homes.map(({ client, title, place, target, actual, applied }) => ({
    client: client.id,
    title,
    home: place.home,
    problems: target.kind === "problems" ? target.problems : [],
    plan: target.kind === "problems" ? undefined : plan({
      target: target.target,
      actual,
      applied,
      take: undefined,
      merge: undefined,
      only: flags.only,
    }),
  }));
}

/** A hook must not stop a session: whatever goes wrong is one line, and exit 0. */
async function runHook(flags: Flags, context: CommandContext): Promise<0> {
  try {
    const line = renderHook(
      await readReports({ ...flags, client: flags.client ?? [flags.hook ?? ""] }, context),
    );
    if (line !== undefined) context.output.answer(line);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    context.output.answer(`agentos: cannot check whether this home is in sync: ${message}`);
  }
  return 0;
}
