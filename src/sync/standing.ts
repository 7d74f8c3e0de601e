/**
 * The standing answer: what a whole comparison went by that found every home in sync, so that the next one need not be
 * made while none of it changed.
 *
 * A push leaves it behind in the state folder. It names every file and folder that was looked at, each with a stamp: the
 * file's number, its size, and when its content and its entry last changed. The last cannot be set by any program, so a
 * change shows even where somebody put size and time back; and it is recorded only of files that had been at rest for
 * longer than that time is exact to, so that no later change can bear the same. Git knows its work tree in the same way.
 * One stamp that differs, one variable, another program: everything is read and compared anew.
 *
 * @module
 */

/** See the file's head. */
export interface Standing {
  readonly schema: 1;
  /** The user's home folder. */
  readonly userHome: string;
  /** Every variable that was asked for, by name; null for one that was not set. */
  readonly env: Readonly<Record<string, string | null>>;
  readonly repo: {
    /** The folder that a variable or a setting named. */
    readonly named: string | null;
    /** The home repo's real path; null for the copy in the executable. */
    readonly folder: string | null;
  };
  readonly paths: readonly string[];
  /** Of each path. */
  readonly stamps: readonly string[];
  /** What a push asked of other programs and what they said; null for one that was not there. */
  readonly asked: readonly Asked[];
  /** How the deployed files call this executable. */
  readonly executable: string;
  readonly answers: {
    readonly check: string;
    /** Null when a push would have something to do all the same. */
    readonly push: string | null;
  };
}

/** A program's answer. */
export interface Asked {
  readonly program: string;
  readonly args: readonly string[];
  readonly said: string | null;
}

/** Where the standing answer of a state folder is kept. */
export function standingPath(stateFolder: string): string {
  return `${stateFolder}/applied/standing`;
}

/** The stamp of a path that is not there. */
const ABSENT = "-";

/** A path's stamp; undefined where the system tells no time of change, and for what cannot be looked at. */
export function stampOf(path: string): string | undefined {
  try {
    const { ino, dev, size, mtime, ctime } = Deno.statSync(path);
    return ctime === null || ino === null
      ? undefined
      : `${dev} ${ino} ${size} ${mtime?.getTime()} ${ctime.getTime()}`;
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? ABSENT : undefined;
  }
}

/** The runtime tells times of change in whole seconds (Deno 2.4.2 and 2.9.6, 2026-11); and the kernel's clock has ticks. */
const REST_MS = 1020;

/** The same where the file system keeps every time in whole seconds, or in twos. */
const COARSE_REST_MS = 2500;

/** From when on no change can hide behind these stamps, in milliseconds since 1970. */
export function restedAt(stamps: readonly string[]): number {
  const devices = new Map<string, { changedAt: number; isCoarse: boolean }>();
  for (const stamp of stamps) {
    if (stamp === ABSENT) continue;
    const [name = "", , , modified, changed] = stamp.split(" ");
    const device = devices.get(name) ?? { changedAt: 0, isCoarse: true };
    device.changedAt = Math.max(device.changedAt, Number(changed));
    device.isCoarse &&= Number(modified) % 1000 === 0;
    devices.set(name, device);
  }
  return [...devices.values()].reduce(
    (latest, { changedAt, isCoarse }) => Math.max(latest, changedAt + (isCoarse ? COARSE_REST_MS : REST_MS)),
    0,
  );
}

/** True when every path is as it was. */
export function areUnchanged({ paths, stamps }: Pick<Standing, "paths" | "stamps">): boolean {
  return paths.length === stamps.length && paths.every((path, index) => stampOf(path) === stamps[index]);
}

/** Reads a standing answer; undefined when there is none, or none that this version understands. */
export function readStanding(stateFolder: string): Standing | undefined {
  let value: unknown;
  try {
    value = JSON.parse(Deno.readTextFileSync(standingPath(stateFolder)));
  } catch {
    return undefined; // A short cut that cannot be taken is none.
  }
  return isStanding(value) ? value : undefined;
}

function isStanding(value: unknown): value is Standing {
  if (!isObject(value) || value.schema !== 1) return false;
  const { userHome, env, repo, paths, stamps, asked, executable, answers } = value;
  return typeof userHome === "string" && typeof executable === "string" && isObject(env) &&
    Object.values(env).every(isTextOrNull) && isObject(repo) && isTextOrNull(repo.named) &&
    isTextOrNull(repo.folder) && isTexts(paths) && isTexts(stamps) && Array.isArray(asked) &&
    asked.every(isAsked) && isObject(answers) && typeof answers.check === "string" &&
    isTextOrNull(answers.push);
}

function isAsked(value: unknown): boolean {
  return isObject(value) && typeof value.program === "string" && isTexts(value.args) &&
    isTextOrNull(value.said);
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function isTextOrNull(value: unknown): boolean {
  return value === null || typeof value === "string";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
