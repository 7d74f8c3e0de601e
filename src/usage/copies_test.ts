/** Copies of logs cost no counting and change no answer. @module */

import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { CLIENTS } from "../../clients/mod.ts";
import { setCopiesAside } from "./copies.ts";
import type { Warning } from "./model.ts";
import { findLogs } from "./read.ts";
import { readFiles } from "./read_all.ts";
import { shareEngine, WINDOW_START } from "./scan/engine.ts";
import { listResponses } from "./tallied.ts";

const idOf = (number: number): string => `01a05c69-4d00-7000-8000-${String(number).padStart(12, "0")}`;

/** A log of a session with a broken line; `extra` totals more than the two that there are at least. */
function renderLog(number: number, extra: number, inputs = 10): string {
  const lines = [`"type":"session_meta","payload":{"id":"${idOf(number)}","cwd":"/p"}`];
  for (let count = 1; count <= 2 + extra; count++) {
    lines.push(
      `"type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":{"input_tokens":${
        inputs * count
      },"output_tokens":1}}}`,
    );
  }
  const stamped = lines.map((rest, index) =>
    `{"timestamp":"2026-09-0${number}T10:00:${String(index % 60).padStart(2, "0")}.000Z",${rest}}`
  );
  return [...stamped, '{"torn', ""].join("\n");
}

function write(home: string, folder: string, number: number, text: string): string {
  const path = join(home, folder, `rollout-2026-09-0${number}T10-00-00-${idOf(number)}.jsonl`);
  Deno.mkdirSync(dirname(path), { recursive: true });
  Deno.writeTextFileSync(path, text);
  return path;
}

function sortWarnings(warnings: readonly Warning[]): readonly string[] {
  return warnings.map(({ file, line, code }) => `${file}:${line} ${code}`).toSorted();
}

Deno.test("what is the same byte for byte is read once, and nothing is answered otherwise", async () => {
  const client = await CLIENTS["codex"]?.usage?.();
  assert.ok(client !== undefined);
  const home = Deno.realPathSync(await Deno.makeTempDir({ prefix: "agentos-copies-" }));
  try {
    const folders = client.folders(() => undefined, home);
    // More than fits into a window.
    const long = renderLog(1, 40_000);
    assert.ok(long.length > 5_000_000);
    write(home, ".codex/sessions", 1, long);
    const copies = [write(home, ".codex/archived_sessions", 1, long)];
    write(home, ".codex/sessions", 2, renderLog(2, 3));
    copies.push(write(home, ".codex/sessions/again", 2, renderLog(2, 3)));
    copies.push(write(home, ".codex/archived_sessions", 2, renderLog(2, 3)));
    // As long, and other; and one that went on since it was copied.
    write(home, ".codex/sessions", 3, renderLog(3, 3));
    write(home, ".codex/archived_sessions", 3, renderLog(3, 3, 20));
    const other = renderLog(6, 40_000);
    write(home, ".codex/sessions", 6, other);
    write(home, ".codex/archived_sessions", 6, other.replace(/1(?=\}\}\}\}\n\{"torn\n$)/, "2"));
    write(home, ".codex/sessions", 4, renderLog(4, 5));
    write(home, ".codex/archived_sessions", 4, renderLog(4, 3));
    write(home, ".codex/sessions", 5, "");
    copies.push(write(home, ".codex/archived_sessions", 5, ""));

    const { files } = findLogs(client, folders);
    const distinct = new Set(setCopiesAside(client, files, () => {}).files.map(({ path }) => path));
    const aside = files.flatMap(({ path }) => distinct.has(path) ? [] : [path]);
    // Of two that are the same, either may stay.
    const name = (path: string): string => path.slice(-20);
    assert.deepEqual(aside.map(name).toSorted(), copies.map(name).toSorted());

    const whole = await readFiles(client, folders);
    let progress: readonly number[] = [];
    const quick = await readFiles(client, folders, {
      withoutIds: true,
      progress: (...bytes) => progress = bytes,
    });
    const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
    assert.deepEqual(progress, [sizeBytes, sizeBytes]);
    const sums = [whole, quick].map(({ responses, tallied }) => {
      const all = listResponses({ listed: responses, tallied });
      return [
        all.length,
        ...["input", "output"].map((part) =>
          all.reduce((sum, { tokens }) => sum + (part === "input" ? tokens.input : tokens.output), 0)
        ),
      ];
    });
    assert.deepEqual(sums[1], sums[0]);
    assert.equal(quick.files, whole.files);
    assert.equal(whole.warnings.length, 11);
    assert.deepEqual(sortWarnings(quick.warnings), sortWarnings(whole.warnings));
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});

Deno.test("one byte that differs, wherever it is, makes two texts differ", () => {
  const { bytes, wasm } = shareEngine();
  const [a, b] = [WINDOW_START, WINDOW_START + 4099];
  for (let length = 0; length < 300; length += 7) {
    for (let at = 0; at < length; at++) bytes[a + at] = bytes[b + at] = at * 31;
    // What stands behind does not matter.
    bytes[a + length] = 1;
    bytes[b + length] = 2;
    assert.equal(wasm.areSame(a, b, length), 1);
    for (let at = 0; at < length; at++) {
      bytes[b + at] = at * 31 + 1;
      assert.equal(wasm.areSame(a, b, length), 0, `${at} of ${length}`);
      bytes[b + at] = at * 31;
    }
  }
});
