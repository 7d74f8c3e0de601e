/**
 * Running one program to its end: bounded output, bounded time, and nothing of it left behind when it is stopped.
 *
 * The program leads its own process group (`setsid`), so that stopping it also stops what it started; an
 * AbortSignal handed to `Deno.Command` would end the program alone and then wait for whoever still holds its
 * output. Which programs may run, and where, is decided elsewhere.
 *
 * @module
 */

import { joinBytes } from "./bytes.ts";
import { AppError } from "./errors.ts";
import type { ProcessRequest, ProcessResult } from "./process.ts";

/** How long output is still read after the program ended, when something it started keeps the pipe open. */
const lingeringOutputMs = 200;
/** Between asking a process group to end and ending it. */
const politeEndMs = 1_000;

/** What a program is given of the server's environment when the request says `clean`; compared without case. */
const cleanVariables =
  /^(PATH|HOME|USER|LOGNAME|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|XDG_\w+|SSH_AUTH_SOCK|SSH_AGENT_PID|SYSTEMROOT|SYSTEMDRIVE|WINDIR|COMSPEC|PATHEXT|USERPROFILE|HOMEDRIVE|HOMEPATH|APPDATA|LOCALAPPDATA|PROGRAMDATA|PROGRAMFILES|PROGRAMFILES\(X86\)|TEMP|TMP|USERNAME|USERDOMAIN)$/i;

/**
 * How git tells its hooks which repository they run for (from `git rev-parse --local-env-vars`, git 2.39). A
 * server that was itself started from a hook must not hand it on: every git would work in that repository.
 */
const repositoryVariables =
  /^GIT_(DIR|WORK_TREE|COMMON_DIR|INDEX_FILE|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|PREFIX|NAMESPACE|CONFIG_PARAMETERS|IMPLICIT_WORK_TREE|GRAFT_FILE|SHALLOW_FILE)$/i;

/** The program's environment: all of `inherited` but a hook's, or what {@link ProcessRequest.environment} says of `clean`. */
export function selectEnvironment(
  request: Pick<ProcessRequest, "environment" | "env">,
  inherited: Readonly<Record<string, string>>,
): Record<string, string> {
  const kept = request.environment === "user"
    ? Object.entries(inherited).filter(([name]) => !repositoryVariables.test(name))
    : Object.entries(inherited).filter(([name]) => cleanVariables.test(name));
  return { ...Object.fromEntries(kept), ...request.env };
}

/**
 * Runs the executable file `executable` as the request says. A program that fails is an answer, not an error.
 *
 * @param inherited the environment that `request.environment` selects from
 * @throws {AppError} process.not_found when it cannot be started, tool.cancelled when the signal stopped it
 */
export async function runProcess(
  executable: string,
  request: ProcessRequest,
  inherited: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<ProcessResult> {
  if (signal.aborted) throw cancelled(request.program);
  const startedAt = performance.now();
  const child = start(executable, request, inherited);
  const stdout = keepTail(child.stdout, request.maxOutputBytes);
  const stderr = keepTail(child.stderr, request.maxOutputBytes);
  let timedOut = false;
  const stop = (): void => void endGroup(child);
  const timer = setTimeout(() => {
    timedOut = true;
    stop();
  }, request.timeoutMs);
  signal.addEventListener("abort", stop, { once: true });
  try {
    const status = await child.status;
    // What it left may still write; the limit was for itself.
    clearTimeout(timer);
    if (timedOut || signal.aborted) signalGroup(child.pid, "SIGKILL");
    const [out, err] = await Promise.all([stdout.take(), stderr.take()]);
    if (signal.aborted) throw cancelled(request.program);
    return {
      code: status.code,
      stdout: out.text,
      stderr: err.text,
      truncated: out.truncated || err.truncated,
      elapsedMs: Math.round(performance.now() - startedAt),
      timedOut,
    };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

function start(
  executable: string,
  request: ProcessRequest,
  inherited: Readonly<Record<string, string>>,
): Deno.ChildProcess {
  try {
    return new Deno.Command(executable, {
      args: [...request.args],
      cwd: request.cwd,
      clearEnv: true,
      env: selectEnvironment(request, inherited),
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      // setsid on Unix. On Windows it would take the console away from the program, and groups are not used there.
      detached: Deno.build.os !== "windows",
    }).spawn();
  } catch (cause) {
    throw new AppError("process.not_found", `Cannot start ${request.program} in "${request.cwd}"`, { cause });
  }
}

async function endGroup(child: Deno.ChildProcess): Promise<void> {
  signalGroup(child.pid, "SIGTERM");
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise<"patience">((resolve) => {
    timer = setTimeout(() => resolve("patience"), politeEndMs);
  });
  // Whatever comes first: the leader is gone and its group is swept by the one that waits for it, or it stays.
  if (await Promise.race([child.status, patience]) === "patience") signalGroup(child.pid, "SIGKILL");
  clearTimeout(timer);
}

function signalGroup(leader: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    if (Deno.build.os === "windows") {
      new Deno.Command("taskkill", {
        args: ["/PID", String(leader), "/T", "/F"],
        stdin: "null",
        stdout: "null",
        stderr: "null",
      }).outputSync();
    } else {
      Deno.kill(-leader, signal);
    }
  } catch {
    // The group is gone already, which is what was wanted.
  }
}

interface Tail {
  /** The kept end of the stream; waits for its end, but not for one that outlives the program. */
  take(): Promise<{ readonly text: string; readonly truncated: boolean }>;
}

/** Reads a stream to its end and keeps the last `maxBytes`. */
function keepTail(stream: ReadableStream<Uint8Array>, maxBytes: number): Tail {
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let keptBytes = 0;
  let truncated = false;
  const ended = (async (): Promise<void> => {
    for (;;) {
      const { value } = await reader.read();
      if (value === undefined) return;
      chunks.push(value);
      keptBytes += value.length;
      for (
        let first = chunks[0];
        first !== undefined && keptBytes - first.length >= maxBytes;
        first = chunks[0]
      ) {
        chunks.shift();
        keptBytes -= first.length;
        truncated = truncated || first.length > 0;
      }
    }
  })().catch(() => undefined); // A pipe that breaks ends the output; the exit code tells the rest.
  return {
    async take(): Promise<{ text: string; truncated: boolean }> {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const linger = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, lingeringOutputMs);
      });
      await Promise.race([ended, linger]);
      clearTimeout(timer);
      await reader.cancel().catch(() => undefined);
      const bytes = joinBytes(chunks);
      const tail = bytes.subarray(Math.max(0, bytes.length - maxBytes));
      return { text: decodeTail(tail), truncated: truncated || tail.length < bytes.length };
    },
  };
}

/** Decodes UTF-8 that may begin in the middle of a character. */
function decodeTail(bytes: Uint8Array): string {
  let first = 0;
  while (first < 3 && ((bytes[first] ?? 0) & 0xc0) === 0x80) first++;
  return new TextDecoder().decode(bytes.subarray(first));
}

function cancelled(program: string): AppError {
  return new AppError("tool.cancelled", `${program} was stopped because the call was cancelled`);
}
