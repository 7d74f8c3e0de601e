/**
 * `agentos portfolio edit [NAME]`: opens a file in the user's editor, and says afterwards what it still lacks. Without a
 * name it is the first file that waits to be filled in.
 *
 * @module
 */

import { AppError } from "../../base/errors.ts";
import { joinPath } from "../../base/path_rules.ts";
import { currentPlatform } from "../../base/platform.ts";
import type { CommandRun } from "../../cli/command.ts";
import { checkFile } from "../../portfolio/check.ts";
import type { Portfolio } from "../../portfolio/model.ts";
import { chooseEditor, runEditor } from "../config/run_editor.ts";
import { renderFindings, secretsHere } from "./check.ts";
import { openHere, type RepoFlag, requireFolder } from "./open.ts";

/** Opens the editor. */
export const run: CommandRun<RepoFlag, readonly string[]> = async (flags, context, name) => {
  const opened = await openHere(flags, context);
  const folder = requireFolder(opened);
  const filename = await chooseFile(opened.portfolio, name);
  const file = joinPath(folder, filename, currentPlatform());
  await runEditor(chooseEditor(file, context), file);
  const { text } = await opened.portfolio.read(filename);
  const findings = checkFile(filename, text, secretsHere(context));
  context.output.answer(findings.length === 0 ? `${filename}: nothing is missing` : renderFindings(findings));
  return 0;
};

async function chooseFile(portfolio: Portfolio, name: string | undefined): Promise<string> {
  if (name !== undefined) return (await portfolio.read(name)).file.filename;
  const waiting = (await portfolio.list()).find(({ unfilled }) => unfilled > 0);
  if (waiting !== undefined) return waiting.filename;
  throw new AppError("cli.usage", "Every file is filled in: name the one to edit", {
    hint: 'See their names with "agentos portfolio list".',
  });
}
