import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { openDatabase } from "../base/database.ts";
import { keepLog, type LoggedLine } from "./app_fixture.ts";
import type { Ledger, ToolCallRecord } from "./ledger.ts";
import { LEDGER_LIMITS, LEDGER_TABLES, type LedgerLimits, openLedger } from "./ledger_store.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

function call(tool: string, at = Date.now()): ToolCallRecord {
  return {
    tool,
    at,
    elapsedMs: 1.5,
    ok: true,
    errorCode: undefined,
    sizeBytes: 10,
    client: undefined,
    model: undefined,
    project: undefined,
  };
}

interface Opened {
  readonly ledger: Ledger;
  readonly db: DatabaseSync;
  readonly path: string;
  readonly lines: LoggedLine[];
  readonly reopen: () => Ledger;
  count(table?: string): unknown;
}

async function withLedger(
  limits: Partial<LedgerLimits>,
  work: (opened: Opened) => Promise<void> | void,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "agentos-ledger-" });
  const path = `${folder}/agentos.db`;
  const lines: LoggedLine[] = [];
  const open = (): { ledger: Ledger; db: DatabaseSync } => {
    const { db } = openDatabase(path, [LEDGER_TABLES], new Date());
    return { ledger: openLedger(db, keepLog(lines), { ...LEDGER_LIMITS, ...limits }), db };
  };
  const first = open();
  const opened = [first.ledger];
  try {
    await work({
      ...first,
      path,
      lines,
      reopen(): Ledger {
        const { ledger } = open();
        opened.push(ledger);
        return ledger;
      },
      count(table = "tool_calls"): unknown {
        const reader = new DatabaseSync(path, { readOnly: true });
        try {
          return reader.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.["n"];
        } finally {
          reader.close();
        }
      },
    });
  } finally {
    opened.forEach((ledger) => ledger.close());
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a record is written by itself some moments later", () =>
  withLedger({ flushAfterMs: 10 }, async ({ ledger, count }) => {
    ledger.recordToolCall(call("a"));
    assert.equal(count(), 0);
    for (let tries = 0; tries < 500 && count() === 0; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.equal(count(), 1);
    assert.deepEqual(ledger.health(), { ok: true, dropped: 0, reason: undefined });
  }));

Deno.test("records of several tables that wait together are all written, each table's in their order", () =>
  withLedger({ flushAfterMs: 100_000, flushAtRows: 1000 }, ({ ledger, db }) => {
    const tools = Array.from({ length: 47 }, (_, turn) => `tool ${turn}`);
    const files = Array.from({ length: 20 }, (_, turn) => `file ${turn}`);
    tools.forEach((tool, turn) => {
      ledger.recordToolCall({ ...call(tool, turn), errorCode: turn % 2 === 0 ? undefined : "odd" });
      const file = files[turn];
      if (file === undefined) return;
      ledger.recordPortfolioRead({ file, at: turn, via: "tool", client: "ada/1", project: undefined });
    });
    ledger.flush();
    const calls = db.prepare("SELECT at, tool, error_code FROM tool_calls ORDER BY id").all();
    assert.deepEqual(
      calls.map(({ at, tool, error_code }) => [at, tool, error_code]),
      tools.map((tool, turn) => [turn, tool, turn % 2 === 0 ? null : "odd"]),
    );
    const reads = db.prepare("SELECT at, file, client FROM portfolio_reads ORDER BY id").all();
    assert.deepEqual(
      reads.map(({ at, file, client }) => [at, file, client]),
      files.map((file, turn) => [turn, file, "ada/1"]),
    );
  }));

Deno.test("where one of many records cannot be written, none is, and all wait", () =>
  withLedger({ flushAfterMs: 100_000, retryMs: 100_000 }, ({ ledger, db, count }) => {
    db.exec(
      "CREATE TRIGGER no_more BEFORE INSERT ON tool_calls WHEN NEW.tool = 'last' " +
        "BEGIN SELECT RAISE(ABORT, 'not this one'); END",
    );
    for (let turn = 0; turn < 45; turn++) ledger.recordToolCall(call(`call ${turn}`));
    ledger.recordToolCall(call("last"));
    ledger.flush();
    assert.deepEqual(ledger.health(), { ok: false, dropped: 0, reason: "not this one" });
    assert.equal(count(), 0);
    db.exec("DROP TRIGGER no_more");
    ledger.flush();
    assert.equal(ledger.health().ok, true);
    assert.equal(count(), 46);
  }));

Deno.test("a locked database delays records and loses none", () =>
  withLedger({ flushAfterMs: 100_000, retryMs: 20 }, async ({ ledger, path, lines, count }) => {
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE; INSERT INTO projects (at, project) VALUES (1, 'x')");
    for (let turn = 0; turn < 5; turn++) {
      ledger.recordToolCall(call(`call ${turn}`));
      ledger.flush();
    }
    const { ok, dropped, reason } = ledger.health();
    assert.deepEqual([ok, dropped], [false, 0]);
    assert.match(reason ?? "", /locked/);
    assert.deepEqual(lines.map(({ message }) => message), ["ledger cannot write"]);
    other.exec("COMMIT");
    other.close();
    for (let tries = 0; tries < 500 && !ledger.health().ok; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.equal(count(), 5);
    assert.deepEqual(lines.map(({ message }) => message), ["ledger cannot write", "ledger writes again"]);
  }));

Deno.test("a full disk costs the oldest records, counts them and is said once", () =>
  withLedger({ flushAfterMs: 100_000, retryMs: 100_000, maxWaiting: 10 }, ({ ledger, db, lines, count }) => {
    const pages = Number(db.prepare("PRAGMA page_count").get()?.["page_count"]);
    db.exec(`PRAGMA max_page_count = ${pages}`);
    const long = "x".repeat(100_000);
    for (let turn = 0; turn < 30; turn++) {
      ledger.recordToolCall(call(`${turn} ${long}`));
      ledger.flush();
    }
    const { ok, dropped, reason } = ledger.health();
    assert.equal(ok, false);
    assert.ok(dropped >= 19, `${dropped} dropped`);
    assert.match(reason ?? "", /full/);
    assert.equal(lines.length, 1);
    db.exec("PRAGMA max_page_count = 1000000");
    ledger.flush();
    assert.equal(ledger.health().ok, true);
    assert.equal(Number(count()) + ledger.health().dropped, 30);
  }));

Deno.test("old rows and too many rows are removed, oldest first", () =>
  withLedger({ maxRows: { ...LEDGER_LIMITS.maxRows, tool_calls: 3 } }, ({ ledger, reopen, db }) => {
    const now = Date.now();
    ledger.recordPortfolioRead({
      file: "old",
      at: now - 91 * DAY_MS,
      via: "report",
      client: undefined,
      project: undefined,
    });
    ledger.recordPortfolioRead({
      file: "young",
      at: now - 89 * DAY_MS,
      via: "report",
      client: undefined,
      project: undefined,
    });
    for (const tool of ["a", "b", "c", "d", "e"]) ledger.recordToolCall(call(tool));
    ledger.flush();
    db.exec(`
      INSERT INTO model_requests (at, request_id, provider, model_asked, status, elapsed_ms)
      VALUES (${now - 900 * DAY_MS}, 'spent', 'openrouter', 'm', 200, 1)`);
    reopen();
    // What was spent is history.
    assert.equal(db.prepare("SELECT count(*) AS n FROM model_requests").get()?.["n"], 1);
    assert.deepEqual(db.prepare("SELECT file FROM portfolio_reads").all().map(({ file }) => file), ["young"]);
    assert.deepEqual(db.prepare("SELECT tool FROM tool_calls").all().map(({ tool }) => tool), [
      "c",
      "d",
      "e",
    ]);
  }));

Deno.test("a reopened ledger knows the newest project of each client", () =>
  withLedger({}, ({ ledger, reopen }) => {
    for (
      const [project, client] of [["one", "a"], ["two", "a"], ["three", undefined], [
        "four",
        undefined,
      ]] as const
    ) {
      ledger.recordProject({ project, path: undefined, client, at: Date.now() });
    }
    ledger.flush();
    const known = reopen().projects.map(({ project, client }) => [project, client]);
    assert.deepEqual(known.toSorted(), [["four", undefined], ["two", "a"]]);
  }));

Deno.test("a closed ledger takes no more and does not throw", () =>
  withLedger({}, ({ ledger }) => {
    ledger.recordToolCall(call("a"));
    ledger.close();
    ledger.recordToolCall(call("b"));
    ledger.flush();
    ledger.close();
    assert.equal(ledger.health().dropped, 1);
  }));
