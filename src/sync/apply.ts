/**
 * Carrying out a plan: lock, back up, journal, write, record. The only writer of the feature.
 *
 * Everything a run will write is stored, synced, beside what it replaces, before the first file of the home changes. A
 * run that was killed is therefore finished by the next one, and every run can be undone exactly.
 *
 * @module
 */

import { AppError } from "../base/errors.ts";
import { type Applied, isSafePath, type Plan } from "./model.ts";
import { appliedFolder, manifestPath, parseApplied } from "./read.ts";
import {
  type Observe,
  readText,
  removeFile,
  removeTemporaries,
  replaceFile,
  writeOwnFile,
} from "./replace_file.ts";

/** So many runs can be undone; older backups are removed. */
export const BACKUPS_KEPT = 20;

const LOCK_WAIT_MS = 10_000;

/** One file of a run: what stood there and what stands there afterwards; null for no file. */
export interface Change {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
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

/** What a run did. */
export interface RunReport {
  /** Undefined when nothing had to be written. */
  readonly id: string | undefined;
  readonly changed: readonly string[];
  /** Files that were rewritten by another program meanwhile and left alone. */
  readonly skipped: readonly string[];
}

/** What a run needs besides its plan. */
export interface RunContext {
  readonly stateFolder: string;
  readonly command: string;
  /** ISO 8601. */
  readonly at: string;
  readonly observe: Observe;
}

/**
 * Holds the one lock of a state folder while `work` runs; a run that was killed before is finished first.
 *
 * @throws {AppError} sync.locked when another agentos holds it for longer than ten seconds
 */
export async function withLock<Result>(
  stateFolder: string,
  observe: Observe,
  work: (recovered: RunReport | undefined) => Promise<Result>,
): Promise<Result> {
  Deno.mkdirSync(`${stateFolder}/backups`, { recursive: true, mode: 0o700 });
  Deno.mkdirSync(appliedFolder(stateFolder), { recursive: true, mode: 0o700 });
  const file = await Deno.open(`${stateFolder}/sync.lock`, { write: true, create: true, mode: 0o600 });
  try {
    await lockWithin(file, LOCK_WAIT_MS);
    return await work(recover(stateFolder, observe));
  } finally {
    file.close();
  }
}

async function lockWithin(file: Deno.FsFile, limitMs: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new AppError("sync.locked", "Cannot start: another agentos is syncing on this machine")),
      limitMs,
    );
  });
  try {
    await Promise.race([file.lock(true), timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** Writes what a plan decided, and the manifest. Entries that are refused or kept are left alone. */
export function applyPlan(
  plan: Plan,
  before: Applied | undefined,
  after: Omit<Applied, "schema" | "entries" | "folders">,
  context: RunContext,
): RunReport {
  const changes = plan.entries.flatMap((entry): Change[] => {
    if (entry.action !== "write" && entry.action !== "remove") return [];
    return [{ path: entry.path, before: entry.before ?? null, after: entry.after ?? null }];
  });
  const planned = new Set(plan.entries.map(({ path }) => path));
  const entries = {
    ...Object.fromEntries(Object.entries(before?.entries ?? {}).filter(([path]) => !planned.has(path))),
    ...Object.fromEntries(
      plan.entries.flatMap(({ path, applied }) => applied === undefined ? [] : [[path, applied]]),
    ),
  };
  const folders = [...new Set([...before?.folders ?? [], ...missingFolders(plan.home, changes)])];
  const next: Applied = { schema: 1, ...after, folders, entries };
  const manifest = manifestPath(context.stateFolder, plan.client, plan.home);
  const manifestBefore = readText(manifest) ?? null;
  const isEmpty = Object.keys(entries).length === 0;
  const isNews = before === undefined ? !isEmpty : !isSameRecord(before, next);
  if (changes.length === 0 && !isNews) return { id: undefined, changed: [], skipped: [] };
  const manifestAfter = isEmpty ? null : `${JSON.stringify(next, null, 1)}\n`;
  return execute(
    {
      schema: 1,
      id: newRunId(context.at),
      at: context.at,
      command: context.command,
      client: plan.client,
      home: plan.home,
      changes,
      manifestBefore,
      manifestAfter,
    },
    context.stateFolder,
    context.observe,
  );
}

/** The time of a push is no news by itself. */
function isSameRecord(left: Applied, right: Applied): boolean {
  const { at: _left, ...a } = left;
  const { at: _right, ...b } = right;
  return JSON.stringify(sortKeys(a)) === JSON.stringify(sortKeys(b));
}

function sortKeys(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([key, below]) => [key, sortKeys(below)]),
  );
}

/** Folders that the changes will make, parents first. */
function missingFolders(home: string, changes: readonly Change[]): readonly string[] {
  const folders = new Set<string>();
  for (const { path, after } of changes) {
    if (after === null) continue;
    const parts = path.split("/").slice(0, -1);
    for (let count = 1; count <= parts.length; count++) {
      const folder = parts.slice(0, count).join("/");
      if (!exists(`${home}/${folder}`)) folders.add(folder);
    }
  }
  return [...folders];
}

/** Sorts by time; the random end keeps two runs of one second apart. */
function newRunId(at: string): string {
  return `${at.replace(/[-:]/g, "").replace(/\..*$/, "Z")}-${crypto.randomUUID().slice(0, 4)}`;
}

function execute(run: Run, stateFolder: string, observe: Observe): RunReport {
  const folder = `${stateFolder}/backups/${run.id}`;
  Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeOwnFile(`${folder}/run.json`, JSON.stringify(run));
  observe(`backed up ${run.id}`);
  writeOwnFile(`${stateFolder}/journal`, run.id);
  observe(`journal ${run.id}`);
  const report = finish(run, stateFolder, observe);
  pruneBackups(stateFolder);
  return report;
}

/** Makes every change that is not made yet, then the manifest, then closes the journal. Safe to repeat. */
function finish(run: Run, stateFolder: string, observe: Observe): RunReport {
  const changed: string[] = [];
  const skipped: string[] = [];
  for (const { path, before, after } of run.changes) {
    const file = `${run.home}/${path}`;
    const actual = readText(file) ?? null;
    if (actual === after) {
      changed.push(path);
    } else if (actual !== before) {
      skipped.push(path);
    } else {
      makeChange(run.home, path, before, after, observe);
      changed.push(path);
    }
  }
  removeEmptyFolders(run);
  const manifest = manifestPath(stateFolder, run.client, run.home);
  if (run.manifestAfter === null) removeOwnFile(manifest);
  else writeOwnFile(manifest, withoutSkipped(run, manifest, skipped));
  observe("recorded");
  removeOwnFile(`${stateFolder}/journal`);
  observe("done");
  return { id: run.id, changed, skipped };
}

function makeChange(
  home: string,
  path: string,
  before: string | null,
  after: string | null,
  observe: Observe,
): void {
  const file = `${home}/${path}`;
  if (after === null) return removeFile(file, before ?? undefined, observe);
  Deno.mkdirSync(file.slice(0, file.lastIndexOf("/")), { recursive: true, mode: 0o700 });
  replaceFile(file, before ?? undefined, after, observe);
}

/** A file that another program rewrote during the run is not recorded as written by us. */
function withoutSkipped(run: Run, manifest: string, skipped: readonly string[]): string {
  const text = run.manifestAfter ?? "";
  if (skipped.length === 0) return text;
  const after = parseApplied(text, manifest);
  const before = run.manifestBefore === null ? undefined : parseApplied(run.manifestBefore, manifest);
  const entries = { ...after.entries };
  for (const path of skipped) {
    const old = before?.entries[path];
    if (old === undefined) delete entries[path];
    else entries[path] = old;
  }
  return `${JSON.stringify({ ...after, entries }, null, 1)}\n`;
}

/** Folders that a push made go with their last file; anybody's file keeps them. */
function removeEmptyFolders(run: Run): void {
  if (run.changes.every(({ after }) => after !== null)) return;
  const made = run.manifestBefore === null ? [] : parseApplied(run.manifestBefore, "run.json").folders;
  for (const folder of [...made].sort((left, right) => right.length - left.length)) {
    try {
      if ([...Deno.readDirSync(`${run.home}/${folder}`)].length === 0) {
        Deno.removeSync(`${run.home}/${folder}`);
      }
    } catch {
      // Gone already, or not ours to remove: either way nothing is lost.
    }
  }
}

/** Finishes a run that was killed; undefined when there was none. */
function recover(stateFolder: string, observe: Observe): RunReport | undefined {
  const id = readText(`${stateFolder}/journal`);
  if (id === undefined) return undefined;
  const run = readRun(stateFolder, id.trim());
  for (const { path } of run.changes) removeTemporaries(`${run.home}/${path}`);
  return finish(run, stateFolder, observe);
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
 * Puts back what a run replaced. A file that was changed since is left alone and named.
 *
 * @throws {AppError} sync.unknown_backup
 */
export function undoRun(stateFolder: string, id: string, context: RunContext): RunReport {
  const run = readRun(stateFolder, id);
  const untouched = run.changes.filter(({ path, after }) =>
    (readText(`${run.home}/${path}`) ?? null) === after
  );
  const changed = run.changes.filter((change) => !untouched.includes(change)).map(({ path }) => path);
  const report = execute(
    {
      ...run,
      id: newRunId(context.at),
      at: context.at,
      command: context.command,
      changes: untouched.map(({ path, before, after }) => ({ path, before: after, after: before })),
      manifestBefore: run.manifestAfter,
      manifestAfter: run.manifestBefore,
    },
    stateFolder,
    context.observe,
  );
  return { ...report, skipped: [...report.skipped, ...changed] };
}

/** @throws {AppError} sync.unknown_backup when there is no such run, or its record is damaged */
function readRun(stateFolder: string, id: string): Run {
  const unknown = (detail: string): AppError =>
    new AppError("sync.unknown_backup", `Cannot use the backup "${id}": ${detail}`);
  if (!/^[0-9TZ]+-[0-9a-f]{4}$/.test(id)) throw unknown("that is not the name of one");
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
  if (!isRecord(value)) return undefined;
  const { schema, id, at, command, client, home, changes, manifestBefore, manifestAfter } = value;
  if (
    schema !== 1 || typeof id !== "string" || typeof at !== "string" || typeof command !== "string" ||
    typeof client !== "string" || typeof home !== "string" || !Array.isArray(changes) ||
    !isTextOrNull(manifestBefore) || !isTextOrNull(manifestAfter)
  ) return undefined;
  const parsed: Change[] = [];
  for (const change of changes) {
    if (!isRecord(change)) return undefined;
    const { path, before, after } = change;
    if (typeof path !== "string" || !isSafePath(path) || !isTextOrNull(before) || !isTextOrNull(after)) {
      return undefined;
    }
    parsed.push({ path, before, after });
  }
  return { schema, id, at, command, client, home, changes: parsed, manifestBefore, manifestAfter };
}

function runIds(stateFolder: string): string[] {
  return [...Deno.readDirSync(`${stateFolder}/backups`)].filter(({ isDirectory }) => isDirectory)
    .map(({ name }) => name).sort();
}

function pruneBackups(stateFolder: string): void {
  for (const id of runIds(stateFolder).slice(0, -BACKUPS_KEPT)) {
    Deno.removeSync(`${stateFolder}/backups/${id}`, { recursive: true });
  }
}

function removeOwnFile(file: string): void {
  try {
    Deno.removeSync(file);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === "string";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
