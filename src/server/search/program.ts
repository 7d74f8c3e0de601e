/**
 * Which program is a searching process: the executable itself with a hidden command, or, from source, Deno with
 * the same rights that the executable is built with.
 *
 * @module
 */

import { selectEnvironment } from "../../base/run_process.ts";
import type { SearchProgram } from "./search_process.ts";
import { V8_FLAGS } from "./v8_flags.ts";

/** The hidden command; its row stands in COMMANDS. */
const SEARCH_COMMAND = "search-process";

/**
 * The program to start.
 *
 * @param inherited the server's environment, of which only what starting needs is handed on
 * @param mainModule URL of main.ts, for running from source
 */
export function findSearchProgram(
  inherited: Readonly<Record<string, string>>,
  mainModule: string = import.meta.resolve("../../../main.ts"),
): SearchProgram {
  const denoFolder = inherited.DENO_DIR;
  const env = selectEnvironment(
    { environment: "clean", env: denoFolder === undefined ? {} : { DENO_DIR: denoFolder } },
    inherited,
  );
  const file = Deno.execPath();
  if (Deno.build.standalone) return { file, args: [SEARCH_COMMAND], env };
  const rights = ["--allow-read", "--allow-ffi", "--allow-env", "--no-prompt", "--cached-only"];
  return {
    file,
    args: ["run", "--quiet", ...rights, `--v8-flags=${V8_FLAGS}`, mainModule, SEARCH_COMMAND],
    env,
  };
}
