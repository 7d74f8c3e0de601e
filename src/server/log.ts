/**
 * The server's log: structured lines to stderr, and to a rotated file when asked.
 *
 * What may be logged is decided where it is logged (never a header with a secret, never a file's content); the
 * masks here are the net below that.
 *
 * @module
 */

import { openRotatedFile } from "./log_file.ts";

/** What a line may carry: short scalars. Undefined fields are left out. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Writes log lines. Never throws; what cannot be written is lost. */
export interface ServerLog {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** A log that can be closed. */
export interface OpenedLog extends ServerLog {
  close(): void;
}

/** How and where lines are written. */
export interface LogOptions {
  readonly format: "text" | "json";
  /** Absolute path of a file that gets every line too; its folder is made. */
  readonly file: string | undefined;
  /** Takes one or more whole lines; stderr when left out. */
  readonly write?: (line: Uint8Array) => void;
}

type Level = "info" | "warn" | "error";

interface Line {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly level: Level;
  readonly message: string;
  readonly fields: LogFields;
}

type Render = (time: string, level: Level, message: string, fields: LogFields) => string;

/**
 * Opens the log.
 *
 * (`@logtape/logtape` 2.4.2 took 45 µs for a line that takes 4 here, half of what a whole quick call takes.)
 *
 * @throws {AppError} state.unusable when the file cannot be opened
 */
export function openLog(options: LogOptions): OpenedLog {
  const encoder = new TextEncoder();
  const render = options.format === "json" ? renderJson : renderText;
  const file = options.file === undefined ? undefined : openRotatedFile(options.file);
  const write = options.write ?? writeToStderr;
  let waiting: Line[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.length === 0) return;
    let text = "";
    for (const { atMs, level, message, fields } of waiting) {
      text += `${render(tell(atMs), level, message, fields)}\n`;
    }
    waiting = [];
    const lines = encoder.encode(maskSecrets(text));
    write(lines);
    file?.write(lines);
  }

  const tell = openClock();
  const at = (level: Level) => (message: string, fields: LogFields = {}): void => {
    waiting.push({ atMs: Date.now(), level, message, fields });
    // Trouble is said at once: it may be the last thing that is said.
    if (level !== "info" || waiting.length > MAX_WAITING) flush();
    else if (timer === undefined) {
      timer = setTimeout(flush, FLUSH_AFTER_MS);
      Deno.unrefTimer(Number(timer));
    }
  };
  return {
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    close(): void {
      flush();
      file?.close();
    },
  };
}

/** Tells a time in ISO 8601; a busy server asks for the same millisecond many times. */
function openClock(): (atMs: number) => string {
  let [toldMs, told] = [0, ""];
  return (atMs) => {
    if (atMs !== toldMs) [toldMs, told] = [atMs, new Date(atMs).toISOString()];
    return told;
  };
}

/** Lines of a busy moment are worded and written together, after its requests are answered. */
const FLUSH_AFTER_MS = 20;

/** Some 16 kB. */
const MAX_WAITING = 128;

const renderJson: Render = (time, level, message, fields) =>
  JSON.stringify({
    "@timestamp": time,
    level: level.toUpperCase(),
    logger: "agentos.worker",
    message,
    ...fields,
  });

const renderText: Render = (time, level, message, fields) => {
  let line = `${time} ${level.toUpperCase()} ${message}`;
  for (const name in fields) {
    const value = fields[name];
    if (value !== undefined) line += ` ${name}=${typeof value === "string" ? quoteIfNeeded(value) : value}`;
  }
  return line;
};

/** What came from outside must not be able to look like another field or another line. */
function quoteIfNeeded(text: string): string {
  return /^[\w./:@,+-]+$/.test(text) ? text : JSON.stringify(text);
}

/** Whether a look at each of {@link SECRETS} is worth its while; most lines have none of these. */
const SUSPICIOUS = /bearer|basic|sk-|gh[pousr]_|github_|glpat-|xox|akia|aiza|eyj|:\/\/|private key/i;

const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/\b(Bearer|Basic)(?:[ \t]|%20|\\t)+[^\s"',;\\]+/gi, "$1 ***"],
  [/\b(sk-|gh[pousr]_|github_pat_|glpat-|xox[abprs]-|AKIA|AIza)[\w-]{8,}/g, "$1***"],
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, "eyJ***"],
  [/(:\/\/)[^\s/@"']+@/g, "$1***@"],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----.*/g, "-----BEGIN PRIVATE KEY----- ***"],
];

/** Replaces what looks like a token, a key or a password in a URL. */
export function maskSecrets(text: string): string {
  if (!SUSPICIOUS.test(text)) return text;
  return SECRETS.reduce((masked, [secret, mask]) => masked.replace(secret, mask), text);
}

function writeToStderr(line: Uint8Array): void {
  let rest = line;
  try {
    while (rest.length > 0) rest = rest.subarray(Deno.stderr.writeSync(rest));
  } catch {
    // Nobody listens any more; a server that serves is worth more than its talk.
  }
}
