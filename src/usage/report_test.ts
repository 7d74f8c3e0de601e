import assert from "node:assert/strict";
import fc from "fast-check";
import { NO_TOKENS } from "../base/token_counts.ts";
import { openCalendar } from "./dates.ts";
import { BY_KEYS, type ByKey } from "./model.ts";
import { openPrices } from "./price.ts";
import { renderCsv, renderJson, type Report } from "./report.ts";
import { REPORT_SCHEMA } from "./report_schema.ts";
import { formatCount, formatUsd, renderTable } from "./report_table.ts";
import type { Response } from "./model.ts";
import { type Question, summarise } from "./summarise.ts";

const EVERYTHING: Question = {
  by: ["day"],
  since: undefined,
  until: undefined,
  models: [],
  projects: [],
  sessions: [],
};

const PRICES = openPrices({
  acme: { big: { input: 2, output: 10, source: "table 1.0.0", date: "2026-11-10" } },
});

function response(id: string, more: Partial<Response>): Response {
  return {
    id,
    client: "agent",
    session: "s1",
    at: Date.parse("2026-11-20T10:00:00Z"),
    provider: "acme",
    model: "big",
    project: "/home/dev/p",
    speed: "standard",
    costUsd: undefined,
    tokens: { ...NO_TOKENS, input: 1_000_000, cached: 400_000, output: 20_000, reasoning: 5_000 },
    ...more,
  };
}

const RESPONSES = [
  response("a", {}),
  response("b", { at: Date.parse("2026-11-21T23:30:00Z"), session: "s2" }),
  response("c", { at: Date.parse("2026-11-21T10:00:00Z"), model: 'odd, "name"', provider: "else" }),
];

function report(by: readonly ByKey[], more: Partial<Report> = {}): Report {
  return {
    summary: summarise(
      { listed: RESPONSES, tallied: [] },
      { ...EVERYTHING, by },
      openCalendar({ name: "UTC", isLocal: false }),
      PRICES,
    ),
    generatedAt: new Date("2026-11-23T08:00:00Z"),
    timeZone: "UTC",
    prices: { source: "table 1.0.0", date: "2026-11-10" },
    warnings: [{ file: "/logs/x.jsonl", line: 3, code: "broken-line", message: "the line is no JSON" }],
    hasCost: true,
    ...more,
  };
}

Deno.test("the JSON document is schema 1", () => {
  const found = renderJson(report(["day"]));
  assert.deepEqual(REPORT_SCHEMA.parse(JSON.parse(JSON.stringify(found))), found);
  assert.deepEqual(found, {
    schema: 1,
    generatedAt: "2026-11-23T08:00:00.000Z",
    timezone: "UTC",
    by: ["day"],
    rows: [
      row("2026-11-20", "acme", "big", 2.2, "table 1.0.0"),
      row("2026-11-21", "acme", "big", 2.2, "table 1.0.0"),
      row("2026-11-21", "else", 'odd, "name"', null, null),
    ],
    totals: {
      responses: 3,
      inputTokens: 3_000_000,
      cachedInputTokens: 1_200_000,
      cacheWriteTokens: 0,
      outputTokens: 60_000,
      reasoningTokens: 15_000,
      costUsd: 4.4,
    },
    unpriced: [{ client: "agent", provider: "else", model: 'odd, "name"', speed: "standard" }],
    prices: { source: "table 1.0.0", date: "2026-11-10" },
    warnings: [{ file: "/logs/x.jsonl", line: 3, code: "broken-line", message: "the line is no JSON" }],
  });
});

function row(
  day: string,
  provider: string,
  model: string,
  costUsd: number | null,
  priceSource: string | null,
): Record<string, unknown> {
  return {
    client: "agent",
    provider,
    model,
    day,
    responses: 1,
    inputTokens: 1_000_000,
    cachedInputTokens: 400_000,
    cacheWriteTokens: 0,
    outputTokens: 20_000,
    reasoningTokens: 5_000,
    costUsd,
    priceSource,
  };
}

