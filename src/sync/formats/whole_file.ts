/**
 * A file that is wholly ours: a memory, a skill's file. Pure.
 *
 * @module
 */

import type { Format, FormatInput, FormatOutcome } from "./format.ts";
import { NO_GLUE } from "./managed_block.ts";
import { decideText } from "./whole_text.ts";

/** The format `whole-file`. */
export const wholeFile: Format = { plan: planWholeFile };

function planWholeFile(input: FormatInput): FormatOutcome {
  const { text, heldAgainst, forget, ...decision } = decideText(input);
  if (forget) return decision;
  if (decision.action === "remove" && input.applied?.created === false) {
    return { ...decision, action: "keep", reason: "it stood here before the first push, and stays" };
  }
  const isKept = decision.action === "refuse" || decision.action === "keep" || decision.action === "remove";
  const content = text ?? input.wanted;
  if (isKept || content === undefined) {
    return {
      ...decision,
      ...(input.applied === undefined || decision.action === "remove" ? {} : { applied: input.applied }),
    };
  }
  return {
    ...decision,
    ...(decision.action === "write" ? { after: content } : {}),
    applied: {
      content,
      glue: NO_GLUE,
      // What was adopted is still the user's; what we wrote ourselves is ours.
      created: decision.action === "write" || (input.applied?.created ?? false),
      ...(heldAgainst === undefined ? {} : { heldAgainst }),
    },
  };
}
