/**
 * `agentos usage --explain SESSION`: which lines of a session's logs count, and why the others do not.
 *
 * @module
 */

import { AppError } from "../../base/errors.ts";
import type { CommandContext } from "../../cli/command.ts";
import type { Finding, Verdict } from "../../usage/model.ts";
import { formatCount } from "../../usage/report_table.ts";
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
  const lines: string[] = [];
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" });
  for (const [path, rows] of Map.groupBy(findings, ({ path }) => path)) {
    lines.push(path);
    for (const { line, at, verdict, reason, tokens, model } of rows) {
      const when = at === undefined ? "-".padEnd(19) : format.format(at);
      const size = `${formatCount(tokens.input)} in, ${formatCount(tokens.output)} out`;
      lines.push(
        `  ${String(line).padStart(6)}  ${when}  ${verdict.padEnd(9)}  ${size}  ${model}: ${reason}`,
      );
    }
  }
  const counts = new Map<Verdict, number>();
  for (const { verdict } of findings) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  lines.push("", [...counts].map(([verdict, count]) => `${count} ${verdict}`).join(", "));
  return lines.join("\n");
}
