/**
 * Reads a user's own prices, `~/.agentos/prices.toml`. Pure; it loads the TOML parser, so import it only when the file
 * is there.
 *
 *     [providers]                      # a provider's name in your config = a provider in the table
 *     my-gateway = "openrouter"
 *
 *     ["my-gateway"."vendor/model"]    # US dollars per million tokens
 *     input = 0.30
 *     output = 1.20
 *     cacheRead = 0.03                 # optional: cacheRead, cacheWrite, cacheWrite1h
 *
 * @module
 */

import { parse, TomlError } from "smol-toml";
import { AppError } from "../base/errors.ts";
import { isObject } from "../base/json_fields.ts";
import { scanToml } from "../base/toml_scan.ts";
import type { Price, PriceOverrides } from "./price.ts";
import { RATES } from "./price_table.ts";

/**
 * The overrides in a file's text.
 *
 * @param date of the file, as `2026-11-23`
 * @throws {AppError} config.invalid with the file and, where it can be told, the line
 */
export function parsePriceOverrides(text: string, file: string, date: string): PriceOverrides {
  const plain = text.replace(/^\uFEFF/, "");
  const refuse: Refuse = (path, message) => {
    const line = findLine(plain, path);
    return new AppError("config.invalid", message, { where: line === undefined ? { file } : { file, line } });
  };
  const providers = new Map<string, string>();
  const prices = new Map<string, Price>();
  for (const [provider, value] of Object.entries(parseToml(plain, file))) {
    if (!isObject(value)) throw refuse([provider], `"${provider}" is not a table`);
    for (const [name, entry] of Object.entries(value)) {
      if (provider === "providers") {
        if (typeof entry !== "string") throw refuse([provider, name], `"${name}" must name a provider`);
        providers.set(name, entry);
      } else prices.set(`${provider}/${name}`, parsePrice(entry, [provider, name], date, refuse));
    }
  }
  return { providers, prices };
}

type Refuse = (path: readonly string[], message: string) => AppError;

function parsePrice(value: unknown, path: readonly string[], date: string, refuse: Refuse): Price {
  const [provider, name] = path;
  const title = `the price of "${name}" at "${provider}"`;
  if (!isObject(value)) throw refuse(path, `${title} is not a table`);
  for (const [key, rate] of Object.entries(value)) {
    if (!RATES.some((known) => known === key)) {
      throw refuse([...path, key], `${title} has a key "${key}"; known keys are ${RATES.join(", ")}`);
    }
    if (typeof rate !== "number" || !Number.isFinite(rate) || rate < 0) {
      throw refuse([...path, key], `${key} of ${title} must be a number from 0`);
    }
  }
  const rate = (key: typeof RATES[number]): number | undefined => {
    const found = value[key];
    return typeof found === "number" ? found : undefined;
  };
  const [input, output] = [rate("input"), rate("output")];
  if (input === undefined || output === undefined) throw refuse(path, `${title} needs input and output`);
  const [cacheRead, cacheWrite, cacheWrite1h] = [rate("cacheRead"), rate("cacheWrite"), rate("cacheWrite1h")];
  return {
    input,
    output,
    ...(cacheRead === undefined ? {} : { cacheRead }),
    ...(cacheWrite === undefined ? {} : { cacheWrite }),
    ...(cacheWrite1h === undefined ? {} : { cacheWrite1h }),
    source: "prices.toml",
    date,
  };
}

function parseToml(text: string, file: string): Readonly<Record<string, unknown>> {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw new AppError("config.invalid", error.message.split("\n")[0] ?? error.message, {
      where: { file, line: error.line, column: error.column },
      cause: error,
    });
  }
}

/** Where a value stands: at the statement of its own, or at the one that it is written in. */
function findLine(text: string, path: readonly string[]): number | undefined {
  const places = (scanToml(text) ?? []).flatMap((statement) => "path" in statement ? [statement] : []);
  for (let length = path.length; length > 0; length--) {
    const found = places.find((place) =>
      place.path.length === length && place.path.every((part, index) => part === path[index])
    );
    if (found !== undefined) return found.line;
  }
  return undefined;
}
