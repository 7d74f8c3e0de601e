/**
 * The ledger in SQLite: records wait in memory for a moment and are written together, so that no call waits for
 * the disk. When the disk is full or the database locked, they wait longer, then the oldest are counted as lost.
 *
 * @module
 */

import { messageOf } from "../base/errors.ts";
import type { DatabaseSync, StatementSync, SupportedValueType } from "node:sqlite";
import { type DatabaseFeature, inTransaction } from "../base/database.ts";
import type { ModelRequestRecord } from "./gateway/record.ts";
import type { Ledger, ModelCost, ProjectRecord } from "./ledger.ts";
import type { ServerLog } from "./log.ts";

/** The ledger's tables. Times are milliseconds since 1970. */
export const LEDGER_TABLES: DatabaseFeature = {
  name: "ledger",
  migrations: [
    `
    CREATE TABLE tool_calls (
      id INTEGER PRIMARY KEY, at INTEGER NOT NULL, tool TEXT NOT NULL, elapsed_ms REAL NOT NULL,
      ok INTEGER NOT NULL, error_code TEXT, size_bytes INTEGER NOT NULL,
      client TEXT, model TEXT, project TEXT
    ) STRICT;
    CREATE TABLE portfolio_reads (
      id INTEGER PRIMARY KEY, at INTEGER NOT NULL, file TEXT NOT NULL, via TEXT NOT NULL,
      client TEXT, project TEXT
    ) STRICT;
    CREATE TABLE commands (
      id INTEGER PRIMARY KEY, at INTEGER NOT NULL, command TEXT NOT NULL, args TEXT,
      client TEXT, project TEXT
    ) STRICT;
    CREATE TABLE projects (
      id INTEGER PRIMARY KEY, at INTEGER NOT NULL, project TEXT NOT NULL, path TEXT, client TEXT
    ) STRICT;
    CREATE INDEX tool_calls_at ON tool_calls (at);
    CREATE INDEX portfolio_reads_at ON portfolio_reads (at);
    CREATE INDEX commands_at ON commands (at);
    CREATE INDEX projects_at ON projects (at);
  `,
    `
    CREATE TABLE model_requests (
      id INTEGER PRIMARY KEY, at INTEGER NOT NULL, request_id TEXT NOT NULL, provider TEXT NOT NULL, client TEXT,
      session TEXT, thread TEXT, turn TEXT, kind TEXT, source TEXT,
      model_asked TEXT NOT NULL, model_served TEXT, response_id TEXT, status INTEGER NOT NULL, error TEXT,
      input_tokens INTEGER, cached_tokens INTEGER, output_tokens INTEGER, reasoning_tokens INTEGER,
      cost_usd REAL, first_output_ms REAL, elapsed_ms REAL NOT NULL, tokens_per_second REAL
    ) STRICT;
    CREATE INDEX model_requests_at ON model_requests (at);
    CREATE INDEX model_requests_response_id ON model_requests (response_id);
  `,
    "ALTER TABLE model_requests ADD COLUMN cache_write_tokens INTEGER;",
  ],
};

/** How long and how much is kept, and how long records wait. */
export interface LedgerLimits {
  readonly flushAfterMs: number;
  /** So many are written without waiting for that: writing holds requests up, and a few hundred records take half a millisecond. */
  readonly flushAtRows: number;
  /** After a failure it waits this long, then twice as long, up to {@link maxRetryMs}. */
  readonly retryMs: number;
  readonly maxRetryMs: number;
  /** Records that wait in memory; beyond that the oldest are lost. */
  readonly maxWaiting: number;
  /** Age per table; what has none is kept. */
  readonly maxAgeMs: Readonly<Partial<Record<LedgerTable, number>>>;
  readonly pruneEveryMs: number;
  /** Rows per table. Every text is capped where it comes in, so rows bound the size of the file. */
  readonly maxRows: Readonly<Record<LedgerTable, number>>;
}

