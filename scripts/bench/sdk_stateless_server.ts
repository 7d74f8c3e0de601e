/**
 * The server that the bench compares with: the SDK's documented stateless pattern, an `McpServer` and a transport for
 * each request, with twelve tools. They do nothing, but for `agentOS_fs_read`, which reads a file as simply as can be.
 *
 *     deno run -A scripts/bench/sdk_stateless_server.ts PORT
 *
 * @module
 */

import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import { Hono } from "hono";
import { describeExample, EXAMPLE_ANSWER, EXAMPLE_INPUTS, EXAMPLE_OUTPUT } from "./example_tools.ts";

function buildServer(): McpServer {
  const server = new McpServer({ name: "stateless-example", version: "1.0.0" });
  for (const [name, inputSchema] of Object.entries(EXAMPLE_INPUTS)) {
    server.registerTool(
      name,
      {
        title: name,
        description: describeExample(name),
        inputSchema,
        outputSchema: EXAMPLE_OUTPUT,
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
          : EXAMPLE_ANSWER;
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

Deno.serve({ hostname: "127.0.0.1", port: Number(Deno.args[0]), onListen: () => undefined }, app.fetch);
