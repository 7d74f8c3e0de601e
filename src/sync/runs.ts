/**
 * The record of every run: what it replaced and what it wrote, kept in `backups/<id>/run.json` until twenty newer ones
 * are there.
 *
 * @module
 */

import { AppError, messageOf } from "../base/errors.ts";
import { isObject } from "../base/json_fields.ts";
import { isThere } from "../base/on_disk.ts";
import { isSafePath } from "./model.ts";
import { readText } from "./replace_file.ts";

/** So many runs can be undone; older backups are removed. */
export const BACKUPS_KEPT = 20;

const RUN_ID = /^[0-9TZ]+-[0-9a-f]{4}$/;

/** One file of a run: what stood there and what stands there afterwards; null for no file. */
export interface Change {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
  /** True when the file's user may run it afterwards. */
  readonly executable: boolean;
  /** The permission bits of what stood there; undefined for no file, and in records that do not say. */
  readonly modeBefore?: number | undefined;
  /** Those that the file gets; undefined to keep what it has. */
  readonly modeAfter?: number | undefined;
}

/** A run as it is kept in `backups/<id>/run.json`. */
export interface Run {
  readonly schema: 1;
  readonly id: string;
  readonly at: string;
  readonly command: string;
  readonly client: string;
  readonly home: string;
  readonly changes: readonly Change[];
  /** The manifest's text before and after; null for none. */
  readonly manifestBefore: string | null;
  readonly manifestAfter: string | null;
}

/**
 * A name for a new run. Names sort in the order of the runs, also where a clock was set back: a name is then a
 * millisecond later than the newest.
 *
 * @param at ISO 8601
 */
export function newRunId(stateFolder: string, at: string): string {
  const newest = Math.max(...runIds(stateFolder).map(timeOf).filter(Number.isFinite));
  const stamp = new Date(Math.max(Date.parse(at), newest + 1)).toISOString();
  return `${stamp.replace(/[-:.]/g, "")}-${crypto.randomUUID().slice(0, 4)}`;
}

/** The time in a run's name, in milliseconds since 1970; NaN where it is none. */
function timeOf(id: string): number {
  return Date.parse(
    id.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\d)(\d{3})Z-.*$/, "$1-$2-$3:$4:$5.$6Z"),
  );
}

/** Every run that can be undone, newest first. */
export function listRuns(stateFolder: string): readonly Run[] {
  return runIds(stateFolder).toReversed().flatMap((id) => {
    try {
      return [readRun(stateFolder, id)];
    } catch {
      return [];
    }
  });
}

/**
 * Reads one record.
 *
 * @throws {AppError} sync.unknown_backup when there is no such run, or its record is damaged
 */
export function readRun(stateFolder: string, id: string): Run {
  const unknown = (detail: string): AppError =>
    new AppError("sync.unknown_backup", `Cannot use the backup "${id}": ${detail}`);
  if (!RUN_ID.test(id)) throw unknown("that is not the name of one");
  const text = readText(`${stateFolder}/backups/${id}/run.json`);
  if (text === undefined) throw unknown("there is none of that name");
  const run = parseRun(text);
  if (run === undefined) throw unknown("its record is damaged");
  return run;
}

function parseRun(text: string): Run | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  const { schema, id, at, command, client, home, changes, manifestBefore, manifestAfter } = value;
  if (
    schema !== 1 || typeof id !== "string" || typeof at !== "string" || typeof command !== "string" ||
    typeof client !== "string" || typeof home !== "string" || !Array.isArray(changes) ||
    !isTextOrNull(manifestBefore) || !isTextOrNull(manifestAfter)
  ) return undefined;
  const parsed: Change[] = [];
  for (const change of changes) {
    if (!isObject(change)) return undefined;
    const { path, before, after, executable, modeBefore, modeAfter } = change;
    if (typeof path !== "string" || !isSafePath(path) || !isTextOrNull(before) || !isTextOrNull(after)) {
      return undefined;
    }
    parsed.push({
      path,
      before,
      after,
      executable: executable === true,
      ...(typeof modeBefore === "number" ? { modeBefore } : {}),
      ...(typeof modeAfter === "number" ? { modeAfter } : {}),
    });
  }
  return { schema, id, at, command, client, home, changes: parsed, manifestBefore, manifestAfter };
}

function runIds(stateFolder: string): string[] {
  const folder = `${stateFolder}/backups`;
  let entries: Deno.DirEntry[];
  try {
    entries = [...Deno.readDirSync(folder)];
  } catch (cause) {
    throw new AppError("state.unusable", `Cannot list the backups in "${folder}": ${messageOf(cause)}`, {
      cause,
    });
  }
  return entries.filter(({ name, isDirectory }) => isDirectory && RUN_ID.test(name)).map(({ name }) => name)
    .sort();
}

/** The folders of runs that were killed before their record was written; such a run changed nothing. */
export function unwrittenBackups(stateFolder: string): readonly string[] {
  return runIds(stateFolder).filter((id) => !isWritten(stateFolder, id)).map((id) =>
    `${stateFolder}/backups/${id}`
  );
}

function isWritten(stateFolder: string, id: string): boolean {
  return isThere(`${stateFolder}/backups/${id}/run.json`);
}

/** Removes those folders of killed runs that hold nothing; whatever else somebody put into one keeps it. */
export function removeEmptyBackups(stateFolder: string): void {
  for (const folder of unwrittenBackups(stateFolder)) removeIfEmpty(folder);
}

/** Removes the oldest records. */
export function pruneBackups(stateFolder: string): void {
  const written = runIds(stateFolder).filter((id) => isWritten(stateFolder, id));
  for (const id of written.slice(0, -BACKUPS_KEPT)) {
    try {
      removeBackup(stateFolder, id);
    } catch {
      // One that stays takes room, and fails no run that was carried out.
    }
  }
}

/** Removes the record of a run that nobody needs to undo; whatever else somebody put beside it stays. */
export function removeBackup(stateFolder: string, id: string): void {
  const folder = `${stateFolder}/backups/${id}`;
  if (isWritten(stateFolder, id)) Deno.removeSync(`${folder}/run.json`);
  if (isThere(folder)) removeIfEmpty(folder);
}

function removeIfEmpty(folder: string): void {
  if ([...Deno.readDirSync(folder)].length === 0) Deno.removeSync(folder);
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === "string";
}