type LedgerTable = "tool_calls" | "portfolio_reads" | "commands" | "projects" | "model_requests";

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * About 250 MiB when full: a tool call takes some 120 bytes with its index, a command at most 6 KiB, a model request 500.
 *
 * What a model cost is history that `agentos usage` tells years later, and no log holds it; so it goes by number alone.
 */
export const LEDGER_LIMITS: LedgerLimits = {
  flushAfterMs: 250,
  flushAtRows: 200,
  retryMs: 1000,
  maxRetryMs: 60_000,
  maxWaiting: 20_000,
  maxAgeMs: {
    tool_calls: 90 * DAY_MS,
    portfolio_reads: 90 * DAY_MS,
    commands: 90 * DAY_MS,
    projects: 90 * DAY_MS,
  },
  pruneEveryMs: DAY_MS / 4,
  maxRows: {
    tool_calls: 250_000,
    portfolio_reads: 50_000,
    commands: 20_000,
    projects: 5_000,
    model_requests: 400_000,
  },
};

const COLUMNS: Readonly<Record<LedgerTable, string>> = {
  tool_calls: "at, tool, elapsed_ms, ok, error_code, size_bytes, client, model, project",
  portfolio_reads: "at, file, via, client, project",
  commands: "at, command, args, client, project",
  projects: "at, project, path, client",
  model_requests:
    "at, request_id, provider, client, session, thread, turn, kind, source, model_asked, model_served, response_id, status, error, input_tokens, cached_tokens, cache_write_tokens, output_tokens, reasoning_tokens, cost_usd, first_output_ms, elapsed_ms, tokens_per_second",
};

/** Rows that one statement writes where so many wait: a row takes two thirds of the time that way. */
const ROWS_AT_ONCE = 20;

interface Waiting {
  readonly table: LedgerTable;
  readonly values: SupportedValueType[];
}

/** Opens the ledger on a database that has {@link LEDGER_TABLES}. The ledger owns the connection from now on. */
export function openLedger(db: DatabaseSync, log: ServerLog, limits: LedgerLimits = LEDGER_LIMITS): Ledger {
  const inserts = new Map<string, StatementSync>();
  let waiting: Waiting[] = [];
  let dropped = 0;
  let failure: string | undefined;
  let retryMs = limits.retryMs;
  let prunedAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  function record(table: LedgerTable, values: SupportedValueType[]): void {
    if (closed || waiting.length >= limits.maxWaiting) dropped++;
    if (closed) return;
    if (waiting.length >= limits.maxWaiting) waiting.shift();
    waiting.push({ table, values });
    if (waiting.length >= limits.flushAtRows && failure === undefined) return flush();
    timer ??= startTimer(limits.flushAfterMs);
  }

  function startTimer(afterMs: number): ReturnType<typeof setTimeout> {
    const started = setTimeout(flush, afterMs);
    Deno.unrefTimer(Number(started));
    return started;
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (closed) return;
    try {
      if (waiting.length > 0) inTransaction(db, insertWaiting);
      waiting = [];
      if (failure !== undefined) log.info("ledger writes again", { dropped });
      failure = undefined;
      retryMs = limits.retryMs;
      pruneNowAndThen();
    } catch (error) {
      const reason = messageOf(error);
      if (failure === undefined) log.warn("ledger cannot write", { reason });
      failure = reason;
      timer = startTimer(retryMs);
      retryMs = Math.min(retryMs * 2, limits.maxRetryMs);
    }
  }

  function insertWaiting(): void {
    for (const [table, rows] of Map.groupBy(waiting, ({ table }) => table)) {
      const together = rows.length - rows.length % ROWS_AT_ONCE;
      for (let at = 0; at < together; at += ROWS_AT_ONCE) insert(table, rows.slice(at, at + ROWS_AT_ONCE));
      for (const row of rows.slice(together)) insert(table, [row]);
    }
  }

  function insert(table: LedgerTable, rows: readonly Waiting[]): void {
    const key = `${table} ${rows.length}`;
    const statement = inserts.get(key) ?? db.prepare(insertSql(table, rows.length));
    inserts.set(key, statement);
    statement.run(...rows.flatMap(({ values }) => values));
  }

  function pruneNowAndThen(): void {
    const now = Date.now();
    if (now - prunedAt < limits.pruneEveryMs) return;
    prunedAt = now;
    inTransaction(db, () => prune(db, now, limits));
  }

  // The first write also opens the files beside the database, before the server's walls go up.
  flush();
  return {
    recordToolCall({ tool, at, elapsedMs, ok, errorCode, sizeBytes, client, model, project }): void {
      const who = [client ?? null, model ?? null, project ?? null] as const;
      record("tool_calls", [at, tool, elapsedMs, ok ? 1 : 0, errorCode ?? null, sizeBytes, ...who]);
    },
    recordPortfolioRead({ file, at, via, client, project }): void {
      record("portfolio_reads", [at, file, via, client ?? null, project ?? null]);
    },
    recordCommand({ command, args, at, client, project }): void {
      record("commands", [at, command, args ?? null, client ?? null, project ?? null]);
    },
    recordProject({ project, path, client, at }): void {
      record("projects", [at, project, path ?? null, client ?? null]);
    },
    recordModelRequest(request): void {
      record("model_requests", valuesOf(request));
    },
    projects: readProjects(db),
    modelCosts: readModelCosts(db, new Date()),
    health: () => ({ ok: failure === undefined, dropped, reason: failure }),
    flush,
    close(): void {
      if (closed) return;
      flush();
      closed = true;
      clearTimeout(timer);
      dropped += waiting.length;
      db.close();
    },
  };
}

