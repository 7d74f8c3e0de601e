/**
 * Reads a table of prices that a user fetched, in any of three forms, and checks every number of it. Pure.
 *
 * - AgentOS' own, as `prices.json` here and as it is kept: `{provider: {model: {input, output, …}}}`, US dollars per
 *   million tokens; or that under `prices`, beside its `source` and `date`;
 * - OpenRouter's list of models (`GET https://openrouter.ai/api/v1/models`, 2026-11): `{data: [{id, pricing}]}`, dollars
 *   per token as texts, -1 where the price depends on something else;
 * - models.dev's list (`https://models.dev/api.json`, 2026-11): `{provider: {models: {model: {cost}}}}`, per million.
 *
 * Elsewhere than in our own form a price of nothing means "not known", unless the model is called free.
 *
 * @module
 */

import { AppError, messageOf } from "../base/errors.ts";
import { isObject, type JsonObject, objectOf, textOf } from "../base/json_fields.ts";
import type { Price, PriceTable, Rates, Tier } from "./price.ts";
import type { PriceOrigin } from "./report.ts";

/** A table and where it is from. */
export interface PriceList {
  readonly table: PriceTable;
  readonly origin: PriceOrigin;
  /** How many prices it holds. */
  readonly rows: number;
}

/** The rates of a price, in dollars per million tokens. */
export const RATES = ["input", "output", "cacheRead", "cacheWrite", "cacheWrite1h"] as const;

/** Dearer than any model by far: whoever says so took one unit for another. */
const MAX_USD = 100_000;

/**
 * Reads a table.
 *
 * @param name what to call it in messages: a path or an address
 * @param origin what holds where the table itself does not say
 * @throws {AppError} config.invalid when it is none of the forms, holds no price, or one number of it is wrong
 */
export function parsePriceList(text: string, name: string, origin: PriceOrigin): PriceList {
  const value = parseJson(text, name);
  const refuse = (message: string): AppError =>
    new AppError("config.invalid", message, { where: { file: name }, hint: "The old prices still hold." });
  const { prices, source, date } = value;
  const found: PriceOrigin = isObject(prices)
    ? { source: textOf(source) ?? origin.source, date: textOf(date) ?? origin.date }
    : origin;
  const table = Array.isArray(value["data"])
    ? { openrouter: readOpenRouter(value["data"], found, refuse) }
    : Object.fromEntries(
      Object.entries(objectOf(prices ?? value)).map(([provider, models]) => {
        if (!isObject(models)) throw refuse(`"${provider}" is no object of models`);
        return [
          provider,
          isObject(models["models"])
            ? readModelsDev(models["models"], provider, found, refuse)
            : readOwn(models, provider, found, refuse),
        ];
      }),
    );
  const rows = Object.values(table).reduce((count, models) => count + Object.keys(models).length, 0);
  if (rows === 0) throw refuse("There is no price in this table");
  return { table, origin: found, rows };
}

function parseJson(text: string, name: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const reason = messageOf(cause);
    throw new AppError("config.invalid", `This is no table of prices: ${reason}`, {
      where: { file: name },
      hint: "The old prices still hold.",
      cause,
    });
  }
  if (isObject(value)) return value;
  throw new AppError("config.invalid", "This is no table of prices: it is no JSON object", {
    where: { file: name },
    hint: "The old prices still hold.",
  });
}

type Models = Record<string, Price>;
type Refuse = (message: string) => AppError;

function readOwn(models: JsonObject, provider: string, origin: PriceOrigin, refuse: Refuse): Models {
  const found: Models = {};
  for (const [model, row] of Object.entries(models)) {
    const title = `the price of "${model}" at "${provider}"`;
    if (!isObject(row)) throw refuse(`${title} is no object`);
    const { tiers, fast, flex, source, date } = row;
    found[model] = {
      ...readRates(row, title, refuse),
      ...(Array.isArray(tiers) ? { tiers: tiers.map((tier) => readTier(tier, title, refuse)) } : {}),
      ...(isObject(fast) ? { fast: readRates(fast, `fast of ${title}`, refuse) } : {}),
      ...(isObject(flex) ? { flex: readRates(flex, `flex of ${title}`, refuse) } : {}),
      source: textOf(source) ?? origin.source,
      date: textOf(date) ?? origin.date,
    };
  }
  return found;
}

function readTier(value: unknown, title: string, refuse: Refuse): Tier {
  const tier = objectOf(value);
  return {
    above: readNumber(tier["above"], `above in a tier of ${title}`, refuse),
    ...readRates(tier, title, refuse),
  };
}

function readRates(row: JsonObject, title: string, refuse: Refuse): Rates {
  const rates: { -readonly [Name in keyof Rates]: Rates[Name] } = { input: 0, output: 0 };
  for (const name of RATES) {
    const isNeeded = name === "input" || name === "output";
    if (row[name] === undefined && !isNeeded) continue;
    rates[name] = readUsd(row[name], `${name} of ${title}`, refuse);
  }
  return rates;
}

