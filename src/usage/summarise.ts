/**
 * From responses to rows: which count, how they group, what they add up to. Pure.
 *
 * @module
 */

import { addTokens, NO_TOKENS } from "../base/token_counts.ts";
import { addRows, type Run } from "./add_rows.ts";
import { type Calendar, monthOf, weekOf } from "./dates.ts";
import { type ByKey, GROUP_KEYS, type ResponseSetting, type Tokens } from "./model.ts";
import type { Prices } from "./price.ts";
import { isProject } from "./project_name.ts";
import type { Responses } from "./tallied.ts";

/** What is asked for. Days are in the calendar's zone, both ends included. */
export interface Question {
  readonly by: readonly ByKey[];
  readonly since: string | undefined;
  readonly until: string | undefined;
  /** Each list: any of them matches; empty: everything matches. */
  readonly models: readonly string[];
  readonly projects: readonly string[];
  readonly sessions: readonly string[];
}

/** One line of the answer. */
export interface Row {
  readonly client: string;
  readonly provider: string;
  readonly model: string;
  readonly day?: string;
  readonly week?: string;
  readonly month?: string;
  readonly session?: string;
  readonly project?: string;
  readonly responses: number;
  readonly tokens: Tokens;
  /** US dollars, of what has a price, so that rows add up to their total; null when nothing has. */
  readonly costUsd: number | null;
  readonly priceSource: string | null;
}

/** Everything added up. */
export interface Totals {
  readonly responses: number;
  readonly tokens: Tokens;
  /** Of what has a price; null when nothing has. */
  readonly costUsd: number | null;
}

/** Usage that no price is known for. */
export interface Unpriced {
  readonly client: string;
  readonly provider: string;
  readonly model: string;
  readonly speed: string;
}

/** The answer to a {@link Question}. */
export interface Summary {
  readonly by: readonly ByKey[];
  readonly rows: readonly Row[];
  readonly totals: Totals;
  readonly unpriced: readonly Unpriced[];
  /** When the latest response was, asked about or not; undefined when there is none at all. */
  readonly latestAt: number | undefined;
}

interface Sum {
  readonly row: Omit<Row, "responses" | "tokens" | "costUsd" | "priceSource">;
  responses: number;
  readonly tokens: { -readonly [Part in keyof Tokens]: Tokens[Part] };
  cost: number;
  readonly sources: Set<string>;
  latestSource: string | undefined;
}

/** Adds up the responses that the question is about, one row per client, provider, model and what it groups by. */
export function summarise(
  { listed, tallied }: Responses,
  question: Question,
  calendar: Calendar,
  prices: Prices,
): Summary {
  const sums = new Map<string, Sum>();
  const unpriced = new Map<string, Unpriced>();
  const groupOf = openGroups(question.by);
  const findSum = (setting: ResponseSetting, day: string): Sum | undefined => {
    if (!isAsked(setting, day, question)) return undefined;
    const key = `${setting.client}\n${setting.provider}\n${setting.model}\n${groupOf(setting, day)}`;
    let sum = sums.get(key);
    if (sum === undefined) {
      const row = describe(setting, day, question.by);
      sum = {
        row,
        responses: 0,
        tokens: { ...NO_TOKENS },
        cost: 0,
        sources: new Set(),
        latestSource: undefined,
      };
      sums.set(key, sum);
    }
    return sum;
  };
  // There may be hundreds of thousands of responses and few rows; most are of the same day and session as the one before.
  let sum: Sum | undefined;
  let latest: ResponseSetting | undefined;
  let latestDay = "";
  let latestAt: number | undefined;
  const add = ({ setting, day, latestAt: at, responses, tokens, cost }: Run): void => {
    if (latestAt === undefined || at > latestAt) latestAt = at;
    if (latest === undefined || day !== latestDay || !isAlike(setting, latest)) {
      sum = findSum(setting, day);
      latest = setting;
      latestDay = day;
    }
    if (sum === undefined) return;
    sum.responses += responses;
    sum.tokens.input += tokens.input;
    sum.tokens.cached += tokens.cached;
    sum.tokens.cacheWrite += tokens.cacheWrite;
    sum.tokens.cacheWrite1h += tokens.cacheWrite1h;
    sum.tokens.output += tokens.output;
    sum.tokens.reasoning += tokens.reasoning;
    if (cost === undefined) {
      const { client, provider, model, speed } = setting;
      unpriced.set(`${client}|${provider}|${model}|${speed}`, { client, provider, model, speed });
    } else {
      sum.cost += cost.usd;
      if (sum.latestSource !== cost.source) sum.sources.add(cost.source);
      sum.latestSource = cost.source;
    }
  };
  for (const response of listed) {
    const { at, tokens } = response;
    const [day, cost] = [calendar.dayOf(at), prices.costOf(response)];
    add({ setting: response, day, latestAt: at, responses: 1, tokens, cost });
  }
  for (const one of tallied) addRows(one, calendar, prices, add);
  const keys = GROUP_KEYS.filter((key) => question.by.includes(key));
  const rows = [...sums.values()].map(toRow).toSorted((a, b) => compareRows(a, b, keys));
  return {
    by: question.by,
    rows,
    totals: addUp([...sums.values()]),
    unpriced: [...unpriced.values()].toSorted((a, b) => compare(nameOf(a), nameOf(b))),
    latestAt,
  };
}

