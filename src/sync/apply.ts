/**
 * Carrying out a plan: lock, back up, journal, write, record. The only writer of the feature.
 *
 * Everything a run will write is stored, synced, beside what it replaces, before the first file of the home changes. A
 * run that was killed is therefore finished by the next one, and every run can be undone exactly.
 *
 * @module
 */

import { maskControls } from "../base/control_characters.ts";
import { AppError, messageOf } from "../base/errors.ts";
import { isThere } from "../base/on_disk.ts";
import { showPath } from "../base/path_rules.ts";
import { type Applied, HOME_ITSELF, type Plan } from "./model.ts";
import { appliedFolder, manifestPath, parseApplied } from "./read.ts";
import {
  type Observe,
  readMode,
  readText,
  removeFile,
  removeOwnTemporaries,
  removeTemporaries,
  replaceFile,
  writeOwnFile,
} from "./replace_file.ts";
import {
  type Change,
  newRunId,
  pruneBackups,
  readRun,
  removeBackup,
  removeEmptyBackups,
  type Run,
  unwrittenBackups,
} from "./runs.ts";

const LOCK_WAIT_MS = 10_000;

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
 * @throws {AppError} sync.locked when another agentos holds it for longer than ten seconds; state.unusable
 */
export async function withLock<Result>(
  stateFolder: string,
  observe: Observe,
  work: (recovered: RunReport | undefined) => Promise<Result>,
): Promise<Result> {
  const file = inState(stateFolder, () => {
    Deno.mkdirSync(`${stateFolder}/backups`, { recursive: true, mode: 0o700 });
    Deno.mkdirSync(appliedFolder(stateFolder), { recursive: true, mode: 0o700 });
    return Deno.openSync(`${stateFolder}/sync.lock`, { write: true, create: true, mode: 0o600 });
  });
  try {
    await lockWithin(file, LOCK_WAIT_MS);
    const recovered = recover(stateFolder, observe);
    inState(stateFolder, () => sweepState(stateFolder));
    return await work(recovered);
  } finally {
    file.close();
  }
}

