/**
 * The table of prices that is compiled in.
 *
 * @module
 */

import type { Price, PriceTable } from "./price.ts";
import type { PriceOrigin } from "./report.ts";

/** The table, and where its rows come from. Needs the right to read. */
export function readPrices(): { readonly table: PriceTable; readonly origin: PriceOrigin } {
  const text = Deno.readTextFileSync(new URL("./prices.json", import.meta.url));
  const [head = "", body = ""] = text.split(HEAD_END, 2);
  const origin: PriceOrigin = JSON.parse(`${head}}`);
  return { table: openTable(body), origin };
}

/** Where the prices begin in the file, as `scripts/gen_prices.ts` writes it: each provider's on lines of its own. */
const HEAD_END = ',\n"prices": {';
const PROVIDER = '\n  "';
const PROVIDER_END = "\n  }";

/** Of thirty providers few are asked for, and reading all takes some milliseconds: each is read when it is. */
function openTable(body: string): PriceTable {
  const table: Record<string, Readonly<Record<string, Price>>> = {};
  for (let at = body.indexOf(PROVIDER); at >= 0;) {
    const name = body.slice(at + PROVIDER.length, body.indexOf('"', at + PROVIDER.length));
    const start = body.indexOf("{", at);
    const end = body.indexOf(PROVIDER_END, start) + PROVIDER_END.length;
    let models: Readonly<Record<string, Price>> | undefined;
    Object.defineProperty(table, name, {
      enumerable: true,
      get: () => models ??= JSON.parse(body.slice(start, end)),
    });
    at = body.indexOf(PROVIDER, end);
  }
  return table;
}
