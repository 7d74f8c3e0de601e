/**
 * The application: a request in, an answer out, without a port.
 *
 * Every request passes the guard first, then the token where one is asked for, then the limits of its body; what
 * it may then cause stands in the endpoints. Everything of the world comes as an argument.
 *
 * @module
 */

import { Hono } from "hono";
import { AppError } from "../base/errors.ts";
import type { Tool } from "../tools/define.ts";
import { answerError, answerJson, answerNothing } from "./answers.ts";
import { readBody, refuseMediaType } from "./body.ts";
import { clientOfHeaders } from "./caller.ts";
import { watchCrowds } from "./crowds.ts";
import type { Gateway } from "./gateway/gateway.ts";
import { allowedHosts, refuseForeign } from "./guard.ts";
import type { Health } from "./health.ts";
import type { KernelWall } from "./landlock.ts";
import type { Ledger } from "./ledger.ts";
import type { LogFields, ServerLog } from "./log.ts";
import { type Mcp, type McpDeps, startMcp } from "./mcp.ts";
import { answerMcp } from "./mcp_endpoint.ts";
import { openProjects } from "./projects.ts";
import { acceptReport, TELEMETRY_PATHS } from "./telemetry.ts";
import { bearerOf, refuseUnauthorized, type Token } from "./token.ts";
import { logBug, type ToolWorld } from "./tool_call.ts";

/** What the application is made of. */
export interface AppDeps {
  readonly version: string;
  /** The Deno that it runs on. */
  readonly runtime: string;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
  /** The port that the server is reached under. */
  readonly port: number;
  /** Real path of the home repo; undefined without one. */
  readonly repo: string | undefined;
  readonly tools: readonly Tool[];
  readonly world: ToolWorld;
  readonly token: Token;
  readonly ledger: Ledger;
  readonly gateway: Gateway;
  readonly log: ServerLog;
  /** Whether the kernel wall stands. */
  wall(): KernelWall;
}

/** Answers every request; never throws and never rejects. */
export type App = (request: Request) => Promise<Response>;

/** What the log line of a request says besides its head; filled in while it is answered. */
type Notes = { -readonly [Field in "methods" | "tool" | "outcome"]?: string };

/** What a handler finds beside the request. */
interface Bindings {
  readonly Bindings: { readonly notes: Notes };
}

/**
 * Makes the application.
 *
 * @param start makes the MCP server that it answers with; another one only where ours is what is judged
 */
