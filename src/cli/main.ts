/**
 * The shell around every command: parses, narrows the process to what the command needs, runs it, and turns
 * whatever was thrown into two lines and an exit code. The only place that catches everything, since Deno ends
 * with 1 on an uncaught error, and 1 means "the answer is no" here.
 *
 * `agentos --version` loads nothing but this file and what it imports; keep it so.
 *
 * @module
 */

import { AppError } from "../base/errors.ts";
import type { CommandContext, Permission } from "./command.ts";
import type { Chosen } from "./define.ts";
import { reportFailure } from "./failure.ts";
import { openOutput, type Output } from "./output.ts";
import type { CommandTable } from "./read_command_line.ts";
import { renderVersion, VERSION } from "./version.ts";

/**
 * Runs one command line and answers the exit code: 0 yes, 1 no, 2 the user can fix it, 70 our bug.
 *
 * @param table other commands than ours, for tests
 */
export async function main(args: readonly string[], table?: CommandTable): Promise<number> {
  const output = openOutput(readVariable("NO_COLOR") !== undefined, readVariable("TERM") === "dumb");
  const debug = args.includes("--debug");
  const fail = (error: unknown): number => reportFailure(error, output, { debug });
  for (const type of ["unhandledrejection", "error"] as const) {
    globalThis.addEventListener(type, (event) => {
      event.preventDefault();
      Deno.exit(fail(event instanceof PromiseRejectionEvent ? event.reason : event.error));
    });
  }
  try {
    return await dispatch(args.filter((word) => word !== "--debug"), table, output, debug);
  } catch (error) {
    return fail(error);
  }
}

async function dispatch(
  args: readonly string[],
  otherTable: CommandTable | undefined,
  output: Output,
  debug: boolean,
): Promise<number> {
  if (args[0] === "--version") {
    output.answer(renderVersion());
    return 0;
  }
  const { OWN_COMMANDS, readCommandLine } = await import("./read_command_line.ts");
  const table = otherTable ?? OWN_COMMANDS;
  if (args[0] === "__complete") {
    keepOnly([]);
    const { complete } = await import("./complete.ts");
    for (const line of await complete(await table.loadAll(), args.slice(1))) output.answer(line);
    return 0;
  }
  const request = await readCommandLine(args, table, output.colour);
  switch (request.kind) {
    case "print":
      output.answer(request.text);
      return 0;
    case "refuse":
      return reportFailure(request.error, output, { usage: request.usage, debug });
    case "run":
      return await runChosen(request.chosen, output);
  }
}

async function runChosen(chosen: Chosen, output: Output): Promise<number> {
  const context = openContext(output);
  keepOnly(chosen.needs);
  return await chosen.start(context);
}

const PERMISSIONS: readonly Permission[] = ["read", "write", "net", "env", "run", "ffi", "sys", "import"];

/** Gives up, for the rest of the process, every kind of permission that is not named. */
function keepOnly(needs: readonly Permission[]): void {
  for (const name of PERMISSIONS) if (!needs.includes(name)) Deno.permissions.revokeSync({ name });
}

/** Reads the folder and the home now: the permissions to ask for them may be gone when a command looks. */
function openContext(output: Output): CommandContext {
  const home = readVariable("HOME") ?? readVariable("USERPROFILE");
  return {
    output,
    env: readVariable,
    cwd: Deno.cwd(),
    get home(): string {
      if (home !== undefined) return home;
      throw new AppError("config.invalid", "HOME is not set", {
        hint: "Set HOME to your home folder and run again.",
      });
    },
    version: VERSION,
  };
}

function readVariable(name: string): string | undefined {
  return Deno.env.get(name) || undefined;
}
