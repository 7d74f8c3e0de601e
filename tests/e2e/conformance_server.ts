/**
 * The test build for the conformance suite: our application (guard, token, endpoint, transport) around the
 * suite's own fixtures in place of our tools.
 *
 * @module
 */

import { AppError } from "../../src/base/errors.ts";
import { openPortfolio } from "../../src/portfolio/read.ts";
import { createApp } from "../../src/server/app.ts";
import { openNoGateway } from "../../src/server/gateway/gateway.ts";
import { openNoLedger } from "../../src/server/ledger.ts";
import { listen } from "../../src/server/listener.ts";
import { openLog } from "../../src/server/log.ts";
import type { Mcp, RequestScope } from "../../src/server/mcp.ts";
import { MuxTransport } from "../../src/server/mux_transport.ts";
import { makeResponseWriter } from "../../src/server/rpc.ts";
import { openToken } from "../../src/server/token.ts";
import { tokenPath } from "../../src/base/state_folder.ts";
import type { Home } from "./agentos.ts";
import { createFixtureServer } from "./conformance_fixture.ts";
import { testSettings } from "../tool_context.ts";

/** A running test build. */
export interface ConformanceServer extends AsyncDisposable {
  readonly port: number;
  readonly token: string;
}

/** Starts the test build on a free port. Disposing stops it. */
export async function startConformanceServer(home: Home): Promise<ConformanceServer> {
  await Deno.mkdir(home.state, { mode: 0o700 });
  const path = tokenPath(home.state, "linux");
  const token = openToken(path, (error) => {
    throw error;
  });
  const refuse = (): Promise<never> =>
    Promise.reject(new AppError("process.not_allowed", "The test build runs nothing."));
  // The guard names the port, and the port is known when the socket is bound.
  let handle = (_request: Request): Promise<Response> => Promise.resolve(new Response(null, { status: 503 }));
  const listener = listen(0, (request) => handle(request), () => undefined);
  const log = openLog({ format: "text", file: undefined, write: () => undefined });
  handle = await createApp({
    version: "1.0.0",
    runtime: `deno ${Deno.version.deno}`,
    startedAtMs: Date.now(),
    port: listener.port,
    repo: undefined,
    tools: [],
    world: {
      settings: testSettings(undefined),
      portfolio: await openPortfolio({ kind: "embedded" }),
      run: refuse,
      search: refuse,
    },
    token,
    ledger: openNoLedger("the test build keeps none"),
    gateway: await openNoGateway(log),
    log,
    wall: () => ({ state: "off", reason: "the test build has none" }),
  }, startFixtures);
  return {
    port: listener.port,
    token: (await Deno.readTextFile(path)).trim(),
    [Symbol.asyncDispose]: () => listener.shutdown(),
  };
}

/** The fixtures behind our transport, in the place of our MCP server. */
async function startFixtures(): Promise<Mcp> {
  const transport = new MuxTransport<RequestScope>(makeResponseWriter(() => undefined));
  await createFixtureServer().connect(transport);
  return {
    exchange: (message, scope) => transport.exchange(message, scope),
  };
}
