/**
 * What Anthropic's cache costs for an hour, which lists of prices do not tell. Pure.
 *
 * Writing to it costs 1.25 times the input where it is kept for five minutes, and twice the input for an hour
 * (docs.claude.com, prompt caching, 2026-11); those who resell the models keep that rule (OpenRouter, Amazon Bedrock and
 * Google Vertex, 2026-11).
 *
 * @module
 */

import type { Price, Rates } from "../../src/usage/price.ts";

/** Adds what an hour costs to a Claude model's rates that follow the rule and do not say it; all others are as they were. */
export function addHourRates(model: string, price: Price): Price {
  if (!/\bclaude\b/i.test(model)) return price;
  const { tiers } = price;
  return { ...addHourRate(price), ...(tiers === undefined ? {} : { tiers: tiers.map(addHourRate) }) };
}

function addHourRate<Found extends Rates>(rates: Found): Found | (Found & Rates) {
  const { input, cacheWrite, cacheWrite1h } = rates;
  if (cacheWrite === undefined || cacheWrite1h !== undefined) return rates;
  if (Math.abs(cacheWrite - input * 1.25) > input * 1e-6) return rates;
  // Without the noise that a multiplication of fractions adds.
  return { ...rates, cacheWrite1h: Number((input * 2).toPrecision(12)) };
}
