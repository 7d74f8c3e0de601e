import assert from "node:assert/strict";
import fc from "fast-check";
import { CLIENTS } from "../../../clients/mod.ts";
import type { UsageClient } from "../client.ts";
import { readPlainly } from "../lines.ts";
import { pour } from "../read.ts";
import { holdToPlain, PATH, scan } from "./scan_fixture.ts";
import { openScanner } from "./scanner.ts";

const ID = "01a05c69-4d00-7000-8000-000000000001";

async function openClients(): Promise<readonly UsageClient[]> {
  const clients = await Promise.all(Object.values(CLIENTS).map((row) => row.usage?.()));
  return clients.filter((client) => client !== undefined);
}

const CLIENT_LIST = await openClients();

/** Any JSON, kept as text so that odd spellings survive. */
type Json = string;

const count = fc.oneof(
  { weight: 6, arbitrary: fc.nat({ max: 2_000_000 }).map(String) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "-1",
      "1.5",
      "1e3",
      "0",
      "-0",
      "01",
      "1E400",
      "999999999999999",
      "9007199254740991",
      "9007199254740993",
      "123456789012345678901234567890",
      "12345678901234567890e-5",
      "null",
      '"7"',
      "true",
      "{}",
      "[1]",
      "1.",
      ".5",
      "+1",
      "1e",
    ),
  },
);

const time = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.date({ min: new Date(0), max: new Date("2099-12-31"), noInvalidDate: true }).map((at) =>
      `"${at.toISOString()}"`
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '"2026-02-30T10:00:00.000Z"',
      '"2028-02-29T23:59:59.999Z"',
      '"2027-02-29T23:59:59.999Z"',
      '"2100-02-29T00:00:00.000Z"',
      '"2000-02-29T00:00:00.000Z"',
      '"2026-04-31T00:00:00.000Z"',
      '"2026-12-31T23:59:59.999Z"',
      '"2026-13-01T10:00:00.000Z"',
      '"2026-09-01T24:00:00.000Z"',
      '"2026-09-01T10:00:00Z"',
      '"2026-09-01T10:00:00.123456Z"',
      '"2026-09-01T10:00:00.000+02:00"',
      '"1969-12-31T10:00:00.000Z"',
      '"2026-09-01T10:00:00.00\\u0030Z"',
      '"soon"',
      "7",
    ),
  },
);

const text = fc.oneof(
  fc.constantFrom(
    '"t1"',
    '"gpt-5.2-codex"',
    '""',
    '"m\\u00fc\\"\\\\\\/"',
    '"für"',
    `"${ID}"`,
    '"\\ud800"',
    '"\\q"',
    '"a\tb"',
  ),
  fc.string({ maxLength: 8 }).map((value) => JSON.stringify(value)),
  fc.constantFrom(
    '"{\\"type\\":\\"token_count\\",\\"info\\":{\\"total_token_usage\\":{\\"input_tokens\\":9}}}"',
    '"\\"usage\\":{\\"output_tokens\\":5}}}"',
  ),
);

const junk: fc.Arbitrary<Json> = fc.oneof(fc.json({ maxDepth: 3 }), text, count);

/** Keys on the way to what says of which kind a line is. */
const DECIDING = new Set(["type", "payload", "message", "data"]);

