/**
 * `defineTool`: one value that is a tool's name, words, schemas, hints, examples and behaviour.
 *
 * A tool knows nothing of MCP, HTTP or the command line: it takes checked input and a `ToolContext`, and
 * answers a value of its output schema plus a text for people, or throws an `AppError`. The server turns that
 * into protocol messages; the docs, the golden files and the tests are derived from the same value.
 *
 * @module
 */

import { z } from "zod";
import { AppError } from "../base/errors.ts";
import type { JsonObject } from "../base/json_fields.ts";
import type { RunProcess } from "../base/process.ts";
import type { Root } from "../base/roots.ts";
import type { Portfolio } from "../portfolio/model.ts";
import type { Search } from "./files/search/model.ts";

/**
 * The four MCP annotations, all said aloud. What they mean for the Codex CLI (0.169, `codex exec` with approval
 * "never"): `readOnly` runs always; not read-only, not destructive and closed world runs in the default mode;
 * `destructive` or `openWorld` is refused until the user sets `approval_mode = "approve"` for that tool.
 */
export interface ToolHints {
  readonly readOnly: boolean;
  readonly destructive: boolean;
  readonly idempotent: boolean;
  readonly openWorld: boolean;
}

/** Who calls, as far as the client says; for the log and the ledger only, never for a decision. */
export interface Caller {
  readonly client: string | undefined;
  readonly model: string | undefined;
}

/** What the person who started the server decided, as far as tools need to know it. */
export interface ToolSettings {
  /** In the order given; empty when none was configured. */
  readonly roots: readonly Root[];
  /** Real paths that no tool reads or writes, even inside a root: the state folder with the token. */
  readonly forbidden: readonly string[];
  /** Real paths of repositories whose hooks, signing and filters may run. */
  readonly trustedRepositories: readonly string[];
  /** The folder of the VSCode extension, or undefined when there is none. */
  readonly extensionFolder: string | undefined;
  /** Programs that `run` accepts. */
  readonly allowRun: readonly string[];
  readonly platform: "linux" | "darwin" | "windows";
  /**
   * False only in a test of the source tree, which shows that the runtime's permissions and the kernel alone
   * keep every access inside the roots. No flag or variable of the executable reaches it.
   */
  readonly pathChecks: boolean;
}

/** Everything a tool may use of the world; handed in at each call. */
export interface ToolContext {
  readonly settings: ToolSettings;
  readonly portfolio: Portfolio;
  readonly run: RunProcess;
  readonly search: Search;
  /** Aborted when the client goes away or cancels. */
  readonly signal: AbortSignal;
  readonly caller: Caller;
  /** Notes that a portfolio file was read; never throws. */
  readonly recordPortfolioRead: (file: string) => void;
}

/** What a tool answers: `data` fits the output schema, `text` says the same to a person. */
export interface ToolAnswer<Output> {
  readonly data: Output;
  readonly text: string;
}

/** One worked call, shown in the docs and run by the contract tests. */
export interface ToolExample<Input> {
  readonly title: string;
  readonly input: Input;
}

/** What an author writes. */
export interface ToolSpec<Input extends z.ZodObject, Output extends z.ZodObject> {
  /** The name on the wire. */
  readonly name: string;
  readonly title: string;
  /** First sentence: when to call this. Then limits, units, and how to go on. */
  readonly description: string;
  readonly hints: ToolHints;
  /** A strict object; every field described, with units, limits and defaults in words. */
  readonly input: Input;
  readonly output: Output;
  readonly examples: readonly ToolExample<z.input<Input>>[];
  run(input: z.output<Input>, context: ToolContext): Promise<ToolAnswer<z.input<Output>>>;
}

/** Clients cut longer answers in the middle (Codex 0.169, 2026-11). */
export const MAX_ANSWER_BYTES = 10_000;

/** A tool with its types closed over, so that tools of different inputs share one table without a cast. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly hints: ToolHints;
  readonly inputSchema: JsonObject;
  readonly outputSchema: JsonObject;
  readonly examples: readonly ToolExample<unknown>[];
  /**
   * Checks the arguments, runs, and answers.
   *
   * @throws {AppError} tool.input with every wrong field named; whatever the tool itself refuses
   */
  call(raw: unknown, context: ToolContext): Promise<ToolAnswer<JsonObject>>;
}

/** Closes over one tool's types. Schemas are converted here, once, when the module loads. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  spec: ToolSpec<Input, Output>,
): Tool {
  return {
    name: spec.name,
    title: spec.title,
    description: spec.description,
    hints: spec.hints,
    inputSchema: toJsonSchema(spec.input, "input"),
    outputSchema: toJsonSchema(spec.output, "output"),
    examples: spec.examples,
    async call(raw: unknown, context: ToolContext): Promise<ToolAnswer<JsonObject>> {
      const input = spec.input.safeParse(raw ?? {});
      if (!input.success) throw inputError(spec.name, input.error);
      return await spec.run(input.data, context);
    },
  };
}

function toJsonSchema(schema: z.ZodObject, io: "input" | "output"): JsonObject {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    target: "draft-7",
    override({ jsonSchema }): void {
      // zod spells out the safe-integer range of every integer; it is noise in each client's context window.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      // An answer may gain or lose a field without breaking a client that validates it. And tools/list stands in
      // each client's context window: its bytes go to words.
      if (io === "output" && jsonSchema.additionalProperties === false) {
        delete jsonSchema.additionalProperties;
      }
      if (io === "output") delete jsonSchema.required;
    },
  });
  return rest;
}

/** What refuses an input for a reason that its schema cannot say, as the end of a sentence without the full stop. */
export function refuseInput(tool: string, problem: string): AppError {
  return new AppError("tool.input", `Cannot call ${tool}: ${problem}.`);
}

/** A caller's own names may be in a complaint, and are as long as the caller likes. */
const MAX_COMPLAINTS = 10;
const MAX_COMPLAINT_CHARS = 300;

function inputError(tool: string, error: z.ZodError): AppError {
  const fields = error.issues.slice(0, MAX_COMPLAINTS).map((issue) => {
    const path = issue.path.map(String).join(".");
    const complaint = path === "" ? issue.message : `${path}: ${issue.message}`;
    if (complaint.length <= MAX_COMPLAINT_CHARS) return complaint;
    return `${complaint.slice(0, MAX_COMPLAINT_CHARS).toWellFormed()}…`;
  });
  return new AppError("tool.input", `Cannot call ${tool}: ${fields.join("; ")}`);
}
