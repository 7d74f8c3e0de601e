/**
 * Draws on the terminal at stderr how far a long reading is.
 *
 * @module
 */

import type { Output } from "../../cli/output.ts";
import type { Progress } from "../../usage/read_all.ts";
import { formatCount } from "../../usage/report_table.ts";

/** What is over sooner is not worth a line. */
const QUIET_MS = 400;

const REDRAW_MS = 80;

const BAR_CELLS = 24;

/** Opens a line that shows how far a reading is, as soon as it takes long, and is gone when it ends. */
export function openProgress(
  output: Output,
  startedAt: number,
): { readonly progress: Progress; end(): void } {
  let drawnAt = startedAt + QUIET_MS - REDRAW_MS;
  let isDrawn = false;
  return {
    progress(doneBytes, totalBytes): void {
      const now = Date.now();
      if (now < drawnAt + REDRAW_MS || totalBytes === 0) return;
      drawnAt = now;
      isDrawn = true;
      const cells = Math.round(doneBytes / totalBytes * BAR_CELLS);
      const bar = "█".repeat(cells) + "░".repeat(BAR_CELLS - cells);
      const megabytes = (bytes: number): string => formatCount(Math.round(bytes / 1e6));
      output.progress?.(`reading logs ${bar} ${megabytes(doneBytes)} of ${megabytes(totalBytes)} MB`);
    },
    end(): void {
      if (isDrawn) output.progress?.("");
    },
  };
}
