/**
 * The only printer. stdout is the answer, stderr is the talk.
 *
 * Everything is written synchronously and whole, so that nothing is lost when the process ends right after; a
 * closed pipe (`agentos … | head`) ends the talk silently.
 *
 * @module
 */

import { AppError, messageOf } from "../base/errors.ts";

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
  /** Shows how far a long run is in one line, in place of the last; "" takes it away. Absent where stderr is no terminal. */
  readonly progress?: (text: string) => void;
  /** True when stdout is a terminal that wants colour (`NO_COLOR` unset). */
  readonly colour: boolean;
  /** How wide the terminal at stdout is; undefined when stdout is none. */
  columns?(): number | undefined;
  /** Takes the terminal at stdout over, to be drawn on again and again; absent when it is none that can be. */
  readonly openScreen?: () => LiveScreen;
}

/** A terminal that is drawn over; disposing gives it back as it was before. */
export interface LiveScreen extends Disposable {
  readonly columns: number;
  readonly rows: number;
  /** Shows these lines in place of all before; what does not fit is cut off. */
  draw(lines: readonly string[]): void;
}

/** The real streams. A dumb terminal (`TERM=dumb`) is written to line by line. */
export function openOutput(noColour: boolean, isDumb = false): Output {
  const encoder = new TextEncoder();
  return {
    answer: (text) => writeAll("stdout", Deno.stdout, encoder.encode(`${text}\n`)),
    talk: (text) => writeAll("stderr", Deno.stderr, encoder.encode(`${text}\n`)),
    ...(Deno.stderr.isTerminal()
      ? { progress: (text) => writeAll("stderr", Deno.stderr, encoder.encode(`\r\x1b[K${text}`)) }
      : {}),
    colour: !noColour && !isDumb && Deno.stdout.isTerminal(),
    columns: () => Deno.stdout.isTerminal() ? Deno.consoleSize().columns : undefined,
    ...(Deno.stdout.isTerminal() && !isDumb ? { openScreen: takeScreen } : {}),
  };
}

/** The other screen of a terminal, without a cursor and without line breaks of its own (xterm's control sequences). */
function takeScreen(): LiveScreen {
  const encoder = new TextEncoder();
  const write = (text: string): void => writeAll("stdout", Deno.stdout, encoder.encode(text));
  write("\x1b[?1049h\x1b[?25l\x1b[?7l");
  return {
    get columns(): number {
      return Deno.consoleSize().columns;
    },
    get rows(): number {
      return Deno.consoleSize().rows;
    },
    draw(lines): void {
      const shown = lines.slice(0, Deno.consoleSize().rows);
      write(`\x1b[H${shown.map((line) => `${line}\x1b[K`).join("\r\n")}\x1b[J`);
    },
    [Symbol.dispose]: () => write("\x1b[?7h\x1b[?25h\x1b[?1049l"),
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
      const reason = messageOf(error);
      throw new AppError("cli.output", `Cannot write to ${name}: ${reason}`, { cause: error });
    }
  }
}
