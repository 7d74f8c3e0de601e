/**
 * The only printer. stdout is the answer, stderr is the talk.
 *
 * Everything is written synchronously and whole, so that nothing is lost when the process ends right after; a
 * closed pipe (`agentos … | head`) ends the talk silently.
 *
 * @module
 */

/** Where a command writes: `answer` to stdout, `talk` to stderr. */
export interface Output {
  /** Writes text and a line end to stdout. */
  answer(text: string): void;
  /** Writes text and a line end to stderr. */
  talk(text: string): void;
  /** True when stdout is a terminal that wants colour (`NO_COLOR` unset). */
  readonly colour: boolean;
}

/** The real streams. */
export function openOutput(noColour: boolean): Output {
  const encoder = new TextEncoder();
  return {
    answer: (text) => writeAll(Deno.stdout, encoder.encode(`${text}\n`)),
    talk: (text) => writeAll(Deno.stderr, encoder.encode(`${text}\n`)),
    colour: !noColour && Deno.stdout.isTerminal(),
  };
}

function writeAll(stream: { writeSync(bytes: Uint8Array): number }, bytes: Uint8Array): void {
  let rest = bytes;
  try {
    while (rest.length > 0) rest = rest.subarray(stream.writeSync(rest));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
