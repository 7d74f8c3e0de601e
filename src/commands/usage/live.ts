/**
 * `agentos usage --live`: the answer, kept up to date on the terminal until it is interrupted.
 *
 * The logs are looked at every two seconds; with the ledger, unchanged ones cost one look at their size.
 *
 * @module
 */

import { sayCount } from "../../base/say_count.ts";
import type { LiveScreen } from "../../cli/output.ts";

const EVERY_MS = 2000;

const STOP_SIGNALS = ["SIGINT", "SIGTERM"] as const;

/**
 * Draws what `render` answers again and again. Ctrl-C is how a user ends it, so it is no failure: the terminal is then as
 * it was before.
 *
 * @param render gets the width and answers lines
 */
export async function showLive(
  openScreen: () => LiveScreen,
  render: (columns: number) => Promise<readonly string[]>,
): Promise<0> {
  using stop = listen();
  using screen = openScreen();
  while (!stop.isWanted()) {
    screen.draw(crop(await render(screen.columns), screen));
    await stop.wait(EVERY_MS);
  }
  return 0;
}

/** The head and the end of a list that is longer than the terminal: the newest days stand last, with the totals. */
function crop(lines: readonly string[], { rows }: LiveScreen): readonly string[] {
  if (lines.length <= rows || rows < 6) return lines;
  const head = 3;
  const rest = rows - head - 1;
  return [
    ...lines.slice(0, head),
    `  … ${sayCount(lines.length - head - rest, "line")} above`,
    ...lines.slice(-rest),
  ];
}

interface Stop extends Disposable {
  isWanted(): boolean;
  /** Waits so long, or until a stop is wanted or the terminal has another size. */
  wait(ms: number): Promise<void>;
}

function listen(): Stop {
  let isWanted = false;
  let wake = Promise.withResolvers<void>();
  const stop = (): void => {
    isWanted = true;
    wake.resolve();
  };
  const resize = (): void => wake.resolve();
  const isWindows = Deno.build.os === "windows";
  const signals = isWindows ? (["SIGINT"] as const) : STOP_SIGNALS;
  for (const signal of signals) Deno.addSignalListener(signal, stop);
  if (!isWindows) Deno.addSignalListener("SIGWINCH", resize);
  return {
    isWanted: () => isWanted,
    async wait(ms): Promise<void> {
      const timer = setTimeout(() => wake.resolve(), ms);
      await wake.promise;
      clearTimeout(timer);
      if (!isWanted) wake = Promise.withResolvers();
    },
    [Symbol.dispose](): void {
      for (const signal of signals) Deno.removeSignalListener(signal, stop);
      if (!isWindows) Deno.removeSignalListener("SIGWINCH", resize);
    },
  };
}
