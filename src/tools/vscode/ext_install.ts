/**
 * The tool `agentOS_ext_install`: installs the newest package of the VSCode extension into VSCode.
 *
 * @module
 */

import { z } from "zod";
import { AppError } from "../../base/errors.ts";
import { defineTool, type Tool, type ToolAnswer } from "../define.ts";
import { openExtension, runProgram } from "./extension.ts";
import { listVsix, newestVsix } from "./vsix.ts";

const LIMIT_MS = 2 * 60_000;

const output = z.object({
  exitCode: z.int().describe("0."),
  output: z.string().describe("The end, up to 5 kB."),
  vsix: z.string().describe("Absolute path."),
  version: z.string().describe("Semver."),
});

/** See its description. */
export const extInstall: Tool = defineTool({
  name: "agentOS_ext_install",
  title: "Install extension",
  description: "Install the extension's newest .vsix into VSCode. Limit 2 min.",
  // Replaces the version that is installed.
  hints: { readOnly: false, destructive: true, idempotent: true, openWorld: false },
  input: z.strictObject({}),
  output,
  examples: [{ title: "Install what was packaged", input: {} }],
  async run(_, context): Promise<ToolAnswer<z.input<typeof output>>> {
    const extension = await openExtension(context);
    const newest = newestVsix(await listVsix(extension));
    if (newest === undefined) {
      throw new AppError(
        "extension.not_found",
        `There is no .vsix of this extension in ${extension.folder}.`,
        {
          hint: "Call agentOS_ext_package first.",
        },
      );
    }
    // Without --force a rebuilt package of the same version would be passed over.
    const args = ["--install-extension", newest.path, "--force"];
    const report = await runProgram("code", args, extension, LIMIT_MS, context);
    return {
      data: { ...report, vsix: newest.path, version: newest.version },
      text: `Installed ${newest.path}, version ${newest.version}.\n${report.output}`.trim(),
    };
  },
});
