/**
 * The MCP server: which requests it answers, and with what. One per process, for all clients.
 *
 * Tools come as a table, the world comes as an argument; what never changes (tools/list, initialize, the
 * resource templates) is turned into JSON once. It knows nothing of HTTP.
 *
 * @module
 */

import { Server } from "@modelcontextprotocol/sdk/server";
import type { JSONRPCRequest, RequestId } from "@modelcontextprotocol/sdk/types";
import { z } from "zod";
import { AppError } from "../base/errors.ts";
import type { Tool } from "../tools/define.ts";
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
import { isJsonObject, RPC, RpcError, stringAt } from "./rpc.ts";
import { callTool, logBug, type ToolCallOutcome, type ToolWorld } from "./tool_call.ts";

/** Newest first. */
export const PROTOCOL_VERSIONS = ["2025-11-25", "2025-06-18", "2025-03-26"] as const;

/** What a client is told of the server as a whole; some show it to the model as the tools' preamble. */
const INSTRUCTIONS = `AgentOS gives every agent on this machine the same context and the same hands.
Before you start: list_portfolio_files, then read_portfolio_file for what your task touches (who you work for, how, on what).
Files: agentOS_fs_list and agentOS_fs_search to find, agentOS_fs_read to read, agentOS_fs_replace for an exact edit, agentOS_fs_write for a whole file; only inside the roots its user chose.
Git: agentOS_git_commit stages and commits everything in a repository, agentOS_git_push pushes it. agentOS_ext_* builds and installs the VSCode extension.
Long answers come in pages: call again with the cursor or line range they name. An error says its code, what is wrong, and what to do next.`;

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
  /** Answers one request; it must have passed the SDK's `isJSONRPCRequest`. */
  exchange(request: JSONRPCRequest, scope: RequestScope): Exchange;
  /** How many requests are running. */
  readonly running: number;
}

/** Starts the server. */
export async function startMcp(deps: McpDeps): Promise<Mcp> {
  const { tools, world, log } = deps;
  const transport = new MuxTransport<RequestScope>();
  const server = new Server({ name: "agentos", title: "AgentOS", version: deps.version }, {
    capabilities: { tools: {}, resources: {}, completions: {} },
  });
  const scopeOf = (id: RequestId): RequestScope => {
    const scope = transport.contextOf(id);
    if (scope === undefined) throw new Error("a request handler ran without its request");
    return scope;
  };

  const greetings = new Map(
    PROTOCOL_VERSIONS.map((version) => [version, transport.prepare(greet(version, deps.version))]),
  );
  server.setRequestHandler(request("initialize"), ({ params }) => {
    // Answered here and not by the SDK, which would keep the last client's name and capabilities for all.
    const asked = stringAt(params, "protocolVersion");
    if (asked === undefined) throw new RpcError(RPC.invalidParams, "initialize needs a protocolVersion.");
    const version = PROTOCOL_VERSIONS.find((known) => known === asked) ?? PROTOCOL_VERSIONS[0];
    return { ...greetings.get(version) };
  });

  const toolList = transport.prepare({ tools: tools.map(describeTool) });
  server.setRequestHandler(request("tools/list"), ({ params }) => {
    refuseCursor(params);
    return toolList;
  });

  const toolsByName = new Map(tools.map((tool) => [tool.name, tool]));
  server.setRequestHandler(request("tools/call"), async ({ params }, { requestId, signal }) => {
    const scope = scopeOf(requestId);
    const name = stringAt(params, "name");
    const tool = toolsByName.get(name ?? "");
    if (tool === undefined) throw new RpcError(RPC.invalidParams, `Unknown tool: ${name?.slice(0, 100)}`);
    const meta = metaOf(params);
    const caller = { client: clientOfMeta(meta) ?? scope.client, model: modelOfMeta(meta) };
    const { result, outcome } = await callTool(tool, isJsonObject(params) ? params.arguments : undefined, {
      world,
      caller,
      signal,
      log,
      recordPortfolioRead: (file) => scope.recordPortfolioRead(file, "tool", caller.client),
    });
    scope.onToolCall(outcome);
    return result;
  });

  server.setRequestHandler(request("resources/list"), async ({ params }) => {
    refuseCursor(params);
    return await answered(() => listResources(world.portfolio));
  });
  const templates = transport.prepare(RESOURCE_TEMPLATES);
  server.setRequestHandler(request("resources/templates/list"), ({ params }) => {
    refuseCursor(params);
    return templates;
  });
  server.setRequestHandler(request("resources/read"), async ({ params }, { requestId }) => {
    const scope = scopeOf(requestId);
    const document = await answered(() => readResource(world.portfolio, params));
    scope.recordPortfolioRead(
      document.file.filename,
      "resource",
      clientOfMeta(metaOf(params)) ?? scope.client,
    );
    return renderResource(document);
  });
  server.setRequestHandler(
    request("completion/complete"),
    async ({ params }) => await answered(() => completeName(world.portfolio, params)),
  );

  /** Lets what a client may know pass, and hides every bug behind its id. */
  async function answered<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (thrown) {
      if (thrown instanceof RpcError) throw thrown;
      const error = thrown instanceof AppError ? thrown : logBug(log, thrown, {});
      throw new RpcError(RPC.internal, `${error.message} ${error.hint}`, { code: error.code });
    }
  }

  server.onerror = (error) => log.warn("mcp", { error: error.message });
  await server.connect(transport);
  return {
    exchange: (message, scope) => transport.exchange(message, scope),
    get running() {
      return transport.running;
    },
  };
}

/**
 * A request by its method alone. Its params are checked by the handlers, which name what is wrong; the SDK's own
 * schemas would answer a ZodError as an internal error.
 */
function request<Method extends string>(
  method: Method,
): z.ZodObject<{ method: z.ZodLiteral<Method>; params: z.ZodOptional<z.ZodUnknown> }> {
  // Optional said aloud: zod 4 wants the key of a plain unknown to be there, and tools/list may come without params.
  return z.object({ method: z.literal(method), params: z.unknown().optional() });
}

function greet(protocolVersion: string, version: string): Record<string, unknown> {
  return {
    protocolVersion,
    capabilities: { tools: {}, resources: {}, completions: {} },
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

/** Every list fits on one page, so no cursor of ours exists. */
function refuseCursor(params: unknown): void {
  if (isJsonObject(params) && Object.hasOwn(params, "cursor") && params.cursor !== undefined) {
    throw new RpcError(RPC.invalidParams, "There is no such page: the list fits on one.");
  }
}