function insertSql(table: LedgerTable, rows: number): string {
  const columns = COLUMNS[table];
  const row = `(${columns.replaceAll(/\w+/g, "?")})`;
  return `INSERT INTO ${table} (${columns}) VALUES ${Array(rows).fill(row).join(", ")}`;
}

/** Removes what is too old, then what is too much, oldest first. */
function prune(db: DatabaseSync, now: number, { maxAgeMs, maxRows }: LedgerLimits): void {
  for (const [table, ageMs] of Object.entries(maxAgeMs)) {
    db.prepare(`DELETE FROM ${table} WHERE at < ?`).run(now - ageMs);
  }
  for (const [table, rows] of Object.entries(maxRows)) {
    db.prepare(
      `DELETE FROM ${table} WHERE id <= (SELECT id FROM ${table} ORDER BY id DESC LIMIT 1 OFFSET ?)`,
    ).run(rows);
  }
}

function readProjects(db: DatabaseSync): ProjectRecord[] {
  const newest =
    "SELECT at, project, path, client FROM projects WHERE id IN (SELECT max(id) FROM projects GROUP BY client)";
  return db.prepare(newest).all().map((row) => ({
    at: Number(row["at"]),
    project: String(row["project"]),
    path: textOf(row["path"]),
    client: textOf(row["client"]),
  }));
}

function valuesOf(request: ModelRequestRecord): SupportedValueType[] {
  const { at, id, provider, client, session, thread, turn, kind, source, tokens } = request;
  const { modelAsked, modelServed, responseId, status, error, costUsd } = request;
  const { firstOutputMs, elapsedMs, tokensPerSecond } = request;
  const who = [at, id, provider, client, session, thread, turn, kind, source];
  const what = [modelAsked, modelServed, responseId, status, error];
  const counts = [
    tokens?.input,
    tokens?.cached,
    tokens?.cacheWrite,
    tokens?.output,
    tokens?.reasoning,
    costUsd,
  ];
  return [...who, ...what, ...counts, firstOutputMs, elapsedMs, tokensPerSecond].map((value) =>
    value ?? null
  );
}

function readModelCosts(db: DatabaseSync, now: Date): ModelCost[] {
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
  const costs =
    "SELECT model_asked, at, cost_usd FROM model_requests WHERE at >= ? AND cost_usd IS NOT NULL ORDER BY at";
  return db.prepare(costs).all(midnight).map((row) => ({
    model: String(row["model_asked"]),
    at: Number(row["at"]),
    costUsd: Number(row["cost_usd"]),
  }));
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
