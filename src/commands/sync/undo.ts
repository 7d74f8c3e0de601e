/**
 * `agentos sync undo [ID]`: put back what a run replaced, byte for byte. Without an id the newest run is undone.
 *
 * @module
 */

import { maskControls } from "../../base/control_characters.ts";
import { AppError } from "../../base/errors.ts";
import { sayCount } from "../../base/say_count.ts";
import type { CommandRun } from "../../cli/command.ts";
import { listRuns } from "../../sync/runs.ts";
import { undoRun } from "../../sync/undo.ts";
import { withState } from "./carry_out.ts";
import { stateFolderOf } from "./open_home.ts";

/** The flags of `sync undo`. */
export interface Flags {
  readonly list?: boolean;
  readonly json?: boolean;
}

/** Runs the command. */
export const run: CommandRun<Flags, readonly string[]> = async (flags, context, ...ids) => {
  const stateFolder = stateFolderOf(context);
  return await withState(context, false, () => {
    const runs = listRuns(stateFolder);
    if (flags.list === true) {
      const rows = runs.map(({ id, at, command, client, home, changes }) => ({
        id,
        at,
        command,
        client,
        home,
        files: changes.length,
      }));
      context.output.answer(
        flags.json === true
          ? JSON.stringify({ schema: 1, runs: rows }, null, 2)
          : rows.map(({ id, command, client, home, files }) =>
            `${id}  ${command} ${client}  ${sayCount(files, "file")}  ${home}`
          )
            .join("\n") || "no run to undo",
      );
      return Promise.resolve<0>(0);
    }
    const id = ids[0] ?? runs[0]?.id;
    if (id === undefined) throw new AppError("sync.unknown_backup", "Cannot undo: no run is recorded");
    const report = undoRun(stateFolder, id, {
      stateFolder,
      command: `undo ${id}`,
      at: new Date().toISOString(),
      observe: () => {},
    });
    context.output.answer(`undid ${id}: ${sayCount(report.changed.length, "file")} put back`);
    if (report.skipped.length > 0) {
      throw new AppError(
        "sync.changed",
        `Left alone, because it was changed since: ${maskControls(report.skipped.join(", "))}`,
        { hint: 'If a newer run changed it, undo that first: "agentos sync undo --list".' },
      );
    }
    return Promise.resolve<0>(0);
  });
};
