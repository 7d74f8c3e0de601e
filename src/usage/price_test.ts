import assert from "node:assert/strict";
import { NO_TOKENS } from "../base/token_counts.ts";
import { AppError } from "../base/errors.ts";
import type { Response } from "./model.ts";
import { findPrice, NO_OVERRIDES, openPrices, type PriceTable } from "./price.ts";
import { parsePriceOverrides } from "./price_overrides.ts";
import { readPrices } from "./prices.ts";
import text from "./prices.json" with { type: "text" };

const ORIGIN = { source: "table", date: "2026-11-10" };
const TABLE: PriceTable = {
  acme: {
    "m-1": {
      input: 2,
      output: 10,
      cacheRead: 0.2,
      cacheWrite: 2.5,
      cacheWrite1h: 4,
      tiers: [{ above: 1000, input: 4, output: 20 }],
      fast: { input: 6, output: 30 },
      ...ORIGIN,
    },
    "plain": { input: 1, output: 3, ...ORIGIN },
  },
};

function response(
  model: string,
  tokens: Partial<Response["tokens"]>,
  more: Partial<Response> = {},
): Response {
  return {
    client: "agent",
    session: "s",
    at: 0,
    provider: "acme",
    model,
    project: "",
    speed: "standard",
    costUsd: undefined,
    ...more,
    tokens: { ...NO_TOKENS, ...tokens },
  };
}

function cost(
  model: string,
  tokens: Partial<Response["tokens"]>,
  more: Partial<Response> = {},
): number | undefined {
  const usd = openPrices(TABLE).costOf(response(model, tokens, more))?.usd;
  return usd === undefined ? undefined : Math.round(usd * 1e9) / 1e3;
}

Deno.test("each kind of token has its own price", () => {
  assert.equal(
    cost("m-1", { input: 100, cached: 40, cacheWrite: 30, cacheWrite1h: 10, output: 5, reasoning: 4 }),
    208,
  );
  assert.equal(cost("plain", { input: 100, cached: 40, cacheWrite: 30, output: 5 }), 115);
});

Deno.test("a request beyond a tier's size costs the tier's price as a whole", () => {
  assert.equal(cost("m-1", { input: 1000, output: 1 }), 2010);
  assert.equal(cost("m-1", { input: 1001, output: 1 }), 4024);
});

Deno.test("speed has a price of its own, or none", () => {
  assert.equal(cost("m-1", { input: 1, output: 1 }, { speed: "fast" }), 36);
  assert.equal(cost("plain", { input: 1, output: 1 }, { speed: "fast" }), undefined);
  // Three times the price, of a tier that is dearer twice.
  assert.equal(cost("m-1", { input: 2000, output: 1 }, { speed: "fast" }), 2000 * 12 + 60);
});

Deno.test("what the log says it cost comes first", () => {
  assert.equal(cost("nobody-knows", { input: 1 }, { costUsd: 0.25 }), 250_000);
});

Deno.test("names match whole, but for a snapshot's date; providers are kept apart", () => {
  const find = (provider: string, model: string): number | undefined =>
    findPrice(TABLE, NO_OVERRIDES, provider, model)?.input;
  assert.equal(find("acme", "m-1-20260901"), 2);
  assert.equal(find("acme", "m-1-2026-09-01"), 2);
  assert.equal(find("acme", "plain:free"), 0);
  for (const model of ["m-12", "m", "M-1", "m-1-mini", "m-1:nitro", "constructor"]) {
    assert.equal(find("acme", model), undefined, model);
  }
  assert.equal(find("other", "m-1"), undefined);
  assert.equal(find("other", "m-1:free"), undefined);
  assert.equal(find("__proto__", "m-1"), undefined);
});

Deno.test("the table that is compiled in, read a provider at a time, is what its file says", () => {
  const { table, origin } = readPrices();
  const { prices, ...head } = JSON.parse(text);
  assert.deepEqual({ ...table }, prices);
  assert.deepEqual(origin, head);
  assert.deepEqual(Object.keys(table), Object.keys(prices));
});

