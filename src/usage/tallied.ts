/**
 * Responses that were tallied, or are in the ledger: kept as numbers, since there may be hundreds of thousands.
 *
 * @module
 */

import type { Response, ResponseSetting, Tokens } from "./model.ts";

/** Numbers of a response: which setting, time, input, cached, written, written for an hour, output, reasoning. */
export const NUMBERS_OF_RESPONSE = 8;

/** What a log tells of, without ids and names. */
export interface Tallied {
  readonly settings: readonly ResponseSetting[];
  /** {@link NUMBERS_OF_RESPONSE} for each response. */
  readonly numbers: readonly ArrayLike<number>[];
}

/** Responses of both sorts. */
export interface Responses {
  readonly listed: readonly Response[];
  readonly tallied: readonly Tallied[];
}

/** The tokens whose counts begin at a place, in the order that they have in a row. */
export function readTokens(numbers: ArrayLike<number>, at: number): Tokens {
  return {
    input: numbers[at] ?? 0,
    cached: numbers[at + 1] ?? 0,
    cacheWrite: numbers[at + 2] ?? 0,
    cacheWrite1h: numbers[at + 3] ?? 0,
    output: numbers[at + 4] ?? 0,
    reasoning: numbers[at + 5] ?? 0,
  };
}

/** The response whose numbers begin at a place. */
export function readRow(setting: ResponseSetting, numbers: ArrayLike<number>, at: number): Response {
  return {
    client: setting.client,
    id: undefined,
    names: undefined,
    session: setting.session,
    at: numbers[at + 1] ?? 0,
    provider: setting.provider,
    model: setting.model,
    project: setting.project,
    speed: setting.speed,
    tokens: readTokens(numbers, at + 2),
    costUsd: undefined,
  };
}

/** All of them. */
export function listResponses({ listed, tallied }: Responses): readonly Response[] {
  const list = [...listed];
  for (const { settings, numbers } of tallied) {
    for (const part of numbers) {
      for (let at = 0; at < part.length; at += NUMBERS_OF_RESPONSE) {
        const setting = settings[part[at] ?? 0];
        if (setting !== undefined) list.push(readRow(setting, part, at));
      }
    }
  }
  return list;
}

/** True when there is none. */
export function isEmpty({ listed, tallied }: Responses): boolean {
  return listed.length === 0 && tallied.every(({ numbers }) => numbers.length === 0);
}
