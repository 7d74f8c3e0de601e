/**
 * `deno task gen:prices`: builds `src/usage/prices.json` from two packages that carry price tables.
 *
 * The fresher package is asked first, the other adds retired models. Each row says which table it is from and of what
 * date. A price of zero is taken only from a model that is called free: elsewhere it means "part of a plan" or "not known".
 *
 * @module
 */

import { findProvider } from "@pydantic/genai-prices";
import { join, resolve } from "node:path";
import { addHourRates } from "../clients/claude/cache_prices.ts";
import { isObject, type JsonObject, objectOf } from "../src/base/json_fields.ts";
import type { Price, Rates, Tier } from "../src/usage/price.ts";

const ROOT = resolve(import.meta.dirname ?? ".", "..");
const TARGET = join(ROOT, "src", "usage", "prices.json");

/** MIT, github.com/earendil-works/pi. */
const FRESH = { name: "@earendil-works/pi-ai", version: "1.5.2", date: "2026-11-10" } as const;
/** MIT, github.com/pydantic/genai-prices. */
const RETIRED = { source: "@pydantic/genai-prices 0.1.8", date: "2026-09-23" } as const;

/** Provider here to provider in the second table. */
const RETIRED_PROVIDERS: Readonly<Record<string, string>> = {
  "anthropic": "anthropic",
  "openai": "openai",
  "openrouter": "openrouter",
  "deepseek": "deepseek",
  "google": "google",
  "groq": "groq",
  "mistral": "mistral",
  "moonshotai": "moonshotai",
  "xai": "x-ai",
  "azure": "azure",
  "cerebras": "cerebras",
  "fireworks": "fireworks",
  "together": "together",
};

type Models = Record<string, Price>;

async function build(folder: string): Promise<Record<string, Models>> {
  const table: Record<string, Models> = {};
  for await (const { name } of Deno.readDir(folder)) {
    if (name.endsWith(".json")) {
      const models = readFresh(JSON.parse(await Deno.readTextFile(join(folder, name))));
      if (Object.keys(models).length > 0) table[name.slice(0, -".json".length)] = models;
    }
  }
  for (const [provider, id] of Object.entries(RETIRED_PROVIDERS)) {
    table[provider] = { ...readRetired(id), ...table[provider] };
  }
  for (const provider of Object.keys(table)) table[provider] = sortKeys(table[provider] ?? {});
  addAnthropic(table);
  addHours(table);
  addOpenAi(table);
  return sortKeys(table);
}

function readFresh(apis: unknown): Models {
  const models: Models = {};
  for (const group of Object.values(objectOf(apis))) {
    for (const model of Object.values(objectOf(group))) {
      const { id, type, cost } = objectOf(model);
      if (type !== "chat" || typeof id !== "string") continue;
      const rates = readFreshRates(objectOf(cost));
      if (rates === undefined || (isZero(rates) && !id.endsWith(":free"))) continue;
      const tiers = Object.values(objectOf(cost)["tiers"] ?? []).flatMap((tier): Tier[] => {
        const above = objectOf(tier)["inputTokensAbove"];
        const found = readFreshRates(objectOf(tier));
        return typeof above === "number" && found !== undefined ? [{ above, ...found }] : [];
      });
      models[id] = {
        ...rates,
        ...(tiers.length > 0 ? { tiers } : {}),
        source: `${FRESH.name} ${FRESH.version}`,
        date: FRESH.date,
      };
    }
  }
  return models;
}

function isZero({ input, output }: Rates): boolean {
  return input === 0 && output === 0;
}

/** In this table a cache rate of 0 means that there is none. */
function readFreshRates(cost: JsonObject): Rates | undefined {
  const { input, output, cacheRead, cacheWrite } = cost;
  if (typeof input !== "number" || typeof output !== "number" || input < 0 || output < 0) return undefined;
  return {
    input,
    output,
    ...(typeof cacheRead === "number" && cacheRead > 0 ? { cacheRead } : {}),
    ...(typeof cacheWrite === "number" && cacheWrite > 0 ? { cacheWrite } : {}),
  };
}

function readRetired(providerId: string): Models {
  const models: Models = {};
  for (const model of findProvider({ providerId })?.models ?? []) {
    const price = readRetiredPrice(latestPrice(model.prices));
    if (price === undefined) continue;
    for (const name of [model.id, ...listExactNames(model.match)]) {
      if (!isZero(price) || name.endsWith(":free")) models[name] ??= price;
    }
  }
  return models;
}

/** Of several dated prices, the latest without a condition on the time of day. */
function latestPrice(prices: unknown): JsonObject {
  if (!Array.isArray(prices)) return objectOf(prices);
  const steady = prices.filter((entry) => objectOf(objectOf(entry)["constraint"])["type"] !== "time_of_date");
  return objectOf(objectOf(steady.at(-1))["prices"]);
}

function listExactNames(match: unknown): readonly string[] {
  const { equals, or } = objectOf(match);
  if (typeof equals === "string") return [equals];
  return Array.isArray(or) ? or.flatMap(listExactNames) : [];
}

function readRetiredPrice(prices: JsonObject): Price | undefined {
  const input = readStep(prices["input_mtok"]);
  const output = readStep(prices["output_mtok"]);
  if (input === undefined || output === undefined) return undefined;
  const cacheRead = readStep(prices["cache_read_mtok"]);
  const cacheWrite = readStep(prices["cache_write_mtok"]);
  const steps = [...input.steps, ...output.steps].map(({ start }) => start);
  const tiers = [...new Set(steps)].toSorted((a, b) => a - b).map((above): Tier => ({
    above,
    ...ratesAt(above, input, output, cacheRead, cacheWrite),
  }));
  return {
    ...ratesAt(0, input, output, cacheRead, cacheWrite),
    ...(tiers.length > 0 ? { tiers } : {}),
    ...RETIRED,
  };
}