export async function createApp(
  deps: AppDeps,
  start: (deps: McpDeps) => Promise<Mcp> = startMcp,
): Promise<App> {
  const { ledger, log } = deps;
  const hosts = allowedHosts(deps.port);
  const projects = openProjects(ledger.projects);
  const mcp = await start(deps);
  const crowds = watchCrowds();
  const routes = new Hono<Bindings>();

  routes.get("/health", () => answerJson(200, reportHealth(deps)));
  routes.all("/health", () => refuseMethod("GET, HEAD"));

  routes.all("/mcp", async (context) => {
    const request = context.req.raw;
    const unauthorized = refuseUnauthorized(request.headers, deps.token);
    if (unauthorized !== undefined) {
      return answerError(unauthorized, { "www-authenticate": challengeOf(request.headers) });
    }
    const { notes } = context.env;
    crowds.begin();
    const answer = await answerMcp(mcp, request, {
      client: clientOfHeaders(request.headers),
      recordPortfolioRead: (file, via, client) =>
        ledger.recordPortfolioRead({ file, at: Date.now(), via, client, project: projects.of(client) }),
    }, {
      onMethods: (methods) => {
        notes.methods = maskLong(methods.slice(0, 5).join(","));
      },
      onToolCall: ({ tool, at, elapsedMs, errorCode, caller }, sizeBytes) => {
        notes.tool = tool;
        notes.outcome = errorCode ?? "ok";
        const project = projects.of(caller.client);
        ledger.recordToolCall({
          tool,
          at,
          elapsedMs,
          ok: errorCode === undefined,
          errorCode,
          sizeBytes,
          ...caller,
          project,
        });
      },
    });
    await crowds.end();
    return answer;
  });

  for (const path of TELEMETRY_PATHS) {
    routes.post(path, async (context) => {
      const request = context.req.raw;
      const wrongType = refuseMediaType(request.headers);
      if (wrongType !== undefined) throw wrongType;
      acceptReport(path, parseJson(await readBody(request)), { ledger, projects }, Date.now());
      return answerNothing(204);
    });
    routes.all(path, () => refuseMethod("POST"));
  }

  // What opens these is the provider's key, which the server has not; see the gateway.
  routes.post("/openrouter/v1/responses", ({ req }) => deps.gateway.answer(req.raw, "openrouter"));
  routes.post(
    "/gateway/:provider/v1/responses",
    ({ req }) => deps.gateway.answer(req.raw, req.param("provider")),
  );
  for (const path of ["/openrouter/v1/responses", "/gateway/:provider/v1/responses"]) {
    routes.all(path, () => refuseMethod("POST"));
  }

  routes.notFound(() => answerError(new AppError("http.not_found", "Nothing is served under this path.")));
  routes.onError((thrown) => {
    const error = thrown instanceof AppError ? thrown : logBug(log, thrown, {});
    // A sender that is not done yet should stop. (Deno 2.9.6 says so and reads on until it does; it offers no way
    // to close a connection.)
    const isUnread = error.code === "http.too_large" || error.code === "http.timeout";
    return answerError(error, isUnread ? { connection: "close" } : {});
  });

  let lastId = 0;
  return async (request) => {
    const started = performance.now();
    const foreign = refuseForeign(request.headers, hosts);
    if (foreign !== undefined) {
      // Said aloud with the headers, so that an attempt at DNS rebinding can be seen.
      log.warn("refused", { id: ++lastId, reason: foreign.message, ...pickHeaders(request.headers) });
      return answerError(foreign);
    }
    const notes: Notes = {};
    const response = await routes.fetch(request, { notes });
    log.info("request", {
      id: ++lastId,
      method: request.method,
      path: pathOf(request.url),
      status: response.status,
      ms: Math.round((performance.now() - started) * 100) / 100,
      ...notes,
    });
    return response;
  };
}

/**
 * The challenge of a 401 (RFC 6750, section 3). A wrong token gets the next step here too: some clients show their
 * user this header and never the body.
 */
function challengeOf(headers: Headers): string {
  const realm = 'Bearer realm="agentos"';
  if (bearerOf(headers) === undefined) return realm;
  const next = "Set AGENTOS_TOKEN to what the token file holds; agentos status says where it is.";
  return `${realm}, error="invalid_token", error_description="${next}"`;
}

function reportHealth(
  { version, runtime, startedAtMs, tools, repo, world, ledger, gateway, wall }: AppDeps,
): Health {
  const { ok, dropped } = ledger.health();
  return {
    name: "agentos",
    version,
    runtime,
    uptimeSeconds: Math.floor((Date.now() - startedAtMs) / 1000),
    tools: tools.length,
    repo: repo ?? null,
    roots: world.settings.roots.length,
    wall: wall(),
    providers: gateway.providers,
    ledger: { ok, dropped },
  };
}

function refuseMethod(allow: string): Response {
  const error = new AppError("http.method", "This path does not take this method.", {
    hint: `Use ${allow}.`,
  });
  return answerError(error, { allow });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError("http.bad_request", "The body is not JSON.", { hint: "Send a JSON object." });
  }
}

function pickHeaders(headers: Headers): LogFields {
  const pick = (name: string): string | undefined => headers.get(name)?.slice(0, 200);
  return {
    host: pick("host"),
    origin: pick("origin"),
    site: pick("sec-fetch-site"),
    client: clientOfHeaders(headers),
  };
}

/** The path alone: a query may carry what somebody took for a good place for a token. */
function pathOf(url: string): string {
  return maskLong(/^[a-z]+:\/\/[^/?#]*([^?#]*)/.exec(url)?.[1] ?? "");
}

/** What a client names, as a log may hold it: no path or method of ours has a word as long as the shortest token. */
function maskLong(text: string): string {
  return text.slice(0, 1_000).replaceAll(/[^/,]{24,}/g, "***").slice(0, 200);
}
