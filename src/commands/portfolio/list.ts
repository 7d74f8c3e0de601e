/**
 * `agentos portfolio list`: the files, what each is for, and what still waits to be filled in.
 *
 * @module
 */

import type { CommandRun } from "../../cli/command.ts";
import { renderReason } from "../../config/repo.ts";
import type { PortfolioFile } from "../../portfolio/model.ts";
import { openHere, type RepoFlag } from "./open.ts";

/** The flags as the parser hands them over. */
export interface Flags extends RepoFlag {
  readonly json?: boolean;
}

/** Prints the list. */
export const run: CommandRun<Flags> = async (flags, context) => {
  const { portfolio, repo, folder } = await openHere(flags, context);
  const files = await portfolio.list();
  if (flags.json === true) {
    context.output.answer(JSON.stringify({ schema: 1, folder: folder ?? null, files }, null, 2));
    return 0;
  }
  const place = repo === undefined || folder === undefined
    ? 'The templates in the executable; "agentos init DIR" makes a portfolio of your own.'
    : `${folder} (${renderReason(repo)})`;
  // A terminal that does not say how wide it is has no columns.
  const columns = Deno.stdout.isTerminal() && Deno.consoleSize().columns || Infinity;
  context.output.answer([place, "", ...renderFiles(files, columns)].join("\n"));
  return 0;
};

function renderFiles(files: readonly PortfolioFile[], columns: number): readonly string[] {
  const states = files.map(({ unfilled }) => unfilled === 0 ? "filled in" : `${unfilled} to fill in`);
  const [nameWidth, stateWidth] = [
    Math.max(0, ...files.map(({ name }) => name.length)),
    Math.max(0, ...states.map(({ length }) => length)),
  ];
  return files.map(({ name, summary }, index) => {
    const line = `${name.padEnd(nameWidth)}  ${(states[index] ?? "").padEnd(stateWidth)}  ${summary}`;
    return line.length <= columns ? line : `${line.slice(0, columns - 1)}…`;
  });
}
