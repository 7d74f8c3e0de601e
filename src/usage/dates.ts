/**
 * Days, weeks and months in a time zone, and the words for ranges of them. Pure.
 *
 * @module
 */

import { AppError } from "../base/errors.ts";

const DAY_MS = 86_400_000;

/** No zone's clock changes, or differs from another's, by less. */
const BUCKET_MS = 900_000;

/** When a span of this length begins and ends on the same day, all of it is that day: no clock goes back to
 * the day before and on again within it. */
const SPAN_MS = 21_600_000;

/** Time ends here (ECMA-262). */
const MAX_TIME_MS = 8.64e15;

/** Says on which day a moment falls, as `2026-11-23`. */
export type DayOf = (at: number) => string;

/** Some time that is of one day: from a moment up to, and without, another. */
export interface Stretch {
  readonly day: string;
  readonly from: number;
  readonly to: number;
}

/** A zone's calendar. */
export interface Calendar {
  readonly dayOf: DayOf;
  /** Some time around a moment, all of it of the moment's day. */
  stretchOf(at: number): Stretch;
}

const NO_STRETCH: Stretch = { day: "", from: Number.NaN, to: Number.NaN };

/** The zone that needs no table. */
const UTC = "UTC";

/**
 * The zone's name as it is spelled officially.
 *
 * @throws {AppError} cli.usage when there is no such zone
 */
export async function parseTimeZone(name: string): Promise<string> {
  if (name === UTC) return UTC;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    const { closest, distance } = await import("fastest-levenshtein");
    const zones = [UTC, ...Intl.supportedValuesOf("timeZone")];
    const word = name.toLowerCase().replaceAll(" ", "_");
    const parts = zones.filter((zone) => word !== "" && zone.toLowerCase().split("/").at(-1) === word);
    const near = closest(word, zones.map((zone) => zone.toLowerCase()));
    const city = zones.toSorted((a, b) => distance(word, cityOf(a)) - distance(word, cityOf(b)))[0];
    // A city that is there needs no guessing.
    const guesses = parts.length > 0
      ? parts
      : [...new Set([...zones.filter((zone) => zone.toLowerCase() === near), city])];
    throw new AppError("cli.usage", `There is no time zone "${name}"`, {
      hint: `Did you mean ${
        guesses.slice(0, 3).map((zone) => `"${zone}"`).join(" or ")
      }? Write it as Area/City.`,
    });
  }
}

function cityOf(zone: string): string {
  return zone.toLowerCase().split("/").at(-1) ?? zone;
}

/** A zone, and whether it is the one that this machine's clock shows. */
export interface Zone {
  /** As it is spelled officially. */
  readonly name: string;
  readonly isLocal: boolean;
}

/**
 * The zone of this machine's clock, as the runtime finds it: what `TZ` names, else what `/etc/localtime` leads to.
 *
 * Asking the runtime itself loads its tables of languages, which takes twenty milliseconds (V8 13, measured 2026-11), so
 * that is done only where neither is the official name of a zone.
 *
 * POSIX lets a colon stand before a name, and C libraries take the path of a zone's file. The runtime has no name for the
 * latter, and takes either for UTC in older versions (Deno 2.9 and 2.4, 2026-11), so such a zone is known by its name alone.
 *
 * @param variable the value of `TZ`
 * @param localtime the real path of `/etc/localtime`, where there is one
 */
export function findLocalZone(variable: string | undefined, localtime: string | undefined): Zone {
  const named = readZoneName(variable, localtime);
  if (variable !== undefined && named !== undefined && named !== variable) {
    const official = findOfficialName(named);
    if (official !== undefined) return { name: official, isLocal: false };
  }
  if (named === UTC || named === "Etc/UTC") return { name: UTC, isLocal: true };
  if (named !== undefined && Intl.supportedValuesOf("timeZone").includes(named)) {
    return { name: named, isLocal: true };
  }
  // For a variable that names no zone the runtime has no name either, and keeps UTC.
  return { name: new Intl.DateTimeFormat().resolvedOptions().timeZone || UTC, isLocal: false };
}

function readZoneName(variable: string | undefined, localtime: string | undefined): string | undefined {
  const told = variable?.replace(/^:/, "") ?? LOCALTIME;
  const path = told === LOCALTIME ? localtime : told;
  return path?.split(/\/zoneinfo(?:\.default)?\/(?:posix\/)?/)[1] ?? (path === localtime ? undefined : path);
}