function readOpenRouter(list: readonly unknown[], origin: PriceOrigin, refuse: Refuse): Models {
  const found: Models = {};
  for (const entry of list) {
    const { id, pricing } = objectOf(entry);
    const model = textOf(id);
    if (model === undefined) throw refuse("a model without an id");
    const { prompt, completion, input_cache_read, input_cache_write } = objectOf(pricing);
    const [input, output] = [perMillion(prompt), perMillion(completion)];
    // The price of a router's answer is that of the model it chooses.
    if (input === undefined || output === undefined || input < 0 || output < 0) continue;
    addRow(
      found,
      model,
      {
        input,
        output,
        ...optional("cacheRead", perMillion(input_cache_read)),
        ...optional("cacheWrite", perMillion(input_cache_write)),
      },
      origin,
      refuse,
    );
  }
  return found;
}

/** Texts like "0.0000003", without the noise that a multiplication of such adds. */
function perMillion(value: unknown): number | undefined {
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  return Number((Number(value) * 1e6).toPrecision(12));
}

function readModelsDev(models: JsonObject, provider: string, origin: PriceOrigin, refuse: Refuse): Models {
  const found: Models = {};
  for (const [model, entry] of Object.entries(models)) {
    const { cost } = objectOf(entry);
    if (!isObject(cost) || cost["input"] === undefined || cost["output"] === undefined) continue;
    const title = `the price of "${model}" at "${provider}"`;
    const large = cost["context_over_200k"];
    addRow(
      found,
      model,
      {
        ...readModelsDevRates(cost, title, refuse),
        ...(isObject(large)
          ? { tiers: [{ above: 200_000, ...readModelsDevRates(large, title, refuse) }] }
          : {}),
      },
      origin,
      refuse,
    );
  }
  return found;
}

function readModelsDevRates(cost: JsonObject, title: string, refuse: Refuse): Rates {
  const { input, output, cache_read, cache_write } = cost;
  return {
    input: readUsd(input, `input of ${title}`, refuse),
    output: readUsd(output, `output of ${title}`, refuse),
    ...(cache_read === undefined ? {} : { cacheRead: readUsd(cache_read, `cache_read of ${title}`, refuse) }),
    ...(cache_write === undefined
      ? {}
      : { cacheWrite: readUsd(cache_write, `cache_write of ${title}`, refuse) }),
  };
}

function addRow(
  into: Models,
  model: string,
  rates: Rates & { readonly tiers?: readonly Tier[] },
  { source, date }: PriceOrigin,
  refuse: Refuse,
): void {
  for (const name of RATES) {
    const rate = rates[name];
    if (rate !== undefined) readUsd(rate, `${name} of the price of "${model}"`, refuse);
  }
  if (rates.input === 0 && rates.output === 0 && !model.endsWith(":free")) return;
  into[model] = { ...rates, source, date };
}

function optional(name: "cacheRead" | "cacheWrite", rate: number | undefined): Partial<Rates> {
  // Nothing means that there is no such rate.
  return rate === undefined || rate === 0 ? {} : { [name]: rate };
}

function readUsd(value: unknown, title: string, refuse: Refuse): number {
  const usd = readNumber(value, title, refuse);
  if (usd > MAX_USD) throw refuse(`${title} is ${usd} dollars per million tokens, which cannot be`);
  return usd;
}

function readNumber(value: unknown, title: string, refuse: Refuse): number {
  if (typeof value === "number" && Number.isFinite(value) && value >= 0) return value;
  throw refuse(`${title} must be a number from 0`);
}

/** Lays a fetched table over the one that is compiled in. */
export function mergePriceTables(base: PriceTable, top: PriceTable): PriceTable {
  const merged: Record<string, Readonly<Record<string, Price>>> = { ...base };
  for (const [provider, models] of Object.entries(top)) {
    const below = Object.hasOwn(base, provider) ? base[provider] ?? {} : {};
    const rows = Object.entries(models).map(([model, price]): [string, Price] => [
      model,
      Object.hasOwn(below, model) ? keepSpecialRates(price, below[model]) : price,
    ]);
    merged[provider] = { ...below, ...Object.fromEntries(rows) };
  }
  return merged;
}

/** Lists tell no price of speed, nor of an hour in the cache: the known ones hold while the plain price is the same. */
function keepSpecialRates(price: Price, below: Price | undefined): Price {
  if (below === undefined || price.input !== below.input || price.output !== below.output) return price;
  const { fast, flex, tiers, cacheWrite1h } = { ...below, ...price };
  return {
    ...price,
    ...(fast === undefined ? {} : { fast }),
    ...(flex === undefined ? {} : { flex }),
    ...(tiers === undefined ? {} : { tiers }),
    ...(cacheWrite1h === undefined ? {} : { cacheWrite1h }),
  };
}
