/**
 * The tool `agentOS_ext_compile`: `npm run compile` in the VSCode extension's folder.
 *
 * @module
 */

import { z } from "zod";
import { defineTool, type Tool, type ToolAnswer } from "../define.ts";
import { openExtension, runScript } from "./extension.ts";

const LIMIT_MS = 5 * 60_000;

const output = z.object({
  exitCode: z.int().describe("0."),
  output: z.string().describe("The end, up to 5 kB."),
});

/** See its description. */
export const extCompile: Tool = defineTool({
  name: "agentOS_ext_compile",
  title: "Compile extension",
  description: "Compile the VSCode extension (npm run compile); an error shows the output. Limit 5 min.",
  // The script in package.json may do anything.
  hints: { readOnly: false, destructive: true, idempotent: true, openWorld: true },
  input: z.strictObject({}),
  output,
  examples: [{ title: "Compile after an edit", input: {} }],
  async run(_, context): Promise<ToolAnswer<z.input<typeof output>>> {
    const extension = await openExtension(context);
    const report = await runScript(extension, "compile", LIMIT_MS, context);
    return { data: report, text: `Compiled ${extension.folder}.\n${report.output}`.trim() };
  },
});