/** @throws {AppError} state.unusable for whatever the system refuses */
function inState<Result>(stateFolder: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const reason = messageOf(cause);
    throw new AppError("state.unusable", `Cannot use the state folder "${stateFolder}": ${reason}`, {
      cause,
    });
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
    const { path, before, after, executable } = entry;
    const modeBefore = before === undefined ? undefined : readMode(`${plan.home}/${path}`);
    return [{ path, before: before ?? null, after: after ?? null, executable, modeBefore }];
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
  const manifestAfter = isEmpty ? null : `${JSON.stringify(next, null, 1)}\n`;
  if (changes.length === 0 && !isNews) {
    const isRecognised = before === undefined || haveSameDigests(before, next);
    if (!isRecognised && manifestAfter !== null) writeOwnFile(manifest, manifestAfter);
    return { id: undefined, changed: [], skipped: [] };
  }
  return execute(
    {
      schema: 1,
      id: newRunId(context.stateFolder, context.at),
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

/** The time of a push is no news by itself, and neither is a file of the user's that changed around our part. */
function isSameRecord(left: Applied, right: Applied): boolean {
  const news = ({ at: _at, entries, ...rest }: Applied): unknown => ({
    ...rest,
    entries: Object.fromEntries(
      Object.entries(entries).map(([path, { settled: _settled, ...entry }]) => [path, entry]),
    ),
  });
  return JSON.stringify(sortKeys(news(left))) === JSON.stringify(sortKeys(news(right)));
}

function haveSameDigests(left: Applied, right: Applied): boolean {
  return Object.entries(right.entries).every(([path, { settled }]) =>
    left.entries[path]?.settled === settled
  );
}

/** A JSON value with the keys of every object in order, so that equal ones are written alike. */
export function sortKeys(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([key, below]) => [key, sortKeys(below)]),
  );
}

/** Folders that the changes will make, parents first. */
function missingFolders(home: string, changes: readonly Change[]): readonly string[] {
  const folders = new Set<string>();
  if (!isThere(home) && changes.length > 0) folders.add(HOME_ITSELF);
  for (const { path, after } of changes) {
    if (after === null) continue;
    const parts = path.split("/").slice(0, -1);
    for (let count = 1; count <= parts.length; count++) {
      const folder = parts.slice(0, count).join("/");
      if (!isThere(`${home}/${folder}`)) folders.add(folder);
    }
  }
  return [...folders];
}

/**
 * Carries a run out: its record, the journal, every change, the manifest.
 *
 * @throws {AppError} sync.write_failed, sync.changed; the home is then as it was
 */
export function execute(run: Run, stateFolder: string, observe: Observe): RunReport {
  const folder = `${stateFolder}/backups/${run.id}`;
  try {
    // The journal first: so every record that no journal names is of a run that came to its end.
    writeOwnFile(`${stateFolder}/journal`, run.id);
    observe(`journal ${run.id}`);
    makeFolder(folder);
    writeOwnFile(`${folder}/run.json`, JSON.stringify(run));
  } catch (error) {
    if (error instanceof AppError) forgetRun(run.id, stateFolder);
    throw error;
  }
  observe(`backed up ${run.id}`);
  const report = finishOrRollBack(run, stateFolder, observe, new Set());
  pruneBackups(stateFolder);
  return report;
}

/** A run that changed nothing in the end is no backup: it would be undone in place of a real one, and push one out. */
function forgetRun(id: string, stateFolder: string): void {
  try {
    removeBackup(stateFolder, id);
    removeOwnFile(`${stateFolder}/journal`);
  } catch {
    // What went wrong first is what the user must hear.
  }
}

/**
 * A run that cannot be finished (a read-only folder, a full disk) leaves the home as it was.
 *
 * @param touched paths that the run may have written; grows with each that it writes
 */
function finishOrRollBack(
  run: Run,
  stateFolder: string,
  observe: Observe,
  touched: Set<string>,
): RunReport {
  try {
    return finish(run, stateFolder, observe, touched);
  } catch (error) {
    if (error instanceof AppError) rollBack(run, stateFolder, touched);
    throw error;
  }
}

function rollBack(run: Run, stateFolder: string, touched: ReadonlySet<string>): void {
  try {
    for (const { path, before, after, modeBefore } of run.changes.toReversed()) {
      const file = `${run.home}/${path}`;
      const isChanged = before !== after || (modeBefore !== undefined && readMode(file) !== modeBefore);
      if (!isChanged || (readText(file) ?? null) !== after) continue;
      const back = { path, before: after, after: before, executable: false, modeAfter: modeBefore };
      makeChange(run.home, back, () => {});
    }
    removeEmptyFolders(run.home, foldersOf(run.manifestAfter));
    keepManifest(run, stateFolder, run.manifestBefore);
    // Where another program wrote over what we had written, the record alone still holds what was there before.
    const isUndone = run.changes.every(({ path, before }) =>
      !touched.has(path) || (readText(`${run.home}/${path}`) ?? null) === before
    );
    if (isUndone) removeBackup(stateFolder, run.id);
    removeOwnFile(`${stateFolder}/journal`);
  } catch {
    // The journal stays, and the next run tries to finish; what went wrong first is what the user must hear.
  }
}

/** Makes every change that is not made yet, then the manifest, then closes the journal. Safe to repeat. */
function finish(run: Run, stateFolder: string, observe: Observe, touched: Set<string>): RunReport {
  const changed: string[] = [];
  const skipped: string[] = [];
  for (const change of run.changes) {
    const { path, before, after } = change;
    const actual = readText(`${run.home}/${path}`) ?? null;
    if (actual !== after && actual !== before) {
      skipped.push(path);
      continue;
    }
    if (actual !== after || before === after) makeChange(run.home, change, observe);
    touched.add(path);
    changed.push(path);
  }
  if (run.changes.some(({ after }) => after === null)) {
    removeEmptyFolders(run.home, foldersOf(run.manifestBefore));
  }
  keepManifest(run, stateFolder, withoutSkipped(run, skipped));
  observe("recorded");
  removeOwnFile(`${stateFolder}/journal`);
  observe("done");
  return { id: run.id, changed, skipped };
}

function keepManifest({ client, home }: Run, stateFolder: string, text: string | null): void {
  const manifest = manifestPath(stateFolder, client, home);
  if (text === null) removeOwnFile(manifest);
  else if (readText(manifest) !== text) writeOwnFile(manifest, text);
}

function makeChange(
  home: string,
  { path, before, after, executable, modeAfter }: Change,
  observe: Observe,
): void {
  const file = `${home}/${path}`;
  if (after === null) return removeFile(file, before ?? undefined, observe);
  makeFolder(file.slice(0, file.lastIndexOf("/")));
  replaceFile(file, { before: before ?? undefined, after, executable, mode: modeAfter }, observe);
}

/** @throws {AppError} sync.write_failed */
function makeFolder(folder: string): void {
  try {
    Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    const reason = messageOf(error);
    throw new AppError(
      "sync.write_failed",
      `Cannot make the folder "${showPath(folder)}": ${maskControls(reason)}`,
      {
        cause: error,
      },
    );
  }
}

/** A file that another program rewrote during the run is not recorded as written by us, nor as given back. */
function withoutSkipped(
  { manifestBefore, manifestAfter }: Run,
  skipped: readonly string[],
): string | null {
  if (skipped.length === 0) return manifestAfter;
  const before = manifestBefore === null ? undefined : parseApplied(manifestBefore, "run.json");
  const after = manifestAfter === null ? before : parseApplied(manifestAfter, "run.json");
  if (after === undefined) return null;
  const entries = manifestAfter === null ? {} : { ...after.entries };
  for (const path of skipped) {
    const old = before?.entries[path];
    if (old === undefined) delete entries[path];
    else entries[path] = old;
  }
  if (Object.keys(entries).length === 0) return null;
  return `${JSON.stringify({ ...after, entries }, null, 1)}\n`;
}

function foldersOf(manifest: string | null): readonly string[] {
  return manifest === null ? [] : parseApplied(manifest, "run.json").folders;
}

/** Folders that a push made go with their last file; anybody's file keeps them. */
function removeEmptyFolders(home: string, made: readonly string[]): void {
  const inner = made.filter((folder) => folder !== HOME_ITSELF).sort((a, b) => b.length - a.length)
    .map((folder) => `${home}/${folder}`);
  for (const folder of made.includes(HOME_ITSELF) ? [...inner, home] : inner) {
    try {
      if ([...Deno.readDirSync(folder)].length === 0) Deno.removeSync(folder);
    } catch {
      // Gone already, or not ours to remove: either way nothing is lost.
    }
  }
}

/** Finishes a run that was killed; undefined when there was none, or it was killed before it had a record. */
function recover(stateFolder: string, observe: Observe): RunReport | undefined {
  const id = readText(`${stateFolder}/journal`);
  if (id === undefined) return undefined;
  if (!isThere(`${stateFolder}/backups/${id.trim()}/run.json`)) {
    removeOwnFile(`${stateFolder}/journal`);
    return undefined;
  }
  const run = readRun(stateFolder, id.trim());
  for (const { path } of run.changes) removeTemporaries(`${run.home}/${path}`);
  return finishOrRollBack(run, stateFolder, observe, new Set(run.changes.map(({ path }) => path)));
}

/** Removes what runs that were killed before they began left in the state folder: half-written files, empty backups. */
function sweepState(stateFolder: string): void {
  for (const folder of [stateFolder, appliedFolder(stateFolder), ...unwrittenBackups(stateFolder)]) {
    removeOwnTemporaries(folder);
  }
  removeEmptyBackups(stateFolder);
}

/** @throws {AppError} sync.write_failed */
function removeOwnFile(file: string): void {
  try {
    Deno.removeSync(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw new AppError("sync.write_failed", `Cannot remove "${file}": ${messageOf(error)}`, { cause: error });
  }
}
