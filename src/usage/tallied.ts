/**
 * Responses that were tallied, or are in the ledger: kept as numbers, since there may be hundreds of thousands, and made into objects one at a
 * time, when they are asked for.
 *
 * @module
 */

import type { Response, ResponseSetting } from "./model.ts";

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

/** Visits one response after another: quicker than a list of them, and than a generator, which is called again for each. */
export function visitResponses({ listed, tallied }: Responses, visit: (response: Response) => void): void {
  for (const response of listed) visit(response);
  for (const one of tallied) visitTallied(one, visit);
}

function visitTallied({ settings, numbers }: Tallied, visit: (response: Response) => void): void {
  for (const part of numbers) {
    for (let at = 0; at < part.length; at += NUMBERS_OF_RESPONSE) {
      const setting = settings[part[at] ?? 0];
      if (setting === undefined) continue;
      visit({
        client: setting.client,
        id: undefined,
        names: undefined,
        session: setting.session,
        at: part[at + 1] ?? 0,
        provider: setting.provider,
        model: setting.model,
        project: setting.project,
        speed: setting.speed,
        tokens: {
          input: part[at + 2] ?? 0,
          cached: part[at + 3] ?? 0,
          cacheWrite: part[at + 4] ?? 0,
          cacheWrite1h: part[at + 5] ?? 0,
          output: part[at + 6] ?? 0,
          reasoning: part[at + 7] ?? 0,
        },
        costUsd: undefined,
      });
    }
  }
}

/** All of them. */
export function listResponses(responses: Responses): readonly Response[] {
  const list: Response[] = [];
  visitResponses(responses, (response) => list.push(response));
  return list;
}

/** True when there is none. */
export function isEmpty({ listed, tallied }: Responses): boolean {
  return listed.length === 0 && tallied.every(({ numbers }) => numbers.length === 0);
}
