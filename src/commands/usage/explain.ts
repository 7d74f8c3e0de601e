/**
 * `agentos usage --explain SESSION`: which lines of a session's logs count, and why the others do not.
 *
 * @module
 */

import { AppError } from "../../base/errors.ts";
import { addTokens, NO_TOKENS } from "../../base/token_counts.ts";
import type { CommandContext } from "../../cli/command.ts";
import type { Finding, Verdict } from "../../usage/model.ts";
import { cleanName, formatCount } from "../../usage/report_table.ts";
import { type ReadFlags, readUsage } from "./read_usage.ts";

/** Prints what became of each line of the sessions whose id begins like this. */
export async function renderExplanation(
  flags: ReadFlags & { readonly json?: boolean },
  session: string,
  context: CommandContext,
  timeZone: string,
): Promise<0> {
  const { clients } = await readUsage(flags, context, true);
  const found = clients.flatMap(({ client, findings }) =>
    findings.filter((finding) => finding.session.startsWith(session)).map((finding) => ({
      client: client.id,
      ...finding,
    }))
  ).toSorted((a, b) => a.path === b.path ? a.line - b.line : a.path < b.path ? -1 : 1);
  if (found.length === 0) {
    throw new AppError("cli.usage", `No session begins with "${session}", or it holds no token counts`, {
      hint: 'List them with "agentos usage session --since 1970-01-01".',
    });
  }
  if (flags.json === true) context.output.answer(JSON.stringify({ schema: 1, findings: found }, null, 2));
  else context.output.answer(renderText(found, timeZone));
  return 0;
}

function renderText(findings: readonly Finding[], timeZone: string): string {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" });
  const cells = findings.map(({ line, at, verdict, tokens, model, reason }) => [
    String(line),
    at === undefined ? "no time" : format.format(at),
    verdict,
    ...[tokens.input, tokens.cached, tokens.output].map(formatCount),
    cleanName(`${model}: ${reason}`),
  ]);
  const titles = ["Line", "Time", "Verdict", "Input", "Cached", "Output", "Model: why"];
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0))
  );
  const layOut = (row: readonly string[]): string =>
    row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return isNumber(titles[column]) ? cell.padStart(width) : cell.padEnd(width);
    }).join("  ").trimEnd();
  const lines: string[] = [];
  let path: string | undefined;
  for (const [index, finding] of findings.entries()) {
    if (finding.path !== path) {
      lines.push(...(path === undefined ? [] : [""]), cleanName(finding.path), layOut(titles));
    }
    path = finding.path;
    lines.push(layOut(cells[index] ?? []));
  }
  const counts = new Map<Verdict, number>();
  for (const { verdict } of findings) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  const counted = findings.filter(({ verdict }) => verdict === "counted").map(({ tokens }) => tokens).reduce(
    addTokens,
    NO_TOKENS,
  );
  lines.push(
    "",
    `${[...counts].map(([verdict, count]) => `${formatCount(count)} ${verdict}`).join(", ")}: ` +
      `${formatCount(counted.input)} tokens in, of which ${formatCount(counted.cached)} cached, and ` +
      `${formatCount(counted.output)} out`,
  );
  return lines.join("\n");
}

function isNumber(title: string | undefined): boolean {
  return title !== undefined && ["Line", "Input", "Cached", "Output"].includes(title);
}
