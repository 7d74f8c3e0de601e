/**
 * The prices that hold on this machine: the table that is compiled in, and the user's own on top.
 *
 * @module
 */

import { stateFolderPath } from "../../base/state_folder.ts";
import type { CommandContext } from "../../cli/command.ts";
import { NO_OVERRIDES, openPrices, type PriceOverrides, type PriceResponse } from "../../usage/price.ts";
import { readPrices } from "../../usage/prices.ts";
import type { PriceOrigin } from "../../usage/report.ts";

/**
 * Opens the prices.
 *
 * @throws {AppError} config.invalid when `prices.toml` has a mistake
 */
export async function openPriceTable(
  context: CommandContext,
): Promise<{ readonly price: PriceResponse; readonly origin: PriceOrigin }> {
  const { table, origin } = readPrices();
  const overrides = await readOverrides(
    `${stateFolderPath(context.env("AGENTOS_STATE"), context.home)}/prices.toml`,
  );
  return {
    price: openPrices(table, overrides),
    origin: overrides === NO_OVERRIDES ? origin : { ...origin, source: `prices.toml, ${origin.source}` },
  };
}

async function readOverrides(path: string): Promise<PriceOverrides> {
  let text: string;
  let modified: Date | null;
  try {
    text = Deno.readTextFileSync(path);
    modified = Deno.statSync(path).mtime;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return NO_OVERRIDES;
    throw error;
  }
  const { parsePriceOverrides } = await import("../../usage/price_overrides.ts");
  return parsePriceOverrides(text, path, modified?.toISOString().slice(0, 10) ?? "");
}
