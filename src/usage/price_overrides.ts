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
import type { Price, PriceOverrides } from "./price.ts";

const RATES = ["input", "output", "cacheRead", "cacheWrite", "cacheWrite1h"] as const;

/**
 * The overrides in a file's text.
 *
 * @param date of the file, as `2026-11-23`
 * @throws {AppError} config.invalid with the file and, where it can be told, the line
 */
export function parsePriceOverrides(text: string, file: string, date: string): PriceOverrides {
  const providers = new Map<string, string>();
  const prices = new Map<string, Price>();
  for (const [provider, value] of Object.entries(parseToml(text, file))) {
    if (!isObject(value)) throw refuse(text, file, provider, `"${provider}" is not a table`);
    for (const [name, entry] of Object.entries(value)) {
      if (provider === "providers") {
        if (typeof entry !== "string") throw refuse(text, file, name, `"${name}" must name a provider`);
        providers.set(name, entry);
      } else prices.set(`${provider}/${name}`, parsePrice(entry, { text, file, provider, name, date }));
    }
  }
  return { providers, prices };
}

interface Place {
  readonly text: string;
  readonly file: string;
  readonly provider: string;
  readonly name: string;
  readonly date: string;
}

function parsePrice(value: unknown, { text, file, provider, name, date }: Place): Price {
  const title = `the price of "${name}" at "${provider}"`;
  if (!isObject(value)) throw refuse(text, file, name, `${title} is not a table`);
  for (const [key, rate] of Object.entries(value)) {
    if (!RATES.some((known) => known === key)) {
      throw refuse(text, file, key, `${title} has a key "${key}"; known keys are ${RATES.join(", ")}`, name);
    }
    if (typeof rate !== "number" || !Number.isFinite(rate) || rate < 0) {
      throw refuse(text, file, key, `${key} of ${title} must be a number from 0`, name);
    }
  }
  const rate = (key: typeof RATES[number]): number | undefined => {
    const found = value[key];
    return typeof found === "number" ? found : undefined;
  };
  const [input, output] = [rate("input"), rate("output")];
  if (input === undefined || output === undefined) {
    throw refuse(text, file, name, `${title} needs input and output`);
  }
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

/** The parser tells no places, so the line is found by its word, after the table's name where one is given. */
function refuse(text: string, file: string, word: string, message: string, table?: string): AppError {
  const lines = text.split("\n");
  const start = table === undefined ? 0 : Math.max(0, lines.findIndex((line) => line.includes(table)));
  const index = lines.findIndex((line, at) => at >= start && line.includes(word));
  return new AppError("config.invalid", message, {
    where: index < 0 ? { file } : { file, line: index + 1 },
  });
}
