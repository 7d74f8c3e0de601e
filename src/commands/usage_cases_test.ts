import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { CLIENTS } from "../../clients/mod.ts";
import { isObject, objectOf } from "../base/json_fields.ts";
import { isFolder } from "../base/on_disk.ts";
import { readFiles } from "../usage/read_all.ts";
import { openPrices } from "../usage/price.ts";
import { readPrices } from "../usage/prices.ts";
import { listResponses } from "../usage/tallied.ts";
import { summarise } from "../usage/summarise.ts";
import { openCalendar } from "../usage/dates.ts";
import type { ByKey, Response } from "../usage/model.ts";

const ROOT = resolve(import.meta.dirname ?? ".", "..", "..");

/** Folders of cases: `home/` with logs, `expected.json` with tokens per model. */
const CASE_FOLDERS = [
  join(ROOT, "clients", "codex", "testdata", "usage"),
  join(ROOT, "clients", "claude", "testdata", "usage"),
  join(ROOT, "..", "shared", "cases", "usage"),
];

const PRICES = openPrices(readPrices().table);

for (const folder of CASE_FOLDERS) {
  if (!isFolder(folder)) {
    Deno.test({ name: `cases in ${folder} (the folder is not there)`, ignore: true, fn: () => {} });
    continue;
  }
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) Deno.test(`logs add up: ${name}`, () => checkCase(join(folder, name)));
  }
}

async function checkCase(folder: string): Promise<void> {
  const expected: unknown = JSON.parse(await Deno.readTextFile(join(folder, "expected.json")));
  assert.ok(isObject(expected));
  for (const withoutIds of [false, true]) {
    checkResponses(await readCase(folder, expected, withoutIds), expected);
  }
}

function checkResponses(responses: readonly Response[], expected: Readonly<Record<string, unknown>>): void {
  assert.deepEqual(countModels(responses, expected["agent"]), listExpected(expected));
  if (typeof expected["sessions"] === "number") {
    assert.equal(new Set(responses.map(({ session }) => session)).size, expected["sessions"]);
  }
  const { totals, rows } = ask(responses, []);
  if (typeof expected["costUSD"] === "number") {
    assert.ok(Math.abs((totals.costUsd ?? NaN) - expected["costUSD"]) < 1e-9, `${totals.costUsd}`);
  }
  for (const model of Object.values(expected["freeModelsCost0"] ?? [])) {
    assert.equal(rows.find((row) => row.model === model)?.costUsd, 0);
  }
  for (const row of rows) if (row.provider === "openrouter") assert.notEqual(row.costUsd, null, row.model);
  // However it is grouped, it is the same.
  for (const by of ["day", "week", "month", "session", "project"] as const) {
    assert.deepEqual(ask(responses, [by]).totals, totals, by);
  }
}

async function readCase(
  folder: string,
  expected: Readonly<Record<string, unknown>>,
  withoutIds: boolean,
): Promise<readonly Response[]> {
  const home = join(folder, "home");
  const env = Object.fromEntries(
    Object.entries(objectOf(expected["env"])).map((
      [name, value],
    ) => [name, String(value).replaceAll("$HOME", home)]),
  );
  const responses: Response[] = [];
  for (const row of Object.values(CLIENTS)) {
    const client = await row.usage?.();
    if (client === undefined) continue;
    const read = await readFiles(client, client.folders((name) => env[name], home), { withoutIds });
    responses.push(...listResponses({ listed: read.responses, tallied: read.tallied }));
  }
  return responses;
}

function ask(responses: readonly Response[], by: readonly ByKey[]): ReturnType<typeof summarise> {
  const question = { by, since: undefined, until: undefined, models: [], projects: [], sessions: [] };
  return summarise(
    { listed: responses, tallied: [] },
    question,
    openCalendar({ name: "UTC", isLocal: false }),
    PRICES,
  );
}

type Counts = Readonly<Record<string, number>>;

function countModels(responses: readonly Response[], agent: unknown): Readonly<Record<string, Counts>> {
  const models: Record<string, Counts> = {};
  for (const { model, tokens } of ask(responses, []).rows) {
    models[model] = agent === "claude"
      ? {
        input: tokens.input - tokens.cached - tokens.cacheWrite,
        cacheCreate: tokens.cacheWrite,
        cacheRead: tokens.cached,
        output: tokens.output,
      }
      : { input: tokens.input, cached: tokens.cached, output: tokens.output, reasoning: tokens.reasoning };
  }
  return models;
}

function listExpected(expected: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const fallback = expected["fallback"];
  return { ...objectOf(expected["models"]), ...(fallback === undefined ? {} : { unknown: fallback }) };
}
