/**
 * The table of prices that is compiled in.
 *
 * @module
 */

import text from "./prices.json" with { type: "text" };
import type { PriceTable } from "./price.ts";
import type { PriceOrigin } from "./report.ts";

/** The table, and where its rows come from. Parsing it takes some milliseconds, so ask once. */
export function readPrices(): { readonly table: PriceTable; readonly origin: PriceOrigin } {
  const table: PriceTable = JSON.parse(text);
  const origins = new Map<string, string>();
  for (const models of Object.values(table)) {
    for (const { source, date } of Object.values(models)) origins.set(source, date);
  }
  const newest = [...origins].toSorted(([, a], [, b]) => a < b ? 1 : -1);
  return {
    table,
    origin: { source: newest.map(([source]) => source).join(", "), date: newest[0]?.[1] ?? "" },
  };
}
