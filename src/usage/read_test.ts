import assert from "node:assert/strict";
import fc from "fast-check";
import { CLIENTS } from "../../clients/mod.ts";
import type { UsageClient } from "./client.ts";
import type { Response } from "./model.ts";
import { openLines } from "./lines.ts";
import { findLogs, readLog } from "./read.ts";

const PATH = "/logs/rollout-2026-09-01T10-00-00-01a05c69-4d00-7000-8000-000000000001.jsonl";

async function openClients(): Promise<readonly UsageClient[]> {
  const clients = await Promise.all(Object.values(CLIENTS).map((row) => row.usage?.()));
  return clients.filter((client) => client !== undefined);
}

const CLIENT_LIST = await openClients();

/** Real-shaped lines of both clients, some of them broken. */
const LINES = [
  '{"timestamp":"2026-09-01T10:00:00.000Z","type":"session_meta","payload":{"id":"01a05c69-4d00-7000-8000-000000000001","cwd":"/p"}}',
  '{"timestamp":"2026-09-01T10:00:01.000Z","type":"turn_context","payload":{"model":"gpt-5.2-codex","turn_id":"t1"}}',
  total(1000, 100),
  total(3000, 250),
  total(3000, 250),
  total(700, 20),
  '{"timestamp":"2026-09-01T10:00:04.900Z","type":"token_usage_record","payload":{"turn_id":"t1","response_id":"r1","usage":{"input_tokens":2000,"output_tokens":150}}}',
  `{"timestamp":"2026-09-01T10:00:02.000Z","type":"response_item","payload":{"type":"message","text":"${
    "ü token_count ".repeat(40)
  }"}}`,
  '{"type":"assistant","timestamp":"2026-09-01T10:00:02.000Z","requestId":"q","message":{"id":"m","model":"claude-opus-4-6","usage":{"input_tokens":3,"output_tokens":9}}}',
  '{"timestamp":"2026-09-01T10:00:05.000Z","type":"event_msg","payload":{"type":"token_count","info":{"total_to',
  '{"timestamp":"2026-09-01T10:00:02.000Z","type":"response_item","payload":{"type":"mess',
  "not json",
  "\0\0\0",
  "",
  "[]",
  "7",
  '{"type":"event_msg","payload":null}',
  '{"type":"token_usage_record","payload":{"usage":{"input_tokens":-1,"output_tokens":1e400}}}',
];

function total(input: number, output: number): string {
  const usage = `{"input_tokens":${input},"cached_input_tokens":0,"output_tokens":${output}}`;
  return `{"timestamp":"2026-09-01T10:00:05.000Z","type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":${usage},"last_token_usage":${usage}}}}`;
}

const line = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...LINES) },
  { weight: 1, arbitrary: fc.json() },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom(...LINES), fc.nat(), fc.string({ maxLength: 3 })).map(
      ([text, at, junk]) => text.slice(0, at % (text.length + 1)) + junk + text.slice(at % (text.length + 1)),
    ),
  },
);
const log = fc.tuple(fc.array(line, { maxLength: 30 }), fc.constantFrom("\n", "\r\n"), fc.boolean()).map(
  ([lines, end, isEnded]) => new TextEncoder().encode(lines.join(end) + (isEnded ? end : "")),
);

function answer(
  client: UsageClient,
  events: Parameters<UsageClient["resolve"]>[0][number]["events"],
): readonly Response[] {
  return client.resolve([{ path: PATH, events }], false).responses;
}

Deno.test("openLines() gives the same events whatever the chunks are", () => {
  for (const client of CLIENT_LIST) {
    fc.assert(fc.property(log, fc.array(fc.integer({ min: 1, max: 400 })), (bytes, sizes) => {
      const whole = openLines(client, PATH);
      whole.push(bytes);
      const parts = openLines(client, PATH);
      let at = 0;
      for (let index = 0; at < bytes.length; index++) {
        const size = sizes.length === 0 ? 7 : sizes[index % sizes.length] ?? 1;
        // The reader's window is used again: what was handed in before must not be looked at later.
        const window = bytes.slice(at, at + size);
        parts.push(window);
        window.fill(0);
        at += size;
      }
      assert.deepEqual(parts.finish(), whole.finish());
    }));
  }
});

