/**
 * Keeps what was read of the agents' logs, so that an unchanged log costs one look at its size, a longer one its new
 * bytes, and a deleted one is not forgotten.
 *
 * What is kept are the events of each file, not sums: which of them count depends on other files (a fork on its parent,
 * a copy on its original), on the time zone asked for and on rules that may get better. Loads node:sqlite.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import { type DatabaseFeature, inTransaction } from "../base/database.ts";
import type { UsageClient } from "./client.ts";
import type { LogEvent, Warning } from "./model.ts";
import { LOG_START, type Reading } from "./lines.ts";
import { findLogs, type LogFile, readLog } from "./read.ts";
import { openProgress, type ReadAll } from "./read_all.ts";

/** The tables of usage. Times are milliseconds since 1970. */
export const USAGE_TABLES: DatabaseFeature = {
  name: "usage",
  migrations: [`
    CREATE TABLE usage_logs (
      client TEXT NOT NULL, path TEXT NOT NULL, folder TEXT NOT NULL, version INTEGER NOT NULL,
      size_bytes INTEGER NOT NULL, modified_at INTEGER NOT NULL, changed_at INTEGER NOT NULL,
      inode INTEGER NOT NULL, device INTEGER NOT NULL,
      end_offset INTEGER NOT NULL, lines INTEGER NOT NULL, mark TEXT NOT NULL,
      events TEXT NOT NULL, warnings TEXT NOT NULL, tail_events TEXT NOT NULL, tail_warnings TEXT NOT NULL,
      PRIMARY KEY (client, path)
    ) STRICT, WITHOUT ROWID;
  `],
};

/** How many bytes before the end of what was read are compared before a file counts as only longer. */
const MARK_BYTES = 256;

/** A change this young may be followed by another that has the same times, which are whole seconds in places. */
const FRESH_MS = 2000;

/** Equals no file's time, so that the file is looked into next time. */
const NEVER = -1;

/** What the ledger keeps of a file. */
interface Kept extends LogFile, Reading {
  readonly version: number;
  readonly mark: string;
}

/** Opens the ledger on a database that has {@link USAGE_TABLES}. */
export function openUsageLedger(db: DatabaseSync): ReadAll {
  return async (client, folders, { explain = false, progress } = {}) => {
    const { files, warnings } = findLogs(client, folders);
    const kept = readKept(db, client);
    const present = new Set(files.map(({ path }) => path));
    const gone = new Map([...kept].filter(([path]) => !present.has(path)));
    const changed: Kept[] = [];
    const moved: string[] = [];
    const logs: Kept[] = [];
    const count = openProgress(
      files.filter((file) => !isUnchanged(file, kept.get(file.path), client)),
      progress,
    );
    for (const file of files) {
      const old = kept.get(file.path);
      if (isUnchanged(file, old, client)) {
        logs.push(old);
        continue;
      }
      const origin = old === undefined ? findMoved(file, gone, client) : undefined;
      if (origin !== undefined) moved.push(origin.path);
      const fresh = origin === undefined
        ? await readChanged(client, file, old, count)
        : { ...origin, ...file };
      changed.push(fresh);
      logs.push(fresh);
    }
    for (const path of moved) gone.delete(path);
    const forgotten = [...gone.values()].filter(({ folder }) => folders.includes(folder));
    const note = store(db, client, changed, moved);
    const read = [...logs, ...forgotten].map((log) => ({
      path: log.path,
      events: [...log.events, ...log.tailEvents],
    }));
    const { responses, findings } = client.resolve(read, explain);
    return {
      files: files.length,
      responses,
      findings,
      logs: explain ? read : [],
      gone: forgotten.map(({ path }) => path),
      warnings: [
        ...warnings,
        ...[...logs, ...forgotten].flatMap((log) => [...log.warnings, ...log.tailWarnings]),
      ],
      notes: note === undefined ? [] : [note],
    };
  };
}

function isUnchanged(file: LogFile, old: Kept | undefined, client: UsageClient): old is Kept {
  return old !== undefined && old.version === client.version && old.sizeBytes === file.sizeBytes &&
    old.modifiedAt === file.modifiedAt && old.changedAt === file.changedAt && old.inode === file.inode &&
    old.device === file.device && old.folder === file.folder;
}

/** A file under a new name: archived, or in a folder that was renamed. */
function findMoved(file: LogFile, gone: ReadonlyMap<string, Kept>, client: UsageClient): Kept | undefined {
  if (file.inode === 0) return undefined;
  for (const old of gone.values()) {
    if (
      old.inode === file.inode && old.device === file.device && old.sizeBytes === file.sizeBytes &&
      old.modifiedAt === file.modifiedAt && old.version === client.version &&
      markBefore(file.path, old.offset) === old.mark
    ) return old;
  }
  return undefined;
}

