/**
 * `agentos usage`: what the agents on this machine used and what it cost, from their own logs.
 *
 * Only reads; by the time it reads the first log it has given up the rights to run programs, to use the network (which
 * only `--refresh-prices` has at all) and to write anything but the ledger, which is open by then.
 *
 * @module
 */

import { AppError } from "../base/errors.ts";
import { currentPlatform } from "../base/platform.ts";
import { refuseOther, stateFolderPath } from "../base/state_folder.ts";
import type { CommandContext, CommandRun } from "../cli/command.ts";
import {
  findLocalZone,
  isZoneGuessed,
  openCalendar,
  parseTimeZone,
  shiftDay,
  type Zone,
} from "../usage/dates.ts";
import type { ByKey, ReportName } from "../usage/model.ts";
import { renderCsv, renderJson, type Report } from "../usage/report.ts";
import { renderTable } from "../usage/report_table.ts";
import { placeProject } from "../usage/project_name.ts";
import { type Question, summarise } from "../usage/summarise.ts";
import { openPriceTable } from "./usage/open_price_table.ts";
import { openProgress } from "./usage/progress.ts";
import { openUsage, type ReadFlags, readUsage, type Usage } from "./usage/read_usage.ts";

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
  readonly live?: boolean;
  readonly refreshPrices?: string;
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
  const zone = flags.timezone === undefined
    ? findOwnZone(context)
    : { name: await parseTimeZone(flags.timezone), isLocal: false };
  const keys = report === "doctor" ? [] : await chooseKeys(flags, report);
  refuseTwoAnswers(flags, report);
  refuseOther(stateFolderPath(context.env("AGENTOS_STATE"), context.home));
  if (flags.refreshPrices !== undefined) {
    const { refreshPrices } = await import("./usage/refresh_prices.ts");
    await refreshPrices(flags.refreshPrices, context);
  }
  if (report === "doctor") {
    const { renderDoctor } = await import("./usage/doctor.ts");
    return await renderDoctor(flags, context);
  }
  if (flags.explain !== undefined) {
    const { renderExplanation } = await import("./usage/explain.ts");
    return await renderExplanation(flags, flags.explain, context, zone.name);
  }
  const { prices, origin } = await openPriceTable(context);
  const calendar = openCalendar(zone);
  const { dayOf } = calendar;
  const build = ({ responses, warnings }: Usage, now: Date): Report => {
    const summary = summarise(
      responses,
      ask(flags, keys, dayOf(now.getTime()), context.cwd),
      calendar,
      prices,
    );
    return {
      summary,
      generatedAt: now,
      timeZone: zone.name,
      prices: origin,
      warnings,
      latestDay: summary.latestAt === undefined ? undefined : dayOf(summary.latestAt),
      hasCost: flags.cost !== false,
    };
  };
  // A question that makes no sense is refused before anything is read.
  const { since } = ask(flags, keys, dayOf(Date.now()), context.cwd);
  const asked = {
    ...flags,
    seenFromMs: since === undefined ? undefined : Date.parse(since) - SEEN_MARGIN_MS,
  };
  if (flags.live === true) return await runLive(asked, context, build);
  answer(build(await readUsage(asked, context, false), new Date()), flags, context);
  return 0;
};

/** A day begins up to 14 hours from where it does in UTC, and a log may tell of an answer much later than the gateway. */
const SEEN_MARGIN_MS = 2 * 24 * 60 * 60 * 1000;

/** The zone of this machine; tells the user where it is none that can be reckoned with. */
function findOwnZone({ env, output }: CommandContext): Zone {
  const variable = env("TZ");
  const zone = findLocalZone(variable, findLocaltime());
  if (isZoneGuessed(variable, zone)) {
    output.talk(
      `note: TZ is "${variable}", which is the name of no time zone, so days are those of UTC; name one with --timezone, as Area/City`,
    );
  }
  return zone;
}

/** Where the system says which zone this is; some have no such file. */
function findLocaltime(): string | undefined {
  try {
    return Deno.realPathSync("/etc/localtime");
  } catch {
    return undefined;
  }
}

/**
 * Refuses flags that contradict each other or the report.
 *
 * @throws {AppError} cli.usage
 */
