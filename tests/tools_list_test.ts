/**
 * What a client sees of the tools: the server's own answer to tools/list, held against a golden file, so that no
 * word or schema that every model reads changes by the way.
 *
 * `UPDATE_GOLDEN=1 deno test -A tests/tools_list_test.ts` writes the golden file anew.
 *
 * @module
 */

import { deepEqual, equal, ok } from "node:assert/strict";
import { startMcp } from "../src/server/mcp.ts";
import { TOOLS } from "../src/tools/mod.ts";
import { testContext } from "./tool_context.ts";

/** Sent with every conversation of every client; peers with as many tools need 13 to 74 kB. */
const maxListBytes = 12_000;
const golden = new URL("./golden/tools_list.json", import.meta.url);

async function askForTools(): Promise<unknown> {
  const silent = { info: () => {}, warn: () => {}, error: () => {} };
  const mcp = await startMcp({ version: "0.0.0", tools: TOOLS, world: testContext(undefined), log: silent });
  const scope = { client: undefined, recordPortfolioRead: () => {}, onToolCall: () => {} };
  const { answer } = mcp.exchange({ jsonrpc: "2.0", id: 1, method: "tools/list" }, scope);
  const { result }: { result: unknown } = JSON.parse(await answer ?? "{}");
  return result;
}

Deno.test("tools/list is what the golden file says", async () => {
  const actual = await askForTools();
  if (Deno.env.get("UPDATE_GOLDEN") === "1") {
    await Deno.writeTextFile(golden, `${JSON.stringify(actual, null, 2)}\n`);
  }
  const expected: unknown = JSON.parse(await Deno.readTextFile(golden));
  deepEqual(actual, expected, "run with UPDATE_GOLDEN=1 and review the change");
});

Deno.test("tools/list names every tool with its schemas and all four annotations, in the table's order", async () => {
  const list = JSON.stringify(await askForTools());
  let at = 0;
  for (const tool of TOOLS) {
    at = list.indexOf(`"name":"${tool.name}","title":${JSON.stringify(tool.title)}`, at);
    ok(at >= 0, tool.name);
    ok(list.includes(`"inputSchema":${JSON.stringify(tool.inputSchema)}`, at), tool.name);
    ok(list.includes(`"outputSchema":${JSON.stringify(tool.outputSchema)}`, at), tool.name);
  }
  for (const hint of ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"]) {
    equal(list.split(`"${hint}":`).length - 1, TOOLS.length, hint);
  }
});

Deno.test("tools/list takes at most 12 kB of each client's context", async () => {
  const sizes = TOOLS.map((tool) =>
    `${tool.name} ${JSON.stringify([tool.inputSchema, tool.outputSchema]).length}`
  );
  const sizeBytes = new TextEncoder().encode(JSON.stringify(await askForTools())).length;
  ok(sizeBytes <= maxListBytes, `${sizeBytes} bytes; schemas: ${sizes.join(", ")}`);
});
