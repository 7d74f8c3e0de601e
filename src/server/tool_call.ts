/**
 * One `tools/call`: find the tool, run it, and turn its answer, its refusal or its bug into a protocol result.
 *
 * @module
 */

import type { CallToolResult } from "@modelcontextprotocol/sdk/types";
import { AppError } from "../base/errors.ts";
import type { Caller, Tool, ToolContext } from "../tools/define.ts";
import type { ServerLog } from "./log.ts";

/** What every call shares of the world. */
export type ToolWorld = Pick<ToolContext, "settings" | "portfolio" | "run" | "search">;

/** How a call went, without its content. */
export interface ToolCallOutcome {
  readonly tool: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly elapsedMs: number;
  /** Undefined when the call succeeded. */
  readonly errorCode: string | undefined;
  readonly caller: Caller;
}

/** What one call needs beside its arguments. */
export interface ToolCallSurroundings {
  readonly world: ToolWorld;
  readonly caller: Caller;
  readonly signal: AbortSignal;
  readonly log: ServerLog;
  readonly recordPortfolioRead: (file: string) => void;
}

/** Runs a tool. Never throws: refusals and bugs are results with `isError`. */
export async function callTool(
  tool: Tool,
  args: unknown,
  surroundings: ToolCallSurroundings,
): Promise<{ readonly result: CallToolResult; readonly outcome: ToolCallOutcome }> {
  const { world, caller, signal, recordPortfolioRead } = surroundings;
  const at = Date.now();
  const started = performance.now();
  let error: AppError | undefined;
  let result: CallToolResult;
  try {
    const { data, text } = await tool.call(args, { ...world, caller, signal, recordPortfolioRead });
    // Some clients show a model the structured content alone, others the text alone: both say the same.
    result = { content: [{ type: "text", text }], structuredContent: data };
  } catch (thrown) {
    error = explain(tool, thrown, surroundings);
    // No structured content beside an error: a client that prefers it would hide the sentence.
    result = { content: [{ type: "text", text: renderToolError(error) }], isError: true };
  }
  const elapsedMs = Math.round((performance.now() - started) * 1000) / 1000;
  return { result, outcome: { tool: tool.name, at, elapsedMs, errorCode: error?.code, caller } };
}

/** The text of a failed call: code, sentence, next step. */
function renderToolError(error: AppError): string {
  return `${error.code}: ${error.message}\nNext: ${error.hint}`;
}

function explain(tool: Tool, thrown: unknown, { signal, log }: ToolCallSurroundings): AppError {
  if (thrown instanceof AppError) return thrown;
  if (signal.aborted) return new AppError("tool.cancelled", `The call of ${tool.name} was cancelled.`);
  return logBug(log, thrown, { tool: tool.name });
}

/** Logs a bug under a new id and answers what its victim may know: the id. */
export function logBug(
  log: ServerLog,
  thrown: unknown,
  fields: { readonly [key: string]: string },
): AppError {
  const bug = crypto.randomUUID().slice(0, 8);
  const error = thrown instanceof Error ? thrown.stack ?? thrown.message : String(thrown);
  log.error("bug", { bug, ...fields, error });
  return new AppError("internal", `A bug in agentos stopped this. It is logged as ${bug}.`, {
    hint: `Look for ${bug} in the server's log and report it.`,
    cause: thrown,
  });
}
