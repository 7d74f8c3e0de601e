/**
 * Gives the tools in a provider's answer their own names back: the other half of `flatten.ts`. Pure.
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
  const named = type === "response.function_call_arguments.done" ? restoreName(event, names) : event;
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
  return item["type"] === "function_call" ? restoreName(item, names) : item;
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
