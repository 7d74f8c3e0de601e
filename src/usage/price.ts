/**
 * What a response costs, from a table of prices. Pure.
 *
 * A price is looked up within the provider that answered and by the model's whole name; a snapshot's date at the end of
 * a name is the one thing that may be missing from the table. Whatever has no price is unknown, never free.
 *
 * @module
 */

import type { Response, Speed, Tokens } from "./model.ts";

/** US dollars per million tokens. */
export interface Rates {
  readonly input: number;
  readonly output: number;
  /** Without it, cached input costs what input costs. */
  readonly cacheRead?: number;
  /** Without it, what is written to the cache costs what input costs. */
  readonly cacheWrite?: number;
  /** For what is kept in the cache for an hour; without it, as `cacheWrite`. */
  readonly cacheWrite1h?: number;
}

/** Rates that hold for a whole request once its input is larger than this. */
export interface Tier extends Rates {
  readonly above: number;
}

/** The price of a model at a provider. */
export interface Price extends Rates {
  readonly tiers?: readonly Tier[];
  /** When the answer is made faster. */
  readonly fast?: Rates;
  /** When the answer may take its time. */
  readonly flex?: Rates;
  /** Which table says it, with its version. */
  readonly source: string;
  /** Of that table, `2026-11-10`. */
  readonly date: string;
}

/** Provider to model to price. */
export type PriceTable = Readonly<Record<string, Readonly<Record<string, Price>>>>;

/** What a user says about prices. */
export interface PriceOverrides {
  /** Names of the user's own for a provider that the table knows. */
  readonly providers: ReadonlyMap<string, string>;
  /** By `provider/model` as logged. */
  readonly prices: ReadonlyMap<string, Price>;
}

/** What a response costs, and who says so. */
export interface Cost {
  readonly usd: number;
  readonly source: string;
}

/** Rates, and which sizes of input they hold for: above the one, up to the other. */
export interface RateSpan {
  /** Undefined when nobody says them. */
  readonly rates: Rates | undefined;
  readonly source: string;
  readonly above: number;
  readonly upTo: number;
}

/** Says what responses cost. */
export interface Prices {
  /** The cost of a response, or undefined when nobody says it. */
  costOf(response: Response): Cost | undefined;
  /** The rates of a model's responses with an input of so many tokens. */
  ratesFor(setting: Pick<Response, "provider" | "model" | "speed">, input: number): RateSpan;
}

/** No word of the user's. */
export const NO_OVERRIDES: PriceOverrides = { providers: new Map(), prices: new Map() };

/** Prices responses: what the provider or the log says first, then the user's, then the table's. */
export function openPrices(table: PriceTable, overrides: PriceOverrides = NO_OVERRIDES): Prices {
  const found = new Map<string, Price | undefined>();
  // Mostly the same model answers again.
  let latest:
    | { readonly provider: string; readonly model: string; readonly price: Price | undefined }
    | undefined;
  const priceOf = (provider: string, model: string): Price | undefined => {
    if (latest?.provider === provider && latest.model === model) return latest.price;
    const key = `${provider}/${model}`;
    if (!found.has(key)) found.set(key, findPrice(table, overrides, provider, model));
    const price = found.get(key);
    latest = { provider, model, price };
    return price;
  };
  return {
    costOf(response): Cost | undefined {
      if (response.costUsd !== undefined) {
        return { usd: response.costUsd, source: response.costSource ?? "log" };
      }
      const price = priceOf(response.provider, response.model);
      const rates = price && chooseRates(price, response.tokens.input, response.speed);
      return price && rates && { usd: multiply(response.tokens, rates), source: price.source };
    },
    ratesFor({ provider, model, speed }, input): RateSpan {
      const price = priceOf(provider, model);
      let [above, upTo] = [-Infinity, Infinity];
      for (const { above: bound } of price?.tiers ?? NO_TIERS) {
        if (bound < input) above = Math.max(above, bound);
        else upTo = Math.min(upTo, bound);
      }
      const rates = price && chooseRates(price, input, speed);
      return { rates, source: price?.source ?? "", above, upTo };
    },
  };
}

/** The price of a model as it is logged, or undefined. */
export function findPrice(
  table: PriceTable,
  overrides: PriceOverrides,
  provider: string,
  model: string,
): Price | undefined {
  const own = overrides.prices.get(`${provider}/${model}`);
  if (own !== undefined) return own;
  const known = overrides.providers.get(provider) ?? provider.toLowerCase();
  const models = Object.hasOwn(table, known) ? table[known] ?? {} : {};
  const undated = model.replace(/-(?:20\d{6}|20\d\d-\d\d-\d\d)$/, "");
  for (const name of [model, undated, nameInArn(model)]) {
    if (name !== undefined && Object.hasOwn(models, name)) return models[name];
  }
  // Providers that sell free variants mark them so.
  return Object.keys(models).length > 0 && model.endsWith(":free")
    ? { input: 0, output: 0, source: "the name says :free", date: "" }
    : undefined;
}

/** An ARN of Amazon's own profiles and models ends with the id that they are sold by (docs.aws.amazon.com, 2026-11). */
function nameInArn(model: string): string | undefined {
  return /^arn:[^/]+:(?:inference-profile|foundation-model)\/(.+)$/.exec(model)?.[1];
}

const NO_TIERS: readonly Tier[] = [];

function chooseRates(price: Price, input: number, speed: Speed): Rates | undefined {
  let tier: Tier | undefined;
  for (const one of price.tiers ?? NO_TIERS) {
    if (input > one.above && one.above > (tier?.above ?? -1)) tier = one;
  }
  if (speed === "standard") return tier ?? price;
  const special = price[speed] ?? (isFree(price) ? price : undefined);
  return special === undefined || tier === undefined ? special : scaleRates(tier, special, price);
}

/** A long request made at another speed is dearer by both factors. */
function scaleRates(tier: Rates, special: Rates, plain: Rates): Rates {
  const scale = (rate: number): number => plain.input === 0 ? rate : rate * special.input / plain.input;
  const { input, output, cacheRead, cacheWrite, cacheWrite1h } = tier;
  return {
    input: scale(input),
    output: plain.output === 0 ? output : output * special.output / plain.output,
    ...(cacheRead === undefined ? {} : { cacheRead: scale(cacheRead) }),
    ...(cacheWrite === undefined ? {} : { cacheWrite: scale(cacheWrite) }),
    ...(cacheWrite1h === undefined ? {} : { cacheWrite1h: scale(cacheWrite1h) }),
  };
}

function isFree(price: Price): boolean {
  return price.input === 0 && price.output === 0;
}

/** What tokens cost in US dollars: of one response, or of several that each hold no more than went in. */
export function multiply(tokens: Tokens, rates: Rates): number {
  const { input, output, cacheRead = input, cacheWrite = input, cacheWrite1h = cacheWrite } = rates;
  const cached = Math.min(tokens.cached, tokens.input);
  const written = Math.min(tokens.cacheWrite, tokens.input - cached);
  const writtenForHour = Math.min(tokens.cacheWrite1h, written);
  const dollars = (tokens.input - cached - written) * input + cached * cacheRead +
    (written - writtenForHour) * cacheWrite + writtenForHour * cacheWrite1h + tokens.output * output;
  return dollars / 1e6;
}
