/**
 * The answer as a table that people like to read. Pure; the width and the taste for colour come in.
 *
 * @module
 */

import { addTokens, NO_TOKENS } from "../base/token_counts.ts";
import type { ByKey, Tokens } from "./model.ts";
import type { Report } from "./report.ts";
import type { Row } from "./summarise.ts";

/** What the table is shown on. */
export interface Screen {
  /** True for a terminal: then bars are drawn. */
  readonly isTerminal: boolean;
  readonly colour: boolean;
}

/** What heads a group of rows, in this order. */
const GROUP_KEYS = ["month", "week", "day", "project", "session"] as const;

const BAR_CELLS = 12;
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

interface Line {
  readonly style: "head" | "group" | "row" | "total" | "rule";
  readonly cells: readonly string[];
}

/** Renders the table and the lines under it. */
export function renderTable(report: Report, screen: Screen): string {
  const { summary } = report;
  const lines = [
    ...(summary.rows.length === 0
      ? ["No usage found in this range."]
      : layOut(listLines(report, screen), screen.colour)),
    ...renderNotes(report),
  ];
  return lines.join("\n");
}

function listLines(report: Report, screen: Screen): readonly Line[] {
  const { summary, hasCost } = report;
  const digits = chooseDigits(summary.totals.costUsd);
  const groups = groupRows(summary.rows, summary.by);
  const largest = Math.max(...groups.map(({ rows }) => weigh(rows, hasCost)));
  const hasGroups = GROUP_KEYS.some((key) => summary.by.includes(key));
  const lines: Line[] = [{ style: "head", cells: listHeadings(summary.by, hasCost, hasGroups) }, {
    style: "rule",
    cells: [],
  }];
  for (const { title, rows } of groups) {
    if (hasGroups) {
      const bar = screen.isTerminal && largest > 0 ? drawBar(weigh(rows, hasCost) / largest) : "";
      lines.push({
        style: "group",
        cells: [
          cleanName(title),
          ...listNumbers(addRows(rows), hasCost, digits),
          ...(bar === "" ? [] : [bar]),
        ],
      });
    }
    for (const row of rows) {
      const indent = hasGroups ? "  " : "";
      lines.push({
        style: "row",
        cells: [
          `${indent}${cleanName(row.model)} · ${nameSource(row)}`,
          ...listNumbers(row, hasCost, digits),
        ],
      });
    }
  }
  lines.push({ style: "rule", cells: [] }, {
    style: "total",
    cells: ["Total", ...listNumbers(summary.totals, hasCost, digits)],
  });
  return lines;
}

function listHeadings(by: readonly ByKey[], hasCost: boolean, hasGroups: boolean): readonly string[] {
  const keys = GROUP_KEYS.filter((key) => by.includes(key)).map((key) =>
    key[0]?.toUpperCase() + key.slice(1)
  );
  const first = hasGroups ? `${keys.join(", ")} / model` : "Model";
  return [
    first,
    "Responses",
    "Input",
    "Cached",
    "Cache write",
    "Output",
    "Reasoning",
    ...(hasCost ? ["Cost (USD)"] : []),
  ];
}

interface Group {
  readonly title: string;
  readonly rows: readonly Row[];
}

function groupRows(rows: readonly Row[], by: readonly ByKey[]): readonly Group[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const title = GROUP_KEYS.filter((key) => by.includes(key)).map((key) => row[key] || `no ${key}`).join(
      "  ",
    );
    const group = groups.get(title) ?? [];
    groups.set(title, group);
    group.push(row);
  }
  return [...groups].map(([title, rows]) => ({ title, rows }));
}

function addRows(rows: readonly Row[]): Pick<Row, "responses" | "tokens" | "costUsd"> {
  const priced = rows.filter(({ costUsd }) => costUsd !== null);
  return {
    responses: rows.reduce((count, { responses }) => count + responses, 0),
    tokens: rows.reduce((total, { tokens }) => addTokens(total, tokens), NO_TOKENS),
    costUsd: priced.length === 0 ? null : priced.reduce((total, { costUsd }) => total + (costUsd ?? 0), 0),
  };
}

