/**
 * The supervisor's side of running a program: holds what the worker asks for against what the user allowed, and
 * runs it. The worker's own checks count for nothing here.
 *
 * What a program does once it runs is its own: it has the rights of the user who started the server.
 *
 * @module
 */

import { AppError } from "../base/errors.ts";
import { findProgram, type ProgramSearch, safePath } from "../base/find_program.ts";
import { isInside, rootOf } from "../base/path_rules.ts";
import type { ProcessRequest, ProcessResult } from "../base/process.ts";
import { runProcess } from "../base/run_process.ts";
import type { ToolSettings } from "../tools/define.ts";

/** Longest time any request gets. */
const maxTimeoutMs = 15 * 60_000;
/** Most output that is kept of one stream: git's listing of an index of about half a million files. */
const maxOutputBytes = 64 * 1024 * 1024;

/**
 * Runs an allowed program in an allowed folder.
 *
 * @param environment the supervisor's own
 * @throws {AppError} process.not_allowed, process.not_found, path.outside_roots, path.read_only, tool.cancelled
 */
export async function runAllowed(
  request: ProcessRequest,
  settings: ToolSettings,
  environment: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<ProcessResult> {
  if (!settings.allowRun.includes(request.program)) {
    throw new AppError("process.not_allowed", `Cannot run ${request.program}: it is not allowed`, {
      hint: `Start the server with --allow-run ${[...settings.allowRun, request.program].join(",")}`,
    });
  }
  const cwd = checkFolder(request.cwd, settings);
  const search = searchIn(environment, settings);
  const executable = findProgram(request.program, search);
  // A program run for a repository nobody trusts must not find its own helpers where a tool could have put them.
  const inherited = request.environment === "clean"
    ? { ...environment, [pathName(environment)]: safePath(search) }
    : environment;
  const bounded: ProcessRequest = {
    ...request,
    cwd,
    timeoutMs: Math.min(request.timeoutMs, maxTimeoutMs),
    maxOutputBytes: Math.min(request.maxOutputBytes, maxOutputBytes),
  };
  return await runProcess(executable, bounded, inherited, signal);
}

/** The folder's real path, when it lies in a writable root or the extension's folder. */
function checkFolder(folder: string, settings: ToolSettings): string {
  const real = realPath(folder);
  const { extensionFolder, platform, roots } = settings;
  if (extensionFolder !== undefined && isInside(real, extensionFolder, platform)) return real;
  const root = rootOf(real, roots, platform);
  if (root === undefined) {
    throw new AppError("path.outside_roots", `Cannot run a program in "${folder}": it is outside the roots`);
  }
  if (!root.writable) {
    throw new AppError("path.read_only", `Cannot run a program in "${folder}": the root is read-only`);
  }
  return real;
}

function realPath(folder: string): string {
  try {
    return Deno.realPathSync(folder);
  } catch (cause) {
    throw new AppError("path.not_found", `There is no folder "${folder}"`, { cause });
  }
}

function searchIn(environment: Readonly<Record<string, string>>, settings: ToolSettings): ProgramSearch {
  return {
    path: environment[pathName(environment)] ?? "",
    pathExt: environment.PATHEXT,
    unsafeFolders: settings.roots.filter((root) => root.writable).map((root) => root.path),
    platform: settings.platform,
  };
}

/** Windows spells it `Path`. */
function pathName(environment: Readonly<Record<string, string>>): string {
  return Object.keys(environment).find((name) => name.toUpperCase() === "PATH") ?? "PATH";
}
