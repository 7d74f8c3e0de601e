/**
 * Answers that came whole although a stream was asked for. Pure.
 *
 * @module
 */

import { isObject, objectOf, textOf } from "../../base/json_fields.ts";
import { failedAnswer } from "./failed.ts";
import type { ResponsesEvent } from "./wire.ts";

const ENDS: Readonly<Record<string, string>> = {
  incomplete: "response.incomplete",
  failed: "response.failed",
};

/** The events that would have told the same: for a provider that speaks Responses and does not stream. */
export function eventsOfWhole(answer: unknown): readonly ResponsesEvent[] {
  const response = objectOf(answer);
  const { output, error } = response;
  if (!Array.isArray(output)) {
    const said = textOf(objectOf(error)["message"]) ?? textOf(error);
    const message = said ?? "The provider's answer is no response.";
    return [failedAnswer("gateway_no_response", message)];
  }
  return [
    { type: "response.created", response: { ...response, status: "in_progress", output: [] } },
    ...output.filter(isObject).map((item, output_index) => ({
      type: "response.output_item.done",
      output_index,
      item,
    })),
    { type: ENDS[`${response["status"]}`] ?? "response.completed", response },
  ];
}
