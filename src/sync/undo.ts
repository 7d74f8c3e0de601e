/**
 * Undoing a run: what it replaced is put back, by a run of its own that can be undone in turn.
 *
 * @module
 */

import { isLink } from "../base/on_disk.ts";
import { execute, type RunContext, type RunReport, sortKeys } from "./apply.ts";
import { type Applied, MAY_RUN } from "./model.ts";
import { manifestPath, parseApplied } from "./read.ts";
import { readMode, readText } from "./replace_file.ts";
import { type Change, newRunId, readRun, type Run } from "./runs.ts";

/**
 * Puts back what a run replaced. A file that was changed since is left alone and named.
 *
 * @throws {AppError} sync.unknown_backup
 */
export function undoRun(stateFolder: string, id: string, context: RunContext): RunReport {
  const run = readRun(stateFolder, id);
  const untouched = run.changes.filter(({ path, before, after }) => {
    const file = `${run.home}/${path}`;
    // A link that somebody put in its place is a change too, where the file would go.
    return (readText(file) ?? null) === after && !(before === null && isLink(file));
  });
  const changed = run.changes.filter((change) => !untouched.includes(change)).map(({ path }) => path);
  const manifest = manifestPath(stateFolder, run.client, run.home);
  const manifestBefore = readText(manifest) ?? null;
  const manifestAfter = manifestBefore === run.manifestAfter && changed.length === 0
    ? run.manifestBefore
    : undoRecord(run, manifestBefore, manifest, changed);
  if (untouched.length === 0 && manifestAfter === manifestBefore) {
    return { id: undefined, changed: [], skipped: changed };
  }
  const report = execute(
    {
      ...run,
      id: newRunId(context.stateFolder, context.at),
      at: context.at,
      command: context.command,
      changes: untouched.map((change) => turnBack(change, readMode(`${run.home}/${change.path}`))),
      manifestBefore,
      manifestAfter,
    },
    stateFolder,
    context.observe,
  );
  return { ...report, skipped: [...report.skipped, ...changed] };
}

/** A file that is there keeps its mode, but for the right to run it that the run gave or took; one that went has its own again. */
function turnBack(
  { path, before, after, executable, modeBefore, modeAfter }: Change,
  modeNow: number | undefined,
): Change {
  const turned = { path, before: after, after: before, modeBefore: modeNow };
  // Records did not always tell the mode.
  if (modeBefore === undefined) return { ...turned, executable: executable && modeNow === undefined };
  const [ran, mayRun] = [modeBefore & MAY_RUN, executable ? MAY_RUN : (modeAfter ?? modeBefore) & MAY_RUN];
  const kept = ran === mayRun || modeNow === undefined ? undefined : (modeNow & ~MAY_RUN) | ran;
  return { ...turned, executable: false, modeAfter: modeNow === undefined ? modeBefore : kept };
}

/** The record of today with the entries of a run as they were before it, but for files that were changed since. */
function undoRecord(
  run: Run,
  today: string | null,
  manifest: string,
  changed: readonly string[],
): string | null {
  const parse = (text: string | null): Applied | undefined =>
    text === null ? undefined : parseApplied(text, manifest);
  const [before, after, now] = [parse(run.manifestBefore), parse(run.manifestAfter), parse(today)];
  const head = now ?? before;
  if (head === undefined) return null;
  const entries = { ...now?.entries };
  for (const path of new Set(Object.keys({ ...before?.entries, ...after?.entries }))) {
    const [old, made] = [before?.entries[path], after?.entries[path]];
    if (!isSame(now?.entries[path], made) || changed.includes(path)) continue;
    if (old === undefined) delete entries[path];
    else entries[path] = old;
  }
  if (isSame(entries, now?.entries)) return today;
  return Object.keys(entries).length === 0 ? null : `${JSON.stringify({ ...head, entries }, null, 1)}\n`;
}

function isSame(left: unknown, right: unknown): boolean {
  return JSON.stringify(sortKeys(left)) === JSON.stringify(sortKeys(right));
}
