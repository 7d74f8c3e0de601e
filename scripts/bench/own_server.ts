/**
 * Our server around tools that do nothing: listener, guard, token, transport, ledger and log as `agentos serve` has
 * them, so that what is measured is what a call costs beside its tool.
 *
 *     deno run -A scripts/bench/own_server.ts PORT STATE_FOLDER
 *
 * @module
 */

import { join } from "node:path";
import { z } from "zod";
import { openDatabase } from "../../src/base/database.ts";
import { AppError } from "../../src/base/errors.ts";
import { openPortfolio } from "../../src/portfolio/read.ts";
import { createApp } from "../../src/server/app.ts";
import { openNoGateway } from "../../src/server/gateway/gateway.ts";
import { LEDGER_TABLES, openLedger } from "../../src/server/ledger_store.ts";
import { listen } from "../../src/server/listener.ts";
import { openLog } from "../../src/server/log.ts";
import { openToken } from "../../src/server/token.ts";
import { tokenPath } from "../../src/base/state_folder.ts";
import { defineTool } from "../../src/tools/define.ts";
import { describeExample, EXAMPLE_ANSWER, EXAMPLE_INPUTS, EXAMPLE_OUTPUT } from "./example_tools.ts";
import { testSettings } from "../../tests/tool_context.ts";

const [port = "0", state = ""] = Deno.args;
const log = openLog({ format: "text", file: undefined });
const refuse = (): Promise<never> =>
  Promise.reject(new AppError("process.not_allowed", "This server runs nothing."));

const app = await createApp({
  version: "1.0.0",
  runtime: `deno ${Deno.version.deno}`,
  startedAtMs: Date.now(),
  port: Number(port),
  repo: undefined,
  tools: Object.entries(EXAMPLE_INPUTS).map(([name, input]) =>
    defineTool({
      name,
      title: name,
      description: describeExample(name),
      hints: { readOnly: true, destructive: false, idempotent: true, openWorld: false },
      input: z.strictObject(input),
      output: z.object(EXAMPLE_OUTPUT),
      examples: [],
      run: () => Promise.resolve({ data: { text: EXAMPLE_ANSWER }, text: EXAMPLE_ANSWER }),
    })
  ),
  world: {
    settings: testSettings(undefined),
    portfolio: await openPortfolio({ kind: "embedded" }),
    run: refuse,
    search: refuse,
  },
  token: openToken(tokenPath(state, "linux"), (error) => log.error("token", { reason: error.message })),
  ledger: openLedger(openDatabase(join(state, "agentos.db"), [LEDGER_TABLES], new Date()).db, log),
  gateway: await openNoGateway(log),
  log,
  wall: () => ({ state: "off", reason: "the bench measures without it" }),
});
listen(Number(port), app, (reason) => log.error("lost the socket", { reason }));
