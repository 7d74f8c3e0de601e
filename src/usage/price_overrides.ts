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
import { AppError, type ErrorPlace } from "../base/errors.ts";
import { isObject, type JsonObject } from "../base/json_fields.ts";
import { scanToml } from "../base/toml_scan.ts";
import type { Price, PriceOverrides, PriceTable } from "./price.ts";
import { RATES } from "./price_table.ts";

/**
 * The overrides in a file's text.
 *
 * @param date of the file, as `2026-11-23`
 * @param table whose providers may be named
 * @throws {AppError} config.invalid with the file and, where it can be told, the line and column
 */
export function parsePriceOverrides(
  text: string,
  file: string,
  date: string,
  table: PriceTable,
): PriceOverrides {
  const plain = text.replace(/^\uFEFF/, "");
  const refuse: Refuse = (path, message, details = {}) =>
    new AppError("config.invalid", message, { ...details, where: { file, ...findPlace(plain, path) } });
  const providers = new Map<string, string>();
  const prices = new Map<string, Price>();
  for (const [provider, value] of Object.entries(parseToml(plain, file))) {
    if (!isTable(value)) throw refuse([provider], `"${provider}" is not a table`);
    for (const [name, entry] of Object.entries(value)) {
      if (provider === "providers") {
        if (typeof entry !== "string") throw refuse([provider, name], `"${name}" must name a provider`);
        if (!Object.hasOwn(table, entry)) {
          throw refuse(
            [provider, name],
            `"${name}" names the provider "${entry}", of which no price is known`,
            {
              hint: `Providers are ${Object.keys(table).join(", ")}.`,
            },
          );
        }
        providers.set(name, entry);
      } else prices.set(`${provider}/${name}`, parsePrice(entry, [provider, name], date, refuse));
    }
  }
  return { providers, prices };
}

type Refuse = (path: readonly string[], message: string, details?: { readonly hint?: string }) => AppError;

/** A date of TOML is an object, too. */
function isTable(value: unknown): value is JsonObject {
  return isObject(value) && !(value instanceof Date);
}

function parsePrice(value: unknown, path: readonly string[], date: string, refuse: Refuse): Price {
  const [provider, name] = path;
  const title = `the price of "${name}" at "${provider}"`;
  if (!isTable(value)) throw refuse(path, `${title} is not a table`);
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
function findPlace(text: string, path: readonly string[]): Omit<ErrorPlace, "file"> {
  const places = (scanToml(text) ?? []).flatMap((statement) => "path" in statement ? [statement] : []);
  for (let length = path.length; length > 0; length--) {
    const found = places.find((place) => {
      // The first of several tables of one name stands for the name.
      const own = place.kind === "element" ? place.path.slice(0, -1) : place.path;
      return own.length === length && own.every((part, index) => part === path[index]);
    });
    if (found !== undefined) {
      return { line: found.line, column: text.slice(found.start).search(/[^ \t]/) + 1 };
    }
  }
  return {};
}
