/** Tables of prices in all their forms, whole and broken. @module */

import assert from "node:assert/strict";
import fc from "fast-check";
import { AppError } from "../base/errors.ts";
import { mergePriceTables, parsePriceList, type PriceList } from "./price_table.ts";
import prices from "./prices.json" with { type: "text" };

const ORIGIN = { source: "https://example.org/prices", date: "2026-11-25" };

function parse(value: unknown): PriceList {
  return parsePriceList(typeof value === "string" ? value : JSON.stringify(value), "/f.json", ORIGIN);
}

Deno.test("our own table is read as it is, with what it says of its rows", () => {
  const { table, rows } = parse(prices);
  assert.deepEqual(table, JSON.parse(prices).prices);
  assert.ok(rows > 1000);
  const kept = parse({
    schema: 1,
    source: "here",
    date: "2026-11-01",
    prices: { a: { m: { input: 1, output: 2 } } },
  });
  assert.deepEqual(kept.table, { a: { m: { input: 1, output: 2, source: "here", date: "2026-11-01" } } });
  assert.deepEqual(kept.origin, { source: "here", date: "2026-11-01" });
});

Deno.test("OpenRouter's list is per token, and says -1 where the price depends", () => {
  const { table } = parse({
    data: [
      {
        id: "vendor/m",
        pricing: {
          prompt: "0.0000003",
          completion: "0.0000012",
          input_cache_read: "0.00000003",
          input_cache_write: "0",
        },
      },
      { id: "vendor/m:free", pricing: { prompt: "0", completion: "0" } },
      { id: "vendor/odd", pricing: { prompt: "0", completion: "0" } },
      { id: "openrouter/auto", pricing: { prompt: "-1", completion: "-1" } },
      { id: "vendor/image", pricing: {} },
    ],
  });
  assert.deepEqual(table, {
    openrouter: {
      "vendor/m": { input: 0.3, output: 1.2, cacheRead: 0.03, ...ORIGIN },
      "vendor/m:free": { input: 0, output: 0, ...ORIGIN },
    },
  });
});

Deno.test("models.dev's list is per million, with a price of long contexts", () => {
  const { table } = parse({
    acme: {
      id: "acme",
      name: "Acme",
      models: {
        m: {
          id: "m",
          cost: {
            input: 3,
            output: 15,
            cache_read: 0.3,
            cache_write: 3.75,
            context_over_200k: { input: 6, output: 22.5 },
          },
        },
        plan: { id: "plan", cost: { input: 0, output: 0 } },
        image: { id: "image" },
      },
    },
  });
  assert.deepEqual(table, {
    acme: {
      m: {
        input: 3,
        output: 15,
        cacheRead: 0.3,
        cacheWrite: 3.75,
        tiers: [{ above: 200_000, input: 6, output: 22.5 }],
        ...ORIGIN,
      },
    },
  });
});

Deno.test("one wrong number refuses the whole table, and says which", () => {
  for (
    const [value, words] of [
      ["no json", "no table of prices"],
      ["[]", "no JSON object"],
      [{}, "no price"],
      [{ acme: 1 }, '"acme"'],
      [{ acme: { m: 1 } }, "is no object"],
      [{ acme: { m: { input: 1 } } }, 'output of the price of "m" at "acme"'],
      [{ acme: { m: { input: "1", output: 2 } } }, "number from 0"],
      [{ acme: { m: { input: 1, output: 2, tiers: [{ input: 1, output: 2 }] } } }, "above"],
      [{ acme: { m: { input: 1, output: 2, fast: { input: -1, output: 2 } } } }, "fast of"],
      [{ acme: { m: { input: 1e9, output: 2 } } }, "cannot be"],
      [{ data: [{ pricing: {} }] }, "without an id"],
      [{ data: [{ id: "m", pricing: { prompt: "many", completion: "1" } }] }, "number from 0"],
      [{ data: [{ id: "m", pricing: { prompt: "3", completion: "15" } }] }, "cannot be"],
      [{ acme: { models: { m: { cost: { input: "3", output: 1 } } } } }, "number from 0"],
    ] as const
  ) {
    assert.throws(() => parse(value), (error: unknown) => {
      assert.ok(error instanceof AppError);
      assert.equal(error.code, "config.invalid");
      assert.equal(error.where?.file, "/f.json");
      assert.ok(error.message.includes(words), `${JSON.stringify(value)}: ${error.message}`);
      return true;
    });
  }
});

Deno.test("whatever is read holds numbers that can be reckoned with, or is refused", () => {
  fc.assert(fc.property(fc.json(), (text) => {
    try {
      for (const models of Object.values(parse(text).table)) {
        for (const { input, output } of Object.values(models)) assert.ok(input >= 0 && output >= 0);
      }
    } catch (error) {
      assert.ok(error instanceof AppError);
    }
  }));
});

Deno.test("a fetched table lies over the one that is compiled in", () => {
  const old = { source: "t 1.0.0", date: "2026-01-01" };
  const base = {
    acme: {
      same: { input: 1, output: 2, cacheWrite1h: 2, fast: { input: 2, output: 4 }, ...old },
      dearer: { input: 1, output: 2, fast: { input: 2, output: 4 }, ...old },
      retired: { input: 9, output: 9, ...old },
    },
    other: { m: { input: 5, output: 5, ...old } },
  };
  const top = {
    acme: {
      same: { input: 1, output: 2, ...ORIGIN },
      dearer: { input: 2, output: 4, ...ORIGIN },
    },
    fresh: { m: { input: 1, output: 1, ...ORIGIN } },
  };
  assert.deepEqual(mergePriceTables(base, top), {
    acme: {
      same: { input: 1, output: 2, cacheWrite1h: 2, fast: { input: 2, output: 4 }, ...ORIGIN },
      dearer: { input: 2, output: 4, ...ORIGIN },
      retired: { input: 9, output: 9, ...old },
    },
    other: base.other,
    fresh: top.fresh,
  });
});
