import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import {
  type DatabaseFeature,
  inTransaction,
  isCorruption,
  isHindrance,
  markDamaged,
  openDatabase,
} from "./database.ts";
import { AppError } from "./errors.ts";

const NOW = new Date("2026-11-23T06:07:08.009Z");

const one: DatabaseFeature = { name: "one", migrations: ["CREATE TABLE a (x INTEGER) STRICT"] };
const oneLater: DatabaseFeature = {
  name: "one",
  migrations: [...one.migrations, "ALTER TABLE a ADD COLUMN y TEXT; INSERT INTO a VALUES (2, 'new')"],
};
const two: DatabaseFeature = { name: "two", migrations: ["CREATE TABLE b (z INTEGER) STRICT"] };

async function withFolder(work: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "agentos-db-" });
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("openDatabase() migrates each feature by itself and keeps what is there", () =>
  withFolder((folder) => {
    const path = `${folder}/agentos.db`;
    const first = openDatabase(path, [one], NOW);
    assert.equal(first.setAside, undefined);
    first.db.exec("INSERT INTO a VALUES (1)");
    if (Deno.build.os !== "windows") {
      for (const file of Deno.readDirSync(folder)) {
        assert.equal((Deno.statSync(`${folder}/${file.name}`).mode ?? 0) & 0o777, 0o600, file.name);
      }
    }
    first.db.close();
    const { db } = openDatabase(path, [two, oneLater], NOW);
    assert.deepEqual(db.prepare("SELECT x, y FROM a ORDER BY x").all().map(({ x, y }) => [x, y]), [
      [1, null],
      [2, "new"],
    ]);
    const versions = db.prepare("SELECT feature, version FROM schema_versions ORDER BY feature").all();
    assert.deepEqual(versions.map((row) => ({ ...row })), [{ feature: "one", version: 2 }, {
      feature: "two",
      version: 1,
    }]);
    assert.equal(db.prepare("PRAGMA journal_mode").get()?.["journal_mode"], "wal");
    db.close();
    // Nothing runs twice.
    openDatabase(path, [oneLater], NOW).db.close();
  }));

Deno.test("openDatabase() leaves a database of a newer agentos alone", () =>
  withFolder((folder) => {
    const path = `${folder}/agentos.db`;
    openDatabase(path, [oneLater], NOW).db.close();
    assert.throws(() => openDatabase(path, [one], NOW), (error) => {
      assert.ok(error instanceof AppError);
      assert.equal(error.code, "state.unusable");
      assert.match(error.message, /newer agentos \(one 2; this one knows 1\)/);
      return true;
    });
    const { db } = openDatabase(path, [oneLater], NOW);
    assert.equal(db.prepare("SELECT count(*) AS n FROM a").get()?.["n"], 1);
    db.close();
  }));

Deno.test("openDatabase() rolls a failed migration back whole", () =>
  withFolder((folder) => {
    const path = `${folder}/agentos.db`;
    openDatabase(path, [one], NOW).db.close();
    const broken: DatabaseFeature = {
      name: "one",
      migrations: [...one.migrations, "CREATE TABLE c (x); SELECT nonsense"],
    };
    assert.throws(() => openDatabase(path, [broken], NOW), AppError);
    const { db } = openDatabase(path, [one], NOW);
    assert.equal(db.prepare("SELECT count(*) AS n FROM sqlite_master WHERE name = 'c'").get()?.["n"], 0);
    db.close();
  }));

Deno.test("openDatabase() sets a damaged file aside and starts anew", () =>
  withFolder(async (folder) => {
    const path = `${folder}/agentos.db`;
    openDatabase(path, [one], NOW).db.close();
    const sound = await Deno.readFile(path);
    const damaged = [
      new TextEncoder().encode("this is no database at all, but it is long enough to be asked"),
      sound.map((byte, index) => index < 100 ? byte : 0xff),
    ];
    for (const bytes of damaged) {
      await Deno.writeFile(path, bytes);
      const { db, setAside } = openDatabase(path, [one], NOW);
      assert.equal(setAside, `${path}.corrupt-20261123T060708009Z`);
      assert.deepEqual(await Deno.readFile(setAside ?? ""), bytes);
      db.exec("INSERT INTO a VALUES (1)");
      db.close();
    }
  }));

Deno.test("openDatabase() sets aside what was marked as damaged, and what has lost its versions", () =>
  withFolder((folder) => {
    const path = `${folder}/agentos.db`;
    const first = openDatabase(path, [one], NOW);
    markDamaged(first.db);
    first.db.close();
    const second = openDatabase(path, [one], NOW);
    assert.equal(second.setAside, `${path}.corrupt-20261123T060708009Z`);
    second.db.exec("DROP TABLE schema_versions");
    second.db.close();
    const third = openDatabase(path, [one], new Date(0));
    assert.equal(third.setAside, `${path}.corrupt-19700101T000000000Z`);
    third.db.close();
    assert.equal(openDatabaseQuietly(path), undefined);
  }));

function openDatabaseQuietly(path: string): string | undefined {
  const { db, setAside } = openDatabase(path, [one], NOW);
  db.close();
  return setAside;
}

Deno.test("isHindrance() tells a lock from damage, with or without a code", () =>
  withFolder((folder) => {
    const [db, other] = [new DatabaseSync(`${folder}/a.db`), new DatabaseSync(`${folder}/a.db`)];
    db.exec("CREATE TABLE t (x); BEGIN EXCLUSIVE");
    const failure = (work: () => unknown): unknown => {
      try {
        return work();
      } catch (error) {
        return error;
      }
    };
    const locked = failure(() => other.exec("INSERT INTO t VALUES (1)"));
    db.exec("COMMIT");
    const absent = failure(() => other.prepare("SELECT y FROM t"));
    db.close();
    other.close();
    assert.deepEqual([locked, absent].map(isHindrance), [true, false]);
    assert.deepEqual(
      ["database is locked", "malformed database schema (t)"].map((words) => [
        isHindrance(new Error(words)),
        isCorruption(new Error(words)),
      ]),
      [[true, false], [false, true]],
    );
  }));

Deno.test("openDatabase() says what is wrong with a place it cannot use", () =>
  withFolder((folder) => {
    for (const path of [folder, `${folder}/missing/agentos.db`]) {
      assert.throws(() => openDatabase(path, [one], NOW), { code: "state.unusable" });
    }
  }));

Deno.test("openDatabase() waits for another process and then gives up", () =>
  withFolder((folder) => {
    const path = `${folder}/agentos.db`;
    const other = new DatabaseSync(path);
    other.exec("BEGIN EXCLUSIVE; CREATE TABLE t (x)");
    assert.throws(() => openDatabase(path, [one], NOW), /locked/);
    other.exec("COMMIT");
    other.close();
    openDatabase(path, [one], NOW).db.close();
  }));

Deno.test("inTransaction() keeps all of it or none, and the first error", () =>
  withFolder((folder) => {
    const { db } = openDatabase(`${folder}/agentos.db`, [one], NOW);
    assert.throws(() =>
      inTransaction(db, () => {
        db.exec("INSERT INTO a VALUES (1)");
        throw new RangeError("half way");
      }), RangeError);
    assert.equal(inTransaction(db, () => db.prepare("SELECT count(*) AS n FROM a").get()?.["n"]), 0);
    db.close();
    assert.equal(isCorruption(new Error("other")), false);
  }));
