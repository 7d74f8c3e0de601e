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
      created: input.applied?.created ?? input.actual === undefined,
      ...(heldAgainst === undefined ? {} : { heldAgainst }),
    },
  };
}
