/**
 * The MCP server: which requests it answers, and with what. One per process, for all clients.
 *
 * Tools come as a table, the world comes as an argument; what never changes (tools/list, initialize, the
 * resource templates) is turned into JSON once. It knows nothing of HTTP.
 *
 * @module
 */

import { Server } from "@modelcontextprotocol/sdk/server";
import type { JSONRPCRequest, Result } from "@modelcontextprotocol/sdk/types";
import { AppError } from "../base/errors.ts";
import { isObject } from "../base/json_fields.ts";
import type { Tool } from "../tools/define.ts";
import { INSTRUCTIONS } from "../tools/instructions.ts";
import { clientOfMeta, metaOf, modelOfMeta } from "./caller.ts";
import type { ServerLog } from "./log.ts";
import { type Exchange, MuxTransport } from "./mux_transport.ts";
import {
  completeName,
  listResources,
  readResource,
  renderResource,
  RESOURCE_TEMPLATES,
} from "./resources.ts";
import { makeResponseWriter, type ResponseWriter, RPC, RpcError, stringAt } from "./rpc.ts";
import { hasShortcut, takeShortcut } from "./shortcut.ts";
import { callTool, logBug, type ToolCallOutcome, type ToolWorld } from "./tool_call.ts";

const CAPABILITIES = { tools: {}, resources: {}, completions: {} };

/** Newest first. */
export const PROTOCOL_VERSIONS = ["2025-11-25", "2025-06-18", "2025-03-26"] as const;

/** What the server is made of. */
export interface McpDeps {
  readonly version: string;
  readonly tools: readonly Tool[];
  readonly world: ToolWorld;
  readonly log: ServerLog;
}

/** What a request brings from outside, and what is known of it afterwards. */
export interface RequestScope {
  /** From the User-Agent. */
  readonly client: string | undefined;
  readonly recordPortfolioRead: (file: string, via: "tool" | "resource", client: string | undefined) => void;
  /** Told once per tools/call of a known tool. */
  readonly onToolCall: (outcome: ToolCallOutcome) => void;
}

/** The running server. */
export interface Mcp {
  /** Answers one request; it must have passed `isRpcRequest`. */
  exchange(request: JSONRPCRequest, scope: RequestScope): Exchange;
}

/** Answers one method. Throws an `RpcError` for what its caller did wrong. */
type Answer = (params: unknown, scope: RequestScope, signal: AbortSignal) => Result | Promise<Result>;

/**
 * Starts the server.
 *
 * @param shortcuts false sends every request through the SDK's server; for the test that holds the two ways together
 */
export async function startMcp(deps: McpDeps, shortcuts = true): Promise<Mcp> {
  const writer = makeResponseWriter((error) => logBug(deps.log, error, {}));
  const transport = new MuxTransport<RequestScope>(writer);
  const server = new Server({ name: "agentos", title: "AgentOS", version: deps.version }, {
    capabilities: CAPABILITIES,
  });
  const methods = makeMethods(deps, writer);

  async function answer(request: JSONRPCRequest, scope: RequestScope, signal: AbortSignal): Promise<Result> {
    const method = methods.get(request.method);
    if (method === undefined) throw new RpcError(RPC.methodNotFound, "Method not found");
    try {
      return await method(request.params, scope, signal);
    } catch (thrown) {
      if (thrown instanceof RpcError) throw thrown;
      const error = thrown instanceof AppError
        ? thrown
        : logBug(deps.log, thrown, { method: request.method });
      throw new RpcError(RPC.internal, `${error.message} ${error.hint}`, { code: error.code });
    }
  }

  // The SDK would keep the name and capabilities of the last client for all of them.
  server.removeRequestHandler("initialize");
  // One handler for all methods: the SDK's own schemas would answer a wrong parameter as an internal error.
  server.fallbackRequestHandler = async (request, { requestId, signal }) => {
    const scope = transport.contextOf(requestId);
    if (scope === undefined) throw new Error("a request runs that never came");
    return await answer(request, scope, signal);
  };
  server.onerror = (error) => deps.log.warn("mcp", { error: error.message });
  await server.connect(transport);
  return {
    exchange(request, scope): Exchange {
      if (!shortcuts || !hasShortcut(request)) return transport.exchange(request, scope);
      return takeShortcut(request.id, (signal) => answer(request, scope, signal), writer);
    },
  };
}