/** Reads what was added, or everything when the file is not the one that was read before, only longer. */
async function readChanged(
  client: UsageClient,
  file: LogFile,
  old: Kept | undefined,
  onRead: (bytes: number) => void,
): Promise<Kept> {
  const isLonger = old !== undefined && old.version === client.version && old.inode === file.inode &&
    old.device === file.device && file.sizeBytes > old.sizeBytes && old.offset > 0 &&
    !file.path.endsWith(".zst") &&
    markBefore(file.path, old.offset) === old.mark;
  const isFresh = Date.now() - file.changedAt < FRESH_MS;
  const reading = await readLog(client, file.path, isLonger ? old : LOG_START, onRead);
  const unreadable = reading.warnings.find(({ code }) => code === "unreadable");
  // What is known stays known while the file cannot be read; its next reading begins anew.
  if (
    unreadable !== undefined && old !== undefined && !isLonger && reading.events.length < old.events.length
  ) {
    return { ...old, ...file, changedAt: NEVER, warnings: [unreadable] };
  }
  return {
    ...file,
    ...reading,
    events: isLonger ? [...old.events, ...reading.events] : reading.events,
    warnings: isLonger ? [...old.warnings, ...reading.warnings] : reading.warnings,
    changedAt: unreadable === undefined && !isFresh ? file.changedAt : NEVER,
    version: client.version,
    mark: markBefore(file.path, reading.offset),
  };
}

/** The bytes just before an offset, as text: the same there, the same before. */
function markBefore(path: string, offset: number): string {
  try {
    using file = Deno.openSync(path);
    const start = Math.max(0, offset - MARK_BYTES);
    file.seekSync(start, Deno.SeekMode.Start);
    const bytes = new Uint8Array(offset - start);
    const count = file.readSync(bytes) ?? 0;
    return new TextDecoder("latin1").decode(bytes.subarray(0, count));
  } catch {
    return "";
  }
}

function readKept(db: DatabaseSync, client: UsageClient): ReadonlyMap<string, Kept> {
  const kept = new Map<string, Kept>();
  for (const row of db.prepare("SELECT * FROM usage_logs WHERE client = ?").iterate(client.id)) {
    const path = String(row["path"]);
    kept.set(path, {
      folder: String(row["folder"]),
      path,
      sizeBytes: Number(row["size_bytes"]),
      modifiedAt: Number(row["modified_at"]),
      changedAt: Number(row["changed_at"]),
      inode: Number(row["inode"]),
      device: Number(row["device"]),
      offset: Number(row["end_offset"]),
      lines: Number(row["lines"]),
      version: Number(row["version"]),
      mark: String(row["mark"]),
      events: parseEvents(row["events"]),
      warnings: parseWarnings(row["warnings"]),
      tailEvents: parseEvents(row["tail_events"]),
      tailWarnings: parseWarnings(row["tail_warnings"]),
    });
  }
  return kept;
}

function parseEvents(text: unknown): readonly LogEvent[] {
  const events: LogEvent[] = text === "[]" ? [] : JSON.parse(String(text));
  return events;
}

function parseWarnings(text: unknown): readonly Warning[] {
  const warnings: Warning[] = text === "[]" ? [] : JSON.parse(String(text));
  return warnings;
}

/** Writes what changed; when the database is busy or full, the answer is right all the same. */
function store(
  db: DatabaseSync,
  client: UsageClient,
  changed: readonly Kept[],
  moved: readonly string[],
): string | undefined {
  if (changed.length === 0) return undefined;
  try {
    inTransaction(db, () => {
      const remove = db.prepare("DELETE FROM usage_logs WHERE client = ? AND path = ?");
      for (const path of moved) remove.run(client.id, path);
      const insert = db.prepare(
        `INSERT OR REPLACE INTO usage_logs (client, path, folder, version, size_bytes, modified_at, changed_at, inode,
           device, end_offset, lines, mark, events, warnings, tail_events, tail_warnings)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      );
      for (const log of changed) {
        insert.run(
          client.id,
          log.path,
          log.folder,
          log.version,
          log.sizeBytes,
          log.modifiedAt,
          log.changedAt,
          log.inode,
          log.device,
          log.offset,
          log.lines,
          log.mark,
          JSON.stringify(log.events),
          JSON.stringify(log.warnings),
          JSON.stringify(log.tailEvents),
          JSON.stringify(log.tailWarnings),
        );
      }
    });
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `the ledger could not be written (${reason}); the answer is complete all the same`;
  }
}