function refuseTwoAnswers(flags: Flags, report: string | undefined): void {
  const refuse = (message: string, hint = "Leave one of them out."): never => {
    throw new AppError("cli.usage", message, { hint });
  };
  if (flags.json === true && flags.csv === true) refuse("--json and --csv are two answers");
  if (report === "doctor" && flags.csv === true) {
    refuse("The doctor has no --csv", "Programs read its --json.");
  }
  const isWhole = flags.json !== true && flags.csv !== true && flags.explain === undefined &&
    report !== "doctor";
  if (flags.live === true && !isWhole) refuse("--live shows a table, and nothing else");
  if (flags.explain !== undefined && flags.csv === true) refuse("--explain has no --csv");
  // What has no effect would look as if it had.
  if (report === "doctor") refuseFirst("The doctor", "looks at everything that was logged", NOT_OF_DOCTOR);
  else if (flags.explain !== undefined) refuseFirst("--explain", "tells of a session whole", NOT_OF_EXPLAIN);

  function refuseFirst(who: string, what: string, names: readonly (keyof Flags)[]): void {
    const name = names.find((one) => isAsked(flags[one]));
    if (name === undefined) return;
    const flag = name === "cost" ? "--no-cost" : `--${name}`;
    refuse(`${who} has no ${flag}`, `It ${what}; leave ${flag} out.`);
  }
}

/** Which part of the usage is asked about, and how it is grouped. */
const PARTS = ["since", "until", "last", "by", "model", "project", "session"] as const;
const NOT_OF_EXPLAIN = PARTS;
const NOT_OF_DOCTOR = [...PARTS, "explain", "cost"] as const;

/** True when a flag says something else than nothing: costs are shown unless they are forbidden. */
function isAsked(value: Flags[keyof Flags]): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== true;
}

async function runLive(
  flags: ReadFlags,
  context: CommandContext,
  build: (usage: Usage, now: Date) => Report,
): Promise<0> {
  const { output, home } = context;
  if (output.openScreen === undefined) {
    throw new AppError(
      "cli.usage",
      "--live draws on a terminal, and the output goes to none that can be drawn on",
      {
        hint: "Leave --live out, or ask with --json as often as you like.",
      },
    );
  }
  const { showLive } = await import("./usage/live.ts");
  const { progress, end } = openProgress(output, Date.now());
  using reader = await openUsage(flags, context, progress);
  // The first reading may take long, and shows how far it is.
  let latest: Usage | undefined = await reader.read(false).finally(end);
  return await showLive(output.openScreen, async (columns) => {
    const usage = latest ?? await reader.read(false);
    latest = undefined;
    const now = new Date();
    const table = renderTable(build(usage, now), { columns, colour: output.colour, home });
    const time = new Intl.DateTimeFormat("sv-SE", { timeStyle: "medium" }).format(now);
    return [
      `agentos usage at ${time}; Ctrl-C ends it`,
      ...table.split("\n"),
      ...usage.notes.map((note) => `note: ${note}`),
    ];
  });
}

async function chooseKeys(flags: Flags, report: string | undefined): Promise<readonly ByKey[]> {
  const by = flags.by !== undefined && flags.by.length > 0 ? flags.by : undefined;
  if (report === undefined) return by ?? ["day", "model"];
  for (const [name, keys] of Object.entries(REPORT_KEYS)) if (name === report) return by ?? keys;
  const names = [...Object.keys(REPORT_KEYS), "doctor"];
  const { closest, distance } = await import("fastest-levenshtein");
  const near = closest(report, names);
  throw new AppError("cli.usage", `There is no report "${report}"`, {
    hint: distance(report, near) <= 2 ? `Did you mean "${near}"?` : `Reports are ${names.join(", ")}.`,
  });
}

function ask(flags: Flags, by: readonly ByKey[], today: string, cwd: string): Question {
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
    projects: (flags.project ?? []).map((project) => placeProject(project, cwd, currentPlatform())),
    sessions: flags.session ?? [],
  };
}

function answer(report: Report, flags: Flags, { output, home }: CommandContext): void {
  if (flags.json === true) output.answer(JSON.stringify(renderJson(report), null, 2));
  else if (flags.csv === true) output.answer(renderCsv(report));
  else {
    const columns = output.columns?.();
    const screen = { colour: output.colour, home };
    output.answer(renderTable(report, columns === undefined ? screen : { ...screen, columns }));
  }
}
