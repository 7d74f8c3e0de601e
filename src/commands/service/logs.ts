/**
 * `agentos service logs`: what the service said, from its manager's own journal or from the log file.
 *
 * @module
 */

import { AppError } from "../../base/errors.ts";
import { findProgram } from "../../base/find_program.ts";
import type { CommandContext } from "../../cli/command.ts";
import type { Call } from "../../service/model.ts";
import { managerEnvironment, type ManagerFlags, notInstalled, openService } from "./open_service.ts";

/** The flags as the parser hands them over. */
export interface Flags extends ManagerFlags {
  readonly follow?: boolean;
  readonly lines?: number;
}

const USUAL_LINES = 100;
/** A line of the log is short; of a file, so much at the end is looked at for the first lines. */
const BYTES_PER_LINE = 512;
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

/** The end of a file, and, when following, what is added to it; a file that was put aside is followed to its successor. */
async function printFile(path: string, flags: Flags, { output }: CommandContext): Promise<void> {
  const lines = flags.lines ?? USUAL_LINES;
  let at: number;
  try {
    const { size } = Deno.statSync(path);
    const text = readFrom(path, Math.max(0, size - lines * BYTES_PER_LINE)).trimEnd();
    if (text !== "") output.answer(text.split("\n").slice(-lines).join("\n"));
    at = size;
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new AppError("service.not_installed", `The service has said nothing yet: no "${path}"`, { cause });
  }
  while (flags.follow) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    const size = sizeOf(path);
    if (size < at) at = 0;
    if (size === at) continue;
    const text = readFrom(path, at);
    const end = text.lastIndexOf("\n") + 1;
    if (end === 0) continue;
    output.answer(text.slice(0, end - 1));
    at += new TextEncoder().encode(text.slice(0, end)).length;
  }
}

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch {
    return 0;
  }
}

function readFrom(path: string, at: number): string {
  using file = Deno.openSync(path, { read: true });
  const { size } = file.statSync();
  file.seekSync(at, Deno.SeekMode.Start);
  const bytes = new Uint8Array(Math.max(0, size - at));
  let length = 0;
  for (
    let read = file.readSync(bytes);
    read !== null && read > 0;
    read = file.readSync(bytes.subarray(length))
  ) {
    length += read;
  }
  return new TextDecoder().decode(bytes.subarray(0, length));
}