/** An object whose keys may come in another order, twice, with spaces, with escapes, with others between them. */
function object(entries: Readonly<Record<string, fc.Arbitrary<Json>>>): fc.Arbitrary<Json> {
  const names = Object.keys(entries);
  const odd = fc.record({
    order: fc.oneof({ weight: 4, arbitrary: fc.constant(names) }, {
      weight: 1,
      arbitrary: fc.shuffledSubarray(names),
    }),
    extra: fc.option(fc.tuple(fc.constantFrom("x", "usage", "type", ...names), junk, fc.nat(9)), { freq: 6 }),
    space: fc.oneof({ weight: 6, arbitrary: fc.constant("") }, {
      weight: 1,
      arbitrary: fc.constantFrom(" ", "\t", "  ", "\r", "\u00a0"),
    }),
    escapes: fc.oneof({ weight: 12, arbitrary: fc.constant(false) }, {
      weight: 1,
      arbitrary: fc.constant(true),
    }),
  });
  return fc.tuple(fc.record(entries), odd).map(([values, { order, extra, space, escapes }]) => {
    const pairs = order.map((name) => [name, values[name] ?? "null"]);
    // A line that says twice what kind it is counts as what it says first; nobody writes such lines.
    const isTwice = extra !== null && names.includes(extra[0]) && DECIDING.has(extra[0]);
    if (extra !== null && !isTwice) pairs.splice(extra[2] % (pairs.length + 1), 0, [extra[0], extra[1]]);
    const key = (name: string): string =>
      escapes ? `"\\u${name.charCodeAt(0).toString(16).padStart(4, "0")}${name.slice(1)}"` : `"${name}"`;
    const body = pairs.map(([name = "", value]) => `${space}${key(name)}${space}:${space}${value}${space}`);
    return `{${body.join(",")}}`;
  });
}

function one<Value extends string>(...values: readonly Value[]): fc.Arbitrary<Json> {
  return fc.constantFrom(...values.map((value) => JSON.stringify(value)));
}

const usage = object({
  input_tokens: count,
  cached_input_tokens: count,
  output_tokens: count,
  reasoning_output_tokens: count,
  total_tokens: count,
});
const sometimes = (value: fc.Arbitrary<Json>): fc.Arbitrary<Json> =>
  fc.oneof({ weight: 5, arbitrary: value }, { weight: 1, arbitrary: junk });

const line: fc.Arbitrary<string> = fc.oneof(
  object({
    timestamp: time,
    ordinal: count,
    type: one("event_msg"),
    payload: object({
      type: one("token_count"),
      info: sometimes(object({ total_token_usage: sometimes(usage), last_token_usage: usage })),
      rate_limits: junk,
    }),
  }),
  object({
    timestamp: time,
    type: one(
      "event_msg",
      "token_usage_record",
      "turn_context",
      "session_meta",
      "response_item",
      "compacted",
    ),
    payload: sometimes(object({
      type: one("task_started", "agent_message", "token_count", "thread_settings_applied"),
      id: text,
      turn_id: text,
      thread_id: text,
      model: text,
      response_id: text,
      started_at: count,
      usage: sometimes(usage),
      thread_settings: sometimes(object({ service_tier: text, model: text })),
      history_base: sometimes(object({ thread_id: text, end_ordinal_exclusive: count })),
    })),
  }),
  object({
    cwd: text,
    type: one("assistant", "progress", "user"),
    message: sometimes(object({
      model: text,
      id: text,
      content: junk,
      usage: sometimes(object({
        input_tokens: count,
        output_tokens: count,
        cache_creation_input_tokens: count,
        cache_creation: sometimes(
          object({ ephemeral_5m_input_tokens: count, ephemeral_1h_input_tokens: count }),
        ),
        speed: one("fast", "standard"),
      })),
    })),
    data: sometimes(
      object({ message: sometimes(object({ type: one("assistant", "user"), message: junk })) }),
    ),
    requestId: text,
    costUSD: count,
    timestamp: time,
  }),
  fc.json(),
  fc.constantFrom(
    "",
    " ",
    "\0\0\0",
    "not json",
    "[]",
    "7",
    "{}",
    "{",
    "}",
    '"',
    '{"type":',
    "\uFEFF{}",
    "nul",
  ),
);

/** A line as a crash or an editor leaves it: cut, glued to the next, with bytes changed, with odd ends. */
const mutated = fc.tuple(line, fc.nat(), fc.constantFrom("", "\0", "}", '"', "\\", "x", "\uFEFF", "é", "}}"))
  .map(
    ([whole, at, byte]) => {
      const cut = at % (whole.length + 1);
      return at % 3 === 0 ? whole.slice(0, cut) : whole.slice(0, cut) + byte + whole.slice(cut + at % 2);
    },
  );
