/**
 * The server that the bench compares with: the SDK's documented stateless pattern, an `McpServer` and a transport for
 * each request, with twelve tools of the same names and input schemas as ours. `agentOS_fs_read` really reads.
 *
 * @module
 */

import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import { Hono } from "hono";
import { z } from "zod";

const PATH = { path: z.string().describe("Absolute path.") };
const INPUTS = {
  list_portfolio_files: {},
  read_portfolio_file: { name: z.string(), cursor: z.string().optional() },
  agentOS_git_commit: { cwd: z.string(), message: z.string() },
  agentOS_git_push: { cwd: z.string() },
  agentOS_ext_compile: {},
  agentOS_ext_package: {},
  agentOS_ext_install: {},
  agentOS_fs_list: { ...PATH, depth: z.number().optional(), glob: z.string().optional() },
  agentOS_fs_read: { ...PATH, startLine: z.number().optional(), endLine: z.number().optional() },
  agentOS_fs_search: { query: z.string(), path: z.string().optional(), regex: z.boolean().optional() },
  agentOS_fs_write: { ...PATH, content: z.string(), createDirs: z.boolean().optional() },
  agentOS_fs_replace: { ...PATH, oldText: z.string(), newText: z.string() },
};

function buildServer(): McpServer {
  const server = new McpServer({ name: "stateless-example", version: "1.0.0" });
  for (const [name, inputSchema] of Object.entries(INPUTS)) {
    server.registerTool(
      name,
      {
        title: name,
        description: `The tool ${name}, described in one sentence as a tool is.`,
        inputSchema,
        outputSchema: { text: z.string() },
        annotations: {
          readOnlyHint: true,
          destructiveHint: false,
          idempotentHint: true,
          openWorldHint: false,
        },
      },
      async (input: Readonly<Record<string, unknown>>) => {
        const path = typeof input.path === "string" ? input.path : undefined;
        const text = name === "agentOS_fs_read" && path !== undefined
          ? await Deno.readTextFile(path)
          : "done";
        return { content: [{ type: "text", text }], structuredContent: { text } };
      },
    );
  }
  return server;
}

const app = new Hono();
app.post("/mcp", async (context) => {
  const server = buildServer();
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
  await server.connect(transport);
  return await transport.handleRequest(context.req.raw);
});

Deno.serve({
  hostname: "127.0.0.1",
  port: Number(Deno.args[0] ?? 0),
  onListen: ({ port }) => {
    Deno.stdout.writeSync(new TextEncoder().encode(`http://127.0.0.1:${port}/mcp\n`));
  },
}, app.fetch);
