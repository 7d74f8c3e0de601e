import assert from "node:assert/strict";
import { basename } from "node:path";
import { CLIENTS } from "../../clients/mod.ts";
import { openDatabase } from "../base/database.ts";
import type { UsageClient } from "./client.ts";
import { openUsageLedger } from "./ledger.ts";
import { USAGE_TABLES } from "./ledger_tables.ts";
import type { Response } from "./model.ts";
import { type ClientLogs, type ReadAll, readFiles } from "./read_all.ts";

const ID = "01a05c69-4d00-7000-8000-000000000001";

/** A home with one session, a ledger beside it, and what is asked of both. */
interface World {
  readonly folder: string;
  readonly log: string;
  readonly client: UsageClient;
  readonly folders: readonly string[];
  ask(read?: ReadAll): Promise<{ readonly responses: readonly Response[]; readonly logs: ClientLogs }>;
}

async function withWorld(test: (world: World) => Promise<void>): Promise<void> {
  const folder = Deno.realPathSync(await Deno.makeTempDir({ prefix: "agentos-ledger-" }));
  const { db } = openDatabase(`${folder}/agentos.db`, [USAGE_TABLES], new Date());
  try {
    const client = await CLIENTS["codex"]?.usage?.();
    assert.ok(client !== undefined);
    const folders = client.folders(() => undefined, folder);
    const [sessions = "", archive = ""] = folders;
    await Deno.mkdir(sessions, { recursive: true });
    await Deno.mkdir(archive, { recursive: true });
    const log = `${sessions}/rollout-2026-09-01T10-00-00-${ID}.jsonl`;
    await Deno.writeTextFile(log, `${meta()}${total(1000, 100)}${total(3000, 250)}`);
    const read = openUsageLedger(db);
    await test({
      folder,
      log,
      client,
      folders,
      ask: async (reader = read) => {
        const logs = await reader(client, folders);
        return { responses: logs.responses, logs };
      },
    });
  } finally {
    db.close();
    await Deno.remove(folder, { recursive: true });
  }
}

const meta = (): string =>
  `{"timestamp":"2026-09-01T10:00:00.000Z","type":"session_meta","payload":{"id":"${ID}","cwd":"/p"}}\n`;

function total(input: number, output: number): string {
  const usage = `{"input_tokens":${input},"cached_input_tokens":0,"output_tokens":${output}}`;
  return `{"timestamp":"2026-09-01T10:00:05.000Z","type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":${usage}}}}\n`;
}

const sum = (responses: readonly Response[]): number =>
  responses.reduce((count, { tokens }) => count + tokens.input, 0);

Deno.test("the ledger answers what the files answer: cold, unchanged, appended and cut off", () =>
  withWorld(async ({ ask, log }) => {
    const check = async (expected: number): Promise<void> => {
      const [kept, alone] = [await ask(), await ask(readFiles)];
      assert.deepEqual(kept.responses, alone.responses);
      assert.deepEqual(kept.logs.warnings, alone.logs.warnings);
      assert.equal(sum(kept.responses), expected);
    };
    await check(3000);
    await check(3000);
    await Deno.writeTextFile(log, total(3500, 300), { append: true });
    await check(3500);
    const half = total(4000, 400);
    await Deno.writeTextFile(log, half.slice(0, 150), { append: true });
    await check(3500);
    await Deno.writeTextFile(log, half.slice(150, -1), { append: true });
    await check(4000);
    await check(4000);
    await Deno.writeTextFile(log, `\n${total(4100, 410)}`, { append: true });
    await check(4100);
    await Deno.truncate(log, (meta() + total(1000, 100)).length);
    await check(1000);
    await Deno.writeTextFile(
      log,
      `${meta()}${total(77, 7)}${total(99, 9)}${total(5000, 100)}${total(6000, 100)}`,
    );
    await check(6000);
  }));

Deno.test("a file that is written anew with the same size and time is read anew", () =>
  withWorld(async ({ ask, log }) => {
    const { mtime } = await Deno.stat(log);
    assert.equal(sum((await ask()).responses), 3000);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await Deno.writeTextFile(log, `${meta()}${total(1000, 100)}${total(9000, 250)}`);
    await Deno.utime(log, mtime ?? 0, mtime ?? 0);
    assert.equal(sum((await ask()).responses), 9000);
  }));

Deno.test("history stays when its file is deleted, and a moved file counts once", () =>
  withWorld(async ({ ask, log, folders }) => {
    await ask();
    const archived = `${folders[1]}/rollout-2026-09-01T10-00-00-${ID}.jsonl`;
    await Deno.rename(log, archived);
    const moved = await ask();
    assert.equal(sum(moved.responses), 3000);
    assert.deepEqual(moved.logs.gone, []);
    await Deno.remove(archived);
    const deleted = await ask();
    assert.equal(sum(deleted.responses), 3000);
    assert.deepEqual(deleted.logs.gone, [archived]);
    assert.equal(sum((await ask(readFiles)).responses), 0);
    // It comes back from a backup under its old name.
    await Deno.writeTextFile(log, `${meta()}${total(1000, 100)}${total(3000, 250)}${total(3100, 260)}`);
    assert.equal(sum((await ask()).responses), 3100);
  }));

Deno.test("what was read through a link is not gone from where the link leads by now", () =>
  withWorld(async ({ ask, log, folder, folders }) => {
    const [sessions = ""] = folders;
    const [first, second] = [`${folder}/first`, `${folder}/second`];
    await Deno.rename(sessions, first);
    await Deno.mkdir(second);
    await Deno.writeTextFile(`${second}/${basename(log).replace(ID, "other")}`, total(7, 1));
    const link = async (target: string): Promise<void> => {
      await Deno.remove(sessions).catch(() => {});
      await Deno.symlink(target, sessions);
    };
    await link(first);
    assert.equal(sum((await ask()).responses), 3000);
    await link(second);
    const elsewhere = await ask();
    assert.equal(sum(elsewhere.responses), 7);
    assert.deepEqual(elsewhere.logs.gone, []);
    await link(first);
    assert.equal(sum((await ask()).responses), 3000);
    // What is deleted stays, whichever way the link leads.
    await Deno.remove(`${first}/${basename(log)}`);
    assert.equal(sum((await ask()).responses), 3000);
    await link(second);
    assert.equal(sum((await ask()).responses), 3007);
  }));

Deno.test("an unchanged file is not opened", () =>
  withWorld(async ({ ask, log, client, folders, folder }) => {
    await ask();
    await Deno.chmod(log, 0o000);
    // The mode counts as a change of the file, but what is known stays known while it cannot be read.
    assert.equal(sum((await ask()).responses), 3000);
    await Deno.chmod(log, 0o600);
    assert.equal(sum((await ask()).responses), 3000);
    assert.ok(folder !== "" && client.id !== "" && folders.length === 2);
  }));

Deno.test("what an older reader read is read anew", () =>
  withWorld(async ({ ask, folder, client, folders }) => {
    await ask();
    const { db } = openDatabase(`${folder}/agentos.db`, [USAGE_TABLES], new Date());
    db.exec("UPDATE usage_logs SET version = 0; UPDATE usage_events SET events = '[]'");
    const { responses } = await openUsageLedger(db)(client, folders);
    db.close();
    assert.equal(sum(responses), 3000);
  }));