Deno.test("without costs nothing is priced and nothing is unpriced", () => {
  const found = renderJson(report(["model"], { hasCost: false }));
  assert.deepEqual(found.unpriced, []);
  assert.ok([...found.rows, found.totals].every(({ costUsd }) => costUsd === null));
  assert.doesNotMatch(renderTable(report(["model"], { hasCost: false }), PAPER), /Cost|Prices/);
});

Deno.test("a row of which some has a price costs that, so that rows add up to their total", () => {
  const told = response("told", { model: "mixed", provider: "else", costUsd: 0.06 });
  const untold = response("untold", { model: "mixed", provider: "else" });
  const other = response("other", { model: "other", provider: "else", costUsd: 0.01 });
  const calendar = openCalendar({ name: "UTC", isLocal: false });
  const summary = summarise({ listed: [told, untold, other], tallied: [] }, EVERYTHING, calendar, PRICES);
  assert.deepEqual(summary.rows.map(({ model, responses, costUsd }) => [model, responses, costUsd]), [
    ["mixed", 2, 0.06],
    ["other", 1, 0.01],
  ]);
  assert.equal(summary.totals.costUsd, 0.07);
  assert.deepEqual(summary.unpriced.map(({ model }) => model), ["mixed"]);
});

Deno.test("CSV quotes what needs it", () => {
  assert.equal(
    renderCsv(report(["day"])).split("\n").at(-1),
    '2026-11-21,agent,else,"odd, ""name""",1,1000000,400000,0,20000,5000,,',
  );
});

Deno.test("CSV has no formula for a spreadsheet in a name from a log", () => {
  const summary = summarise(
    {
      listed: [response("a", { model: '=HYPERLINK("http://x")', project: "@p", session: "-1" })],
      tallied: [],
    },
    { ...EVERYTHING, by: ["project", "session"] },
    openCalendar({ name: "UTC", isLocal: false }),
    PRICES,
  );
  const prices = { source: "@acme/prices 1.0.0", date: "2026-11-10" };
  assert.match(
    renderCsv(report(["project", "session"], { summary, prices })),
    /\n'@p,'-1,agent,acme,"'=HYPERLINK\(""http:\/\/x""\)",1,/,
  );
});

const PAPER = { colour: false };

Deno.test("the table is aligned, shows what has no price as a dash, and bars on a terminal only", () => {
  assert.equal(
    renderTable(report(["day"]), PAPER),
    `Day / model                  Responses      Input     Cached  Cache write  Output  Reasoning  Cost (USD)
────────────────────────────────────────────────────────────────────────────────────────────────────────
2026-11-20                           1  1,000,000    400,000            0  20,000      5,000        2.20
  big · agent, acme                  1  1,000,000    400,000            0  20,000      5,000        2.20
2026-11-21                           2  2,000,000    800,000            0  40,000     10,000        2.20
  big · agent, acme                  1  1,000,000    400,000            0  20,000      5,000        2.20
  odd, "name" · agent, else          1  1,000,000    400,000            0  20,000      5,000           —
────────────────────────────────────────────────────────────────────────────────────────────────────────
Total                                3  3,000,000  1,200,000            0  60,000     15,000        4.40

No price known: else/odd, "name". Costs leave them out.
1 warning: /logs/x.jsonl:3: the line is no JSON.
Prices: table 1.0.0, 2026-11-10.`,
  );
  assert.match(
    renderTable(report(["day"]), { columns: 200, colour: false }),
    /^2026-11-20 .* ████████████$/m,
  );
});

