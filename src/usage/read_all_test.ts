/** Every way of reading all logs says what each of them says alone. @module */

import assert from "node:assert/strict";
import { join } from "node:path";
import { CLIENTS } from "../../clients/mod.ts";
import { openDatabase } from "../base/database.ts";
import { openUsageLedger } from "./ledger.ts";
import { USAGE_TABLES } from "./ledger_tables.ts";
import { readFiles } from "./read_all.ts";
import { listResponses } from "./tallied.ts";

const idOf = (number: number): string => `01a05c69-4d00-7000-8000-${String(number).padStart(12, "0")}`;

/** In megabytes: some are read at once, some in parts, some have lines that are longer than what is read or held at once. */
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
  const home = Deno.realPathSync(await Deno.makeTempDir({ prefix: "agentos-all-" }));
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
