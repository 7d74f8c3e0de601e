/** Logs that are read while others are scanned say what they say alone. @module */

import assert from "node:assert/strict";
import { join } from "node:path";
import { CLIENTS } from "../../clients/mod.ts";
import { openDatabase } from "../base/database.ts";
import { openUsageLedger } from "./ledger.ts";
import { USAGE_TABLES } from "./ledger_tables.ts";
import { readFiles } from "./read_all.ts";
import { readInTurn } from "./read_ahead.ts";
import { shareEngine, WINDOW_START } from "./scan/engine.ts";
import { listResponses } from "./tallied.ts";

const idOf = (number: number): string => `01a05c69-4d00-7000-8000-${String(number).padStart(12, "0")}`;

/** In megabytes: some that are read ahead, some that are not, some of several windows; in turns and one after another. */
const SIZES = [2, 0.01, 5, 1.6, 9, 0.5, 0.5, 2, 4.2, 4.2, 0.01, 3];

/** Has as many responses, of as many tokens, as its number says, between lines that do not matter. */
function renderLog(number: number, megabytes: number): string {
  const at = `{"timestamp":"2026-09-01T10:00:00.000Z",`;
  const lines = [`${at}"type":"session_meta","payload":{"id":"${idOf(number)}","cwd":"/p"}}`];
  const filler = "x".repeat(Math.round(megabytes * 1e6 / number));
  for (let count = 1; count <= number; count++) {
    lines.push(`${at}"type":"response_item","payload":{"type":"message","text":"${filler}"}}`);
    lines.push(
      `${at}"type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":{"input_tokens":${
        count * number
      },"output_tokens":1}}}}`,
    );
  }
  return `${lines.join("\n")}\n`;
}

Deno.test("logs of any size, one after another, say what each says alone, in every way of reading", async () => {
  const client = await CLIENTS["codex"]?.usage?.();
  assert.ok(client !== undefined);
  const home = Deno.realPathSync(await Deno.makeTempDir({ prefix: "agentos-ahead-" }));
  const { db } = openDatabase(join(home, "agentos.db"), [USAGE_TABLES], new Date());
  try {
    const folders = client.folders(() => undefined, home);
    const [sessions = ""] = folders;
    Deno.mkdirSync(sessions, { recursive: true });
    const expected = SIZES.map((megabytes, index) => {
      const number = index + 1;
      const name = `rollout-2026-09-01T10-00-${String(number).padStart(2, "0")}-${idOf(number)}.jsonl`;
      Deno.writeTextFileSync(join(sessions, name), renderLog(number, megabytes));
      return [idOf(number), number, number * number];
    });
    for (
      const [read, options] of [
        [readFiles, {}],
        [readFiles, { withoutIds: true }],
        [readFiles, { explain: true }],
        [openUsageLedger(db), {}],
      ] as const
    ) {
      const { responses, tallied, warnings } = await read(client, folders, options);
      const bySession = Map.groupBy(listResponses({ listed: responses, tallied }), ({ session }) => session);
      const found = [...bySession].map(([session, own]) => [
        session,
        own.length,
        own.reduce((sum, { tokens }) => sum + tokens.input, 0),
      ]);
      assert.deepEqual(found.toSorted(), expected);
      assert.deepEqual(warnings, []);
    }
  } finally {
    db.close();
    await Deno.remove(home, { recursive: true });
  }
});

Deno.test("where the work ends by an error, or leaves a log alone, nothing stays open or is still read", async () => {
  const path = await Deno.makeTempFile({ prefix: "agentos-ahead-" });
  try {
    Deno.writeTextFileSync(path, "x".repeat(4_000_000));
    const log = { path, sizeBytes: 4_000_000 };
    let worked = 0;
    await readInTurn([log, log, log], (one) => one, () => Promise.resolve(void worked++));
    assert.equal(worked, 3);
    for (const wrong of [1, 2]) {
      const read = readInTurn([1, 2, 3], () => log, async (number, ahead) => {
        if (number === wrong) throw new TypeError("broken");
        (await ahead?.take())?.file.close();
      });
      await assert.rejects(read, TypeError);
      const { bytes } = shareEngine();
      bytes.fill(0, WINDOW_START);
      // Deno's own checks hold that no file is open and nothing under way when the test ends.
      assert.equal(bytes.subarray(WINDOW_START).every((byte) => byte === 0), true);
    }
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("what cannot be read ahead is left to who wants it, and nothing stays open", async () => {
  const home = await Deno.makeTempDir({ prefix: "agentos-ahead-" });
  try {
    const path = join(home, "there.jsonl");
    Deno.writeTextFileSync(path, "x".repeat(2_000_000));
    const there = { path, sizeBytes: 2_000_000 };
    const logs = [
      undefined,
      there,
      { path: join(home, "gone.jsonl"), sizeBytes: 2_000_000 },
      // It opens, and cannot be read.
      { path: home, sizeBytes: 2_000_000 },
      { path, sizeBytes: 10 },
      there,
    ];
    const begun: (number | undefined | "not ahead")[] = [];
    await readInTurn(logs, (log) => log, async (_log, ahead) => {
      const taken = await ahead?.take();
      taken?.file.close();
      begun.push(ahead === undefined ? "not ahead" : taken?.count);
    });
    assert.deepEqual(begun, ["not ahead", 2_000_000, undefined, undefined, "not ahead", 2_000_000]);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});
