/**
 * What a command that writes finds out about this machine, once at each push: the installed client's version, and how
 * deployed files call this executable. `check` and `pull` go by what the push recorded.
 *
 * @module
 */

import { findProgram } from "../../base/find_program.ts";
import { currentPlatform } from "../../base/platform.ts";
import { quoteForShell } from "../../base/state_folder.ts";
import type { CommandContext } from "../../cli/command.ts";
import type { SyncClient } from "../../sync/client.ts";
import type { Inquiry } from "./open_home.ts";

const LIMIT_MS = 5_000;

/** Asks this machine, each program once in a run. */
export function openInquiry(context: Pick<CommandContext, "env" | "cwd">): MachineInquiry {
  const answers = new Map<string, Promise<string | undefined>>();
  const sayVersion: MachineInquiry["sayVersion"] = ({ versionCommand: { program, args } }) => {
    const command = JSON.stringify([program, ...args]);
    const answer = answers.get(command) ?? runProgram(program, args, context);
    answers.set(command, answer);
    return answer;
  };
  return {
    sayVersion,
    askVersion: async (client) => {
      const said = await sayVersion(client);
      return said === undefined ? undefined : client.readVersion(said);
    },
    findExecutable,
  };
}

/** An inquiry that also tells a program's very words. */
export interface MachineInquiry extends Inquiry {
  /** What the client on PATH says of its version; undefined when there is none, or it is silent for five seconds. */
  sayVersion(client: Pick<SyncClient, "versionCommand">): Promise<string | undefined>;
}

/**
 * What a program on PATH answers on stdout; undefined when it is not installed, fails, or does not answer in five seconds,
 * after which it is ended with all that it started.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  context: Pick<CommandContext, "env" | "cwd">,
): Promise<string | undefined> {
  let file: string;
  try {
    file = findOnPath(program, context);
  } catch {
    return undefined; // Not installed: the newest version is assumed, as the docs say.
  }
  const { runProcess } = await import("../../base/run_process.ts");
  try {
    const request = {
      program,
      args,
      cwd: context.cwd,
      environment: "user",
      env: {},
      timeoutMs: LIMIT_MS,
      maxOutputBytes: 64 * 1024,
    } as const;
    const { signal } = new AbortController();
    const { code, stdout, timedOut } = await runProcess(file, request, Deno.env.toObject(), signal);
    return code === 0 && !timedOut ? stdout : undefined;
  } catch {
    return undefined;
  }
}

function findOnPath(program: string, { env }: Pick<CommandContext, "env">): string {
  return findProgram(program, {
    path: env("PATH") ?? "",
    pathExt: env("PATHEXT"),
    unsafeFolders: [],
    platform: currentPlatform(),
  });
}

const NAME = "agentos";

/** `agentos` when PATH finds this very executable under that name, else its path, quoted for a shell. */
export function findExecutable(context: Pick<CommandContext, "env">): string {
  if (!Deno.build.standalone) return NAME;
  const file = Deno.execPath();
  try {
    const found = findOnPath(NAME, context);
    if (Deno.realPathSync(found) === Deno.realPathSync(file)) return NAME;
  } catch {
    // Not on PATH: its path does as well.
  }
  return quoteForShell(file);
}
