/**
 * `agentos config edit`: opens a copy of `config.toml` in the user's editor, and puts it in place when it is right.
 *
 * A wrong file never gets in: its mistake is named, and its user may go on editing; where nobody can be asked, what was
 * written is kept beside.
 *
 * @module
 */

import { writeNewAtomically } from "../../base/atomic_write.ts";
import { AppError, messageOf, renderPlace } from "../../base/errors.ts";
import type { CommandContext, CommandRun } from "../../cli/command.ts";
import { MEND, refuseMistakes } from "../../config/parse.ts";
import { type ConfigDraft, examineDraft, openDraft, replaceConfig } from "./change.ts";
import { chooseEditor, type Editor, runEditor } from "./run_editor.ts";

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
  const editor = chooseEditor(draft.file, context);
  const start = draft.before ?? NEW_FILE;
  const copy = makeCopy(draft.file, start);
  for (;;) {
    const text = await editCopy(editor, copy);
    if (text === start) {
      Deno.removeSync(copy);
      context.output.talk("agentos: nothing was changed");
      return 0;
    }
    try {
      await putInPlace(draft, text, context);
      Deno.removeSync(copy);
      context.output.talk(`agentos: wrote ${draft.file}`);
      return 0;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.code !== "config.invalid" || !Deno.stdin.isTerminal()) throw keepCopy(error, draft, copy);
      const place = error.where === undefined ? "" : `${renderPlace(error.where)}: `;
      const hint = hintOf(error);
      context.output.talk(`error: ${place}${error.message}${hint === "" ? "" : `\nhint: ${hint}`}`);
      if (!globalThis.confirm("Edit again? (No leaves the file as it was.)")) {
        Deno.removeSync(copy);
        throw new AppError("cli.interrupted", "Nothing was changed", { hint: "Run the command again." });
      }
    }
  }
};

/** @throws {AppError} file.write_failed */
function makeCopy(file: string, text: string): string {
  const copy = `${file}.${crypto.randomUUID().slice(0, 8)}.toml`;
  try {
    writeNewAtomically(copy, new TextEncoder().encode(text), 0o600);
    return copy;
  } catch (cause) {
    throw new AppError("file.write_failed", `Cannot write ${copy}: ${messageOf(cause)}`, { cause });
  }
}

/** What the copy holds when the editor is done; an editor that fails meant to change nothing. */
async function editCopy(editor: Editor, copy: string): Promise<string> {
  try {
    await runEditor(editor, copy);
    return Deno.readTextFileSync(copy);
  } catch (error) {
    Deno.removeSync(copy);
    throw error;
  }
}

/** @throws {AppError} config.invalid for a text that some command would refuse; what {@link replaceConfig} throws */
async function putInPlace(draft: ConfigDraft, text: string, context: CommandContext): Promise<void> {
  const examined = examineDraft(draft, text, context);
  const { faults: [fault], left } = examined;
  if (left.length > 0) throw refuseMistakes(left, draft.file);
  if (fault !== undefined) throw fault.error;
  await replaceConfig(examined);
}

/** Nobody can be asked whether to edit again, and what was written is not to be lost: its place is one in the copy. */
function keepCopy(error: AppError, { file }: ConfigDraft, copy: string): AppError {
  const { where } = error;
  return new AppError(error.code, error.message, {
    ...(where === undefined ? {} : { where: where.file === file ? { ...where, file: copy } : where }),
    hint: [hintOf(error), `What you wrote is kept in ${copy}.`].filter((part) => part !== "").join(" "),
    cause: error,
  });
}

/** The next step without the one that is being taken. */
function hintOf({ hint }: AppError): string {
  return hint.replace(MEND, "").trim();
}
