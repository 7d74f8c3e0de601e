/**
 * Gives the tools in a provider's answer their own names back, the other half of `flatten.ts`, and their calls arguments
 * that clients take. Pure.
 *
 * @module
 */

import { isObject, type JsonObject } from "../../base/json_fields.ts";
import type { ToolNames } from "./tool_names.ts";

/**
 * Restores the names in one event, wherever the Responses API has a call: in `item`, in `response.output`, and in the
 * event itself for `response.function_call_arguments.done`.
 *
 * @returns the very same event when there is nothing to restore
 */
export function restoreEvent<Event extends JsonObject>(event: Event, names: ToolNames): Event {
  if (!names.changes) return event;
  const { item, response, type } = event;
  const restoredItem = isObject(item) ? restoreCall(item, names) : item;
  const restoredResponse = isObject(response) ? restoreResponse(response, names) : response;
  const named = type === "response.function_call_arguments.done"
    ? restoreName(restoreArguments(event), names)
    : event;
  if (named === event && restoredItem === item && restoredResponse === response) return event;
  return {
    ...named,
    ...(restoredItem === item ? {} : { item: restoredItem }),
    ...(restoredResponse === response ? {} : { response: restoredResponse }),
  };
}

/** Restores the names in a whole response. The very same one when there is nothing to restore. */
export function restoreResponse(response: JsonObject, names: ToolNames): JsonObject {
  const { output } = response;
  if (!Array.isArray(output)) return response;
  const restored = output.map((item: unknown) => isObject(item) ? restoreCall(item, names) : item);
  return restored.every((item, index) => item === output[index])
    ? response
    : { ...response, output: restored };
}

function restoreCall(item: JsonObject, names: ToolNames): JsonObject {
  return item["type"] === "function_call" ? restoreName(restoreArguments(item), names) : item;
}

/** A model that has no arguments to give may say null; the Codex CLI (0.169.0, run 2026-11) takes an object only. */
function restoreArguments<Call extends JsonObject>(call: Call): Call {
  const { arguments: args } = call;
  return typeof args === "string" && args.trim() === "null" ? { ...call, arguments: "{}" } : call;
}

function restoreName<Named extends JsonObject>(value: Named, names: ToolNames): Named {
  const { name } = value;
  const tool = typeof name === "string" ? names.restore(name) : undefined;
  if (tool === undefined) return value;
  return {
    ...value,
    name: tool.name,
    ...(tool.namespace === undefined ? {} : { namespace: tool.namespace }),
  };
}
