/**
 * The only printer. stdout is the answer, stderr is the talk.
 *
 * Everything is written synchronously and whole, so that nothing is lost when the process ends right after; a
 * closed pipe (`agentos … | head`) ends the talk silently.
 *
 * @module
 */

import { AppError } from "../base/errors.ts";

/** Where a command writes: `answer` to stdout, `talk` to stderr. */
export interface Output {
  /**
   * Writes text and a line end to stdout.
   *
   * @throws {AppError} cli.output when stdout cannot take it (a full disk); a closed pipe is no error
   */
  answer(text: string): void;
  /**
   * Writes text and a line end to stderr.
   *
   * @throws {AppError} cli.output
   */
  talk(text: string): void;
  /** Shows how far a long run is in one line of a terminal, in place of the last; "" takes it away. Else nothing. */
  progress?(text: string): void;
  /** True when stdout is a terminal that wants colour (`NO_COLOR` unset). */
  readonly colour: boolean;
}

/** The real streams. */
export function openOutput(noColour: boolean): Output {
  const encoder = new TextEncoder();
  return {
    answer: (text) => writeAll("stdout", Deno.stdout, encoder.encode(`${text}\n`)),
    talk: (text) => writeAll("stderr", Deno.stderr, encoder.encode(`${text}\n`)),
    progress: (text) => {
      if (Deno.stderr.isTerminal()) writeAll("stderr", Deno.stderr, encoder.encode(`\r\x1b[K${text}`));
    },
    colour: !noColour && Deno.stdout.isTerminal(),
  };
}

function writeAll(name: string, stream: { writeSync(bytes: Uint8Array): number }, bytes: Uint8Array): void {
  let rest = bytes;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(stream.writeSync(rest));
    } catch (error) {
      if (error instanceof Deno.errors.BrokenPipe) return;
      // Whoever shares the pipe may have made it non-blocking (a parent Node process does): wait until it drains.
      if (error instanceof Deno.errors.WouldBlock) {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
        continue;
      }
      const reason = error instanceof Error ? error.message : String(error);
      throw new AppError("cli.output", `Cannot write to ${name}: ${reason}`, { cause: error });
    }
  }
}
