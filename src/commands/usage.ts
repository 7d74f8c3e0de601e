/**
 * `agentos usage`: what the agents on this machine used and what it cost, from their own logs.
 *
 * Only reads; by the time it reads the first log it has given up the rights to run programs, to use the network and to
 * write anything but the ledger, which is open by then.
 *
 * @module
 */

import { AppError } from "../base/errors.ts";
import type { CommandContext, CommandRun } from "../cli/command.ts";
import { openCalendar, parseTimeZone, shiftDay } from "../usage/dates.ts";
import type { ByKey, ReportName } from "../usage/model.ts";
import { type PriceOrigin, renderCsv, renderJson, type Report } from "../usage/report.ts";
import { renderTable } from "../usage/report_table.ts";
import { type Question, summarise } from "../usage/summarise.ts";
import { openPriceTable } from "./usage/open_price_table.ts";
import { readUsage } from "./usage/read_usage.ts";

/** The flags of `usage`. */
export interface Flags {
  readonly client?: readonly string[];
  readonly since?: string;
  readonly until?: string;
  /** In days. */
  readonly last?: number;
  readonly by?: readonly ByKey[];
  readonly model?: readonly string[];
  readonly project?: readonly string[];
  readonly session?: readonly string[];
  readonly timezone?: string;
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly cost?: boolean;
  readonly ledger?: boolean;
  readonly explain?: string;
}

/** How each report groups. */
const REPORT_KEYS: Readonly<Record<ReportName, readonly ByKey[]>> = {
  daily: ["day"],
  weekly: ["week"],
  monthly: ["month"],
  session: ["session", "project"],
  model: ["model"],
  project: ["project"],
};

/** Without a range, the last so many days count, today included. */
const DEFAULT_DAYS = 30;

/** Runs the command. */
export const run: CommandRun<Flags, readonly string[]> = async (flags, context, report) => {
  const timeZone = flags.timezone === undefined
    ? new Intl.DateTimeFormat().resolvedOptions().timeZone
    : await parseTimeZone(flags.timezone);
  if (flags.json === true && flags.csv === true) {
    throw new AppError("cli.usage", "--json and --csv are two answers", { hint: "Leave one of them out." });
  }
  if (report === "doctor") {
    if (flags.json === true || flags.csv === true) {
      throw new AppError("cli.usage", "The doctor speaks to people: it has no --json and no --csv", {
        hint: "Leave the flag out.",
      });
    }
    const { renderDoctor } = await import("./usage/doctor.ts");
    return await renderDoctor(flags, context);
  }
  if (flags.explain !== undefined) {
    const { renderExplanation } = await import("./usage/explain.ts");
    return await renderExplanation(flags, flags.explain, context, timeZone);
  }
  const now = new Date();
  const dayOf = openCalendar(timeZone);
  const question = ask(flags, chooseKeys(flags, report), dayOf(now.getTime()));
  const usage = await readUsage(flags, context, false);
  const { price, origin } = await openPriceTable(context);
  const summary = summarise(usage.responses, question, dayOf, price);
  answer({ summary, generatedAt: now, timeZone, prices: origin, warnings: usage.warnings }, flags, context);
  return 0;
};

function chooseKeys(flags: Flags, report: string | undefined): readonly ByKey[] {
  if (flags.by !== undefined && flags.by.length > 0) return flags.by;
  if (report === undefined) return ["day", "model"];
  for (const [name, keys] of Object.entries(REPORT_KEYS)) if (name === report) return keys;
  const names = [...Object.keys(REPORT_KEYS), "doctor"];
  throw new AppError("cli.usage", `There is no report "${report}"`, {
    hint: `Reports are ${names.join(", ")}.`,
  });
}

function ask(flags: Flags, by: readonly ByKey[], today: string): Question {
  const { since, until, last } = flags;
  if (since !== undefined && last !== undefined) {
    throw new AppError("cli.usage", "--since and --last both say where the range begins", {
      hint: "Leave one of them out.",
    });
  }
  const end = until ?? today;
  // A session that is asked for by its id is wanted whole.
  const isWhole = flags.session !== undefined && flags.session.length > 0 && last === undefined;
  const begin = since ?? (isWhole ? undefined : shiftDay(end, 1 - (last ?? DEFAULT_DAYS)));
  if (begin !== undefined && begin > end) {
    throw new AppError("cli.usage", `The range ends on ${end}, before it begins on ${begin}`, {
      hint: "Swap --since and --until.",
    });
  }
  return {
    by,
    since: begin,
    // A clock that runs ahead must not hide what was used.
    until,
    models: flags.model ?? [],
    projects: flags.project ?? [],
    sessions: flags.session ?? [],
  };
}

function answer(
  found: Omit<Report, "hasCost"> & { readonly prices: PriceOrigin },
  flags: Flags,
  { output }: CommandContext,
): void {
  const report = { ...found, hasCost: flags.cost !== false };
  if (flags.json === true) output.answer(JSON.stringify(renderJson(report), null, 2));
  else if (flags.csv === true) output.answer(renderCsv(report));
  else output.answer(renderTable(report, { isTerminal: Deno.stdout.isTerminal(), colour: output.colour }));
}
