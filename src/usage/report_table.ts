/**
 * The answer as a table that people like to read. Pure; the width and the taste for colour come in.
 *
 * @module
 */

import { renderPlace } from "../base/errors.ts";
import { shortenPath } from "../base/home_path.ts";
import { addTokens, NO_TOKENS } from "../base/token_counts.ts";
import { type ByKey, GROUP_KEYS, type Tokens } from "./model.ts";
import type { Report } from "./report.ts";
import type { Row, Unpriced } from "./summarise.ts";
import { type Column, layOut, type Line, type Measure } from "./table_layout.ts";

/** What the table is shown on. */
export interface Screen {
  /** How many columns a terminal has; undefined for anything else, which gets no bars and all the room it wants. */
  readonly columns?: number;
  readonly colour: boolean;
  /** The user's home folder, which paths are shown relative to. */
  readonly home?: string;
}

const BAR_CELLS = 12;
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** Titles of the columns behind the first. */
const TITLES = {
  responses: "Responses",
  input: "Input",
  cached: "Cached",
  cacheWrite: "Cache write",
  output: "Output",
  reasoning: "Reasoning",
  cost: "Cost (USD)",
} as const;

/** What can be spared on a narrow terminal, what can be spared most first; bars have no title. */
const MEASURES: readonly Measure[] = [
  { drop: TITLES.reasoning },
  { drop: TITLES.cacheWrite },
  { cut: 44 },
  { drop: TITLES.cached },
  { cut: 36 },
  { drop: TITLES.responses },
  { cut: 30 },
  { drop: "" },
  { cut: 24 },
  { drop: TITLES.output },
  { drop: TITLES.input },
  { cut: 16 },
];

/** Renders the table and the lines under it. */
export function renderTable(report: Report, screen: Screen): string {
  if (report.summary.rows.length === 0) {
    const elsewhere = report.latestDay === undefined
      ? ""
      : ` The latest there is, is of ${report.latestDay}.`;
    return [`No usage found in this range.${elsewhere}`, ...renderNotes(report, [])].join("\n");
  }
  const { lines, dropped } = layOut(
    listColumns(report),
    listLines(report, screen),
    MEASURES,
    screen.columns,
    screen.colour,
  );
  return [...lines, ...renderNotes(report, dropped)].join("\n");
}

function listColumns({ summary, hasCost }: Report): readonly Column[] {
  const keys = GROUP_KEYS.filter((key) => summary.by.includes(key)).map((key) =>
    key[0]?.toUpperCase() + key.slice(1)
  );
  const { cost, ...counts } = TITLES;
  const numbers = [...Object.values(counts), ...(hasCost ? [cost] : [])];
  return [
    { title: keys.length > 0 ? `${keys.join(", ")} / model` : "Model", align: "left" },
    ...numbers.map((title): Column => ({ title, align: "right" })),
    { title: "", align: "left" },
  ];
}

function listLines(report: Report, screen: Screen): readonly Line[] {
  const { summary, hasCost } = report;
  const digits = chooseDigits(summary.totals.costUsd);
  const groups = groupRows(summary.rows, summary.by, screen.home);
  const largest = Math.max(...groups.map(({ rows }) => weigh(rows, hasCost)));
  const hasGroups = GROUP_KEYS.some((key) => summary.by.includes(key));
  const lines: Line[] = [
    { style: "head", cells: listColumns(report).map(({ title }) => title) },
    { style: "rule", cells: [] },
  ];
  for (const { title, rows } of groups) {
    if (hasGroups) {
      const isDrawn = screen.columns !== undefined && largest > 0;
      lines.push({
        style: "group",
        cells: [
          cleanName(title),
          ...listNumbers(addRows(rows), hasCost, digits),
          isDrawn ? drawBar(weigh(rows, hasCost) / largest) : "",
        ],
      });
    }
    for (const row of rows) {
      const name = `${hasGroups ? "  " : ""}${nameRow(row, summary.by)}`;
      lines.push({ style: "row", cells: [name, ...listNumbers(row, hasCost, digits)] });
    }
  }
  lines.push({ style: "rule", cells: [] }, {
    style: "total",
    cells: ["Total", ...listNumbers(summary.totals, hasCost, digits)],
  });
  return lines;
}

interface Group {
  readonly title: string;
  readonly rows: readonly Row[];
}

function groupRows(rows: readonly Row[], by: readonly ByKey[], home: string | undefined): readonly Group[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const title = GROUP_KEYS.filter((key) => by.includes(key)).map((key) => {
      const name = row[key] || `no ${key}`;
      return key === "project" ? shortenPath(name, home) : name;
    }).join("  ");
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
  if (share <= 0) return "";
  const eighths = Math.max(1, Math.round(share * BAR_CELLS * 8));
  return "█".repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? "");
}

/** The model, and what the group's head does not say. */
function nameRow({ client, provider, model }: Row, by: readonly ByKey[]): string {
  const source = [
    ...(by.includes("client") ? [] : [client]),
    ...(by.includes("provider") ? [] : [cleanName(provider)]),
  ];
  return [cleanName(model), ...(source.length === 0 ? [] : [source.join(", ")])].join(" · ");
}

/** A text without anything that could move the cursor or break a line: names and paths come from logs. */
export function cleanName(name: string): string {
  return name.replaceAll(/\p{Cc}|\p{Cf}/gu, "�");
}

/** A model that has no price, as people are told of it. */
export function nameUnpriced({ provider, model, speed }: Unpriced): string {
  return cleanName(`${provider}/${model}${speed === "standard" ? "" : ` (${speed})`}`);
}

function renderNotes(report: Report, dropped: readonly string[]): readonly string[] {
  const { summary, warnings, prices, hasCost } = report;
  const notes: string[] = [];
  if (hasCost && summary.unpriced.length > 0) {
    const names = summary.unpriced.map(nameUnpriced);
    notes.push(`No price known: ${[...new Set(names)].join(", ")}. Costs leave them out.`);
  }
  const [first] = warnings;
  if (first !== undefined) {
    const { file, line, message } = first;
    const place = cleanName(renderPlace({ file, ...(line === undefined ? {} : { line }) }));
    notes.push(
      warnings.length === 1
        ? `1 warning: ${place}: ${message}.`
        : `${
          formatCount(warnings.length)
        } warnings, which "agentos usage doctor" names; the first: ${place}: ${message}.`,
    );
  }
  if (dropped.length > 0) notes.push(`No room for: ${dropped.join(", ")}.`);
  if (hasCost) notes.push(`Prices: ${prices.source}, ${prices.date}.`);
  return notes.length === 0 ? [] : ["", ...notes];
}