/** True when two responses of one day are always in the same row, and both asked for or both not. */
function isAlike(a: ResponseSetting, b: ResponseSetting): boolean {
  return a.session === b.session && a.model === b.model && a.provider === b.provider &&
    a.project === b.project && a.client === b.client;
}

/** Names the group of a response, besides client, provider and model. */
function openGroups(by: readonly ByKey[]): (setting: ResponseSetting, day: string) => string {
  const period = new Map<string, string>();
  const hasSession = by.includes("session");
  const hasProject = by.includes("project");
  const periodOf = (day: string): string =>
    [
      by.includes("day") ? day : "",
      by.includes("week") ? weekOf(day) : "",
      by.includes("month") ? monthOf(day) : "",
    ]
      .join();
  return ({ session, project }, day) => {
    let name = period.get(day);
    if (name === undefined) {
      name = periodOf(day);
      period.set(day, name);
    }
    if (hasSession) name += `\n${session}`;
    return hasProject ? `${name}\n${project}` : name;
  };
}

function isAsked(
  { model, project: folder, session: id }: ResponseSetting,
  day: string,
  question: Question,
): boolean {
  const { since, until, models, projects, sessions } = question;
  if ((since !== undefined && day < since) || (until !== undefined && day > until)) return false;
  if (models.length > 0 && !models.includes(model)) return false;
  if (projects.length > 0 && !projects.some((project) => isProject(folder, project))) return false;
  return sessions.length === 0 || sessions.some((session) => id.startsWith(session));
}

function describe(setting: ResponseSetting, day: string, by: readonly ByKey[]): Sum["row"] {
  const { client, provider, model } = setting;
  return {
    client,
    provider,
    model,
    ...(by.includes("day") ? { day } : {}),
    ...(by.includes("week") ? { week: weekOf(day) } : {}),
    ...(by.includes("month") ? { month: monthOf(day) } : {}),
    ...(by.includes("session") ? { session: setting.session } : {}),
    ...(by.includes("project") ? { project: setting.project } : {}),
  };
}

function toRow({ row, responses, tokens, cost, sources }: Sum): Row {
  const hasPrice = sources.size > 0;
  return {
    ...row,
    responses,
    tokens,
    costUsd: hasPrice ? roundUsd(cost) : null,
    priceSource: hasPrice ? [...sources].toSorted().join(", ") : null,
  };
}

function addUp(sums: readonly Sum[]): Totals {
  const hasPrice = sums.length === 0 || sums.some(({ sources }) => sources.size > 0);
  return {
    responses: sums.reduce((count, { responses }) => count + responses, 0),
    tokens: sums.reduce((total, { tokens }) => addTokens(total, tokens), NO_TOKENS),
    costUsd: hasPrice ? roundUsd(sums.reduce((total, { cost }) => total + cost, 0)) : null,
  };
}

/** Sums of floating point numbers in any order agree to a ten-billionth of a dollar. */
function roundUsd(usd: number): number {
  return Math.round(usd * 1e10) / 1e10;
}

/** By group, time first, then by what costs most tokens; names break ties. */
function compareRows(a: Row, b: Row, keys: readonly (typeof GROUP_KEYS)[number][]): number {
  for (const key of keys) {
    const order = compare(a[key] ?? "", b[key] ?? "");
    if (order !== 0) return order;
  }
  return sizeOf(b.tokens) - sizeOf(a.tokens) || compare(nameOf(a), nameOf(b));
}

function sizeOf({ input, output }: Tokens): number {
  return input + output;
}

function nameOf({ client, provider, model }: { client: string; provider: string; model: string }): string {
  return `${client}/${provider}/${model}`;
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
