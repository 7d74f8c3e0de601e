/**
 * `agentos usage doctor`: what may make the numbers wrong or incomplete: files without usage, broken lines, models
 * without a price, odd clocks, and what only the ledger remembers.
 *
 * @module
 */

import { renderPlace } from "../../base/errors.ts";
import { sayCount } from "../../base/say_count.ts";
import type { CommandContext } from "../../cli/command.ts";
import { findOddClocks, isParent, listParents, tellsTokens } from "../../usage/inspect.ts";
import type { Finding, Log, Response, Warning } from "../../usage/model.ts";
import type { Prices } from "../../usage/price.ts";
import { formatCount } from "../../usage/report_table.ts";
import { listResponses } from "../../usage/tallied.ts";
import { type ClientUsage, type ReadFlags, readUsage } from "./read_usage.ts";
import { openPriceTable } from "./open_price_table.ts";

/** How many of a kind are named. */
const MAX_NAMED = 10;

/** Prints the findings, and answers 0: none of them keeps the rest from counting. */
export async function renderDoctor(flags: ReadFlags, context: CommandContext): Promise<0> {
  const usage = await readUsage(flags, context, true);
  const { prices, origin } = await openPriceTable(context);
  const responses = listResponses(usage.responses);
  const lines: string[] = [];
  for (const part of usage.clients) {
    const own = responses.filter(({ client }) => client === part.client.id);
    lines.push(
      `${part.title}: ${sayCount(part.files, "file", undefined, formatCount)}, ${
        sayCount(own.length, "response", undefined, formatCount)
      }`,
      ...part.folders.map((folder) => `  looked in ${folder}`),
      ...listUnder("files without usage", sayUseless(part)),
      ...listUnder("only in the ledger, the files are gone", part.gone),
      ...listUnder("odd clocks", findOddClocks(part.findings, Date.now()).map(sayWarning)),
    );
  }
  lines.push(
    ...listUnder(
      "lines and files that could not be read",
      usage.warnings.filter(({ code }) => code !== "no-usage").map(sayWarning),
      "",
    ),
    ...listUnder("models without a price", sayUnpriced(responses, prices), ""),
    `Prices: ${origin.source}, ${origin.date}.`,
  );
  context.output.answer(lines.join("\n"));
  return 0;
}

function sayWarning({ file, line, message }: Warning): string {
  return `${renderPlace({ file, ...(line === undefined ? {} : { line }) })}: ${message}`;
}

function sayUnpriced(responses: readonly Response[], { costOf }: Prices): readonly string[] {
  const counts = new Map<string, number>();
  for (const response of responses) {
    if (costOf(response) !== undefined) continue;
    const { provider, model, speed } = response;
    const name = `${provider}/${model}${speed === "standard" ? "" : ` (${speed})`}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].toSorted(([, a], [, b]) => b - a).map(([name, count]) =>
    `${name}: ${sayCount(count, "response", undefined, formatCount)}`
  );
}

function listUnder(title: string, items: readonly string[], indent = "  "): readonly string[] {
  if (items.length === 0) return [];
  const more = items.length - MAX_NAMED;
  return [
    `${indent}${formatCount(items.length)} ${title}:`,
    ...items.slice(0, MAX_NAMED).map((item) => `${indent}  ${item}`),
    ...(more > 0 ? [`${indent}  and ${formatCount(more)} more`] : []),
  ];
}

function sayUseless({ logs, findings }: ClientUsage): readonly string[] {
  const byPath = Map.groupBy(findings, ({ path }) => path);
  const parents = listParents(logs);
  return logs.flatMap((log) => {
    const found = byPath.get(log.path) ?? [];
    return found.some(({ verdict }) => verdict === "counted")
      ? []
      : [`${log.path}: ${sayWhy(log, found, isParent(log, parents))}`];
  });
}

function sayWhy(log: Log, findings: readonly Finding[], isParent: boolean): string {
  if (!tellsTokens(log) && isParent) {
    return "its work was handed on, and is in the log of the session that did it";
  }
  if (!tellsTokens(log)) return "no line tells of tokens; some versions of the agent write none";
  const verdicts = [...new Set(findings.map(({ verdict }) => verdict))].toSorted();
  return verdicts.length === 0
    ? "its tokens are all zero"
    : `all its token counts are ${verdicts.join(" or ")}`;
}