const LOCALTIME = "/etc/localtime";

function findOfficialName(name: string): string | undefined {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

/**
 * True when `TZ` says something, and the zone found is UTC for want of a better one: a rule of POSIX, as `CET-1CEST`, or a
 * name that no zone has.
 */
export function isZoneGuessed(variable: string | undefined, { name, isLocal }: Zone): boolean {
  if (variable === undefined || isLocal || name !== UTC) return false;
  const told = readZoneName(variable, undefined);
  if (/^(?:UTC|GMT)[+-]?0$/.test(told ?? "")) return false;
  return told !== undefined && findOfficialName(told) === undefined;
}

/** The calendar of a zone; summer time as the zone has it. */
export function openCalendar({ name, isLocal }: Zone): Calendar {
  const formatDay = name === UTC ? openUtcDays() : isLocal ? openLocalDays() : openFormat(name);
  const spanMs = name === UTC ? DAY_MS : SPAN_MS;
  const buckets = new Map<number, Stretch>();
  const spans = new Map<number, Stretch | undefined>();
  let latest: Stretch | undefined;

  function openSpan(span: number): Stretch | undefined {
    const [from, to] = [span * spanMs, (span + 1) * spanMs];
    const day = formatDay(Math.max(from, -MAX_TIME_MS));
    return day === formatDay(Math.min(to - 1, MAX_TIME_MS)) ? { day, from, to } : undefined;
  }

  function findSpan(at: number): Stretch | undefined {
    const span = Math.floor(at / spanMs);
    if (!spans.has(span)) spans.set(span, openSpan(span));
    return spans.get(span);
  }

  function findBucket(at: number): Stretch {
    const bucket = Math.floor(at / BUCKET_MS);
    const stretch = buckets.get(bucket) ??
      { day: formatDay(at), from: bucket * BUCKET_MS, to: (bucket + 1) * BUCKET_MS };
    buckets.set(bucket, stretch);
    return stretch;
  }

  function stretchOf(at: number): Stretch {
    if (latest !== undefined && at >= latest.from && at < latest.to) return latest;
    // A number that is no time, which only a damaged ledger holds, must not end the report, nor stand for the next one.
    if (!(at >= -MAX_TIME_MS && at <= MAX_TIME_MS)) return NO_STRETCH;
    return latest = findSpan(at) ?? findBucket(at);
  }

  return { stretchOf, dayOf: (at) => stretchOf(at).day };
}

function openUtcDays(): DayOf {
  const renderDay = openDayNames();
  return (at) => {
    const date = new Date(at);
    return renderDay(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate());
  };
}

function openLocalDays(): DayOf {
  const renderDay = openDayNames();
  return (at) => {
    const date = new Date(at);
    return renderDay(date.getFullYear(), date.getMonth() + 1, date.getDate());
  };
}

/** Names days, each once: writing one takes ten times as long as finding it. */
function openDayNames(): (year: number, month: number, day: number) => string {
  const names = new Map<number, string>();
  return (year, month, day) => {
    const key = (year * 16 + month) * 32 + day;
    let name = names.get(key);
    if (name === undefined) {
      name = `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${
        String(day).padStart(2, "0")
      }`;
      names.set(key, name);
    }
    return name;
  };
}

function openFormat(timeZone: string): DayOf {
  const format = new Intl.DateTimeFormat("en-CA", {
    timeZone,
    calendar: "iso8601",
    numberingSystem: "latn",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  });
  return (at) => {
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
    return `${(parts["year"] ?? "").padStart(4, "0")}-${parts["month"]}-${parts["day"]}`;
  };
}

/** The ISO week of a day, as `2026-W48`. */
export function weekOf(day: string): string {
  const at = Date.parse(`${day}T00:00:00Z`);
  const thursday = at + (3 - (new Date(at).getUTCDay() + 6) % 7) * DAY_MS;
  const year = new Date(thursday).getUTCFullYear();
  const week = 1 + Math.floor((thursday - Date.UTC(year, 0, 1)) / (7 * DAY_MS));
  return `${year}-W${String(week).padStart(2, "0")}`;
}

/** The month of a day, as `2026-11`. */
export function monthOf(day: string): string {
  return day.slice(0, 7);
}

/** A day some days later, or earlier. */
export function shiftDay(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}
