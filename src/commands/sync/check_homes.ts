/**
 * Comparing every home with the repo, file by file: what `agentos sync check` does when no earlier answer stands.
 *
 * @module
 */

import { maskControls } from "../../base/control_characters.ts";
import { AppError, messageOf, renderPlace } from "../../base/errors.ts";
import type { CommandContext } from "../../cli/command.ts";
import { isInSync } from "../../sync/model.ts";
import { type ClientReport, renderHook } from "../../sync/report.ts";
import type { Flags } from "./check.ts";
import { openHomes } from "./open_home.ts";
import { planHome, printReports } from "./plan_home.ts";
import { throwIfRefused } from "./refusal.ts";

/** Compares, prints what it found, and answers the exit code. */
export async function checkHomes(flags: Flags, context: CommandContext): Promise<0 | 1> {
  if (flags.hook !== undefined) return await runHook(flags, flags.hook, context);
  const reports = await readReports(flags, context);
  await printReports("check", reports, flags, context, true);
  throwIfRefused("check", reports.filter(isUnreadable));
  return reports.every(({ plan }) => plan !== undefined && isInSync(plan)) ? 0 : 1;
}

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
    const message = messageOf(error);
    const where = error instanceof AppError ? error.where : undefined;
    const place = where === undefined ? "" : `${renderPlace(where)}: `;
    const line = maskControls(`agentos: cannot check whether this home is in sync: ${place}${message}`);
    context.output.answer(line);
  }
  return 0;
}
