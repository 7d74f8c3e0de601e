/**
 * Opens the one SQLite file of the state folder and brings each feature's tables up to date.
 *
 * Features (the ledger, usage) keep their own version in the table `schema_versions`, so that one can add tables
 * without knowing of the others. A file that is no database is set aside, never deleted; a file from a newer
 * agentos is refused, never touched. Loads node:sqlite, so import this lazily.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import { AppError, messageOf } from "./errors.ts";
import { renameIfThere } from "./on_disk.ts";

/** The tables of one feature. */
export interface DatabaseFeature {
  readonly name: string;
  /** SQL scripts in order: script n brings the tables from version n to n + 1. Only ever append. */
  readonly migrations: readonly string[];
}

/** An open database. */
export interface OpenedDatabase {
  readonly db: DatabaseSync;
  /** Where a corrupt file was put that stood in the way. */
  readonly setAside: string | undefined;
}

/** How long opening waits for another process that migrates at the same moment. */
const OPEN_WAIT_MS = 1000;

/** How long a statement waits afterwards: the thread that waits answers no requests meanwhile. */
const BUSY_WAIT_MS = 25;

/** sqlite3.h: SQLITE_CORRUPT, SQLITE_NOTADB. */
const CORRUPT_CODES: readonly number[] = [11, 26];

/** sqlite3.h: SQLITE_BUSY, LOCKED, NOMEM, READONLY, IOERR, FULL, CANTOPEN. */
const HINDRANCE_CODES: readonly number[] = [5, 6, 7, 8, 10, 13, 14];

/** Deno 2.4.2 gives its errors no code, so the words of SQLite 3.50 must do (2026-11). */
const CORRUPT_WORDS = /file is not a database|database disk image is malformed|malformed database schema/;
const HINDRANCE_WORDS = /is locked|out of memory|readonly database|disk I\/O error|is full|unable to open/;

/** A table that is there although no version says so: the table of versions was lost. */
const LOST_VERSIONS = /table \S+ already exists/;

/** `PRAGMA user_version` of a file whose damage was found when there was no right to move it; nothing else is kept there. */
const DAMAGED_MARK = 1;

/**
 * Opens the file, making it when it is missing, in WAL mode.
 *
 * @param now names a file that is set aside
 * @throws {AppError} state.unusable when it is locked, cannot be written, or is from a newer agentos
 */
export function openDatabase(path: string, features: readonly DatabaseFeature[], now: Date): OpenedDatabase {
  try {
    return { db: openAndMigrate(path, features), setAside: undefined };
  } catch (error) {
    if (!isDamage(error)) throw explain(path, error);
  }
  const setAside = `${path}.corrupt-${now.toISOString().replaceAll(/[^\dTZ]/g, "")}`;
  try {
    for (const suffix of ["", "-wal", "-shm"]) renameIfThere(path + suffix, setAside + suffix);
    return { db: openAndMigrate(path, features), setAside };
  } catch (error) {
    throw explain(path, error);
  }
}

/** True when SQLite says that the file is damaged or no database. */
export function isCorruption(error: unknown): boolean {
  return CORRUPT_CODES.includes(sqliteCode(error) ?? -1) ||
    (error instanceof Error && CORRUPT_WORDS.test(error.message));
}

/** True when SQLite could not do it here and now (locked, full, read-only), which says nothing of what the file holds. */
export function isHindrance(error: unknown): boolean {
  return HINDRANCE_CODES.includes(sqliteCode(error) ?? -1) ||
    (error instanceof Error && HINDRANCE_WORDS.test(error.message));
}

/**
 * Marks an open database as damaged, so that whoever opens it next sets it aside.
 *
 * @throws {Error} SQLite's, when not even that can be written
 */
export function markDamaged(db: DatabaseSync): void {
  db.exec(`PRAGMA user_version = ${DAMAGED_MARK}`);
}

/** Runs the work in one transaction: all of it happens or none. */
export function inTransaction<Result>(db: DatabaseSync, work: () => Result): Result {
  db.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    db.exec("COMMIT");
    return result;
  } catch (error) {
    // SQLite has rolled back by itself after some errors (full disk), and says so by refusing.
    try {
      db.exec("ROLLBACK");
    } catch {
      // Nothing is open any more.
    }
    throw error;
  }
}

/** True when what stands in the way is the file itself, and not its place or another process. */
function isDamage(error: unknown): boolean {
  return error instanceof MarkedDamaged || isCorruption(error) ||
    (error instanceof Error && LOST_VERSIONS.test(error.message));
}

/** The file was marked as damaged. */
class MarkedDamaged extends Error {}

function openAndMigrate(path: string, features: readonly DatabaseFeature[]): DatabaseSync {
  // SQLite would make the file readable by all, and gives its companions the same mode.
  Deno.openSync(path, { create: true, append: true, mode: 0o600 }).close();
  const db = new DatabaseSync(path);
  try {
    // temp_store: a server behind its walls can make no temporary files.
    db.exec(`PRAGMA busy_timeout = ${OPEN_WAIT_MS};
             PRAGMA journal_mode = WAL;
             PRAGMA synchronous = NORMAL;
             PRAGMA temp_store = MEMORY;`);
    if (db.prepare("PRAGMA user_version").get()?.["user_version"] === DAMAGED_MARK) {
      throw new MarkedDamaged();
    }
    if (!areCurrent(db, features)) {
      inTransaction(db, () => {
        db.exec(
          "CREATE TABLE IF NOT EXISTS schema_versions (feature TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT",
        );
        for (const feature of features) migrate(db, feature, path);
      });
    }
    db.exec(`PRAGMA busy_timeout = ${BUSY_WAIT_MS}`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** True when there is nothing to bring up to date: then nothing is written, and nobody who writes is waited for. */
function areCurrent(db: DatabaseSync, features: readonly DatabaseFeature[]): boolean {
  if (db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'schema_versions'").get() === undefined) {
    return false;
  }
  const read = db.prepare("SELECT version FROM schema_versions WHERE feature = ?");
  return features.every(({ name, migrations }) => read.get(name)?.["version"] === migrations.length);
}

function migrate(db: DatabaseSync, { name, migrations }: DatabaseFeature, path: string): void {
  const row = db.prepare("SELECT version FROM schema_versions WHERE feature = ?").get(name);
  const version = Number(row?.["version"] ?? 0);
  if (version > migrations.length) {
    throw new AppError(
      "state.unusable",
      `${path} was written by a newer agentos (${name} ${version}; this one knows ${migrations.length})`,
      { hint: "Use the newer agentos, or set AGENTOS_STATE to another folder." },
    );
  }
  for (const script of migrations.slice(version)) db.exec(script);
  db.prepare("INSERT INTO schema_versions VALUES (?, ?) ON CONFLICT DO UPDATE SET version = excluded.version")
    .run(name, migrations.length);
}

function explain(path: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  const reason = messageOf(error);
  return new AppError("state.unusable", `Cannot use the database ${path}: ${reason}`, { cause: error });
}

function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error)) return undefined;
  // The low byte is the primary code, the rest says more about it.
  return typeof error.errcode === "number" ? error.errcode & 0xff : undefined;
}