/** Every method but `ping`, which the SDK answers. */
function makeMethods(deps: McpDeps, writer: ResponseWriter): ReadonlyMap<string, Answer> {
  const { tools, world, log } = deps;
  const { portfolio } = world;
  const greetings = new Map<string, Result>(
    PROTOCOL_VERSIONS.map((version) => [version, writer.prepare(greet(version, deps.version))]),
  );
  const toolList = writer.prepare({ tools: tools.map(describeTool) });
  const toolsByName = new Map(tools.map((tool) => [tool.name, tool]));
  const templates = writer.prepare(RESOURCE_TEMPLATES);
  return new Map<string, Answer>([
    ["initialize", (params) => {
      const asked = stringAt(params, "protocolVersion");
      if (asked === undefined) throw new RpcError(RPC.invalidParams, "initialize needs a protocolVersion.");
      return greetings.get(asked) ?? greetings.get(PROTOCOL_VERSIONS[0]) ?? {};
    }],
    ["tools/list", (params) => onlyPage(params, toolList)],
    ["tools/call", async (params, scope, signal) => {
      const name = stringAt(params, "name");
      const tool = toolsByName.get(name ?? "");
      if (tool === undefined) {
        throw new RpcError(RPC.invalidParams, `Unknown tool: ${name?.slice(0, 100).toWellFormed()}`);
      }
      const args = isObject(params) ? params.arguments : undefined;
      if (args !== undefined && !isObject(args)) {
        throw new RpcError(RPC.invalidParams, "The arguments of a tool are an object.");
      }
      const meta = metaOf(params);
      const caller = { client: clientOfMeta(meta) ?? scope.client, model: modelOfMeta(meta) };
      const { result, outcome } = await callTool(tool, args, {
        world,
        caller,
        signal,
        log,
        recordPortfolioRead: (file) => scope.recordPortfolioRead(file, "tool", caller.client),
      });
      scope.onToolCall(outcome);
      return result;
    }],
    ["resources/list", async (params) => onlyPage(params, await listResources(portfolio))],
    ["resources/templates/list", (params) => onlyPage(params, templates)],
    ["resources/read", async (params, scope) => {
      const document = await readResource(portfolio, params);
      const client = clientOfMeta(metaOf(params)) ?? scope.client;
      scope.recordPortfolioRead(document.file.filename, "resource", client);
      return renderResource(document);
    }],
    ["completion/complete", (params) => completeName(portfolio, params)],
  ]);
}

function greet(protocolVersion: string, version: string): Result {
  return {
    protocolVersion,
    capabilities: CAPABILITIES,
    serverInfo: { name: "agentos", title: "AgentOS", version },
    instructions: INSTRUCTIONS,
  };
}

function describeTool(tool: Tool): Record<string, unknown> {
  const { readOnly, destructive, idempotent, openWorld } = tool.hints;
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: tool.inputSchema,
    outputSchema: tool.outputSchema,
    annotations: {
      readOnlyHint: readOnly,
      destructiveHint: destructive,
      idempotentHint: idempotent,
      openWorldHint: openWorld,
    },
  };
}

/** A list that fits on one page; no cursor to another one was ever given out. */
function onlyPage<Page>(params: unknown, page: Page): Page {
  if (isObject(params) && Object.hasOwn(params, "cursor") && params.cursor !== undefined) {
    throw new RpcError(RPC.invalidParams, "There is no such page: the list fits on one.");
  }
  return page;
}
