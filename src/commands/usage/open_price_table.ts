/**
 * The prices that hold on this machine: the table that is compiled in, over it one that the user fetched, and over both
 * the user's own.
 *
 * @module
 */

import { AppError, messageOf } from "../../base/errors.ts";
import { CLIENTS } from "../../../clients/mod.ts";
import { stateFolderPath } from "../../base/state_folder.ts";
import type { CommandContext } from "../../cli/command.ts";
import {
  NO_OVERRIDES,
  openPrices,
  type Price,
  type PriceOverrides,
  type Prices,
  type PriceTable,
} from "../../usage/price.ts";
import { readPrices } from "../../usage/prices.ts";
import type { PriceOrigin } from "../../usage/report.ts";

/** The name of a fetched table in the state folder. */
export const KEPT_PRICES = "prices.json";

/**
 * Opens the prices.
 *
 * @throws {AppError} config.invalid when `prices.toml` has a mistake or cannot be read
 */
export async function openPriceTable(
  context: CommandContext,
): Promise<{ readonly prices: Prices; readonly origin: PriceOrigin }> {
  const folder = stateFolderPath(context.env("AGENTOS_STATE"), context.home);
  const { table, origin } = await readTables(`${folder}/${KEPT_PRICES}`, context);
  const overrides = await readOverrides(`${folder}/prices.toml`, table);
  return {
    prices: openPrices(table, overrides),
    origin: overrides === NO_OVERRIDES ? origin : { ...origin, source: `prices.toml, ${origin.source}` },
  };
}

async function readTables(
  path: string,
  { output }: CommandContext,
): Promise<{ readonly table: PriceTable; readonly origin: PriceOrigin }> {
  const builtIn = readPrices();
  try {
    const text = readIfThere(path);
    if (text === undefined) return builtIn;
    const { mergePriceTables, parsePriceList } = await import("../../usage/price_table.ts");
    const { table, origin } = parsePriceList(text, path, { source: path, date: "" });
    return {
      table: mergePriceTables(builtIn.table, await completePrices(table)),
      origin: { source: `${origin.source}, ${builtIn.origin.source}`, date: origin.date },
    };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    output.talk(
      `note: ${path} is no table of prices (${error.message}); the prices that are compiled in hold`,
    );
    return builtIn;
  }
}

/** Lists leave out what only the client's makers say. */
async function completePrices(table: PriceTable): Promise<PriceTable> {
  const facets = await Promise.all(Object.values(CLIENTS).map(({ usage }) => usage?.()));
  const complete = (model: string, price: Price): Price =>
    facets.reduce((known, facet) => facet?.completePrice?.(model, known) ?? known, price);
  return Object.fromEntries(
    Object.entries(table).map(([provider, models]) => [
      provider,
      Object.fromEntries(Object.entries(models).map(([model, price]) => [model, complete(model, price)])),
    ]),
  );
}

async function readOverrides(path: string, table: PriceTable): Promise<PriceOverrides> {
  const text = readIfThere(path);
  if (text === undefined) return NO_OVERRIDES;
  const modified = Deno.statSync(path).mtime;
  const { parsePriceOverrides } = await import("../../usage/price_overrides.ts");
  return parsePriceOverrides(text, path, modified?.toISOString().slice(0, 10) ?? "", table);
}

function readIfThere(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    const reason = messageOf(cause);
    throw new AppError("config.invalid", `This table of prices cannot be read: ${reason}`, {
      where: { file: path },
      hint: "Make it a file that you may read, or move it away.",
      cause,
    });
  }
}
