import assert from "node:assert/strict";
import { join } from "node:path";
import { CLIENTS } from "../../clients/mod.ts";
import { openCounting } from "./count_logs.ts";
import type { Response } from "./model.ts";
import { findLogs, readLog } from "./read.ts";
import { readFiles } from "./read_all.ts";
import { digestLogs, divide, logOf, type StartReader } from "./readers.ts";
import { listResponses } from "./tallied.ts";

const idOf = (number: number): string => `01a05c69-4d00-7000-8000-${String(number).padStart(12, "0")}`;
const time = (seconds: number): string => new Date(Date.UTC(2026, 8, 1) + seconds * 1000).toISOString();

function total(seconds: number, input: number): string {
  return `{"timestamp":"${
    time(seconds)
  }","type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":{"input_tokens":${input},"output_tokens":1}}}}\n`;
}

/** Sessions, forks by copy, copies in the archive, and broken lines. */
function writeLogs(folders: readonly string[]): void {
  const [sessions = "", archive = ""] = folders;
  for (const folder of folders) Deno.mkdirSync(folder, { recursive: true });
  let parentLines = "";
  for (let number = 1; number <= 30; number++) {
    const isFork = number % 5 === 0;
    const meta = `{"timestamp":"${time(number * 100)}","type":"session_meta","payload":{"id":"${
      idOf(number)
    }","timestamp":"${time(number * 100)}","cwd":"/p"${
      isFork ? `,"forked_from_id":"${idOf(number - 1)}"` : ""
    }}}\n`;
    let own = "";
    for (let count = 1; count <= number; count++) own += total(number * 100 + count * 2, count * number * 10);
    if (number % 7 === 0) own += '{"torn\n';
    const name = `rollout-2026-09-01T10-00-00-${idOf(number)}.jsonl`;
    Deno.writeTextFileSync(join(sessions, name), meta + (isFork ? parentLines : "") + own);
    if (number % 6 === 0) Deno.copyFileSync(join(sessions, name), join(archive, name));
    parentLines = own;
  }
}

const startReal: StartReader = () =>
  new Worker(new URL("../commands/usage/reader_test_worker.ts", import.meta.url), {
    type: "module",
    deno: {
      permissions: { read: true, write: false, net: false, run: false, env: false, ffi: false, sys: false },
    },
  });

/** A thread that ends at once. */
const startBroken: StartReader = () =>
  new Worker(URL.createObjectURL(new Blob(["throw new Error('broken')"], { type: "text/javascript" })), {
    type: "module",
  });

/** Without what a tally leaves out, in an order that does not depend on who read first. */
function sort(responses: readonly Response[]): readonly string[] {
  return responses.map(({ id: _id, names: _names, ...rest }) => JSON.stringify(rest)).toSorted();
}

Deno.test("however many threads read, and if some fail, the answer is the same", async () => {
  const client = await CLIENTS["codex"]?.usage?.();
  assert.ok(client !== undefined);
  const home = Deno.realPathSync(await Deno.makeTempDir({ prefix: "agentos-readers-" }));
  try {
    const folders = client.folders(() => undefined, home);
    writeLogs(folders);
    const { files } = findLogs(client, folders);
    const expected = await readFiles(client, folders);
    assert.ok(
      expected.responses.length > 300 && expected.warnings.length === 5,
      `${expected.responses.length}`,
    );
    const scenes = ([[startReal, 2], [startReal, 4], [startBroken, 2], [undefined, 3]] as const)
      .flatMap(([start, readers]) => [false, true].map((mayTally) => ({ start, readers, mayTally })));
    for (const { start, readers, mayTally } of scenes) {
      const paths = files.map(({ path }) => path);
      const counting = openCounting(client, paths, async (path) => logOf(path, await readLog(client, path)));
      const warnings: number[] = [];
      let doneBytes = 0;
      let readElsewhere = 0;
      let talliedHere = 0;
      await digestLogs(
        client,
        files,
        (bytes) => doneBytes += bytes,
        (place, digest) => {
          counting.add(place, digest);
          if (digest.log === undefined && digest.tallied === undefined) readElsewhere++;
          if (digest.tallied !== undefined) talliedHere++;
          warnings.push(...digest.warnings.map(({ line = 0 }) => line));
        },
        mayTally ? counting : undefined,
        start,
        readers,
      );
      const { counted, tallied } = await counting.finish();
      const listed = client.merge(counted);
      if (!mayTally) assert.deepEqual(listed, expected.responses);
      else assert.deepEqual(sort(listResponses({ listed, tallied })), sort(expected.responses));
      assert.equal(talliedHere > 0, mayTally);
      assert.equal(warnings.length, expected.warnings.length);
      assert.equal(
        readElsewhere > files.length / 3,
        start === startReal,
        `${readElsewhere} of ${files.length}`,
      );
      assert.equal(doneBytes, files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
    }
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});

Deno.test("divide() gives each log to one reader, and each reader about as much", () => {
  const files = [900, 10, 500, 400, 20, 30, 0].map((sizeBytes) => ({ sizeBytes }));
  const shares = divide(files, 2);
  assert.deepEqual(shares.flat().toSorted((a, b) => a - b), [0, 1, 2, 3, 4, 5, 6]);
  const sizes = shares.map((places) =>
    places.reduce((sum, place) => sum + (files[place]?.sizeBytes ?? 0), 0)
  );
  assert.deepEqual(divide(files.slice(0, 1), 3), [[0]]);
  assert.deepEqual(divide([], 3), []);
  assert.ok(Math.abs((sizes[0] ?? 0) - (sizes[1] ?? 0)) <= 20, String(sizes));
});
