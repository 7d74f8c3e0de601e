/**
 * Times as exact as they are written: the parser keeps milliseconds, and knows no leap second. Pure.
 *
 * @module
 */

import { TomlDate } from "smol-toml";

/** A date or time that has more digits than the parser keeps, or a leap second. */
export class ExactDate extends TomlDate {
  /** @param rest what is written beyond the milliseconds, without zeros at its end; `60` first for a leap second */
  constructor(date: TomlDate, readonly rest: string) {
    super(date.toISOString());
  }
}

/** True when two dates are of one kind and say one instant, as exactly as they were written. */
export function areSameDate(left: TomlDate, right: TomlDate): boolean {
  const restOf = (date: TomlDate): string => date instanceof ExactDate ? date.rest : "";
  return left.toISOString() === right.toISOString() && restOf(left) === restOf(right);
}

/**
 * The text with the leap second of the value at this offset a second earlier, as long as before; undefined when no such value
 * stands there.
 */
export function withoutLeapSecond(text: string, at: number): string | undefined {
  LEAP_SECOND.lastIndex = at;
  const found = LEAP_SECOND.exec(text);
  if (found === null) return undefined;
  const seconds = at + found[0].length - 2;
  return `${text.slice(0, seconds)}59${text.slice(seconds + 2)}`;
}

const LEAP_SECOND = /(?:\d{4}-\d\d-\d\d[Tt ])?\d\d:\d\d:60/y;

/** True for a text with a time that {@link numberTimes} is needed for. */
export function hasFineTimes(text: string): boolean {
  return /:\d\d:(?:60|\d\d\.\d{3}\d*[1-9])/.test(text);
}

/** A time, and no offset from UTC. */
const TIME = /(?<![\d:+-])\d\d:\d\d(?::(\d\d)(?:\.(\d+))?)?/g;

/** The text with each time replaced by its number, as a time of so many milliseconds; and what each says beyond those. */
export function numberTimes(text: string): { readonly text: string; readonly rests: readonly string[] } {
  const rests: string[] = [];
  const numbered = text.replaceAll(TIME, (_, seconds: string | undefined, digits: string | undefined) => {
    const leap = seconds === "60" ? "60" : "";
    const time = new Date(rests.length).toISOString().slice(11, 23);
    rests.push(leap + (digits ?? "").slice(3).replace(/0+$/, ""));
    return time;
  });
  return { text: numbered, rests };
}

/** What a date says beyond its milliseconds, found by the numbered one that stands in its place. */
export function restOfNumbered(numbered: TomlDate, rests: readonly string[]): string {
  const time = /\d\d:\d\d:\d\d\.\d{3}/.exec(numbered.toISOString())?.[0];
  return time === undefined ? "" : rests[Date.parse(`1970-01-01T${time}Z`)] ?? "";
}
