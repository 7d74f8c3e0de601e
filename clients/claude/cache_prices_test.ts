/** What an hour in the cache costs: in the table that is compiled in, and in one that is fetched. @module */

import assert from "node:assert/strict";
import { mergePriceTables } from "../../src/usage/price_table.ts";
import type { Price } from "../../src/usage/price.ts";
import { readPrices } from "../../src/usage/prices.ts";
import { addHourRates } from "./cache_prices.ts";

const ORIGIN = { source: "t", date: "2026-11-25" };

Deno.test("an hour costs twice the input wherever a model is sold by the rule", () => {
  const { table } = readPrices();
  let count = 0;
  for (const [provider, models] of Object.entries(table)) {
    for (const [model, price] of Object.entries(models)) {
      for (const { input, cacheWrite = 0, cacheWrite1h } of [price, ...price.tiers ?? []]) {
        if (!model.includes("claude") || Math.abs(cacheWrite - input * 1.25) > 1e-9 || input === 0) continue;
        count++;
        assert.ok(Math.abs((cacheWrite1h ?? 0) - input * 2) < 1e-9, `${provider}/${model}: ${cacheWrite1h}`);
      }
    }
  }
  assert.ok(count > 250, `${count} rates`);
  assert.equal(table["amazon-bedrock"]?.["anthropic.claude-opus-4-7"]?.cacheWrite1h, 10);
});

Deno.test("addHourRates() follows the input, and leaves alone what follows another rule", () => {
  const hourOf = (model: string, rates: Omit<Price, "source" | "date">): number | undefined =>
    addHourRates(model, { ...rates, ...ORIGIN }).cacheWrite1h;
  const rates = { input: 6, output: 30, cacheWrite: 7.5 };
  assert.equal(hourOf("anthropic/claude-x", rates), 12);
  assert.equal(hourOf("us.anthropic.claude-x-v1:0", rates), 12);
  assert.equal(hourOf("claude-x", { ...rates, cacheWrite: 7 }), undefined);
  assert.equal(hourOf("claude-x", { ...rates, cacheWrite1h: 9 }), 9);
  assert.equal(hourOf("claude-x", { input: 6, output: 30 }), undefined);
  assert.equal(hourOf("acme/other", rates), undefined);
  const tiers = [{ above: 200_000, input: 12, output: 60, cacheWrite: 15 }];
  assert.equal(addHourRates("claude-x", { ...rates, tiers, ...ORIGIN }).tiers?.[0]?.cacheWrite1h, 24);
});

Deno.test("what is completed replaces the hour's rate of a price that was other", () => {
  const below = {
    m: { "claude-x": { input: 5, output: 25, cacheWrite: 6.25, cacheWrite1h: 10, ...ORIGIN } },
  };
  const fetched = addHourRates("claude-x", { input: 6, output: 30, cacheWrite: 7.5, ...ORIGIN });
  assert.equal(mergePriceTables(below, { m: { "claude-x": fetched } })["m"]?.["claude-x"]?.cacheWrite1h, 12);
});
