/**
 * Responses as text that is short and quick to read: in a ledger of years, what responses share is written once for each
 * log, and numbers stand in one flat list.
 *
 * @module
 */

import type { Response, ResponseSetting, Speed } from "./model.ts";
import { NUMBERS_OF_RESPONSE, readRow, type Tallied } from "./tallied.ts";

/** What the responses of a log mostly share: session, provider, model, project, speed. */
type Setting = readonly [string, string, string, string, Speed];

interface Packed {
  readonly settings: readonly Setting[];
  /** {@link NUMBERS_OF_RESPONSE} for each. */
  readonly numbers: readonly number[];
  /** For each response; missing when none has any. */
  readonly ids?: readonly (string | null)[];
  readonly names?: readonly (readonly string[] | null)[];
  readonly costs?: readonly (number | null)[];
}

/** Writes responses down. */
export function writeResponses(responses: readonly Response[]): string {
  const places = new Map<string, number>();
  const settings: Setting[] = [];
  const numbers: number[] = [];
  for (const { session, provider, model, project, speed, at, tokens } of responses) {
    const setting: Setting = [session, provider, model, project, speed];
    const key = setting.join("\0");
    let place = places.get(key);
    if (place === undefined) {
      place = settings.push(setting) - 1;
      places.set(key, place);
    }
    const { input, cached, cacheWrite, cacheWrite1h, output, reasoning } = tokens;
    numbers.push(place, at, input, cached, cacheWrite, cacheWrite1h, output, reasoning);
  }
  const packed: Packed = {
    settings,
    numbers,
    ...(responses.some(({ id }) => id !== undefined) ? { ids: responses.map(({ id }) => id ?? null) } : {}),
    ...(responses.some(({ names }) => names !== undefined)
      ? { names: responses.map(({ names }) => names ?? null) }
      : {}),
    ...(responses.some(({ costUsd }) => costUsd !== undefined)
      ? { costs: responses.map(({ costUsd }) => costUsd ?? null) }
      : {}),
  };
  return JSON.stringify(packed);
}

/**
 * Reads what {@link writeResponses} wrote of a client's responses.
 *
 * @throws {SyntaxError} when it did not write that
 */
export function readResponses(client: string, text: string): readonly Response[] {
  const { numbers, ids, names, costs, ...packed } = readPacked(text);
  const settings = openSettings(client, packed);
  const responses: Response[] = [];
  for (let at = 0, index = 0; at < numbers.length; at += NUMBERS_OF_RESPONSE, index++) {
    const setting = settings[numbers[at] ?? -1];
    if (setting === undefined) throw new SyntaxError("a response without a setting");
    responses.push({
      ...readRow(setting, numbers, at),
      id: ids?.[index] ?? undefined,
      names: names?.[index] ?? undefined,
      costUsd: costs?.[index] ?? undefined,
    });
  }
  return responses;
}

/**
 * Reads the same where ids will do without; undefined when there are names or costs, which are of each response.
 *
 * @throws {SyntaxError} when {@link writeResponses} did not write that
 */
export function readTallied(client: string, text: string): Tallied | undefined {
  const { numbers, names, costs, ...packed } = readPacked(text);
  if (names !== undefined || costs !== undefined) return undefined;
  return { settings: openSettings(client, packed), numbers: numbers.length === 0 ? [] : [numbers] };
}

function openSettings(client: string, { settings }: Pick<Packed, "settings">): readonly ResponseSetting[] {
  return settings.map(([session, provider, model, project, speed]) => ({
    client,
    session,
    provider,
    model,
    project,
    speed,
  }));
}

function readPacked(text: string): Packed {
  const packed: Packed = JSON.parse(text);
  const { settings, numbers, ids, names, costs } = packed;
  if (
    Array.isArray(settings) && settings.every(isSetting) && Array.isArray(numbers) &&
    areRows(numbers, settings.length) && isListOf(ids, isText) && isListOf(costs, isUsd) &&
    isListOf(names, (one) => Array.isArray(one) && one.every(isText))
  ) {
    return packed;
  }
  throw new SyntaxError("these are no responses");
}

/** True for rows of a known setting, a time, and counts; there may be millions of numbers. */
function areRows(numbers: readonly number[], settings: number): boolean {
  if (numbers.length % NUMBERS_OF_RESPONSE !== 0) return false;
  for (let place = 0; place < numbers.length; place++) {
    const number = numbers[place] ?? NaN;
    if (!Number.isSafeInteger(number)) return false;
    const part = place % NUMBERS_OF_RESPONSE;
    // A clock may stand before 1970.
    if (part !== TIME_PART && (number < 0 || (part === 0 && number >= settings))) return false;
  }
  return true;
}

/** Where the time stands in a row. */
const TIME_PART = 1;

/** True for a list of such values and nulls, or none. */
function isListOf(list: unknown, isOne: (value: unknown) => boolean): boolean {
  return list === undefined || (Array.isArray(list) && list.every((one) => one === null || isOne(one)));
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

function isUsd(value: unknown): boolean {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

function isSetting(setting: unknown): boolean {
  return Array.isArray(setting) && setting.length === 5 && setting.every((one) => typeof one === "string");
}
