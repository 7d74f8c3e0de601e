/**
 * What a user allows themselves: so much a day, so many requests a minute. Off unless configured. No clock of its own:
 * the time comes as an argument.
 *
 * A day's cost is what the providers said of answers that have ended; what is still running is not known yet, so a limit
 * can be passed by as much as runs at that moment.
 *
 * @module
 */

import { AppError } from "../../base/errors.ts";
import type { ModelCost } from "../ledger.ts";
import type { GatewaySettings, Limit } from "./settings.ts";

/** The limits as they stand. */
export interface Limits {
  /**
   * Lets a request in and counts it.
   *
   * @throws {AppError} gateway.limit
   */
  enter(model: string, nowMs: number): void;
  /** Counts what an answer has cost. */
  spend(spent: ModelCost): void;
}

const MINUTE_MS = 60_000;

/**
 * Makes the limits.
 *
 * @param spent what was spent before, oldest first
 */
export function makeLimits({ limit, modelLimits }: GatewaySettings, spent: readonly ModelCost[]): Limits {
  const all = makeCounter(limit, "all models");
  const single = new Map(
    Object.entries(modelLimits).map(([model, its]) => [model, makeCounter(its, `the model "${model}"`)]),
  );
  const spend = (one: ModelCost): void => {
    all.spend(one);
    single.get(one.model)?.spend(one);
  };
  spent.forEach(spend);
  return {
    enter(model, nowMs): void {
      const counters = [all, ...single.has(model) ? [single.get(model)] : []];
      for (const counter of counters) counter?.check(nowMs);
      for (const counter of counters) counter?.count(nowMs);
    },
    spend,
  };
}

interface Counter {
  check(nowMs: number): void;
  count(nowMs: number): void;
  spend(spent: ModelCost): void;
}

function makeCounter({ maxCostPerDayUsd, maxRequestsPerMinute }: Limit, whose: string): Counter {
  let entered: number[] = [];
  let day = "";
  let costUsd = 0;
  const turnTo = (nowMs: number): void => {
    const today = dayOf(nowMs);
    if (today === day) return;
    day = today;
    costUsd = 0;
  };
  return {
    check(nowMs): void {
      turnTo(nowMs);
      if (maxCostPerDayUsd !== undefined && costUsd >= maxCostPerDayUsd) {
        throw new AppError(
          "gateway.limit",
          `Your limit for ${whose} is reached: $${costUsd.toFixed(2)} of $${maxCostPerDayUsd} spent today`,
          { hint: "Wait until tomorrow, or raise max_cost_per_day_usd in agentos's config.toml." },
        );
      }
      entered = entered.filter((at) => at > nowMs - MINUTE_MS);
      if (maxRequestsPerMinute !== undefined && entered.length >= maxRequestsPerMinute) {
        throw new AppError(
          "gateway.limit",
          `Your limit for ${whose} is reached: ${maxRequestsPerMinute} requests a minute`,
          { hint: "Wait a minute, or raise max_requests_per_minute in agentos's config.toml." },
        );
      }
    },
    count(nowMs): void {
      if (maxRequestsPerMinute !== undefined) entered.push(nowMs);
    },
    spend(spent): void {
      if (maxCostPerDayUsd === undefined) return;
      turnTo(Math.max(spent.at, 0));
      costUsd += spent.costUsd;
    },
  };
}

/** The local day. */
function dayOf(ms: number): string {
  const date = new Date(ms);
  return `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`;
}
