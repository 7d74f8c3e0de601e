/**
 * Values of a TOML text: parsing with a place for every failure, reading at a path, and comparing.
 *
 * Parsing is `smol-toml`'s (TOML 1.0 and 1.1); here it is made to answer a problem instead of throwing, also for what it
 * lets pass by mistake. Pure.
 *
 * @module
 */

import { parse, TomlDate, TomlError } from "smol-toml";
import { findBeyondLimits, isHuge } from "./toml_limits.ts";
import {
  areSameDate,
  ExactDate,
  hasFineTimes,
  numberTimes,
  restOfNumbered,
  withoutLeapSecond,
} from "./toml_times.ts";
import type { TomlPath } from "./toml_scan.ts";

/** Why a text is not used, with the line and column from 1 in the text as it is on disk. */
export interface TextProblem {
  readonly line: number;
  readonly column?: number;
  readonly message: string;
}

/** A parsed table, or the problem that kept it from being one. */
export type ParsedToml =
  | { readonly kind: "table"; readonly table: TomlValues }
  | { readonly kind: "problem"; readonly problem: TextProblem };

/** A table as read: strings, numbers, big integers, booleans, dates, arrays and tables below. */
export type TomlValues = { readonly [key: string]: unknown };

/**
 * Parses a text without a byte order mark. Whole numbers beyond 2^53 come as bigint, so none is read wrong; `1` and `1.0`
 * are one value, as programs that rewrite a file take them for one.
 */
export function parseToml(text: string): ParsedToml {
  const read = readValues(text);
  if (read instanceof TomlError) {
    const message = read.message.split("\n", 1)[0] ?? "it is not TOML";
    return {
      kind: "problem",
      problem: {
        line: read.line,
        column: read.column,
        message: message.replace(/^Invalid TOML document: /, ""),
      },
    };
  }
  const { isDeeper, hasHuge } = survey(read, MAX_DEPTH);
  const problem = isDeeper
    ? deepKey(text)
    : findBeyondLimits(text, hasHuge, (other) => !(readValues(other) instanceof TomlError));
  if (problem !== undefined) return { kind: "problem", problem };
  return { kind: "table", table: hasFineTimes(text) ? withFineTimes(read, text) : read };
}

/** There were 27 leap seconds up to 2026, and for each the whole text is parsed once more. */
const MAX_LEAP_SECONDS = 100;

/** What the parser reads, with leap seconds read a second earlier; or where it stops. */
function readValues(text: string): TomlValues | TomlError {
  let earlier = text;
  for (let left = MAX_LEAP_SECONDS;; left--) {
    try {
      return parse(earlier, { integersAsBigInt: "asNeeded" });
    } catch (error) {
      if (!(error instanceof TomlError)) throw error;
      const changed = left > 0 ? withoutLeapSecond(earlier, offsetOf(error, earlier)) : undefined;
      if (changed === undefined) return error;
      earlier = changed;
    }
  }
}

function offsetOf({ line, column }: TomlError, text: string): number {
  const above = text.split("\n").slice(0, line - 1);
  return above.reduce((offset, { length }) => offset + length + 1, column - 1);
}

/** The values with what their times say beyond the milliseconds, told by the same text with numbers for its times. */
function withFineTimes(table: TomlValues, text: string): TomlValues {
  const { text: numbered, rests } = numberTimes(text);
  const numbers = readValues(numbered);
  if (numbers instanceof TomlError) return table;
  const refine = (value: unknown, number: unknown): unknown => {
    if (value instanceof TomlDate && number instanceof TomlDate) {
      const rest = restOfNumbered(number, rests);
      return rest === "" ? value : new ExactDate(value, rest);
    }
    if (Array.isArray(value) && Array.isArray(number)) {
      return value.map((part, at) => refine(part, number[at]));
    }
    return isTomlTable(value) && isTomlTable(number) ? refineTable(value, number) : value;
  };
  const refineTable = (values: TomlValues, others: TomlValues): TomlValues => {
    // A time in a quoted key has a number there too: keys are told by their order.
    const places = Object.values(others);
    return Object.fromEntries(
      Object.entries(values).map(([key, value], at) => [key, refine(value, places[at])]),
    );
  };
  return refineTable(table, numbers);
}

/** As deep as the parser lets values stand in values; dotted keys alone get deeper, until every walk runs out of stack. */
const MAX_DEPTH = 1000;

/** What a walk through all values finds, as far down as the limit. */
function survey(table: TomlValues, limit: number): { readonly isDeeper: boolean; readonly hasHuge: boolean } {
  let level: unknown[] = [table];
  let hasHuge = false;
  for (let depth = 0; depth <= limit; depth++) {
    level = level.flatMap((value) =>
      Array.isArray(value) ? value : isTomlTable(value) ? Object.values(value) : []
    );
    hasHuge ||= level.some(isHuge);
    if (level.length === 0) return { isDeeper: false, hasHuge };
  }
  return { isDeeper: true, hasHuge };
}

function deepKey(text: string): TextProblem {
  const at = text.split("\n").findIndex((line) => line.split(".").length > MAX_DEPTH / 2);
  return { line: Math.max(at, 0) + 1, message: `it holds tables in tables, more than ${MAX_DEPTH} deep` };
}

/** The value at a path, or undefined when nothing stands there. */
export function valueAt(values: unknown, path: TomlPath): unknown {
  let value = values;
  for (const part of path) {
    if (Array.isArray(value) && typeof part === "number") value = value[part];
    else if (isTomlTable(value) && typeof part === "string" && Object.hasOwn(value, part)) {
      value = value[part];
    } else return undefined;
  }
  return value;
}

/** True when two parsed values are the same value, dates by instant and kind, tables without regard to order. */
export function valuesEqual(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (left instanceof TomlDate || right instanceof TomlDate) {
    return left instanceof TomlDate && right instanceof TomlDate &&
      areSameDate(left, right);
  }
  if (Array.isArray(left) || Array.isArray(right)) {
    return Array.isArray(left) && Array.isArray(right) && left.length === right.length &&
      left.every((value, index) => valuesEqual(value, right[index]));
  }
  if (!isTomlTable(left) || !isTomlTable(right)) return false;
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && valuesEqual(left[key], right[key]));
}

/** True for a table; arrays and dates are none. */
export function isTomlTable(value: unknown): value is TomlValues {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof TomlDate);
}
