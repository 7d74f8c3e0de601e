/**
 * The answer as JSON (schema 1, see `report_schema.ts`) and as CSV. Pure.
 *
 * @module
 */

import type { Warning } from "./model.ts";
import type { Row, Summary, Unpriced } from "./summarise.ts";

/** Where prices come from. */
export interface PriceOrigin {
  readonly source: string;
  readonly date: string;
}

/** An answer and what stands around it. */
export interface Report {
  readonly summary: Summary;
  readonly generatedAt: Date;
  readonly timeZone: string;
  readonly prices: PriceOrigin;
  readonly warnings: readonly Warning[];
  /** The latest day of any usage there is, asked for or not. */
  readonly latestDay?: string | undefined;
  /** False when no cost was asked for: then none is shown and nothing counts as unpriced. */
  readonly hasCost: boolean;
}

/** A row as JSON has it. */
export interface JsonRow {
  readonly client: string;
  readonly provider: string;
  readonly model: string;
  readonly day?: string | undefined;
  readonly week?: string | undefined;
  readonly month?: string | undefined;
  readonly session?: string | undefined;
  readonly project?: string | undefined;
  readonly responses: number;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly costUsd: number | null;
  readonly priceSource: string | null;
}

/** The whole document. */
export interface JsonReport {
  readonly schema: 1;
  readonly generatedAt: string;
  readonly timezone: string;
  readonly by: readonly string[];
  readonly rows: readonly JsonRow[];
  readonly totals: Omit<JsonRow, "client" | "provider" | "model" | "priceSource">;
  readonly unpriced: readonly Unpriced[];
  readonly prices: PriceOrigin;
  readonly warnings: readonly Warning[];
}

/** The answer as one JSON document. */
export function renderJson(report: Report): JsonReport {
  const { summary, hasCost } = report;
  return {
    schema: 1,
    generatedAt: report.generatedAt.toISOString(),
    timezone: report.timeZone,
    by: summary.by,
    rows: summary.rows.map((row) => renderRow(row, hasCost)),
    totals: {
      ...renderTokens(summary.totals),
      costUsd: hasCost ? summary.totals.costUsd : null,
    },
    unpriced: hasCost ? summary.unpriced : [],
    prices: report.prices,
    warnings: report.warnings,
  };
}

function renderRow(row: Row, hasCost: boolean): JsonRow {
  const { client, provider, model, responses: _responses, tokens: _tokens, costUsd, priceSource, ...keys } =
    row;
  return {
    client,
    provider,
    model,
    ...keys,
    ...renderTokens(row),
    costUsd: hasCost ? costUsd : null,
    priceSource: hasCost ? priceSource : null,
  };
}

function renderTokens(
  { responses, tokens }: Pick<Row, "responses" | "tokens">,
): Pick<
  JsonRow,
  | "responses"
  | "inputTokens"
  | "cachedInputTokens"
  | "cacheWriteTokens"
  | "outputTokens"
  | "reasoningTokens"
> {
  return {
    responses,
    inputTokens: tokens.input,
    cachedInputTokens: tokens.cached,
    cacheWriteTokens: tokens.cacheWrite,
    outputTokens: tokens.output,
    reasoningTokens: tokens.reasoning,
  };
}

/** The rows as CSV (RFC 4180, but with plain line ends), with a line of names first. */
export function renderCsv(report: Report): string {
  const { by } = report.summary;
  const keys = (["month", "week", "day", "project", "session"] as const).filter((key) => by.includes(key));
  const names = [
    ...keys,
    "client",
    "provider",
    "model",
    "responses",
    "inputTokens",
    "cachedInputTokens",
    "cacheWriteTokens",
    "outputTokens",
    "reasoningTokens",
    "costUsd",
    "priceSource",
  ] as const;
  const rows = renderJson(report).rows.map((row) =>
    names.map((name) => quote(row[name], name !== "priceSource")).join(",")
  );
  return [names.join(","), ...rows].join("\n");
}

function quote(value: string | number | null | undefined, isLogged: boolean): string {
  const text = String(value ?? "");
  // A spreadsheet takes a field that begins like this for a formula; names come from logs.
  const safe = isLogged && typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
