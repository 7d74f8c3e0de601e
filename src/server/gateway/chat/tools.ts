/**
 * The tools that a request offers, and which of them it wants called.
 *
 * @module
 */

import { isObject, type JsonObject, textOf } from "../../../base/json_fields.ts";
import type { ChatRequest, ChatTool } from "./model.ts";

/** What a Chat Completions request says of tools: nothing at all when there is none. */
export interface Offer {
  readonly fields: Pick<ChatRequest, "tools" | "tool_choice" | "parallel_tool_calls">;
  /** Kinds of tools that are no function. */
  readonly dropped: readonly string[];
}

/** Reads `tools`, `tool_choice` and `parallel_tool_calls` of a request. */
export function readTools(request: JsonObject): Offer {
  const offered = Array.isArray(request["tools"]) ? request["tools"].filter(isObject) : [];
  const dropped: string[] = [];
  const known: ChatTool[] = [];
  for (const tool of offered) {
    const read = readTool(tool);
    if (read === undefined) dropped.push(`tool ${textOf(tool["type"]) ?? "without a type"}`);
    else known.push(read);
  }
  const { choice, names } = readChoice(request["tool_choice"]);
  const tools = names === undefined ? known : known.filter((tool) => names.has(tool.function.name));
  if (tools.length === 0) return { fields: {}, dropped };
  const parallel = request["parallel_tool_calls"];
  return {
    fields: {
      tools,
      ...(choice === undefined ? {} : { tool_choice: choice }),
      // llama.cpp lets a model call once only unless it is told otherwise (its server README, 2026-11).
      ...(typeof parallel === "boolean" ? { parallel_tool_calls: parallel } : {}),
    },
    dropped,
  };
}

function readTool(tool: JsonObject): ChatTool | undefined {
  const name = textOf(tool["name"]);
  if (tool["type"] !== "function" || name === undefined) return undefined;
  const description = textOf(tool["description"]);
  const parameters = isObject(tool["parameters"]) ? tool["parameters"] : { type: "object", properties: {} };
  return {
    type: "function",
    function: {
      name,
      ...(description === undefined ? {} : { description }),
      parameters,
      ...(tool["strict"] === true ? { strict: true } : {}),
    },
  };
}

/** `names` are the only tools that may be called, when the request limits them. */
function readChoice(
  choice: unknown,
): { readonly choice?: "auto" | "none" | "required"; readonly names?: ReadonlySet<string> } {
  if (choice === "auto" || choice === "none" || choice === "required") return { choice };
  if (!isObject(choice)) return {};
  const name = textOf(choice["name"]);
  if (choice["type"] === "function" && name !== undefined) {
    return { choice: "required", names: new Set([name]) };
  }
  if (choice["type"] !== "allowed_tools" || !Array.isArray(choice["tools"])) return {};
  const names = choice["tools"].flatMap((tool: unknown) => isObject(tool) ? textOf(tool["name"]) ?? [] : []);
  return { choice: choice["mode"] === "required" ? "required" : "auto", names: new Set(names) };
}