Deno.test("openLines() goes on from where it stopped, with the same answer as at once", () => {
  for (const client of CLIENT_LIST) {
    fc.assert(fc.property(log, fc.nat(), (bytes, cut) => {
      const whole = openLines(client, PATH);
      whole.push(bytes);
      const all = whole.finish();
      const first = openLines(client, PATH);
      first.push(bytes.slice(0, cut % (bytes.length + 1)));
      const before = first.finish();
      const second = openLines(client, PATH, before);
      second.push(bytes.slice(before.offset));
      const after = second.finish();
      assert.equal(after.offset, all.offset);
      assert.equal(after.lines, all.lines);
      assert.deepEqual([...before.warnings, ...after.warnings], all.warnings);
      assert.deepEqual(
        answer(client, [...before.events, ...after.events, ...after.tailEvents]),
        answer(client, [...all.events, ...all.tailEvents]),
      );
    }));
  }
});

Deno.test("a line that may be skipped says nothing, and every count is a count", () => {
  for (const client of CLIENT_LIST) {
    fc.assert(fc.property(line, (text) => {
      const trimmed = text.trim();
      if (!client.canSkip(trimmed.slice(0, client.headBytes))) return;
      try {
        assert.equal(client.readLine(trimmed, 1), undefined);
      } catch (error) {
        assert.ok(error instanceof SyntaxError);
      }
    }));
    fc.assert(fc.property(log, (bytes) => {
      const lines = openLines(client, PATH);
      lines.push(bytes);
      const { events, tailEvents } = lines.finish();
      for (const { tokens } of answer(client, [...events, ...tailEvents])) {
        for (const count of Object.values(tokens)) assert.ok(Number.isSafeInteger(count) && count >= 0);
      }
    }));
  }
});

Deno.test("openLines() warns of each broken line by number, and counts the rest", () => {
  const [client] = CLIENT_LIST;
  assert.ok(client !== undefined);
  const lines = openLines(client, PATH);
  lines.push(
    new TextEncoder().encode(
      `\uFEFF${LINES[1]}\r\n${LINES[9]}\n\n${total(10, 1)}\n${LINES[10]}\n${LINES[11]}\n\0\0\n{"a`,
    ),
  );
  const { events, warnings, tailWarnings } = lines.finish();
  assert.deepEqual(events.map(({ kind, line }) => [kind, line]), [["model", 1], ["total", 4]]);
  assert.deepEqual(warnings.map(({ line, code }) => [line, code]), [
    [2, "broken-line"],
    [5, "broken-line"],
    [6, "broken-line"],
    [7, "broken-line"],
  ]);
  assert.deepEqual(tailWarnings.map(({ line }) => line), [8]);
});

Deno.test("openLines() leaves out a line that is too long to look into, and remembers little of it", () => {
  const [client] = CLIENT_LIST;
  assert.ok(client !== undefined);
  const lines = openLines(client, PATH);
  const chunk = new Uint8Array(1024 * 1024).fill(120);
  lines.push(new TextEncoder().encode('{"odd":"'));
  for (let count = 0; count < 70; count++) lines.push(chunk);
  lines.push(new TextEncoder().encode(`"}\n${total(10, 1)}\n`));
  const { events, warnings } = lines.finish();
  assert.deepEqual(warnings.map(({ line, code }) => [line, code]), [[1, "long-line"]]);
  assert.deepEqual(events.map(({ line }) => line), [2]);
});

Deno.test("findLogs() prefers the plain log to the compressed one, follows links once, and takes absent folders", async () => {
  const [client] = CLIENT_LIST;
  assert.ok(client !== undefined);
  const folder = Deno.realPathSync(await Deno.makeTempDir({ prefix: "agentos-usage-" }));
  try {
    await Deno.mkdir(`${folder}/a/b`, { recursive: true });
    for (const name of ["x.jsonl", "x.jsonl.zst", "b/y.jsonl.zst", "b/notes.txt"]) {
      await Deno.writeTextFile(`${folder}/a/${name}`, "");
    }
    await Deno.symlink(`${folder}/a`, `${folder}/a/b/loop`);
    const { files, warnings } = findLogs(client, [`${folder}/a`, `${folder}/none`]);
    assert.deepEqual(files.map(({ path }) => path.slice(folder.length)), ["/a/b/y.jsonl.zst", "/a/x.jsonl"]);
    assert.deepEqual(warnings, []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("readLog() says that a compressed log is damaged, and does not fail", async () => {
  const [client] = CLIENT_LIST;
  assert.ok(client !== undefined);
  const folder = await Deno.makeTempDir({ prefix: "agentos-usage-" });
  try {
    await Deno.writeTextFile(`${folder}/x.jsonl.zst`, "this is no zstd");
    const { events, warnings } = await readLog(client, `${folder}/x.jsonl.zst`);
    assert.deepEqual(events, []);
    assert.deepEqual(warnings.map(({ code }) => code), ["unreadable"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