interface Step {
  readonly base: number;
  readonly steps: readonly { readonly start: number; readonly price: number }[];
}

function readStep(value: unknown): Step | undefined {
  if (typeof value === "number") return { base: value, steps: [] };
  if (!isObject(value) || typeof value["base"] !== "number") return undefined;
  const tiers = Array.isArray(value["tiers"]) ? value["tiers"] : [];
  return {
    base: value["base"],
    steps: tiers.flatMap((tier) => {
      const { start, price } = objectOf(tier);
      return typeof start === "number" && typeof price === "number" ? [{ start, price }] : [];
    }),
  };
}

function ratesAt(
  size: number,
  input: Step,
  output: Step,
  cacheRead: Step | undefined,
  cacheWrite: Step | undefined,
): Rates {
  const at = ({ base, steps }: Step): number => steps.findLast(({ start }) => start <= size)?.price ?? base;
  return {
    input: at(input),
    output: at(output),
    ...(cacheRead === undefined ? {} : { cacheRead: at(cacheRead) }),
    ...(cacheWrite === undefined ? {} : { cacheWrite: at(cacheWrite) }),
  };
}

/**
 * Writing to the cache for an hour costs twice the input (docs.claude.com, prompt caching, 2026-11). Fast mode has a
 * row of its own where the same models are resold.
 */
function addAnthropic(table: Record<string, Models>): void {
  const resold = table["openrouter"] ?? {};
  const models = table["anthropic"] ?? {};
  for (const [name, price] of Object.entries(models)) {
    const { tiers, ...rates } = price;
    const fast = resold[`anthropic/${name.replace(/-(\d+)-(\d{1,2})$/, "-$1.$2")}-fast`];
    models[name] = {
      ...addHour(rates),
      ...(tiers === undefined ? {} : { tiers: tiers.map(addHour) }),
      ...(fast === undefined ? {} : { fast: addHour(ratesOf(fast)) }),
    };
  }
}

function addHour<Found extends Rates>(rates: Found): Found & Rates {
  return { ...rates, cacheWrite1h: round(rates.input * 2) };
}

function ratesOf({ input, output, cacheRead, cacheWrite }: Rates): Rates {
  return {
    input,
    output,
    ...(cacheRead === undefined ? {} : { cacheRead }),
    ...(cacheWrite === undefined ? {} : { cacheWrite }),
  };
}

/** What is resold has rates of its own, by the same rule. */
function addHours(table: Record<string, Models>): void {
  for (const models of Object.values(table)) {
    for (const [name, price] of Object.entries(models)) models[name] = addHourRates(name, price);
  }
}

/** The service tiers' factors as the first package has them: priority 2 (gpt-5.5: 2.5), flex one half. */
function addOpenAi(table: Record<string, Models>): void {
  const models = table["openai"] ?? {};
  for (const [name, price] of Object.entries(models)) {
    models[name] = {
      ...price,
      fast: scale(ratesOf(price), name === "gpt-5.5" ? 2.5 : 2),
      flex: scale(ratesOf(price), 0.5),
    };
  }
}

function scale({ input, output, cacheRead, cacheWrite }: Rates, factor: number): Rates {
  return {
    input: round(input * factor),
    output: round(output * factor),
    ...(cacheRead === undefined ? {} : { cacheRead: round(cacheRead * factor) }),
    ...(cacheWrite === undefined ? {} : { cacheWrite: round(cacheWrite * factor) }),
  };
}

function round(value: number): number {
  return Number(value.toPrecision(12));
}

function sortKeys<Value>(values: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).toSorted(([a], [b]) => a < b ? -1 : 1));
}

/**
 * One row per line, so that a new version of a table is a diff that people can read; providers stand where
 * `src/usage/prices.ts` finds them without reading all.
 */
function render(table: Readonly<Record<string, Models>>): string {
  const providers = Object.entries(table).map(([provider, models]) => {
    const rows = Object.entries(models).map(([name, price]) =>
      `    ${JSON.stringify(name)}: ${JSON.stringify(price)}`
    );
    return `  ${JSON.stringify(provider)}: {\n${rows.join(",\n")}\n  }`;
  });
  const origins = Object.values(table).flatMap((models) => Object.values(models)).map(
    ({ source, date }): [string, string] => [source, date],
  );
  const newest = [...new Map(origins)].toSorted(([, a], [, b]) => a < b ? 1 : -1);
  const source = JSON.stringify(newest.map(([name]) => name).join(", "));
  const date = JSON.stringify(newest[0]?.[1]);
  return `{"source": ${source}, "date": ${date},\n"prices": {\n${providers.join(",\n")}\n}}\n`;
}

/** The first package is fetched with npm, since only its data files are wanted. */
async function fetchFresh(folder: string): Promise<string> {
  for (
    const [program, ...args] of [
      ["npm", "pack", "--silent", `${FRESH.name}@${FRESH.version}`],
      ["tar", "xzf", `earendil-works-pi-ai-${FRESH.version}.tgz`],
    ]
  ) {
    const { code } = await new Deno.Command(program ?? "", { args, cwd: folder, stdout: "null" }).output();
    if (code !== 0) throw new Error(`${program} ended with exit code ${code}`);
  }
  return join(folder, "package", "dist", "providers", "data");
}

if (import.meta.main) {
  const folder = await Deno.makeTempDir({ prefix: "agentos-prices-" });
  try {
    await Deno.writeTextFile(TARGET, render(await build(await fetchFresh(folder))));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
