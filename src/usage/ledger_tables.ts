/**
 * The ledger's tables and how they are read and written.
 *
 * Every run reads one short row for each log; the events, which are long, only for a log that is counted anew. Loads
 * nothing of SQLite by itself: the database is handed in.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import { type DatabaseFeature, inTransaction } from "../base/database.ts";
import type { LogPlace } from "./lines.ts";
import type { Kinship, LogEvent, Warning } from "./model.ts";
import type { LogFile } from "./read.ts";

/** The tables of usage. Times are milliseconds since 1970. */
export const USAGE_TABLES: DatabaseFeature = {
  name: "usage",
  migrations: [
    `
    CREATE TABLE usage_logs (
      client TEXT NOT NULL, path TEXT NOT NULL, folder TEXT NOT NULL, version INTEGER NOT NULL,
      size_bytes INTEGER NOT NULL, modified_at INTEGER NOT NULL, changed_at INTEGER NOT NULL,
      inode INTEGER NOT NULL, device INTEGER NOT NULL,
      end_offset INTEGER NOT NULL, lines INTEGER NOT NULL, mark TEXT NOT NULL,
      events TEXT NOT NULL, warnings TEXT NOT NULL, tail_events TEXT NOT NULL, tail_warnings TEXT NOT NULL,
      PRIMARY KEY (client, path)
    ) STRICT, WITHOUT ROWID;
    `,
    // What a log tells of is kept beside its events, which move to a table of their own, a row for each reading.
    `
    ALTER TABLE usage_logs RENAME TO usage_logs_1;
    CREATE TABLE usage_logs (
      client TEXT NOT NULL, path TEXT NOT NULL, folder TEXT NOT NULL, version INTEGER NOT NULL,
      size_bytes INTEGER NOT NULL, modified_at INTEGER NOT NULL, changed_at INTEGER NOT NULL,
      inode INTEGER NOT NULL, device INTEGER NOT NULL,
      session TEXT NOT NULL, parent TEXT, kin TEXT NOT NULL, responses TEXT NOT NULL,
      end_offset INTEGER NOT NULL, lines INTEGER NOT NULL, mark TEXT NOT NULL,
      warnings TEXT NOT NULL, tail_events TEXT NOT NULL, tail_warnings TEXT NOT NULL,
      PRIMARY KEY (client, path)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE usage_events (
      client TEXT NOT NULL, path TEXT NOT NULL, start_offset INTEGER NOT NULL, events TEXT NOT NULL,
      PRIMARY KEY (client, path, start_offset)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO usage_logs SELECT client, path, folder, version, size_bytes, modified_at, changed_at, inode, device,
      '', NULL, '', '', end_offset, lines, mark, warnings, tail_events, tail_warnings FROM usage_logs_1;
    INSERT INTO usage_events SELECT client, path, 0, events FROM usage_logs_1;
    DROP TABLE usage_logs_1;
    `,
  ],
};

const TABLES = ["usage_logs", "usage_events"] as const;

/**
 * Puts the ledger's tables aside in the same database, whatever they hold, and makes them anew: all or nothing. What others
 * keep in the database stays as it is.
 *
 * @param now ends the names that the tables get
 * @throws {Error} SQLite's, when the database is locked or is damaged beyond this
 */
export function renewLedger(db: DatabaseSync, now: Date): void {
  const suffix = `_damaged_${now.toISOString().replaceAll(/[^\dTZ]/g, "")}`;
  inTransaction(db, () => {
    const find = db.prepare("SELECT 1 FROM sqlite_master WHERE name = ?");
    for (const table of TABLES) {
      if (find.get(table) !== undefined) db.exec(`ALTER TABLE ${table} RENAME TO ${table}${suffix}`);
    }
    for (const script of USAGE_TABLES.migrations) db.exec(script);
  });
}

/** What every run reads of each log. */
export interface LogEntry extends LogFile, Kinship {
  /** Of the client's facet that read it. */
  readonly version: number;
  /** Which other logs it was counted with; empty when it was not counted. */
  readonly kin: string;
  /** What it tells of, as `response_text.ts` writes it. */
  readonly responses: string;
}

/** What is read of a log that has changed or is asked about. */
export interface LogDetail extends LogPlace {
  /** The bytes just before its offset. */
  readonly mark: string;
  readonly warnings: readonly Warning[];
  readonly tailEvents: readonly LogEvent[];
  readonly tailWarnings: readonly Warning[];
}

/** What is written of a log. */
export interface LogChange {
  readonly entry: LogEntry;
  /** As the ledger had it, if it had. */
  readonly old: LogEntry | undefined;
  /** Missing when it was only counted anew, or moved from another path. */
  readonly read?: {
    readonly detail: LogDetail;
    readonly start: number;
    /** As they are stored. */
    readonly events: string;
  };
  readonly movedFrom?: string | undefined;
}

const ENTRY_COLUMNS =
  `path, folder, version, size_bytes, modified_at, changed_at, inode, device, session, parent, kin,
  responses`;

/** Reads the entries of a client's logs, by path. */
export function readEntries(db: DatabaseSync, client: string): ReadonlyMap<string, LogEntry> {
  const rows = db.prepare(`SELECT ${ENTRY_COLUMNS} FROM usage_logs WHERE client = ?`).all(client);
  return new Map(rows.map((row): [string, LogEntry] => {
    const path = String(row["path"]);
    const parent = row["parent"];
    return [path, {
      path,
      folder: String(row["folder"]),
      version: Number(row["version"]),
      sizeBytes: Number(row["size_bytes"]),
      modifiedAt: Number(row["modified_at"]),
      changedAt: Number(row["changed_at"]),
      inode: Number(row["inode"]),
      device: Number(row["device"]),
      session: String(row["session"]),
      parent: typeof parent === "string" ? parent : undefined,
      kin: String(row["kin"]),
      responses: String(row["responses"]),
    }];
  }));
}

