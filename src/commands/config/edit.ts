/**
 * `agentos config edit`: opens a copy of `config.toml` in the user's editor, and puts it in place when it is right.
 *
 * A wrong file never gets in: its mistake is named, and its user may go on editing.
 *
 * @module
 */

import { AppError, renderPlace } from "../../base/errors.ts";
import type { CommandContext, CommandRun } from "../../cli/command.ts";
import { refuseMistakes } from "../../config/parse.ts";
import { type ConfigDraft, examineDraft, openDraft, replaceConfig } from "./change.ts";
import { runEditor } from "./run_editor.ts";

const NEW_FILE = [
  '# Settings of agentos. "agentos config list" shows them all, "agentos config explain KEY" says what one means.',
  "",
  "# [server]",
  '# roots = ["~/src"]',
  "",
].join("\n");

/** Edits until the file is right or its user gives up. */
export const run: CommandRun<Record<never, never>> = async (_flags, context) => {
  const draft = openDraft(context);
  const start = draft.before ?? NEW_FILE;
  const copy = `${draft.file}.${crypto.randomUUID().slice(0, 8)}.toml`;
  Deno.writeTextFileSync(copy, start, { createNew: true, mode: 0o600 });
  try {
    return await editUntilRight(copy, draft, start, context);
  } finally {
    Deno.removeSync(copy);
  }
};

async function editUntilRight(
  copy: string,
  draft: ConfigDraft,
  start: string,
  context: CommandContext,
): Promise<0> {
  for (;;) {
    await runEditor(copy, context);
    const text = Deno.readTextFileSync(copy);
    if (text === start) {
      context.output.talk("agentos: nothing was changed");
      return 0;
    }
    try {
      const { faults: [fault], left } = examineDraft(draft, text, context);
      if (left.length > 0) throw refuseMistakes(left, draft.file);
      if (fault !== undefined) throw fault.error;
      await replaceConfig(draft, text, context);
      context.output.talk(`agentos: wrote ${draft.file}`);
      return 0;
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "config.invalid" || !Deno.stdin.isTerminal()) {
        throw error;
      }
      const place = error.where === undefined ? "" : `${renderPlace(error.where)}: `;
      context.output.talk(`error: ${place}${error.message}\nhint: ${error.hint}`);
      if (!globalThis.confirm("Edit again? (No leaves the file as it was.)")) {
        throw new AppError("cli.interrupted", "Nothing was changed", { hint: "Run the command again." });
      }
    }
  }
}
