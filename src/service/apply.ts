/**
 * The effects: unit files are put in place and taken away, and managers are called.
 *
 * @module
 */

import { writeAtomically } from "../base/atomic_write.ts";
import { AppError, messageOf } from "../base/errors.ts";
import { findProgram } from "../base/find_program.ts";
import type { ProcessResult } from "../base/process.ts";
import { runProcess } from "../base/run_process.ts";
import type { Platform } from "../base/path_rules.ts";
import type { Call } from "./model.ts";

/** Longer than any manager waits for a service to start or stop (systemd: 90 s). */
const LIMIT_MS = 100_000;
const MAX_OUTPUT_BYTES = 64 * 1024;

/** Makes a manager's calls. */
export interface Caller {
  /**
   * Makes one call and answers what came of it.
   *
   * @throws {AppError} service.no_manager when there is no such program
   */
  ask(call: Call): Promise<ProcessResult>;
  /**
   * Makes calls one after another, as far as they succeed.
   *
   * @throws {AppError} service.no_manager; service.failed with what the first that failed had to say
   */
  make(calls: readonly Call[]): Promise<void>;
}

/** Calls programs on PATH, with the user's own environment. */
export function openCaller(
  environment: Readonly<Record<string, string>>,
  cwd: string,
  platform: Platform,
): Caller {
  const ask = async ({ program, args }: Call): Promise<ProcessResult> => {
    const path = environment.PATH ?? environment.Path ?? "";
    let executable: string;
    try {
      executable = findProgram(program, { path, pathExt: environment.PATHEXT, unsafeFolders: [], platform });
    } catch (cause) {
      throw new AppError("service.no_manager", `There is no ${program} on PATH`, { cause });
    }
    return await runProcess(
      executable,
      {
        program,
        args,
        cwd,
        environment: "user",
        env: {},
        timeoutMs: LIMIT_MS,
        maxOutputBytes: MAX_OUTPUT_BYTES,
      },
      environment,
      new AbortController().signal,
    );
  };
  return {
    ask,
    async make(calls): Promise<void> {
      for (const call of calls) {
        const answer = await ask(call);
        if (answer.code !== 0 && !call.mayFail) throw failed(call, answer);
      }
    },
  };
}

/** The failure of a call, with the first line of what it said. */
export function failed({ program, args }: Call, answer: ProcessResult): AppError {
  const said = `${answer.stderr}\n${answer.stdout}`.trim().split("\n")[0] ?? "";
  const ending = answer.timedOut ? "did not end in time" : `ended with exit code ${answer.code}`;
  return new AppError(
    "service.failed",
    `${[program, ...args].join(" ")} ${ending}${said === "" ? "" : `: ${said}`}`,
  );
}

/**
 * Puts a unit file in place; its folder is made.
 *
 * @throws {AppError} service.failed
 */
export async function writeUnit(path: string, bytes: Uint8Array): Promise<void> {
  try {
    Deno.mkdirSync(path.replace(/[\\/][^\\/]+$/, ""), { recursive: true });
    await writeAtomically({ path, bytes, mode: undefined });
  } catch (cause) {
    const reason = messageOf(cause);
    throw new AppError("service.failed", `Cannot write "${path}": ${reason}`, { cause });
  }
}

/**
 * Removes a unit file, and the folders that it leaves empty.
 *
 * @param folders innermost first
 * @throws {AppError} service.failed
 */
export function removeUnit(path: string, folders: readonly string[]): void {
  try {
    Deno.removeSync(path);
  } catch (cause) {
    const reason = messageOf(cause);
    throw new AppError("service.failed", `Cannot remove "${path}": ${reason}`, { cause });
  }
  for (const folder of folders) {
    try {
      Deno.removeSync(folder);
    } catch {
      // Not there, or something else is in it.
    }
  }
}
