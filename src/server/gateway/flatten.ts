/**
 * Makes a request fit for a provider that knows functions and nothing else; `restore.ts` is the way back. Pure.
 *
 * Clients send the tools of a Model Context Protocol server as `{"type":"namespace"}` and route a call by `namespace`
 * and `name`; providers refuse such a request or lose the tools. Observed with @openai/codex 0.169.0 and described in
 * openai/codex issues 23186, 26234 and 33263 (2026-11).
 *
 * @module
 */

import { isObject, type JsonObject, textOf } from "../../base/json_fields.ts";
import { nameTools, type ToolName, type ToolNames } from "./tool_names.ts";

/** A request that every provider can take. */
export interface Flattened {
  readonly request: JsonObject;
  /** For the way back. */
  readonly names: ToolNames;
  /** What was left out, each kind once: `tool web_search`. Kinds and names, never contents. */
  readonly dropped: readonly string[];
}

/**
 * Flattens the tools and the conversation of a request. Everything else stays as it is, and what is not to be
 * understood is left for the provider to judge.
 */
export function flatten(request: JsonObject): Flattened {
  const tools = listOf(request["tools"]);
  const input = listOf(request["input"]);
  const names = nameTools(
    tools.flatMap(readToolNames),
    input.filter(isCall).flatMap(readName),
  );
  const dropped = new Set<string>();
  const flat: Record<string, unknown> = { ...request };
  if (Array.isArray(request["tools"])) {
    flat["tools"] = tools.flatMap((tool) => flattenTool(tool, names, dropped));
  }
  if (Array.isArray(request["input"])) {
    flat["input"] = input.map((item) => flattenItem(item, names, dropped)).filter((item) =>
      item !== undefined
    );
  }
  if (isObject(request["tool_choice"])) flat["tool_choice"] = flattenChoice(request["tool_choice"], names);
  // With no tool left there is nothing to choose from, and some providers refuse the choice.
  if (dropped.size > 0 && listOf(flat["tools"]).length === 0) delete flat["tool_choice"];
  return { request: flat, names, dropped: [...dropped] };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The name of a function or a call, when there is one. */
function readName(value: JsonObject): readonly ToolName[] {
  const name = textOf(value["name"]);
  return name === undefined ? [] : [{ namespace: textOf(value["namespace"]), name }];
}

function isCall(item: unknown): item is JsonObject {
  return isObject(item) && item["type"] === "function_call";
}

function isFunction(tool: unknown): tool is JsonObject {
  return isObject(tool) && tool["type"] === "function";
}

function isNamespace(tool: unknown): tool is JsonObject {
  return isObject(tool) && tool["type"] === "namespace" && textOf(tool["name"]) !== undefined;
}

function readToolNames(tool: unknown): readonly ToolName[] {
  if (isFunction(tool)) return readName(tool);
  if (!isNamespace(tool)) return [];
  const namespace = textOf(tool["name"]);
  return listOf(tool["tools"]).filter(isFunction).flatMap(readName).map(({ name }) => ({ namespace, name }));
}

function flattenTool(tool: unknown, names: ToolNames, dropped: Set<string>): readonly unknown[] {
  if (isFunction(tool)) return readName(tool).map((name) => rename(tool, names.flatten(name)));
  if (!isNamespace(tool)) {
    dropped.add(`tool ${kindOf(tool)}`);
    return [];
  }
  const namespace = textOf(tool["name"]);
  const about = textOf(tool["description"]);
  const flat: unknown[] = [];
  for (const inner of listOf(tool["tools"])) {
    if (!isFunction(inner)) {
      dropped.add(`tool ${kindOf(inner)}`);
      continue;
    }
    for (const { name } of readName(inner)) {
      const renamed = rename(inner, names.flatten({ namespace, name }));
      // What the namespace says of all its tools must reach the model too; the first one carries it.
      flat.push(about === undefined || flat.length > 0 ? renamed : introduce(renamed, `${namespace}`, about));
    }
  }
  return flat;
}

function rename(value: JsonObject, name: string): JsonObject {
  return value["name"] === name ? value : { ...value, name };
}

function introduce(tool: JsonObject, namespace: string, about: string): JsonObject {
  const own = textOf(tool["description"]);
  const group = `About all tools of ${namespace}: ${about}`;
  return { ...tool, description: own === undefined ? group : `${own}\n\n${group}` };
}

/** The item as every provider can take it; undefined for one that is left out. */
function flattenItem(item: unknown, names: ToolNames, dropped: Set<string>): unknown {
  if (!isObject(item)) return item;
  const { type } = item;
  switch (type) {
    case "function_call": {
      const [tool] = readName(item);
      if (tool === undefined) return item;
      if (tool.namespace === undefined) return rename(item, names.flatten(tool));
      const { namespace: _, ...rest } = item;
      return { ...rest, name: names.flatten(tool) };
    }
    // A call and its output belong together: a provider refuses one without the other.
    case "custom_tool_call":
      return asFunctionCall(item, textOf(item["name"]) ?? "custom", { input: item["input"] });
    case "local_shell_call":
      return asFunctionCall(item, "local_shell", item["action"]);
    case "custom_tool_call_output":
    case "local_shell_call_output":
      return { ...item, type: "function_call_output" };
    // Only the client's own provider understands these, and they answer no call.
    case "web_search_call":
    case "image_generation_call":
    case "tool_search_call":
    case "tool_search_output":
      dropped.add(`item ${type}`);
      return undefined;
    default:
      return item;
  }
}

function asFunctionCall(item: JsonObject, name: string, input: unknown): JsonObject {
  const callId = textOf(item["call_id"]) ?? textOf(item["id"]);
  return {
    type: "function_call",
    ...(callId === undefined ? {} : { call_id: callId }),
    name,
    arguments: JSON.stringify(input ?? {}),
  };
}

function flattenChoice(choice: JsonObject, names: ToolNames): JsonObject {
  if (choice["type"] === "allowed_tools") {
    return {
      ...choice,
      tools: listOf(choice["tools"]).map((tool) => isObject(tool) ? flattenName(tool, names) : tool),
    };
  }
  return flattenName(choice, names);
}

function flattenName(value: JsonObject, names: ToolNames): JsonObject {
  const [tool] = readName(value);
  if (value["type"] !== "function" || tool === undefined) return value;
  const { namespace: _, ...rest } = value;
  return { ...rest, name: names.flatten(tool) };
}

/** The type of what is left out, as far as it is fit for a log. */
function kindOf(tool: unknown): string {
  const type = isObject(tool) ? textOf(tool["type"]) : undefined;
  return type?.replaceAll(/[^\w.-]/g, "?").slice(0, 40) ?? "without a type";
}