Deno.test("the table sums up per client and per provider; JSON keeps a row per client, provider and model", () => {
  const summary = summarise(
    {
      listed: [
        ...RESPONSES,
        response("d", { client: "other" }),
        response("e", { client: "other", provider: "else", model: "big" }),
      ],
      tallied: [],
    },
    { ...EVERYTHING, by: ["client"] },
    openCalendar({ name: "UTC", isLocal: false }),
    PRICES,
  );
  /** The first column and the count beside it. */
  const show = (by: readonly ByKey[]): string => {
    const [table = ""] = renderTable(report(by, { summary: { ...summary, by } }), PAPER).split("\n\n");
    const lines = table.split("\n").filter((line) => !line.startsWith("─"));
    return lines.map((line) => line.replace(/ +Responses .*/, "").split(/ {2,}(?=\d)/).slice(0, 2).join(": "))
      .join("\n");
  };
  assert.equal(
    show(["client"]),
    `Client / model
agent: 3
  big · acme: 2
  odd, "name" · else: 1
other: 2
  big · acme: 1
  big · else: 1
Total: 5`,
  );
  assert.match(show(["provider"]), /^Provider \/ model\nacme: 3\n {2}big · agent: 2\n/);
  assert.match(
    show(["client", "provider"]),
    /^Client, Provider \/ model\nagent {2}acme: 2\n {2}big: 2\n/,
  );
  const { by, rows } = renderJson(report(["client"], { summary }));
  assert.deepEqual(by, ["client"]);
  assert.deepEqual(
    rows.map(({ client, provider, model, responses }) => [client, provider, model, responses]),
    [
      ["agent", "acme", "big", 2],
      ["agent", "else", 'odd, "name"', 1],
      ["other", "acme", "big", 1],
      ["other", "else", "big", 1],
    ],
  );
});

Deno.test("a narrow terminal gets fewer columns, and is told which; nothing is wider than it", () => {
  const lines = (columns: number): readonly string[] =>
    renderTable(report(["day"]), { columns, colour: false }).split("\n");
  for (let columns = 30; columns < 130; columns++) {
    const table = lines(columns).slice(0, 10);
    assert.ok(table.every((line) => [...line].length <= columns), `${columns}: ${table.join("\n")}`);
    assert.equal(table.filter((line) => /\d\.\d\d(?: |$)/.test(line)).length, 5, table.join("\n"));
  }
  assert.deepEqual(lines(80).slice(0, 4), [
    "Day / model                      Input  Output  Cost (USD)",
    "──────────────────────────────────────────────────────────",
    "2026-11-20                   1,000,000  20,000        2.20  ████████████",
    "  big · agent, acme          1,000,000  20,000        2.20",
  ]);
  assert.ok(lines(80).includes("No room for: Reasoning, Cache write, Cached, Responses."));
  assert.ok(!lines(200).some((line) => line.startsWith("No room")));
});

Deno.test("a range without usage says where there is some", () => {
  const summary = summarise(
    { listed: RESPONSES, tallied: [] },
    { ...EVERYTHING, since: "2027-01-01" },
    openCalendar({ name: "UTC", isLocal: false }),
    PRICES,
  );
  const say = (more: Partial<Report>): string =>
    renderTable(report(["day"], { summary, warnings: [], ...more }), PAPER);
  assert.match(say({}), /^No usage found in this range\.\n/);
  assert.match(
    say({ latestDay: "2026-11-21" }),
    /^No usage found in this range\. The latest there is, is of 2026-11-21\.\n/,
  );
});

Deno.test("a project is shown relative to the home folder", () => {
  const show = (home: string): string =>
    renderTable(report(["project"]), { columns: 120, colour: false, home }).split("\n")[2] ?? "";
  assert.match(show("/home/dev"), /^~\/p /);
  assert.match(show("/home/de"), /^\/home\/dev\/p /);
});

Deno.test("colour goes around what it colours, and changes no width", () => {
  const plain = renderTable(report(["day"]), { columns: 200, colour: false });
  const coloured = renderTable(report(["day"]), { columns: 200, colour: true });
  assert.equal(
    ["0", "1", "2", "36"].reduce((text, code) => text.replaceAll(`\x1b[${code}m`, ""), coloured),
    plain,
  );
  assert.notEqual(coloured, plain);
});