Deno.test("the table that is compiled in has a source and a date in each row, and no price of zero but of free models", () => {
  const { table, origin } = readPrices();
  let rows = 0;
  for (const models of Object.values(table)) {
    for (const [name, price] of Object.entries(models)) {
      rows++;
      assert.match(price.source, /^@[\w-]+\/[\w-]+ \d+\.\d+\.\d+$/);
      assert.match(price.date, /^2026-\d\d-\d\d$/);
      assert.ok(price.input + price.output > 0 || name.endsWith(":free"), name);
    }
  }
  assert.ok(rows > 1000, `${rows} rows`);
  assert.match(origin.date, /^2026-\d\d-\d\d$/);
  assert.equal(findPrice(table, NO_OVERRIDES, "openai", "gpt-5.2-codex")?.cacheRead, 0.175);
  assert.equal(findPrice(table, NO_OVERRIDES, "anthropic", "claude-opus-4-5-20251101")?.cacheWrite1h, 10);
});

Deno.test("an ARN has the price of the id that it ends with, and a profile of the user's own has none", () => {
  const find = (model: string): number | undefined => findPrice(TABLE, NO_OVERRIDES, "acme", model)?.input;
  assert.equal(find("arn:aws:bedrock:us-east-1:123456789012:inference-profile/m-1"), 2);
  assert.equal(find("arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/m-1"), 2);
  assert.equal(find("arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/m-1"), undefined);
  assert.equal(find("arn:aws:bedrock:us-east-1:123456789012:inference-profile/m"), undefined);
});

Deno.test("prices.toml comes before the table, and names providers", () => {
  const text = '[providers]\ngate = "acme"\n\n[acme.plain]\ninput = 7\noutput = 8\ncacheRead = 0.5\n';
  const overrides = parsePriceOverrides(text, "/h/prices.toml", "2026-11-23", TABLE);
  assert.deepEqual(findPrice(TABLE, overrides, "acme", "plain"), {
    input: 7,
    output: 8,
    cacheRead: 0.5,
    source: "prices.toml",
    date: "2026-11-23",
  });
  assert.equal(findPrice(TABLE, overrides, "gate", "m-1")?.input, 2);
});

Deno.test("a mistake in prices.toml is named with its column, and an unknown provider with the known ones", () => {
  assert.throws(() => parsePriceOverrides('[providers]\n  foo = "x"\n', "/h/prices.toml", "", TABLE), {
    where: { file: "/h/prices.toml", line: 2, column: 3 },
    hint: "Providers are acme.",
  });
});

Deno.test("a mistake in prices.toml is named with its line", () => {
  for (
    const [text, line, words] of [
      ["[acme.plain]\ninput = 7\n", 1, "input and output"],
      ['[acme.plain]\ninput = 7\noutput = "8"\n', 3, "number"],
      ["[acme.plain]\ninput = 7\noutput = 8\ncached = 1\n", 4, "known keys"],
      ["[acme.plain]\ninput = -7\noutput = 8\n", 2, "number from 0"],
      ["[providers]\ngate = 5\n", 2, "provider"],
      ["[acme.plain\n", 1, ""],
      // The same words stand elsewhere before.
      [
        "# input\n[acme.input]\ninput = 1\noutput = 2\n[acme.plain]\noutput = 8\ninput = -1\n",
        7,
        "number from 0",
      ],
      [
        '\uFEFF["a.b"."v/m"]\ninput = 1\noutput = 2\n["a.b"]\n"v/n" = { input = 1, output = "x" }\n',
        5,
        "number from 0",
      ],
      ["acme = 3\n", 1, "not a table"],
      ["# a day\nacme = 2026-01-01\n", 2, "not a table"],
      ["[acme]\nplain = 2026-01-01T00:00:00Z\n", 2, "not a table"],
      ["[other.plain]\ninput = 1\noutput = 1\n[[acme]]\ninput = 1\n", 4, "not a table"],
      ['[providers]\ngate = "acme"\nfoo = "no-such-provider"\n', 3, 'the provider "no-such-provider"'],
    ] as const
  ) {
    assert.throws(() => parsePriceOverrides(text, "/h/prices.toml", "", TABLE), (error: unknown) => {
      assert.ok(error instanceof AppError);
      assert.equal(error.where?.file, "/h/prices.toml");
      assert.equal(error.where?.line, line, text);
      assert.ok(error.message.includes(words), error.message);
      return true;
    });
  }
});