function listNumbers(
  { responses, tokens, costUsd }: { responses: number; tokens: Tokens; costUsd: number | null },
  hasCost: boolean,
  digits: number,
): readonly string[] {
  return [
    ...[responses, tokens.input, tokens.cached, tokens.cacheWrite, tokens.output, tokens.reasoning].map(
      formatCount,
    ),
    ...(hasCost ? [formatUsd(costUsd, digits)] : []),
  ];
}

/** A whole number with thousands separated. */
export function formatCount(count: number): string {
  return String(count).replaceAll(/(?<=\d)(?=(?:\d{3})+$)/g, ",");
}

/** Dollars with so many digits; what is too small to show is not shown as nothing, what is not known as a dash. */
export function formatUsd(usd: number | null, digits: number): string {
  if (usd === null) return "—";
  const text = usd.toFixed(digits);
  if (usd > 0 && Number(text) === 0) return `<${(10 ** -digits).toFixed(digits)}`;
  const [whole = "", part = ""] = text.split(".");
  return `${formatCount(Number(whole))}.${part}`;
}

/** Cents for people who spend dollars; more digits where all of it is less than one. */
function chooseDigits(total: number | null): number {
  return total !== null && total > 0 && total < 1 ? 4 : 2;
}

function weigh(rows: readonly Row[], hasCost: boolean): number {
  const { tokens, costUsd } = addRows(rows);
  return hasCost && costUsd !== null ? costUsd : hasCost ? 0 : tokens.input + tokens.output;
}

function drawBar(share: number): string {
  const eighths = Math.max(1, Math.round(share * BAR_CELLS * 8));
  return "█".repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? "");
}

function nameSource({ client, provider }: Row): string {
  return `${client}, ${cleanName(provider)}`;
}

/** Names come from logs: none may move the cursor or break a line. */
function cleanName(name: string): string {
  return name.replaceAll(/\p{Cc}|\p{Cf}/gu, "�");
}

function layOut(lines: readonly Line[], colour: boolean): readonly string[] {
  const columns = Math.max(...lines.map(({ cells }) => cells.length));
  const widths = Array.from(
    { length: columns },
    (_, column) => Math.max(0, ...lines.map(({ cells }) => [...cells[column] ?? ""].length)),
  );
  const head = lines[0]?.cells.length ?? 0;
  const total = widths.slice(0, head).reduce((sum, width) => sum + width + 2, -2);
  return lines.map(({ style, cells }) => {
    if (style === "rule") return paint("─".repeat(total), "2", colour);
    const text = cells.map((cell, column) => {
      const fill = " ".repeat(Math.max(0, (widths[column] ?? 0) - [...cell].length));
      return column === 0 || column >= head ? cell + fill : fill + cell;
    }).join("  ").trimEnd();
    return style === "row" ? text : paint(text, style === "head" ? "2" : "1", colour);
  });
}

function paint(text: string, code: string, colour: boolean): string {
  return colour ? `\x1b[${code}m${text}\x1b[0m` : text;
}

function renderNotes(report: Report): readonly string[] {
  const { summary, warnings, prices, hasCost } = report;
  const notes: string[] = [];
  if (hasCost && summary.unpriced.length > 0) {
    const names = summary.unpriced.map(({ provider, model, speed }) =>
      cleanName(`${provider}/${model}${speed === "standard" ? "" : ` (${speed})`}`)
    );
    notes.push(`No price known: ${[...new Set(names)].join(", ")}. Costs leave them out.`);
  }
  if (warnings.length > 0) {
    const [first] = warnings;
    const place = first?.line === undefined ? first?.file : `${first.file}:${first.line}`;
    notes.push(
      `${warnings.length} warning${warnings.length === 1 ? "" : "s"}, the first at ${
        cleanName(place ?? "")
      }: ${first?.message}.`,
    );
  }
  if (hasCost) notes.push(`Prices: ${prices.source}, ${prices.date}.`);
  return notes.length === 0 ? [] : ["", ...notes];
}