const log = fc.record({
  lines: fc.array(fc.oneof({ weight: 5, arbitrary: line }, { weight: 1, arbitrary: mutated }), {
    maxLength: 12,
  }),
  end: fc.constantFrom("\n", "\n", "\r\n", " \n"),
  isEnded: fc.boolean(),
  mark: fc.constantFrom("", "", "\uFEFF"),
  /** Bytes that are no text at all. */
  noise: fc.option(fc.tuple(fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 4 })), { freq: 8 }),
}).map(({ lines, end, isEnded, mark, noise }) => {
  const bytes = new TextEncoder().encode(mark + lines.join(end) + (isEnded ? end : ""));
  if (noise !== null && bytes.length > 8) bytes.set(noise[1], noise[0] % (bytes.length - 4));
  return bytes;
});

const RUNS = { numRuns: 1500 };

Deno.test("the scanner reads what the plain reader reads, whatever the chunks and the window are", () => {
  for (const client of CLIENT_LIST) {
    fc.assert(
      fc.property(
        log,
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }),
        fc.integer({ min: 1, max: 300 }),
        (bytes, sizes, windowBytes) => {
          holdToPlain(client, bytes, scan(client, bytes));
          const parts = scan(client, bytes, sizes, windowBytes);
          const plain = readPlainly(client, PATH, bytes);
          // A line that is longer than the window is judged by what is seen of its end.
          assert.deepEqual([parts.events, parts.tailEvents], [plain.events, plain.tailEvents]);
          assert.deepEqual([parts.offset, parts.lines], [plain.offset, plain.lines]);
          if (windowBytes > 200) holdToPlain(client, bytes, scan(client, bytes, sizes));
        },
      ),
      RUNS,
    );
  }
});

Deno.test("the scanner goes on from where it stopped, with the same events and warnings as at once", () => {
  for (const client of CLIENT_LIST) {
    fc.assert(fc.property(log, fc.nat(), (bytes, cut) => {
      const all = scan(client, bytes);
      const before = scan(client, bytes.subarray(0, cut % (bytes.length + 1)));
      const after = scan(client, bytes.subarray(before.offset), undefined, undefined, before);
      assert.deepEqual([after.offset, after.lines], [all.offset, all.lines]);
      assert.deepEqual([...before.warnings, ...after.warnings], all.warnings);
      assert.deepEqual(after.tailWarnings, all.tailWarnings);
      const path = PATH;
      assert.deepEqual(
        client.resolve([{ path, events: [...before.events, ...after.events, ...after.tailEvents] }], false),
        client.resolve([{ path, events: [...all.events, ...all.tailEvents] }], false),
      );
    }));
  }
});

Deno.test("no bytes at all make the scanner fail, and every count is a count", () => {
  for (const client of CLIENT_LIST) {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        (bytes) => holdToPlain(client, bytes, scan(client, bytes)),
      ),
    );
    fc.assert(fc.property(log, (bytes) => {
      const { events, tailEvents } = scan(client, bytes);
      const { responses } = client.resolve([{ path: PATH, events: [...events, ...tailEvents] }], false);
      for (const { tokens } of responses) {
        for (const value of Object.values(tokens)) assert.ok(Number.isSafeInteger(value) && value >= 0);
      }
    }));
  }
});

const encode = (value: string): Uint8Array => new TextEncoder().encode(value);

function total(input: number, output: number): string {
  const usage = `{"input_tokens":${input},"cached_input_tokens":0,"output_tokens":${output}}`;
  return `{"timestamp":"2026-09-01T10:00:05.000Z","type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":${usage},"last_token_usage":${usage}}}}`;
}

const [CODEX] = CLIENT_LIST;
assert.ok(CODEX !== undefined);

