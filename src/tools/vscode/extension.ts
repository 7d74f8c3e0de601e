/**
 * The VSCode extension whose folder the user named when the server started: its manifest, and running what the
 * manifest's scripts say.
 *
 * @module
 */

import { join } from "node:path";
import { z } from "zod";
import { AppError } from "../../base/errors.ts";
import type { ProcessResult } from "../../base/process.ts";
import type { ToolContext } from "../define.ts";
import { shownOutput } from "../program_output.ts";

/** The part of an extension's `package.json` that the tools read. */
export const extensionManifest = z.object({
  name: z.string().min(1),
  publisher: z.string().min(1),
  version: z.string().min(1),
  scripts: z.record(z.string(), z.string()).default({}),
});

/** An extension's folder and its manifest as it stands on disk now. */
export interface Extension {
  /** Absolute path. */
  readonly folder: string;
  readonly manifest: z.output<typeof extensionManifest>;
}

/** Of a program's output so many bytes are answered: as JSON up to twice as many, which is what a client shows of one answer. */
const MAX_OUTPUT_BYTES = 4_500;

/** How a program ended, as the tools answer it. */
export interface ProgramReport {
  readonly exitCode: number;
  /** The end of both streams. */
  readonly output: string;
}

/**
 * Reads the manifest of the extension.
 *
 * @throws {AppError} extension.not_found when there is no folder or no manifest; extension.failed when the
 * manifest is not one
 */
export async function openExtension(context: ToolContext): Promise<Extension> {
  const folder = context.settings.extensionFolder;
  if (folder === undefined) {
    throw new AppError("extension.not_found", "The server was started without a VSCode extension.", {
      hint: "Start it with --ext-dir DIR, or set AGENTOS_EXT_DIR.",
    });
  }
  const file = join(folder, "package.json");
  let text: string;
  try {
    text = await Deno.readTextFile(file);
  } catch (cause) {
    throw new AppError(
      "extension.not_found",
      `There is no VSCode extension in ${folder}: cannot read ${file}.`,
      {
        hint: "Name the extension's folder with --ext-dir DIR, or AGENTOS_EXT_DIR.",
        cause,
      },
    );
  }
  return { folder, manifest: parseManifest(text, file) };
}

function parseManifest(text: string, file: string): z.output<typeof extensionManifest> {
  let json: unknown;
  try {
    // npm takes a byte order mark before it (npm 11.19.1, 2026-11).
    json = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (cause) {
    throw new AppError("extension.failed", `${file} is not valid JSON.`, { where: { file }, cause });
  }
  const parsed = extensionManifest.safeParse(json);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path, message }) => `${path.map(String).join(".")}: ${message}`);
  throw new AppError("extension.failed", `${file} is no extension's manifest: ${fields.join("; ")}.`, {
    where: { file },
  });
}

/**
 * Runs one script of the manifest with npm, as its user would.
 *
 * @throws {AppError} extension.failed when there is no such script, or it did not exit with 0 (the message ends
 * with its output); process.timeout; what {@link ToolContext.run} throws
 */
export async function runScript(
  extension: Extension,
  script: string,
  limitMs: number,
  context: ToolContext,
): Promise<ProgramReport> {
  if (extension.manifest.scripts[script] === undefined) {
    const names = Object.keys(extension.manifest.scripts);
    const there = names.length === 0 ? "it has none" : `it has ${names.slice(0, 20).join(", ")}`;
    throw new AppError(
      "extension.failed",
      `${join(extension.folder, "package.json")} has no script "${script}"; ${there}.`,
      { hint: `Add one under "scripts".` },
    );
  }
  return await runProgram("npm", ["run", script], extension, limitMs, context);
}

/**
 * Runs a program in the extension's folder.
 *
 * @throws {AppError} as {@link runScript}
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  extension: Extension,
  limitMs: number,
  context: ToolContext,
): Promise<ProgramReport> {
  const result = await context.run({
    program,
    args,
    cwd: extension.folder,
    environment: "user",
    env: { NO_COLOR: "1", npm_config_update_notifier: "false", npm_config_fund: "false" },
    timeoutMs: limitMs,
    maxOutputBytes: 64 * 1024,
  }, context.signal);
  const command = [program, ...args].join(" ");
  const output = outputOf(result);
  const said = output === "" ? " It printed nothing." : ` Its output ends:\n${output}`;
  if (result.timedOut) {
    throw new AppError("process.timeout", `${command} was stopped after ${limitMs / 1000} s.${said}`);
  }
  if (result.code !== 0) {
    throw new AppError("extension.failed", `${command} ended with exit code ${result.code}.${said}`);
  }
  return { exitCode: result.code, output };
}

/** The end of both streams; a long one does not push the other out. */
function outputOf({ stdout, stderr }: ProcessResult): string {
  const half = MAX_OUTPUT_BYTES / 2;
  const ends = [shownOutput(stdout, MAX_OUTPUT_BYTES), shownOutput(stderr, MAX_OUTPUT_BYTES)];
  const [outBytes = 0, errBytes = 0] = ends.map((text) => new TextEncoder().encode(text).length);
  return [
    shownOutput(stdout, Math.max(half, MAX_OUTPUT_BYTES - errBytes)),
    shownOutput(stderr, Math.max(half, MAX_OUTPUT_BYTES - outBytes)),
  ].filter((text) => text !== "").join("\n");
}