Deno.test("a name from a log moves no cursor", () => {
  const summary = summarise(
    { listed: [response("a", { model: "x\x1b[2J\ny" })], tallied: [] },
    EVERYTHING,
    openCalendar({ name: "UTC", isLocal: false }),
    PRICES,
  );
  const table = renderTable(report(["day"], { summary }), PAPER);
  assert.ok(!table.includes("\u001b") && !table.includes("x\n"), table);
});

Deno.test("numbers are written for people", () => {
  assert.deepEqual([0, 999, 1000, 1234567].map(formatCount), ["0", "999", "1,000", "1,234,567"]);
  const format = (usd: number | null): string => formatUsd(usd, 2);
  assert.deepEqual([null, 0, 0.001, 1.234, 12345.678].map(format), [
    "—",
    "0.00",
    "<0.01",
    "1.23",
    "12,345.68",
  ]);
  assert.deepEqual([0.00001, 0.0123].map((usd) => formatUsd(usd, 4)), ["<0.0001", "0.0123"]);
});

const anyResponse = fc.record({
  at: fc.integer({ min: 0, max: 2e12 }),
  session: fc.constantFrom("s1", "s2", "s3"),
  project: fc.constantFrom("", "/a", "/a/b"),
  model: fc.constantFrom("big", "odd", "constructor"),
  provider: fc.constantFrom("acme", "__proto__"),
  tokens: fc.record({ input: fc.nat(1e6), cached: fc.nat(1e3), output: fc.nat(1e6) }).map((tokens) => ({
    ...NO_TOKENS,
    ...tokens,
  })),
}).map((more) => response("k", more));

Deno.test("however usage is grouped and wherever it is, it adds up to the same", () => {
  fc.assert(
    fc.property(
      fc.array(anyResponse),
      fc.subarray([...BY_KEYS]),
      fc.constantFrom("UTC", "Europe/Berlin", "Pacific/Kiritimati"),
      (responses, by, zone) => {
        const whole = summarise(
          { listed: responses, tallied: [] },
          { ...EVERYTHING, by: [] },
          openCalendar({ name: "UTC", isLocal: false }),
          PRICES,
        );
        const parts = summarise(
          { listed: responses, tallied: [] },
          { ...EVERYTHING, by },
          openCalendar({ name: zone, isLocal: false }),
          PRICES,
        );
        assert.deepEqual(parts.totals.tokens, whole.totals.tokens);
        assert.equal(parts.totals.responses, whole.totals.responses);
        assert.ok(Math.abs((parts.totals.costUsd ?? 0) - (whole.totals.costUsd ?? 0)) < 1e-6);
        assert.equal(
          parts.rows.reduce((sum, { tokens }) => sum + tokens.input, 0),
          whole.totals.tokens.input,
        );
        assert.deepEqual(parts.unpriced, whole.unpriced);
      },
    ),
  );
});

Deno.test("days at both ends count; projects are found by folder and by name", () => {
  const ask = (more: Partial<Question>): number =>
    summarise(
      { listed: RESPONSES, tallied: [] },
      { ...EVERYTHING, ...more },
      openCalendar({ name: "UTC", isLocal: false }),
      PRICES,
    )
      .totals.responses;
  assert.equal(ask({ since: "2026-11-21" }), 2);
  assert.equal(ask({ until: "2026-11-20" }), 1);
  assert.equal(ask({ since: "2026-11-20", until: "2026-11-21" }), 3);
  assert.equal(ask({ projects: ["p"] }), 3);
  assert.equal(ask({ projects: ["/home/dev/"] }), 3);
  assert.equal(ask({ projects: ["/home/de"] }), 0);
  assert.equal(ask({ sessions: ["s2"] }), 1);
  assert.equal(ask({ models: ["big"] }), 2);
});
