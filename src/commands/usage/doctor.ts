/**
 * `agentos usage doctor`: what may make the numbers wrong or incomplete: files without usage, broken lines, models
 * without a price, odd clocks, and what only the ledger remembers.
 *
 * @module
 */

import type { CommandContext } from "../../cli/command.ts";
import type { Finding, Log, Response } from "../../usage/model.ts";
import { type ClientUsage, type ReadFlags, readUsage } from "./read_usage.ts";
import { openPriceTable } from "./open_price_table.ts";

/** How many of a kind are named. */
const MAX_NAMED = 10;

const DAY_MS = 86_400_000;

/** Prints the findings, and answers 0: none of them keeps the rest from counting. */
export async function renderDoctor(flags: ReadFlags, context: CommandContext): Promise<0> {
  const usage = await readUsage(flags, context, true);
  const { price, origin } = await openPriceTable(context);
  const lines: string[] = [];
  for (const part of usage.clients) {
    const own = usage.responses.filter(({ client }) => client === part.client.id);
    lines.push(
      `${part.title}: ${part.files} files, ${own.length} responses`,
      ...part.folders.map((folder) => `  looked in ${folder}`),
      ...listUnder("files without usage", sayUseless(part)),
      ...listUnder("only in the ledger, the files are gone", part.gone),
      ...listUnder("odd clocks", sayOddClocks(own, Date.now())),
    );
  }
  const unpriced = new Set(
    usage.responses.filter((response) => price(response) === undefined).map(({ provider, model }) =>
      `${provider}/${model}`
    ),
  );
  lines.push(
    ...listUnder(
      "warnings",
      usage.warnings.map(({ file, line, message }) =>
        `${line === undefined ? file : `${file}:${line}`}: ${message}`
      ),
    ),
    ...listUnder("models without a price", [...unpriced]),
    `Prices: ${origin.source}, ${origin.date}.`,
  );
  context.output.answer(lines.join("\n"));
  return 0;
}

function listUnder(title: string, items: readonly string[]): readonly string[] {
  if (items.length === 0) return [];
  const more = items.length - MAX_NAMED;
  return [
    `  ${items.length} ${title}:`,
    ...items.slice(0, MAX_NAMED).map((item) => `    ${item}`),
    ...(more > 0 ? [`    and ${more} more`] : []),
  ];
}

function sayUseless({ logs, findings }: ClientUsage): readonly string[] {
  const byPath = Map.groupBy(findings, ({ path }) => path);
  return logs.flatMap((log) => {
    const found = byPath.get(log.path) ?? [];
    return found.some(({ verdict }) => verdict === "counted") ? [] : [`${log.path}: ${sayWhy(log, found)}`];
  });
}

function sayWhy(log: Log, findings: readonly Finding[]): string {
  const hasCounts = log.events.some(({ kind }) => kind === "total" || kind === "response");
  if (!hasCounts) return "no line tells of tokens; some versions of the agent write none";
  const verdicts = [...new Set(findings.map(({ verdict }) => verdict))].toSorted();
  return `all its token counts are ${verdicts.join(" or ")}`;
}

function sayOddClocks(responses: readonly Response[], now: number): readonly string[] {
  return responses.flatMap(({ at, session }) => {
    if (at === 0) return [`session ${session}: a response without a time`];
    return at > now + DAY_MS
      ? [`session ${session}: a response at ${new Date(at).toISOString()}, in the future`]
      : [];
  });
}
