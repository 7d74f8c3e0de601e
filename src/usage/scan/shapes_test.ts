/** Lines of a known shape: whatever differs from the line before, the scanner reads what the plain reader reads. @module */

import assert from "node:assert/strict";
import { CLIENTS } from "../../../clients/mod.ts";
import { readPlainly } from "../lines.ts";
import { holdToPlain, PATH, scan } from "./scan_fixture.ts";

const CODEX = await CLIENTS["codex"]?.usage?.();

/** Lines of each kind that shapes are made of, with values that differ from one number to the next. */
const KINDS: Readonly<Record<string, (number: number) => string>> = {
  total: (number) =>
    `"type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":{"input_tokens":${
      90 * number
    },"cached_input_tokens":${8 * number},"output_tokens":7},"last_token_usage":{"input_tokens":90}},` +
    `"rate_limits":{"plan":"p${number}","used":${number}.5,"x":null,"y":[true,{}]}}`,
  record: (number) =>
    `"type":"token_usage_record","payload":{"thread_id":"t","turn_id":"u${number}","response_id":"r${number}",` +
    `"usage":{"input_tokens":${number},"cached_input_tokens":0,"output_tokens":${number * 99}}}`,
  turn: (number) =>
    `"type":"turn_context","payload":{"turn_id":"u\\"${number}","cwd":"/p","model":"m-${number}"}`,
  begun: (number) =>
    `"type":"event_msg","payload":{"type":"task_started","turn_id":"u","started_at":${number}}`,
};

function wrap(rest: string, number: number): string {
  return `{"timestamp":"2026-09-01T10:00:0${number % 10}.000Z","ordinal":${number},${rest}}`;
}

/** A letter of each sort that may stand, or not, in JSON. */
const LETTERS = ['"', "\\", "{", "}", "[", ",", ":", "1", "-", ".", "e", "x", " ", "\t", "\0", "ä"];

/** Every text that differs from one in one place. */
function* mutate(text: string): Generator<string> {
  for (let at = 0; at < text.length; at++) {
    yield text.slice(0, at) + text.slice(at + 1);
    for (const letter of LETTERS) {
      yield text.slice(0, at) + letter + text.slice(at);
      yield text.slice(0, at) + letter + text.slice(at + 1);
    }
  }
}

for (const [kind, render] of Object.entries(KINDS)) {
  Deno.test(`a line that differs from the one before in any place, of the kind ${kind}, is read as it is`, () => {
    assert.ok(CODEX !== undefined);
    const line = (number: number): string => wrap(render(number), number);
    const encoder = new TextEncoder();
    let tried = 0;
    for (const odd of mutate(line(3))) {
      // The two before make the shape known and its text kept; the two behind show what the odd one left.
      const bytes = encoder.encode([line(1), line(2), odd, line(4), odd, line(15), ""].join("\n"));
      holdToPlain(CODEX, bytes, scan(CODEX, bytes));
      tried++;
    }
    assert.ok(tried > 4000);
  });
}

/** What lines say that are passed over, at once or only deeper in. */
const PASSED = {
  "by its first word": ['"type":"response_item"', ',"payload":{"turn_id":"x"}'],
  "by a word deeper in": ['"type":"event_msg","payload":{"type":"agent_message"', ',"turn_id":"x"}'],
} as const;

for (const [how, [begin, rest]] of Object.entries(PASSED)) {
  Deno.test(`a line that begins like one that was passed over ${how}, and differs in any place, is judged by what it says`, () => {
    assert.ok(CODEX !== undefined);
    const encoder = new TextEncoder();
    const usual = wrap(begin + rest, 2);
    const render = KINDS["turn"];
    assert.ok(render !== undefined);
    const turn = wrap(render(7), 7);
    const types = [
      "response_item",
      "response_items",
      "response_ite",
      "turn_context",
      "turn\\u005fcontext",
      "token_count",
      "task_started",
      "event_msg",
      "",
    ];
    const named = types.flatMap((type) => [
      usual.replace(/"response_item"|"event_msg"/, `"${type}"`),
      usual.replace(/"response_item"|"agent_message"/, `"${type}"`),
    ]);
    const begun = wrap(begin, 2).slice(0, -1);
    let tried = 0;
    for (const odd of [...named, ...[...mutate(begun)].map((head) => `${head}${rest}}`)]) {
      for (const next of [turn, wrap('"type":"compacted"', 4), usual]) {
        const text = [turn, usual, usual, odd, next, turn, odd, turn, ""].join("\n");
        const bytes = encoder.encode(text);
        assert.deepEqual(scan(CODEX, bytes).events, readPlainly(CODEX, PATH, bytes).events, odd);
        tried++;
      }
    }
    assert.ok(tried > 5000);
  });

  Deno.test(`a line that is passed over ${how} must end as it began, each time`, () => {
    assert.ok(CODEX !== undefined);
    const whole = wrap(begin + rest, 2);
    const torn = whole.slice(0, -1);
    const bytes = new TextEncoder().encode([whole, torn, whole, torn, torn, whole, ""].join("\n"));
    assert.deepEqual(scan(CODEX, bytes).warnings.map(({ line }) => line), [2, 4, 5]);
  });
}

Deno.test("lines longer than what is kept of a shape leave the other shapes alone", () => {
  assert.ok(CODEX !== undefined);
  const long = (kind: string, number: number, letters: number): string =>
    wrap((KINDS[kind] ?? String)(number).replace(/"(p\d*|u)"/, `"$1${"x".repeat(letters)}"`), number);
  const lines: string[] = [];
  for (let number = 1; number < 400; number++) {
    const letters = [0, 1000, 1700, 1990, 2100, 5000, 70_000][number % 7] ?? 0;
    for (const kind of Object.keys(KINDS)) lines.push(long(kind, number, letters), long(kind, number, 3));
  }
  const bytes = new TextEncoder().encode(`${lines.join("\n")}\n`);
  holdToPlain(CODEX, bytes, scan(CODEX, bytes));
  holdToPlain(CODEX, bytes, scan(CODEX, bytes, [3001], 100_000));
});

Deno.test("a field that stands twice is not taken for what stood at one of its places before", () => {
  assert.ok(CODEX !== undefined);
  const begins = [
    '"payload":{"info":{"total_token_usage":{"reasoning_output_tokens":5}},"usage":{"reasoning_output_tokens":6}},',
    '"payload":{"turn_id":"v","model":"n","thread_id":"w"},',
    '"ordinal":7,',
  ];
  for (const render of Object.values(KINDS)) {
    const line = (number: number): string => wrap(render(number), number);
    const odd = begins.map((begin) => line(3).replace('"ordinal":3,', begin));
    const lines = odd.flatMap((text) => [line(1), line(2), line(4), text, text, line(5)]);
    const bytes = new TextEncoder().encode(`${lines.join("\n")}\n`);
    holdToPlain(CODEX, bytes, scan(CODEX, bytes));
  }
});