/** Reads all warnings of a client's logs, by path; of most logs there are none. */
export function readWarnings(db: DatabaseSync, client: string): ReadonlyMap<string, readonly Warning[]> {
  const rows = db.prepare(
    `SELECT path, warnings, tail_warnings FROM usage_logs
     WHERE client = ? AND (warnings <> '[]' OR tail_warnings <> '[]')`,
  ).all(client);
  return new Map(rows.map((row) => {
    const warnings: readonly Warning[] = JSON.parse(String(row["warnings"]));
    const tail: readonly Warning[] = JSON.parse(String(row["tail_warnings"]));
    return [String(row["path"]), [...warnings, ...tail]];
  }));
}

/** Reads the rest of what is known of a log. */
export function readDetail(db: DatabaseSync, client: string, path: string): LogDetail | undefined {
  const row = db.prepare(
    `SELECT end_offset, lines, mark, warnings, tail_events, tail_warnings FROM usage_logs
     WHERE client = ? AND path = ?`,
  ).get(client, path);
  if (row === undefined) return undefined;
  return {
    offset: Number(row["end_offset"]),
    lines: Number(row["lines"]),
    mark: String(row["mark"]),
    warnings: JSON.parse(String(row["warnings"])),
    tailEvents: JSON.parse(String(row["tail_events"])),
    tailWarnings: JSON.parse(String(row["tail_warnings"])),
  };
}

/**
 * Reads the events of a log's whole lines.
 *
 * @param before leaves out what was read from this offset on
 */
export function readEvents(
  db: DatabaseSync,
  client: string,
  path: string,
  before: number = Number.MAX_SAFE_INTEGER,
): readonly LogEvent[] {
  const rows = db.prepare(
    "SELECT events FROM usage_events WHERE client = ? AND path = ? AND start_offset < ? ORDER BY start_offset",
  ).all(client, path, before);
  return rows.flatMap((row) => parseEvents(String(row["events"])));
}

/** Reads events as they are stored. */
export function parseEvents(text: string): readonly LogEvent[] {
  const events: readonly LogEvent[] = JSON.parse(text);
  return events;
}

/**
 * Writes what changed, all or nothing. A log that another process has written since it was read here is left as it is:
 * what that process found is no older.
 */
export function storeChanges(db: DatabaseSync, client: string, changes: readonly LogChange[]): void {
  inTransaction(db, () => {
    const current = db.prepare(
      "SELECT version, size_bytes, modified_at, changed_at, kin FROM usage_logs WHERE client = ? AND path = ?",
    );
    for (const change of changes) {
      const row = current.get(client, change.movedFrom ?? change.entry.path);
      const stamp = row &&
        [row["version"], row["size_bytes"], row["modified_at"], row["changed_at"], row["kin"]];
      if (String(stamp) === String(change.old && stampOf(change.old))) store(db, client, change);
    }
  });
}

function stampOf({ version, sizeBytes, modifiedAt, changedAt, kin }: LogEntry): readonly (string | number)[] {
  return [version, sizeBytes, modifiedAt, changedAt, kin];
}

function store(db: DatabaseSync, client: string, { entry, read, movedFrom }: LogChange): void {
  const { path } = entry;
  if (movedFrom !== undefined) {
    for (const table of TABLES) {
      db.prepare(`DELETE FROM ${table} WHERE client = ? AND path = ?`).run(client, path);
      db.prepare(`UPDATE ${table} SET path = ? WHERE client = ? AND path = ?`).run(path, client, movedFrom);
    }
  }
  if (read !== undefined) {
    db.prepare("DELETE FROM usage_events WHERE client = ? AND path = ? AND start_offset >= ?")
      .run(client, path, read.start);
    db.prepare("INSERT INTO usage_events VALUES (?, ?, ?, ?)")
      .run(client, path, read.start, read.events);
    db.prepare(
      `INSERT OR REPLACE INTO usage_logs (client, path, folder, version, size_bytes, modified_at, changed_at, inode,
         device, session, kin, responses, end_offset, lines, mark, warnings, tail_events, tail_warnings)
       VALUES (?, ?, '', 0, 0, 0, 0, 0, 0, '', '', '', ?, ?, ?, ?, ?, ?)`,
    ).run(
      client,
      path,
      read.detail.offset,
      read.detail.lines,
      read.detail.mark,
      JSON.stringify(read.detail.warnings),
      JSON.stringify(read.detail.tailEvents),
      JSON.stringify(read.detail.tailWarnings),
    );
  }
  db.prepare(
    `UPDATE usage_logs SET folder = ?, version = ?, size_bytes = ?, modified_at = ?, changed_at = ?, inode = ?,
       device = ?, session = ?, parent = ?, kin = ?, responses = ? WHERE client = ? AND path = ?`,
  ).run(
    entry.folder,
    entry.version,
    entry.sizeBytes,
    entry.modifiedAt,
    entry.changedAt,
    entry.inode,
    entry.device,
    entry.session,
    entry.parent ?? null,
    entry.kin,
    entry.responses,
    client,
    path,
  );
}
