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

/** A line that shows how far a reading is, as soon as it takes long. */
export interface ProgressLine {
  /** Undefined where there is no terminal: nobody needs to be told then. */
  readonly progress: Progress | undefined;
  /** Takes the line away. */
  end(): void;
}

/**
 * Opens a line on the terminal, if there is one.
 *
 * @param startedAt when the reading began, in milliseconds since 1970
 */
export function openProgress({ progress: draw }: Output, startedAt: number): ProgressLine {
  if (draw === undefined) return { progress: undefined, end: () => {} };
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
      draw(`reading logs ${bar} ${megabytes(doneBytes)} of ${megabytes(totalBytes)} MB`);
    },
    end(): void {
      if (isDrawn) draw("");
    },
  };
}
