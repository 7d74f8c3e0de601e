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
import type { PriceOrigin } from "../../usage/report.ts";
import { cleanName, formatCount, nameUnpriced } from "../../usage/report_table.ts";
import type { Unpriced } from "../../usage/summarise.ts";
import { listResponses } from "../../usage/tallied.ts";
import { openPriceTable } from "./open_price_table.ts";
import { type ClientUsage, type ReadFlags, readUsage, type Usage } from "./read_usage.ts";

/** How many of a kind are named. */
const MAX_NAMED = 10;

/** What may be wrong; with `schema: 1` before it, the answer for programs. */
interface Diagnosis {
  readonly clients: readonly ClientDiagnosis[];
  /** Lines and files that could not be read. */
  readonly warnings: readonly Warning[];
  /** Most responses first. */
  readonly unpriced: readonly (Unpriced & { readonly responses: number })[];
  readonly prices: PriceOrigin;
}

interface ClientDiagnosis {
  readonly client: string;
  readonly title: string;
  readonly files: number;
  readonly responses: number;
  readonly folders: readonly string[];
  readonly withoutUsage: readonly { readonly file: string; readonly reason: string }[];
  /** Logs that only the ledger remembers. */
  readonly gone: readonly string[];
  readonly oddClocks: readonly Warning[];
}

/** Prints the findings, and answers 0: none of them keeps the rest from counting. */
export async function renderDoctor(
  flags: ReadFlags & { readonly json?: boolean },
  context: CommandContext,
): Promise<0> {
  const usage = await readUsage(flags, context, true);
  const { prices, origin } = await openPriceTable(context);
  const diagnosis = diagnose(usage, prices, origin, Date.now());
  context.output.answer(
    flags.json === true ? JSON.stringify({ schema: 1, ...diagnosis }, null, 2) : renderText(diagnosis),
  );
  return 0;
}

function diagnose(usage: Usage, prices: Prices, origin: PriceOrigin, nowMs: number): Diagnosis {
  const responses = listResponses(usage.responses);
  return {
    clients: usage.clients.map((part) => ({
      client: part.client.id,
      title: part.title,
      files: part.files,
      responses: responses.filter(({ client }) => client === part.client.id).length,
      folders: part.folders,
      withoutUsage: findUseless(part),
      gone: part.gone,
      oddClocks: findOddClocks(part.findings, nowMs),
    })),
    warnings: usage.warnings.filter(({ code }) => code !== "no-usage"),
    unpriced: findUnpriced(responses, prices),
    prices: origin,
  };
}

function renderText({ clients, warnings, unpriced, prices }: Diagnosis): string {
  const lines: string[] = [];
  for (const { title, files, responses, folders, withoutUsage, gone, oddClocks } of clients) {
    const counts = [sayMany(files, "file"), sayMany(responses, "response")];
    lines.push(
      `${title}: ${counts.join(", ")}`,
      ...folders.map((folder) => `  looked in ${cleanName(folder)}`),
      ...listUnder(
        ["file without usage", "files without usage"],
        withoutUsage.map(({ file, reason }) => `${file}: ${reason}`),
      ),
      ...listUnder(["only in the ledger, the file is gone", "only in the ledger, the files are gone"], gone),
      ...listUnder(["odd clock", "odd clocks"], oddClocks.map(sayWarning)),
    );
  }
  // The same model may be one of several clients.
  const names = [...Map.groupBy(unpriced, nameUnpriced)].map(([name, ones]) =>
    `${name}: ${sayMany(ones.reduce((count, { responses }) => count + responses, 0), "response")}`
  );
  lines.push(
    ...listUnder(
      ["line or file that could not be read", "lines and files that could not be read"],
      warnings.map(sayWarning),
      "",
    ),
    ...listUnder(["model without a price", "models without a price"], names, ""),
    `Prices: ${prices.source}, ${prices.date}.`,
  );
  return lines.join("\n");
}

function sayMany(count: number, one: string): string {
  return sayCount(count, one, undefined, formatCount);
}

function sayWarning({ file, line, message }: Warning): string {
  return `${renderPlace({ file, ...(line === undefined ? {} : { line }) })}: ${message}`;
}

function findUnpriced(responses: readonly Response[], { costOf }: Prices): Diagnosis["unpriced"] {
  const counts = new Map<string, Unpriced & { responses: number }>();
  for (const response of responses) {
    if (costOf(response) !== undefined) continue;
    const { client, provider, model, speed } = response;
    const key = JSON.stringify([client, provider, model, speed]);
    const known = counts.get(key) ?? { client, provider, model, speed, responses: 0 };
    known.responses++;
    counts.set(key, known);
  }
  return [...counts.values()].toSorted((a, b) => b.responses - a.responses);
}

/** Lists what there is of a kind, which is named for one and for more. */
function listUnder(
  [one, many]: readonly [one: string, many: string],
  items: readonly string[],
  indent = "  ",
): readonly string[] {
  if (items.length === 0) return [];
  const more = items.length - MAX_NAMED;
  return [
    `${indent}${sayCount(items.length, one, many, formatCount)}:`,
    ...items.slice(0, MAX_NAMED).map((item) => `${indent}  ${cleanName(item)}`),
    ...(more > 0 ? [`${indent}  and ${formatCount(more)} more`] : []),
  ];
}

function findUseless({ logs, findings }: ClientUsage): ClientDiagnosis["withoutUsage"] {
  const byPath = Map.groupBy(findings, ({ path }) => path);
  const parents = listParents(logs);
  return logs.flatMap((log) => {
    const found = byPath.get(log.path) ?? [];
    return found.some(({ verdict }) => verdict === "counted")
      ? []
      : [{ file: log.path, reason: sayWhy(log, found, isParent(log, parents)) }];
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