Deno.test("the scanner warns of each broken line by number, and counts the rest", () => {
  const model =
    `{"timestamp":"2026-09-01T10:00:01.000Z","type":"turn_context","payload":{"model":"gpt-5.2-codex"}}`;
  const message =
    `{"timestamp":"2026-09-01T10:00:01.000Z","type":"response_item","payload":{"type":"message"`;
  const bytes = encode(
    `\uFEFF${model}\r\n${total(9, 9).slice(0, 140)}\n\n${
      total(10, 1)
    }\n${message}\nnot json\n\0\0\n${message},"a":{}\n${message}}}\n{"a`,
  );
  const { events, warnings, tailWarnings } = scan(CODEX, bytes);
  assert.deepEqual(events.map(({ kind, line }) => [kind, line]), [["model", 1], ["total", 4]]);
  assert.deepEqual(warnings.map(({ line, code }) => [line, code]), [
    [2, "broken-line"],
    [5, "broken-line"],
    [6, "broken-line"],
    [7, "broken-line"],
    [8, "broken-line"],
  ]);
  assert.deepEqual(tailWarnings.map(({ line }) => line), [10]);
});

Deno.test("lines of any length are passed over, and what lies between them counts", () => {
  const head = '{"timestamp":"2026-09-01T10:00:01.000Z","type":"compacted","payload":{"message":"';
  const scanner = openScanner(CODEX, PATH);
  const chunk = new Uint8Array(1024 * 1024).fill(120);
  const putLong = (before: string, megabytes: number, after: string): void => {
    pour(encode(before), scanner);
    for (let count = 0; count < megabytes; count++) pour(chunk, scanner);
    pour(encode(after), scanner);
  };
  putLong(head, 1, `"}}\n${total(10, 1)}\n`);
  putLong(head, 200, `"}}  \r\n${total(20, 2)}\n`);
  putLong(head, 9, `\n${total(30, 3)}\n`);
  // One that cannot be judged by its beginning is looked into, up to a limit.
  putLong('{"odd":"', 9, `"}\n${total(40, 4)}\n`);
  putLong('{"odd":"', 70, `"}\n${total(50, 5)}\n`);
  putLong('{"odd":"', 9, `\n${total(60, 6)}\n`);
  putLong(head, 9, "");
  const { events, warnings, tailWarnings, lines } = scanner.finish();
  assert.deepEqual(events.map(({ line }) => line), [2, 4, 6, 8, 10, 12]);
  assert.deepEqual(warnings.map(({ line, code }) => [line, code]), [
    [5, "broken-line"],
    [9, "long-line"],
    [11, "broken-line"],
  ]);
  assert.deepEqual(tailWarnings.map(({ line, code }) => [line, code]), [[13, "broken-line"]]);
  assert.equal(lines, 12);
});

Deno.test("a line that begins otherwise and goes on like one before is not taken for it", () => {
  const rest = '"type":"turn_context","payload":{"turn_id":"t","model":"m"}}';
  const plain = `{"timestamp":"2026-09-01T10:00:00.000Z",${rest}`;
  for (
    const begin of [
      '{"payload":{"model":"n","x":1},',
      '{"payload":{"turn_id":"u"},"timestamp":7,',
      '{"timestamp":[1],',
    ]
  ) {
    for (const client of CLIENT_LIST) {
      const text = [plain, plain, begin + rest, plain, `${begin}${rest}x`, plain, ""].join("\n");
      const bytes = new TextEncoder().encode(text);
      assert.deepEqual(scan(client, bytes, [bytes.length]), readPlainly(client, PATH, bytes), begin);
    }
  }
});

Deno.test("nesting without end is no trouble", () => {
  const deep = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
  const wrap = (value: string): string => total(10, 1).replace('"info"', `"deep":${value},"info"`);
  const bytes = encode(
    `${wrap(deep(500))}\n${wrap(deep(50_000))}\n${wrap("[".repeat(50_000))}\n${total(20, 2)}\n`,
  );
  holdToPlain(CODEX, bytes, scan(CODEX, bytes));
});
