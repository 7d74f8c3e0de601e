/**
 * An MCP server with the tools, resources and prompts that the conformance suite asks for by name.
 *
 * It holds nothing of agentos: the test build mounts it behind our transport, guard and token. It is never part
 * of the executable. The wanted answers stand in the suite's own scenario descriptions (0.1.16).
 *
 * @module
 */

import { Server } from "@modelcontextprotocol/sdk/server";
import { z } from "zod";

// The schemas are our own because the SDK's (1.32.2, `types.js`) reach Deno's type checker as `any`: the wildcard
// of its package.json names `types.js.d.ts`, which does not exist.
const CallTool = z.object({ method: z.literal("tools/call"), params: z.looseObject({ name: z.string() }) });
const ReadResource = z.object({
  method: z.literal("resources/read"),
  params: z.looseObject({ uri: z.string() }),
});
const GetPrompt = z.object({
  method: z.literal("prompts/get"),
  params: z.looseObject({ name: z.string(), arguments: z.record(z.string(), z.string()).default({}) }),
});
const Complete = z.object({
  method: z.literal("completion/complete"),
  params: z.looseObject({ argument: z.looseObject({ value: z.string() }) }),
});
const methodOnly = <Name extends string>(name: Name): z.ZodObject<{ method: z.ZodLiteral<Name> }> =>
  z.object({ method: z.literal(name) });

/** An error that the SDK sends on with its JSON-RPC code. */
class RpcError extends Error {
  constructor(readonly code: number, message: string) {
    super(message);
  }
}

type Content =
  | { type: "text"; text: string }
  | { type: "image" | "audio"; data: string; mimeType: string }
  | { type: "resource"; resource: { uri: string; mimeType: string; text: string } };
type PromptMessage = { role: "user"; content: Content };

/** One red pixel. */
const PNG_BASE64 =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
/** A WAV header with no samples. */
const WAV_BASE64 = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=";

const IMAGE: Content = { type: "image", data: PNG_BASE64, mimeType: "image/png" };

const ANSWERS: Readonly<Record<string, readonly Content[]>> = {
  test_simple_text: [{ type: "text", text: "This is a simple text response for testing." }],
  test_image_content: [IMAGE],
  test_audio_content: [{ type: "audio", data: WAV_BASE64, mimeType: "audio/wav" }],
  test_embedded_resource: [{
    type: "resource",
    resource: {
      uri: "test://embedded-resource",
      mimeType: "text/plain",
      text: "This is an embedded resource content.",
    },
  }],
  test_multiple_content_types: [
    { type: "text", text: "Multiple content types test:" },
    IMAGE,
    {
      type: "resource",
      resource: {
        uri: "test://mixed-content-resource",
        mimeType: "application/json",
        text: '{"test":"data","value":123}',
      },
    },
  ],
  // The suite looks at this tool's schema only: the newer schema words must survive.
  json_schema_2020_12_tool: [{ type: "text", text: "ok" }],
};

/**
 * Tools that reach for the client in the middle of a call. Behind a transport that can carry it they pass, so
 * their scenarios fail because of the transport alone; behind one that cannot they give up soon.
 */
const REACHING = [
  "test_tool_with_progress",
  "test_sampling",
  "test_elicitation",
  "test_elicitation_sep1034_defaults",
  "test_elicitation_sep1330_enums",
];
const CLIENT_TIMEOUT_MS = 300;

const SCHEMA_2020_12 = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object" as const,
  $defs: {
    address: { type: "object", properties: { street: { type: "string" }, city: { type: "string" } } },
  },
  properties: { name: { type: "string" }, address: { $ref: "#/$defs/address" } },
  additionalProperties: false,
};

const SAMPLE = {
  method: "sampling/createMessage" as const,
  params: {
    messages: [{ role: "user" as const, content: { type: "text" as const, text: "Say something." } }],
    maxTokens: 100,
  },
};
const ELICIT = {
  method: "elicitation/create" as const,
  params: {
    message: "Who are you?",
    requestedSchema: { type: "object" as const, properties: { username: { type: "string" as const } } },
  },
};

const RESOURCES = [
  { uri: "test://static-text", name: "Static text", description: "A text resource", mimeType: "text/plain" },
  { uri: "test://static-binary", name: "Static binary", description: "An image", mimeType: "image/png" },
];
const TEMPLATE = {
  uriTemplate: "test://template/{id}/data",
  name: "Template",
  description: "One document for each id",
  mimeType: "application/json",
};

