/**
 * `agentos service logs`: what the service said, from its manager's own journal or from the log file.
 *
 * @module
 */

import { AppError, messageOf } from "../../base/errors.ts";
import { findProgram } from "../../base/find_program.ts";
import type { CommandContext } from "../../cli/command.ts";
import type { Call } from "../../service/model.ts";
import { followFile } from "./follow_file.ts";
import { managerEnvironment, type ManagerFlags, notInstalled, openService } from "./open_service.ts";

/** The flags as the parser hands them over. */
export interface Flags extends ManagerFlags {
  readonly follow?: boolean;
  readonly lines?: number;
}

const USUAL_LINES = 100;
const LOOK_EVERY_MS = 250;

/**
 * Prints the last lines; with `follow`, goes on until a signal ends it.
 *
 * @throws {AppError} service.failed, service.no_manager, service.not_installed
 */
export async function run(flags: Flags, context: CommandContext): Promise<0> {
  const { manager, place, platform, unitFile, present } = openService(context, flags.manager);
  if (present === undefined) throw notInstalled(unitFile);
  const source = manager.logs(place, flags.lines ?? USUAL_LINES, flags.follow ?? false);
  if (source.kind === "file") {
    await printFile(source.path, flags, context);
    return 0;
  }
  const path = findProgramOf(source.call, context.env("PATH") ?? "", platform);
  const { code } = await new Deno.Command(path, {
    args: [...source.call.args],
    env: managerEnvironment(platform),
    stdin: "null",
  }).spawn()
    .status;
  if (code !== 0) {
    throw new AppError("service.failed", `${source.call.program} ended with exit code ${code}`, {
      hint: "Read the message above.",
    });
  }
  return 0;
}

function findProgramOf(
  { program }: Call,
  path: string,
  platform: Parameters<typeof findProgram>[1]["platform"],
): string {
  try {
    return findProgram(program, { path, unsafeFolders: [], platform });
  } catch (cause) {
    throw new AppError("service.no_manager", `There is no ${program} on PATH`, { cause });
  }
}

async function printFile(path: string, flags: Flags, { output }: CommandContext): Promise<void> {
  try {
    await followFile(path, {
      lines: flags.lines ?? USUAL_LINES,
      follow: flags.follow ?? false,
      pauseMs: LOOK_EVERY_MS,
      show: output.answer,
    });
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    if (cause instanceof Deno.errors.NotFound) {
      throw new AppError("service.not_installed", `The service has said nothing yet: no "${path}"`, {
        cause,
      });
    }
    const reason = messageOf(cause);
    throw new AppError("service.failed", `Cannot read "${path}": ${reason}`, {
      hint: "Check the owner and the mode of the file and its folder.",
      cause,
    });
  }
}
