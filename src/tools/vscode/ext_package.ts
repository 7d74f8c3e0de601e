/**
 * The tool `agentOS_ext_package`: `npm run package` in the VSCode extension's folder, and the package it made.
 *
 * @module
 */

import { z } from "zod";
import { AppError } from "../../base/errors.ts";
import { defineTool, type Tool, type ToolAnswer } from "../define.ts";
import { openExtension, runScript } from "./extension.ts";
import { listVsix } from "./vsix.ts";

const LIMIT_MS = 5 * 60_000;

const output = z.object({
  exitCode: z.int().describe("0."),
  output: z.string().describe("The end, up to 5 kB."),
  vsix: z.string().describe("Absolute path."),
  version: z.string().describe("Semver."),
});

/** See its description. */
export const extPackage: Tool = defineTool({
  name: "agentOS_ext_package",
  title: "Package extension",
  description: "Make the extension's .vsix (npm run package). Limit 5 min.",
  // The script in package.json may do anything.
  hints: { readOnly: false, destructive: true, idempotent: true, openWorld: true },
  input: z.strictObject({}),
  output,
  examples: [{ title: "Make a package to install", input: {} }],
  async run(_, context): Promise<ToolAnswer<z.input<typeof output>>> {
    const extension = await openExtension(context);
    const before = new Map((await listVsix(extension)).map(({ path, modifiedMs }) => [path, modifiedMs]));
    const report = await runScript(extension, "package", LIMIT_MS, context);
    const made = (await listVsix(extension))
      .filter(({ path, modifiedMs }) => before.get(path) !== modifiedMs)
      .toSorted((a, b) => b.modifiedMs - a.modifiedMs)[0];
    if (made === undefined) {
      throw new AppError(
        "extension.failed",
        `npm run package made no .vsix of this extension in ${extension.folder}. Its output ends:\n${report.output}`,
        { hint: 'Let the script write it there: "package": "vsce package".' },
      );
    }
    return {
      data: { ...report, vsix: made.path, version: made.version },
      text: `Made ${made.path}, version ${made.version}.\n${report.output}`.trim(),
    };
  },
});
