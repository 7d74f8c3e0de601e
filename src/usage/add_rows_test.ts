import assert from "node:assert/strict";
import fc from "fast-check";
import { addRows } from "./add_rows.ts";
import { openCalendar } from "./dates.ts";
import type { ByKey, ResponseSetting } from "./model.ts";
import { openPrices } from "./price.ts";
import { summarise } from "./summarise.ts";
import { listResponses, type Responses } from "./tallied.ts";

const PRICES = openPrices({
  acme: {
    tiered: {
      input: 2,
      output: 10,
      cacheRead: 0.5,
      tiers: [{ above: 200, input: 4, output: 20 }, { above: 50, input: 3, output: 15 }],
      source: "list",
      date: "2026-11-01",
    },
    plain: { input: 1, output: 5, fast: { input: 2, output: 10 }, source: "other", date: "2026-11-01" },
  },
});
const CALENDAR = openCalendar({ name: "Europe/Berlin", isLocal: false });

const setting = (session: string, model: string, speed: ResponseSetting["speed"]): ResponseSetting => ({
  client: "agent",
  session,
  provider: "acme",
  model,
  project: `/${session}`,
  speed,
});
const SETTINGS = [
  setting("a", "tiered", "standard"),
  setting("b", "plain", "standard"),
  setting("b", "plain", "fast"),
  setting("b", "unheard-of", "standard"),
];

/** Around midnight and around the night in which clocks go back; counts around the tiers, parts larger than the whole. */
const row = fc.tuple(
  fc.integer({ min: 0, max: SETTINGS.length }),
  fc.constantFrom(Date.UTC(2026, 9, 24, 21), Date.UTC(2026, 9, 25, 0)).chain((start) =>
    fc.integer({ min: start, max: start + 4 * 3_600_000 })
  ),
  fc.constantFrom(0, 1, 50, 51, 199, 200, 201, 5000),
  fc.integer({ min: 0, max: 60 }),
  fc.constantFrom(0, 0, 30),
  fc.constantFrom(0, 0, 40),
  fc.integer({ min: 0, max: 500 }),
  fc.integer({ min: 0, max: 100 }),
);
const part = fc.array(row, { maxLength: 12 }).map((rows) => rows.flat());
const tallied = fc.array(part, { maxLength: 3 }).map((numbers) => ({ settings: SETTINGS, numbers }));

Deno.test("addRows() adds up to what the responses do one by one, however it is grouped", () => {
  const ask = (responses: Responses, by: readonly ByKey[]): ReturnType<typeof summarise> =>
    summarise(
      responses,
      { by, since: undefined, until: undefined, models: [], projects: [], sessions: [] },
      CALENDAR,
      PRICES,
    );
  fc.assert(
    fc.property(
      fc.array(tallied, { maxLength: 3 }),
      fc.subarray<ByKey>(["day", "week", "month", "session", "project"]),
      (all, by) => {
        const listed = listResponses({ listed: [], tallied: all });
        assert.deepEqual(ask({ listed: [], tallied: all }, by), ask({ listed, tallied: [] }, by));
      },
    ),
  );
});

Deno.test("addRows() ends a run where setting, day or price change, and nowhere else", () => {
  const at = Date.UTC(2026, 9, 20, 8);
  const numbers = [
    [0, at, 10, 1, 0, 0, 5, 0],
    [0, at + 1, 50, 1, 0, 0, 5, 0],
    [0, at + 2, 51, 1, 0, 0, 5, 0],
    [1, at + 3, 51, 1, 0, 0, 5, 0],
    [1, at + 86_400_000, 51, 1, 0, 0, 5, 0],
    [1, at, 51, 1, 0, 0, 5, 0],
  ].flat();
  const runs: (readonly [string, string, number])[] = [];
  addRows({ settings: SETTINGS, numbers: [numbers] }, CALENDAR, PRICES, ({ setting, day, responses }) => {
    runs.push([setting.model, day, responses]);
  });
  assert.deepEqual(runs, [
    ["tiered", "2026-10-20", 2],
    ["tiered", "2026-10-20", 1],
    ["plain", "2026-10-20", 1],
    ["plain", "2026-10-21", 1],
    ["plain", "2026-10-20", 1],
  ]);
});

Deno.test("addRows() comes to an end whatever the numbers are", () => {
  const numbers = [NaN, NaN, NaN, 1, 0, 0, 5, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1, 0, 5, 0, 0, 0, 0, 0, 1, 0];
  const models: string[] = [];
  addRows(
    { settings: SETTINGS, numbers: [numbers, []] },
    CALENDAR,
    PRICES,
    ({ setting }) => models.push(setting.model),
  );
  assert.deepEqual(models.slice(0, 1), ["plain"]);
});

Deno.test("addRows() takes more rows than there is room for at once, each once and in their order", () => {
  const start = Date.UTC(2026, 9, 20, 8);
  const rows = Array.from({ length: 2500 }, (_, index) => [0, start + index, index % 40, 0, 0, 0, 1, 0]);
  for (const numbers of [rows.flat(), new Float64Array(rows.flat())]) {
    const runs: (readonly [number, number, number])[] = [];
    addRows(
      { settings: SETTINGS, numbers: [numbers] },
      CALENDAR,
      PRICES,
      ({ responses, tokens, latestAt }) => {
        runs.push([responses, tokens.input, latestAt]);
      },
    );
    assert.equal(runs.reduce((sum, [responses]) => sum + responses, 0), 2500);
    assert.equal(
      runs.reduce((sum, [, input]) => sum + input, 0),
      rows.reduce((sum, [, , input = 0]) => sum + input, 0),
    );
    assert.deepEqual(runs.map(([, , at]) => at), runs.map(([, , at]) => at).toSorted((a, b) => a - b));
    assert.equal(runs.at(-1)?.[2], start + 2499);
  }
});
