/**
 * Runs a program of the end-to-end tests to its end, in an environment made up by the test alone.
 *
 * @module
 */

/** One program to run. */
export interface Program {
  /** Absolute path, or a name on PATH. */
  readonly path: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment: nothing of the test's own is passed on, except PATH when it is not set here. */
  readonly env: Readonly<Record<string, string>>;
  /** A guard against hanging; the whole process group is killed then, and the call throws. Default 90 000. */
  readonly timeoutMs?: number;
}

/** How a program ended. */
export interface ProgramResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program with its standard input closed and waits for it; what it left running in its process group is
 * ended too.
 *
 * @throws {Error} with all that the program said, when it did not end in time
 */
export async function runProgram(program: Program): Promise<ProgramResult> {
  const timeoutMs = program.timeoutMs ?? 90_000;
  const child = new Deno.Command(program.path, {
    args: [...program.args],
    cwd: program.cwd,
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH") ?? "", ...program.env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    detached: true,
  }).spawn();
  let timedOut = false;
  const guard = setTimeout(() => {
    timedOut = true;
    killGroup(child.pid);
  }, timeoutMs);
  // A grandchild may hold the pipes open: once the program is gone, so is its group.
  const ended = child.status.finally(() => killGroup(child.pid));
  const [output] = await Promise.all([child.output(), ended]);
  clearTimeout(guard);
  const decoder = new TextDecoder();
  const result = {
    code: output.code,
    stdout: decoder.decode(output.stdout),
    stderr: decoder.decode(output.stderr),
  };
  if (timedOut) {
    throw new Error(`${program.path} did not end in ${timeoutMs} ms:\n${result.stdout}\n${result.stderr}`);
  }
  return result;
}

/** Runs git and answers what it printed, without the final line end. */
export async function runGit(cwd: string, env: Program["env"], ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runProgram({ path: "git", args, cwd, env });
  if (code !== 0) throw new Error(`git ${args.join(" ")} failed (exit ${code}): ${stderr}`);
  return stdout.trimEnd();
}

function killGroup(pid: number): void {
  try {
    Deno.kill(-pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