const PROMPTS = [
  { name: "test_simple_prompt", description: "A prompt without arguments" },
  {
    name: "test_prompt_with_arguments",
    description: "A prompt with two arguments",
    arguments: [
      { name: "arg1", description: "First test argument", required: true },
      { name: "arg2", description: "Second test argument", required: true },
    ],
  },
  {
    name: "test_prompt_with_embedded_resource",
    description: "A prompt that holds a resource",
    arguments: [{ name: "resourceUri", description: "URI of the resource to embed", required: true }],
  },
  { name: "test_prompt_with_image", description: "A prompt that holds an image" },
];

/** Makes the server; whoever mounts it connects the transport. */
export function createFixtureServer(): Server {
  const server = new Server({ name: "agentos-conformance", version: "1.0.0" }, {
    capabilities: { tools: {}, resources: {}, prompts: {}, completions: {} },
  });
  server.setRequestHandler(methodOnly("tools/list"), () => ({
    tools: [...Object.keys(ANSWERS), ...REACHING, "test_error_handling"].map((name) => ({
      name,
      description: `Fixture tool ${name}`,
      inputSchema: name === "json_schema_2020_12_tool" ? SCHEMA_2020_12 : { type: "object" as const },
    })),
  }));
  server.setRequestHandler(CallTool, async ({ params }, extra) => {
    if (params.name === "test_tool_with_progress") {
      const { progressToken } = extra._meta ?? {};
      for (const progress of progressToken === undefined ? [] : [0, 50, 100]) {
        await extra.sendNotification({
          method: "notifications/progress",
          params: { progressToken, progress, total: 100 },
        });
      }
      return { content: [{ type: "text", text: "progressed" }] };
    }
    if (REACHING.includes(params.name)) {
      const asked = params.name === "test_sampling" ? SAMPLE : ELICIT;
      const answer = await extra.sendRequest(asked, z.looseObject({}), { timeout: CLIENT_TIMEOUT_MS });
      return { content: [{ type: "text", text: JSON.stringify(answer) }] };
    }
    if (params.name === "test_error_handling") {
      const text = "This tool intentionally returns an error for testing";
      return { isError: true, content: [{ type: "text", text }] };
    }
    const content = ANSWERS[params.name];
    if (content === undefined) throw new RpcError(-32602, `There is no tool ${params.name}`);
    return { content: [...content] };
  });
  server.setRequestHandler(methodOnly("resources/list"), () => ({ resources: RESOURCES }));
  server.setRequestHandler(methodOnly("resources/templates/list"), () => ({ resourceTemplates: [TEMPLATE] }));
  server.setRequestHandler(ReadResource, ({ params }) => ({ contents: [readResource(params.uri)] }));
  server.setRequestHandler(methodOnly("prompts/list"), () => ({ prompts: PROMPTS }));
  server.setRequestHandler(
    GetPrompt,
    ({ params }) => ({ messages: fillPrompt(params.name, params.arguments) }),
  );
  server.setRequestHandler(Complete, ({ params }) => {
    const words = ["paris", "park", "party"];
    return { completion: { values: words.filter((word) => word.startsWith(params.argument.value)) } };
  });
  return server;
}

function readResource(uri: string): { uri: string; mimeType: string; text: string } | {
  uri: string;
  mimeType: string;
  blob: string;
} {
  const id = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)?.[1];
  if (id !== undefined) {
    const text = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` });
    return { uri, mimeType: "application/json", text };
  }
  if (uri === "test://static-binary") return { uri, mimeType: "image/png", blob: PNG_BASE64 };
  if (uri === "test://static-text") {
    return { uri, mimeType: "text/plain", text: "This is the content of the static text resource." };
  }
  throw new RpcError(-32002, "Resource not found");
}

function fillPrompt(name: string, given: Readonly<Record<string, string>>): PromptMessage[] {
  const say = (text: string): PromptMessage => ({ role: "user", content: { type: "text", text } });
  switch (name) {
    case "test_simple_prompt":
      return [say("This is a simple prompt for testing.")];
    case "test_prompt_with_arguments":
      return [say(`Prompt with arguments: arg1='${given["arg1"]}', arg2='${given["arg2"]}'`)];
    case "test_prompt_with_embedded_resource": {
      const text = "Embedded resource content for testing.";
      const resource = { uri: given["resourceUri"] ?? "", mimeType: "text/plain", text };
      return [
        { role: "user", content: { type: "resource", resource } },
        say("Please process the embedded resource above."),
      ];
    }
    case "test_prompt_with_image":
      return [{ role: "user", content: IMAGE }, say("Please analyze the image above.")];
    default:
      throw new RpcError(-32602, `There is no prompt ${name}`);
  }
}
